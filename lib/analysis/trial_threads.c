#include <math.h>
#include <stdlib.h>

#include "analysis/trial.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "model/runs.h"
#include "nn/training.h"

enum { STEPS = 2, ENOUGH_EPOCHS = 1 << 16 };

static const double SECONDS = .15, BETTER = 1.05;

/* One trial that is timed from the end of its first round on. */
struct lap {
    double began, rate; /* rows a second */
    size_t rows;
};

static int ask(void *context, const struct training *run, bool over,
               struct err *err)
{
    struct lap *lap = context;
    double now = clock_seconds();

    (void)over;
    (void)err;
    if (run->epoch == 1) {
        lap->began = now;
        return 0;
    }
    lap->rate = (double)(lap->rows * (run->epoch - 1)) / (now - lap->began);
    return now - lap->began >= SECONDS;
}

static void tell(void *context, const struct epoch *epoch)
{
    (void)context;
    (void)epoch;
}

/* Trains on a few batches, again and again, without looking at other rows. */
static int race(const struct trial_subject *s, const struct hyper *hyper,
                struct lap *lap, struct err *err)
{
    const struct run *run = &s->runs->items[0];
    struct fit_options options = *s->options;
    struct train_rows rows = {.table = s->table,
                              .encoder = &s->encoders[0],
                              .class_of = s->plan->class_of,
                              .fit = run->fit,
                              .n_fit = STEPS * hyper->batch};
    struct fit_rows fit = {run->fit, NULL, run->n_fit, 0, s->options->seed};
    struct train_watch watch = {NULL, ask, lap};
    struct net *net;
    size_t best;
    int status;

    options.hyper = *hyper;
    options.hyper.epochs = options.hyper.patience = ENOUGH_EPOCHS;
    if (rows.n_fit > run->n_fit)
        rows.n_fit = run->n_fit;
    lap->rows = rows.n_fit;
    net = fit_network(&s->encoders[0], &fit, &s->plan->classes, &options, NULL,
                      err);
    if (!net)
        return -1;
    status = train_watched(net, &rows, s->options->seed, tell, NULL, &watch,
                           &best, err);
    net_free(net);
    return status;
}

/* `cores` / `threads` of them side by side: their rates together, or 0. */
static double race_beside(const struct trial_subject *s,
                          const struct hyper *hyper, int cores, int threads)
{
    int beside = cores / threads, failed = 0;
    struct lap *laps = mem_zalloc((size_t)beside, sizeof(*laps));
    double rate = 0;

    parallel_nest(threads > 1);
#pragma omp parallel for schedule(static, 1) num_threads(beside)
    for (int i = 0; i < beside; i++) {
        struct err err = {0};
        parallel_set_threads(threads);
        if (race(s, hyper, &laps[i], &err) != 0)
            laps[i].rate = NAN;
    }
    parallel_nest(false);
    for (int i = 0; i < beside; i++) {
        failed += isnan(laps[i].rate);
        rate += laps[i].rate;
    }
    free(laps);
    return failed ? 0 : rate;
}

int trial_threads(const struct trial_subject *s, const struct hyper *hyper,
                  int cores, struct trial_speed *speed)
{
    *speed = (struct trial_speed){.threads = 1};
    if (hyper->net == NET_MAJORITY || cores < 2)
        return 1;
    speed->alone = race_beside(s, hyper, cores, 1);
    for (int threads = 2; threads <= cores && speed->alone > 0; threads *= 2) {
        double rate = race_beside(s, hyper, cores, threads);
        if (rate <= speed->split)
            continue;
        speed->split = rate;
        if (rate > BETTER * speed->alone)
            speed->threads = threads;
    }
    return speed->threads;
}
