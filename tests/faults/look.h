/*
 * look: what `check` says of a sample, clean or spoiled.
 */
#ifndef FAULTS_LOOK_H
#define FAULTS_LOOK_H

#include "fault.h"
#include "stream/finding.h"
#include "table/table.h"

/* A grid as the tools read it. */
struct look {
    struct csv_reader *data;
    struct schema schema;
    struct table table;
};

/* A sample without a fault, and what is found in it. */
struct clean {
    struct sample sample;
    struct look look;
    struct findings data, all; /* of the data checks; and of the network's */
};

/* `net`: the checks of data and network too. */
int clean_make(struct clean *clean, const struct data_set *set, uint64_t seed,
               bool net, const char *scratch, struct err *err);
void clean_release(struct clean *clean);

/*
 * Puts the fault in and looks: 1, or 0 where there cannot be such a fault, or
 * -1.
 */
int fault_look(const struct clean *clean, const struct fault *fault,
               const char *scratch, struct findings *findings, struct err *err);

#endif
