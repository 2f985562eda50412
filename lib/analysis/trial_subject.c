#include <stdlib.h>
#include <string.h>

#include "analysis/trial.h"
#include "base/mem.h"
#include "model/runs.h"

/* Without what a trial does not have. */
static struct fit_options bare_options(const struct fit_options *o)
{
    struct fit_options bare = *o;

    bare.replicas = 0;
    memset(&bare.train_sizes, 0, sizeof(bare.train_sizes));
    bare.watch = NULL;
    return bare;
}

/* Rows to be judged by that all count nothing. */
static bool without_weight(const struct trial_subject *s)
{
    const struct fit_plan *plan = s->plan;
    bool folds = s->options->folds > 0;
    const size_t *rows = folds ? plan->fit : plan->stop;
    size_t n = folds ? plan->n_fit : plan->n_stop;

    for (size_t i = 0; i < n; i++)
        if (s->table->weight[rows[i]] > 0)
            return false;
    return true;
}

static int check_rows(const struct trial_subject *s, struct err *err)
{
    const struct fit_options *o = s->options;

    if ((o->stop_on && strcmp(o->stop_on, "test") == 0) ||
        list_has(&o->on, "test") || o->all_rows)
        return err_set(err, ERR_USAGE,
                       "%s: 'test' is not looked at while hyperparameters are "
                       "searched",
                       o->all_rows                ? "--all-rows"
                       : list_has(&o->on, "test") ? "--on"
                                                  : "--stop-on");
    if (o->folds || s->plan->n_stop)
        return !without_weight(s)
                   ? 0
                   : err_set(err, ERR_DATA,
                             "the rows that tell which trial is better have no "
                             "weight");
    if (o->stop_on)
        return err_set(err, ERR_USAGE,
                       "--stop-on none leaves no rows that tell which trial is "
                       "better (leave it out, or use --folds)");
    return err_set(err, ERR_DATA,
                   "too few rows: none is left to tell which trial is better");
}

int trial_prepare(struct trial_subject *s, struct err *err)
{
    struct fit_options options = bare_options(s->options);
    int status;

    if (check_rows(s, err) != 0)
        return -1;
    s->runs = mem_zalloc(1, sizeof(*s->runs));
    s->encoders = mem_zalloc(fit_models(&options), sizeof(*s->encoders));
    status = runs_plan(s->runs, s->table, s->plan, &options, err);
    for (size_t i = 0; i < s->runs->n && status == 0; i++) {
        const struct run *run = &s->runs->items[i];
        struct fit_rows rows = {run->fit, run->stop, run->n_fit, run->n_stop,
                                run->seed};
        status = fit_encoder(&s->encoders[i], s->table, &rows,
                             &s->plan->classes, &options, err);
    }
    if (status != 0)
        trial_release(s);
    return status;
}

void trial_release(struct trial_subject *s)
{
    for (size_t i = 0; s->runs && i < s->runs->n; i++)
        encoder_release(&s->encoders[i]);
    if (s->runs)
        runs_release(s->runs);
    free(s->runs);
    free(s->encoders);
    s->runs = NULL;
    s->encoders = NULL;
}
