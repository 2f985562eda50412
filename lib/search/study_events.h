/*
 * study_events: a study in memory, and the events that make it.  For study.c.
 */
#ifndef SEARCH_STUDY_EVENTS_H
#define SEARCH_STUDY_EVENTS_H

#include "search/journal.h"
#include "search/study.h"

/* What every log begins with. */
#define STUDY_BEGINS "trial,state,objective,"

enum { STUDY_COLUMNS = 7, STUDY_LAST_COLUMNS = 3 }; /* about the parameters */

struct study {
    const struct space *space;
    const struct study_options *options;
    struct search_sampler *sampler;
    struct journal *journal;
    struct list items;          /* of the last `search` event */
    struct study_trial *trials; /* [n], by number */
    double *values;             /* [n][space->n] */
    struct climb *climbs;       /* [n] with halving, how far they came */
    size_t n, capacity;
    size_t sampled;   /* those that are no repeats */
    size_t *finished; /* [n_finished] */
    size_t n_finished, finished_capacity;
    struct list repeated; /* configurations to repeat: numbers of trials */
    size_t repeats;
    size_t shown; /* finished trials that were told of */
    bool begun;   /* there is a header */
};

/* What an event says; texts are not owned, NULL is "". */
struct study_event {
    size_t trial; /* 0: of the search */
    const char *state;
    double objective, val_error, val_loss, asked_at; /* NaN: empty */
    size_t epochs_run;
    uint64_t seed;
    const double *value; /* NULL: empty */
    const char *note, *per_row;
};

/* Appends the header; an event as a line. */
void study_header(const struct study *study, struct buf *lines);
void study_line(const struct study *study, const struct study_event *event,
                struct buf *lines);

/* Takes up what is new in the log. */
int study_take_up(struct study *study, struct err *err);

/* The same, and tells who wants to know. */
int study_catch_up(struct study *study, struct err *err);

/* Appends an event, and takes it up. */
int study_append(struct study *study, const struct study_event *event,
                 struct err *err);

#endif
