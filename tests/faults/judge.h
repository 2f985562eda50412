/*
 * judge: whether findings tell of a fault, and how often they do.
 *
 *   noticed  there is a finding `fail` or `warn` that the same run without the
 *            fault does not have: another check or subject, or a worse status
 *   named    one of these is of a check that names the fault
 *   right    the first finding that is not ok is such a one; fails come before
 *            warns
 */
#ifndef FAULTS_JUDGE_H
#define FAULTS_JUDGE_H

#include <stdbool.h>
#include <stdio.h>

#include "fault.h"
#include "stream/finding.h"

enum { CHECK_NAME = 24, ALARMS = 8 };

/* What came of a run; fixed in size, so that processes can share it. */
struct verdict {
    bool ran, noticed, named, right;
    bool broken;            /* it ended in an error: `message` */
    char first[CHECK_NAME]; /* the first check that is not ok, or "" */
    size_t fails, warns;
    char alarm[ALARMS][CHECK_NAME + 2]; /* those that are not ok, fails as
                                           "check!", each once */
    char message[200];
};

/* A clean run (no causes, no twin) or a run with a fault. */
void judge(struct verdict *verdict, const struct findings *found,
           const struct findings *clean, const char *causes);

/* All of one data set at one seed: [0] clean, then the faults in order. */
struct job {
    const struct data_set *set;
    uint64_t seed;
    struct verdict *verdict; /* [1 + faults] */
};

/*
 * Prints the tables, and what is missed of the figures that must hold; false:
 * something is, beyond what so few runs leave to chance.
 */
bool judge_report(const struct job *jobs, size_t n,
                  const struct fault *const *faults, size_t n_faults,
                  FILE *out);

#endif
