/*
 * advice_steps: the lecture's list for each gap, as far as it fits the case.
 */
#ifndef STREAM_ADVICE_STEPS_H
#define STREAM_ADVICE_STEPS_H

#include "base/buf.h"
#include "stream/advice.h"
#include "stream/advice_command.h"

enum { MOST_STEPS = 16 };

/*
 * {0} is empty.  known->tried is not NULL.  `taken`: a stronger form of what
 * was tried, to stand behind what was not.
 */
struct steps {
    const struct advice_case *known;
    struct {
        struct buf text, command;
        bool taken;
    } at[MOST_STEPS];
    size_t n;
};

/* Adds a step without a command, which is returned, to be filled. */
struct buf *steps_add(struct steps *steps, bool taken, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void steps_release(struct steps *steps);

/* A training with this hyperparameter set; value NULL: all as it was. */
void steps_train(struct steps *steps, bool taken, struct override setting,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The rows of a split with the largest losses. */
void steps_look(struct steps *steps, const char *split, const char *words);

/* "more training data", with a number where there is a learning curve, and
 * else with the command that makes one. */
void steps_more_data(struct steps *steps);

/* The file of predictions, quoted; pred.csv where it is not known. */
void steps_predictions(struct buf *out, const struct steps *steps);

/* The steps for one gap, in the lecture's order. */
void steps_for(struct steps *steps, enum gap_kind kind,
               const struct gaps *gaps);

/* ---- of the network (advice_network.c): each adds one step or none ---- */

void steps_bigger(struct steps *steps);
void steps_smaller(struct steps *steps);
void steps_another_net(struct steps *steps, bool underfits);
void steps_less_regularisation(struct steps *steps);
void steps_more_regularisation(struct steps *steps);
void steps_normalise(struct steps *steps);
void steps_augment(struct steps *steps, const char *words);
void steps_train_longer(struct steps *steps);
void steps_stop_earlier(struct steps *steps);
void steps_tune(struct steps *steps, double factor);

#endif
