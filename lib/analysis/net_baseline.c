/*
 * A training as long as it takes, against the curve of an earlier one: epochs
 * to the same loss.
 */
#include <math.h>

#include "analysis/net_steps.h"

/* The loss to reach: most of the baseline's fall. */
static const double MOST_OF_FALL = .9;

enum { TWICE = 2, FOUR_TIMES = 4, LEEWAY = 3 };

/* The first epoch that has it, from 1; 0: none. */
static size_t first_at(const struct log_series *s, double loss)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->loss[i] <= loss)
            return i + 1;
    return 0;
}

/* NaN where the series has no finite loss to begin with. */
static double threshold_of(const struct log_series *s)
{
    double least = INFINITY;

    for (size_t i = 0; i < s->n; i++)
        least = fmin(least, s->loss[i]);
    return s->n && isfinite(s->loss[0])
               ? s->loss[0] - MOST_OF_FALL * (s->loss[0] - least)
               : NAN;
}

/* When the loss is there for the first time, and stops the run then. */
struct race {
    double threshold;
    size_t reached; /* 0: not yet */
    bool held;      /* the loss that counts is that of the rows that decide */
};

static void watch_loss(void *context, const struct epoch *e)
{
    struct race *race = context;
    double loss = race->held ? e->stop_loss : e->train_loss;

    if (!race->reached && loss <= race->threshold)
        race->reached = e->number;
}

static int stop_there(void *context, const struct training *run, bool over,
                      struct err *err)
{
    const struct race *race = context;

    (void)run;
    (void)over;
    (void)err;
    return race->reached > 0;
}

static void add_result(struct net_state *s, const struct race *race,
                       double before, size_t most)
{
    struct finding f = finding_of(
        "baseline", race->held ? "held-out loss" : "training loss", FINDING_OK);
    double now = race->reached ? (double)race->reached : (double)most;

    f.value = race->reached ? now : INFINITY;
    f.limit = before;
    f.effect = f.value / before;
    f.n_current = (double)s->subject->plan->n_fit;
    f.test = "epochs until nine tenths of the baseline's fall; limit: the "
             "baseline's; effect: their ratio";
    if (!race->reached || now > FOUR_TIMES * before + LEEWAY)
        f.status = FINDING_FAIL;
    else if (now > TWICE * before + LEEWAY)
        f.status = FINDING_WARN;
    if (f.status != FINDING_OK)
        f.advice = race->reached
                       ? "slower than it was: what changed, in the data, the "
                         "settings, the code?"
                       : "it does not get where it was: what changed, in the "
                         "data, the settings, the code?";
    net_add(s, &f);
}

int net_check_baseline(struct net_state *s, struct err *err)
{
    const struct fit_plan *plan = s->subject->plan;
    const struct log_run *run = &s->subject->baseline->runs[0];
    bool held = run->held.n && plan->n_stop;
    const struct log_series *series = held ? &run->held : &run->train;
    struct race race = {threshold_of(series), 0, held};
    struct train_watch watch = {.ask = stop_there, .context = &race};
    struct hyper hyper = s->subject->options->hyper;
    struct err lost = {0};
    size_t before = first_at(series, race.threshold);
    struct rehearsal r;

    if (!series->n)
        return err_set(err, ERR_DATA,
                       "the baseline has no loss of training rows, and no "
                       "rows decide here");
    if (!before)
        return err_set(err, ERR_DATA,
                       "the baseline begins without a finite loss");
    hyper.epochs = FOUR_TIMES * before + LEEWAY + 1;
    hyper.patience = hyper.epochs;
    if (rehearsal_init(&r, s->subject, &hyper, plan->fit, plan->n_fit,
                       plan->stop, plan->n_stop, err) != 0)
        return -1;
    rehearsal_train(&r, watch_loss, &race, &watch, &lost);
    rehearsal_release(&r);
    add_result(s, &race, (double)before, hyper.epochs);
    return 0;
}
