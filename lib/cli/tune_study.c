#include "cli/tune_study.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analysis/net_space.h"
#include "base/mem.h"
#include "cli/identity.h"
#include "cli/report.h"
#include "search/configs.h"

static void add_item(struct list *items, const char *name, const char *value)
{
    struct buf item = {0};

    buf_printf(&item, "%s=%s", name, value);
    list_add(items, item.data);
    buf_release(&item);
}

static void add_count(struct list *items, const char *name, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    add_item(items, name, text);
}

/* ---- the space ---- */

static bool is_hyperparameter(const char *column)
{
    return hyper_find(column) != NULL;
}

static void read_configs(struct tune_study *t, const struct tune_args *o,
                         bool network)
{
    struct err err = {0};

    t->given.space = &t->space;
    report_check(configs_read(&t->space, &t->given, o->configs,
                              network ? is_hyperparameter : NULL, &err),
                 &err);
}

/* As text where it holds a '=', else in a file; NULL: not given. */
static void read_space(struct tune_study *t, const char *space)
{
    const char *logged = study_item(&t->items, "space");
    struct err err = {0};

    if (!space)
        space = logged;
    if (!space)
        return;
    report_check(!*space || strchr(space, '=')
                     ? space_parse(&t->space, space, &err)
                     : space_read(&t->space, space, &err),
                 &err);
}

static void make_space(struct tune_study *t, const struct tune_args *o)
{
    const struct fit_setup *setup = &o->setup;
    bool network = o->mode == TUNE_NETWORK;
    struct err err = {0};

    if (o->space || !o->configs)
        read_space(t, o->space);
    if (o->configs)
        read_configs(t, o, network);
    if (!t->space.n && network)
        report_check(net_space_default(&t->space, setup->fit.hyper.net,
                                       setup->hyper, &err),
                     &err);
    if (!t->space.n)
        report_usage("--space is needed: there is no log that has one");
    if (network)
        report_check(
            net_space_check(&t->space, &setup->fit.hyper, setup->hyper, &err),
            &err);
    if (o->halving && net_space_length(&t->space))
        report_usage("--halving: '%s' cannot be searched, trials are compared "
                     "after the same epochs",
                     net_space_length(&t->space));
}

/* ---- options that the log has ---- */

static size_t logged_count(const struct tune_study *t, const char *name,
                           size_t other)
{
    const char *text = study_item(&t->items, name);
    unsigned long long value;

    return text && sscanf(text, "%llu", &value) == 1 ? (size_t)value : other;
}

static void take_logged(const struct tune_study *t, struct tune_args *o)
{
    const char *method = study_item(&t->items, "method");

    if (!o->has_trials)
        o->trials = logged_count(t, "trials", o->trials);
    if (!o->has_method && method)
        search_method_parse(method, &o->method);
    if (o->method == METHOD_MANUAL && !o->configs && o->mode < TUNE_TELL)
        report_usage("--method manual needs --configs");
}

/* "3 of 1, 3, 9, 100": eta and the rungs. */
static void set_halving(struct tune_study *t, const struct tune_args *o)
{
    struct halving *h = &t->options.halving;
    struct buf text = {0};

    buf_add_text(&text, "");
    if (o->halving) {
        halving_init(h, o->min_epochs ? o->min_epochs : 1,
                     o->setup.fit.hyper.epochs, o->eta);
        buf_printf(&text, "asha %zu of", h->eta);
    }
    for (size_t i = 0; i < h->n; i++)
        buf_printf(&text, " %zu", h->rungs[i]);
    add_item(&t->options.fixed, "halving", text.data);
    buf_release(&text);
}

/* What a log says of its rungs. */
static void read_halving(struct tune_study *t)
{
    struct halving *h = &t->options.halving;
    const char *text = study_item(&t->items, "halving");
    int used;

    if (!text || sscanf(text, "asha %zu of%n", &h->eta, &used) != 1 ||
        h->eta < 2) {
        h->eta = 0;
        return;
    }
    for (text += used; h->n < RUNGS_MOST &&
                       sscanf(text, " %zu%n", &h->rungs[h->n], &used) == 1;
         text += used)
        h->n++;
}

/* ---- a study ---- */

static void set_fixed(struct tune_study *t, const struct tune_args *o,
                      const struct fit_data *data)
{
    struct list *fixed = &t->options.fixed;
    struct buf space = {0};
    struct err err = {0};

    space_format(&t->space, &space);
    add_item(fixed, "space", space.data);
    buf_release(&space);
    if (o->mode == TUNE_COMMAND)
        add_item(fixed, "command", o->command);
    if (!data)
        return;
    set_halving(t, o);
    add_item(fixed, "--metric", metric_kind_name(o->metric));
    add_item(fixed, "--no-prune", o->no_prune ? "yes" : "");
    report_check(identity_add(fixed, &o->setup, &data->table, &err), &err);
}

void tune_study_init(struct tune_study *t, struct tune_args *o,
                     const struct args *args, const struct fit_data *data)
{
    struct sampler_options *sampler = &t->options.sampler;
    struct err err = {0};

    memset(t, 0, sizeof(*t));
    if (o->mode >= TUNE_TELL && access(o->log, R_OK) != 0) {
        err_system(&err, "cannot open the log");
        err_at(&err, o->log, 0);
        report_fail(&err);
    }
    if (o->log)
        report_check(study_items(o->log, &t->items, &err), &err);
    if (o->mode >= TUNE_TELL && !t->items.n)
        report_bad(o->log, "there is no search in it");
    if (o->mode != TUNE_NETWORK)
        take_logged(t, o);
    make_space(t, o);
    if (o->configs && !o->has_trials)
        o->trials = t->given.n;
    t->options.log = o->log;
    t->options.gives = o->mode == TUNE_ASK;
    if (o->mode >= TUNE_TELL)
        o->method = METHOD_RANDOM;
    t->options.timeout = o->timeout;
    sampler->method = o->method;
    sampler->seed = args->has_seed ? args->seed : logged_count(t, "seed", 1);
    sampler->trials = o->trials;
    sampler->given = &t->given;
    set_fixed(t, o, data);
    if (!data)
        read_halving(t);
}

void tune_study_open(struct tune_study *t, const struct tune_args *o,
                     int workers,
                     void (*finished)(void *, const struct study *, size_t),
                     void *context)
{
    struct list *items = &t->options.free_;
    struct err err = {0};

    if (o->mode != TUNE_TELL) {
        add_item(items, "method", search_method_name(o->method));
        add_count(items, "seed", t->options.sampler.seed);
        add_count(items, "trials", o->trials);
    }
    if (workers)
        add_count(items, "workers", (uint64_t)workers);
    t->options.finished = finished;
    t->options.context = context;
    t->study = study_open(&t->space, &t->options, &err);
    report_check(t->study ? 0 : -1, &err);
}

void tune_study_read(struct tune_study *t)
{
    struct err err = {0};

    t->study = study_open_read(&t->space, &t->options, &err);
    report_check(t->study ? 0 : -1, &err);
}

void tune_study_release(struct tune_study *t)
{
    study_close(t->study);
    history_release(&t->given);
    list_release(&t->items);
    list_release(&t->options.fixed);
    list_release(&t->options.free_);
    space_release(&t->space);
}
