/*
 * run_watch: a run between its epochs: its checkpoint, and the end that
 * somebody wishes.
 */
#ifndef MODEL_RUN_WATCH_H
#define MODEL_RUN_WATCH_H

#include "model/runs.h"
#include "nn/training.h"

/* One run under way.  {0} but for run and shared is one that begins. */
struct watched_run {
    struct run *run;
    const struct runs_context *shared;
    bool many;          /* its network is not kept: predictions are */
    struct buf state;   /* of its checkpoint */
    struct unpack from; /* what of it is for the network */
    struct buf news;    /* told so far */
    double written;     /* when the checkpoint was, in seconds; 0: never */
    struct train_watch watch;
};

/*
 * Takes up the run's checkpoint, if there is one: curve, news, and where it is
 * over, its predictions.  Then its watch is ready.
 */
int watched_run_begin(struct watched_run *watched, struct err *err);

/* A run of many is over, with its predictions. */
int watched_run_over(struct watched_run *watched, struct err *err);

void watched_run_release(struct watched_run *watched);

/* Whether somebody wishes that the runs come to an end. */
bool run_watch_stops(const struct run_watch *watch);

#endif
