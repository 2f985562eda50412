/*
 * schedule: the learning rate of every step.
 *
 *   constant   learning_rate
 *   step       x schedule_factor after every schedule_epochs epochs (StepLR)
 *   cosine     learning_rate (1 + cos(pi t / T)) / 2, t steps of all T made
 *              (Loshchilov & Hutter 2017, without restarts)
 *   one_cycle  from learning_rate / 25 up to learning_rate in 30 % of all
 *              steps, and down to learning_rate / 250,000, both as half a
 *              cosine (Smith & Topin 2018; PyTorch's OneCycleLR; momentum is
 *              left alone)
 *   plateau    x schedule_factor when the loss that decides was not better
 *              for more than schedule_epochs epochs (ReduceLROnPlateau, whose
 *              threshold is 1e-4 of the loss)
 *
 * Warm-up (Goyal et al. 2017) multiplies the first warmup epochs' rates by
 * (t + 1) / (warm-up steps + 1); T then counts from its end.  In one_cycle,
 * which warms up itself, it is the length of the rise.
 */
#ifndef NN_SCHEDULE_H
#define NN_SCHEDULE_H

#include <stdint.h>

#include "nn/hyper.h"

struct schedule {
    const struct hyper *hyper; /* not owned */
    uint64_t epoch_steps;      /* steps of an epoch */
    double best;               /* plateau: the best loss so far … */
    size_t waited;             /* … epochs without a better one … */
    double factor;             /* … and the product of the cuts */
};

void schedule_init(struct schedule *schedule, const struct hyper *hyper,
                   uint64_t epoch_steps);

/* The learning rate of the step after `step` steps were made. */
double schedule_rate(const struct schedule *schedule, uint64_t step);

/* Tells the loss that decides, after an epoch; NaN is no news. */
void schedule_epoch(struct schedule *schedule, double loss);

#endif
