#include "nn/schedule.h"

#include <math.h>

#define RISE 0.3         /* of one_cycle's steps */
#define START (1 / 25.0) /* of the rate, in one_cycle */
#define END (START / 1e4)
#define THRESHOLD 1e-4 /* of plateau */

void schedule_init(struct schedule *s, const struct hyper *hyper,
                   uint64_t epoch_steps)
{
    s->hyper = hyper;
    s->epoch_steps = epoch_steps;
    s->best = INFINITY;
    s->waited = 0;
    s->factor = 1;
}

static double all_steps(const struct schedule *s)
{
    return (double)s->hyper->epochs * (double)s->epoch_steps;
}

static double warmup_steps(const struct schedule *s)
{
    return round(s->hyper->warmup * (double)s->epoch_steps);
}

/* Half a cosine from `from` (at 0 of `length`) to `to`, which then stays. */
static double half_cosine(double from, double to, double at, double length)
{
    if (at >= length)
        return to;
    return to + (from - to) / 2 * (1 + cos(M_PI * at / length));
}

/* The last step of the rise has the full rate, the last of all the lowest. */
static double one_cycle(const struct schedule *s, double t)
{
    double all = all_steps(s), warmup = warmup_steps(s),
           top = (warmup > 0 ? warmup : RISE * all) - 1;

    if (t <= top)
        return half_cosine(START, 1, t, top);
    return half_cosine(1, END, t - top, all - 1 - top);
}

/* The share of the full rate, warm-up left aside. */
static double share(const struct schedule *s, uint64_t step)
{
    const struct hyper *h = s->hyper;
    double t = (double)step, warmup = warmup_steps(s);

    switch ((enum schedule_kind)h->schedule) {
    case SCHEDULE_CONSTANT:
        return 1;
    case SCHEDULE_STEP:
        return pow(h->schedule_factor, floor(t / (double)s->epoch_steps /
                                             (double)h->schedule_epochs));
    case SCHEDULE_COSINE:
        return half_cosine(1, 0, fmax(t - warmup, 0), all_steps(s) - warmup);
    case SCHEDULE_ONE_CYCLE:
        return one_cycle(s, t);
    case SCHEDULE_PLATEAU:
        return s->factor;
    }
    return 1;
}

double schedule_rate(const struct schedule *s, uint64_t step)
{
    double rate = s->hyper->learning_rate * share(s, step), t = (double)step,
           warmup = warmup_steps(s);

    if (s->hyper->schedule != SCHEDULE_ONE_CYCLE && t < warmup)
        rate *= (t + 1) / (warmup + 1);
    return rate;
}

void schedule_epoch(struct schedule *s, double loss)
{
    if (isnan(loss))
        return;
    if (loss < s->best * (1 - THRESHOLD)) {
        s->best = loss;
        s->waited = 0;
        return;
    }
    if (++s->waited > s->hyper->schedule_epochs) {
        s->factor *= s->hyper->schedule_factor;
        s->waited = 0;
    }
}
