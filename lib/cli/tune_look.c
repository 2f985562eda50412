#include "cli/tune_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/net_space.h"
#include "analysis/sensitivity.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/search_view.h"
#include "search/importance.h"

/* ---- trials ---- */

static void add_trial(struct tune_trials *t, const struct tune_study *tune,
                      size_t i)
{
    const struct study_trial *trial = study_trial(tune->study, i);
    const double *value = study_value(tune->study, i);
    double size = net_space_size(&tune->space, value);
    size_t n = t->history.n;

    history_add(&t->history, value, trial->objective);
    t->number[n] = trial->number;
    t->epochs_run[n] = trial->epochs_run;
    t->seed[n] = trial->seed;
    t->per_row[n] = trial->per_row;
    t->cost[n] = isnan(size) ? (double)trial->epochs_run : size;
    t->given_up[n] = trial->state != TRIAL_DONE;
    if (trial->per_row)
        t->finished.rows = strlen(trial->per_row);
}

void tune_trials_init(struct tune_trials *t, const struct tune_study *tune,
                      bool repeats)
{
    size_t n = study_trials(tune->study);

    memset(t, 0, sizeof(*t));
    t->history.space = &tune->space;
    t->number = mem_alloc(n, sizeof(*t->number));
    t->epochs_run = mem_alloc(n, sizeof(*t->epochs_run));
    t->seed = mem_alloc(n, sizeof(*t->seed));
    t->per_row = mem_alloc(n, sizeof(*t->per_row));
    t->cost = mem_alloc(n, sizeof(*t->cost));
    t->given_up = mem_alloc(n, sizeof(*t->given_up));
    for (size_t i = 0; i < n; i++) {
        const struct study_trial *trial = study_trial(tune->study, i);
        if (isfinite(trial->objective) && (repeats || !trial->repeat_of))
            add_trial(t, tune, i);
    }
    t->finished.history = &t->history;
    t->finished.number = t->number;
    t->finished.seed = t->seed;
    t->finished.per_row = t->per_row;
    t->finished.epochs_run = t->epochs_run;
    t->finished.cost = t->cost;
    t->finished.given_up = t->given_up;
}

void tune_trials_release(struct tune_trials *t)
{
    history_release(&t->history);
    free(t->number);
    free(t->epochs_run);
    free(t->seed);
    free(t->per_row);
    free(t->cost);
    free(t->given_up);
}

/* ---- who won ---- */

static void add_score(struct buf *text, double score, double low, double high)
{
    buf_printf(text, "%.4g", score);
    if (isfinite(low) && isfinite(high))
        buf_printf(text, " (%.4g to %.4g)", low, high);
}

static void note_winner(const struct rows *rows, size_t trials)
{
    struct buf text = {0};

    if (strcmp(rows_named(rows, 0, "method"), "none") == 0) {
        report_note("best: trial %s, %.4g; how much of that is luck cannot be "
                    "told without --repeat",
                    rows_named(rows, 0, "trial"),
                    rows_value(rows, 0, "objective"));
        return;
    }
    add_score(&text, rows_value(rows, 0, "score"), rows_value(rows, 0, "low"),
              rows_value(rows, 0, "high"));
    report_note("best: trial %s, %s after having been the best of %zu "
                "(%s); as measured: %.4g",
                rows_named(rows, 0, "trial"), text.data, trials,
                rows_named(rows, 0, "method"),
                rows_value(rows, 0, "objective"));
    buf_clear(&text);
    if (rows_n(rows) > 1) {
        add_score(&text, rows_value(rows, 1, "score"),
                  rows_value(rows, 1, "low"), rows_value(rows, 1, "high"));
        report_note("%zu other configuration%s within noise of it; the "
                    "simplest: trial %s, %s",
                    rows_n(rows) - 1, rows_n(rows) == 2 ? " is" : "s are",
                    rows_named(rows, 1, "trial"), text.data);
    }
    buf_release(&text);
}

/* The rows of the winner and those within noise; false: nobody has won. */
static bool find_winner(const struct tune_study *tune, struct rows *rows,
                        size_t *trials)
{
    struct contenders found;
    struct tune_trials t;

    tune_trials_init(&t, tune, true);
    contenders_find(&t.finished, tune->options.sampler.seed, &found);
    contenders_rows(&t.finished, &found, rows);
    contenders_release(&found);
    tune_trials_release(&t);
    tune_trials_init(&t, tune, false);
    *trials = t.history.n;
    tune_trials_release(&t);
    return rows_n(rows) > 0;
}

static const char *const gated_columns[] = {"objective", "score", "low", "high",
                                            "method"};
enum { GATED = sizeof(gated_columns) / sizeof(*gated_columns) };

static void add_gated(struct rows *gated, const struct rows *winners)
{
    rows_init(gated, "name");
    for (int i = 0; i < GATED; i++)
        rows_add_column(gated, gated_columns[i]);
    rows_text(gated, "best");
    for (int i = 0; i < GATED; i++)
        rows_text(gated, winners && rows_n(winners)
                             ? rows_named(winners, 0, gated_columns[i])
                             : "");
}

void tune_gated_names(struct rows *rows)
{
    add_gated(rows, NULL);
}

void tune_note_winner(const struct tune_study *tune, struct rows *gated)
{
    struct rows rows;
    size_t trials;

    if (find_winner(tune, &rows, &trials)) {
        note_winner(&rows, trials);
        if (tune->options.log)
            report_note("it: assay tune --best '%s'; what mattered: assay tune "
                        "--importance '%s'",
                        tune->options.log, tune->options.log);
    }
    add_gated(gated, &rows);
    rows_release(&rows);
}

/* The best ones are to be trained again, on fresh seeds. */
void tune_plan_repeats(struct tune_study *tune, const struct tune_args *o)
{
    size_t *best = mem_alloc(o->contenders, sizeof(*best)), n;
    struct tune_trials trials;

    tune_trials_init(&trials, tune, false);
    n = contenders_to_repeat(&trials.finished, tune->options.sampler.seed,
                             o->contenders, best);
    for (size_t i = 0; i < n; i++)
        best[i] = trials.number[best[i]];
    study_repeat(tune->study, best, n, o->repeat);
    tune_trials_release(&trials);
    free(best);
}

/* ---- --best ---- */

/* What all trials had, and others might not: hyperparameters of the log that
 * are no defaults of the network. */
static void add_given(struct rows *best, const struct tune_study *tune,
                      struct list *values)
{
    const char *net = study_item(&tune->items, "--net");
    struct hyper defaults;
    enum net_kind kind;

    if (!net || net_kind_parse(net, &kind) != 0)
        return;
    hyper_init(&defaults, kind);
    rows_add_column(best, "net");
    list_add(values, net);
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        char *option = setup_option_name(e);
        struct buf name = {0}, usual = {0};
        const char *value;
        buf_printf(&name, "--%s", option);
        hyper_format(&defaults, e, &usual);
        value = study_item(&tune->items, name.data);
        if (value && *value &&
            space_find(&tune->space, e->name) == DIMENSION_NONE &&
            strcmp(value, usual.data) != 0) {
            rows_add_column(best, e->name);
            list_add(values, value);
        }
        free(option);
        buf_release(&name);
        buf_release(&usual);
    }
}

/* Hyperparameters, then how good they are. */
static void fill_best(struct rows *best, const struct rows *winners,
                      const struct tune_study *tune)
{
    static const char *const last[] = {"trial", "runs", "objective",
                                       "score", "low",  "high"};
    const size_t n_last = sizeof(last) / sizeof(*last);
    struct list given = {0};

    rows_init(best, tune->space.items[0].name);
    for (size_t i = 1; i < tune->space.n; i++)
        rows_add_column(best, tune->space.items[i].name);
    add_given(best, tune, &given);
    for (size_t i = 0; i < n_last; i++)
        rows_add_column(best, last[i]);
    for (size_t i = 0; i < tune->space.n; i++)
        rows_text(best, rows_cell(winners, 0,
                                  winners->n_columns - tune->space.n + i));
    for (size_t i = 0; i < given.n; i++)
        rows_text(best, given.items[i]);
    for (size_t i = 0; i < n_last; i++)
        rows_text(best, rows_named(winners, 0, last[i]));
    list_release(&given);
}

static int show(struct rows *rows, result_draw *draw, const char *key,
                const char *column, const struct args *args)
{
    int status;

    result_show(rows, draw, args);
    status = result_finish(rows, key, column, args);
    rows_release(rows);
    return status;
}

static int look_at_winner(const struct tune_study *tune,
                          const struct tune_args *o, const struct args *args)
{
    struct rows winners, best, gated;
    size_t trials;
    int status;

    if (!find_winner(tune, &winners, &trials))
        report_bad(o->log, "no trial is done");
    note_winner(&winners, trials);
    if (o->mode == TUNE_CONTENDERS)
        return show(&winners, NULL, "rank", "score", args);
    fill_best(&best, &winners, tune);
    add_gated(&gated, &winners);
    result_show(&best, NULL, args);
    status = result_finish(&gated, "name", "score", args);
    rows_release(&gated);
    rows_release(&best);
    rows_release(&winners);
    return status;
}

/* ---- what mattered ---- */

/* The lecture speaks of networks. */
static void expect(const struct tune_study *tune,
                   const char *expected[SPACE_MOST])
{
    bool network = study_item(&tune->items, "--net") != NULL;

    for (size_t i = 0; i < tune->space.n; i++)
        expected[i] = network ? sensitivity_expected(tune->space.items[i].name)
                              : "";
}

/* What a drawing of a marginal has besides its rows. */
static struct {
    const char *name;
    struct rows trials;
} drawn;

static void draw_marginal(struct view *view, const struct rows *rows)
{
    marginal_view(view, rows, drawn.name);
    scatter_view(view, &drawn.trials, drawn.name);
}

/* The curve, and on a terminal the trials that it was drawn through. */
static int show_marginal(struct rows *rows, const struct tune_study *tune,
                         const struct tune_args *o, const struct args *args)
{
    int status;

    drawn.name = o->marginal;
    study_columns(tune->study, &drawn.trials);
    for (size_t i = 0; i < study_trials(tune->study); i++)
        study_row(tune->study, i, &drawn.trials);
    status = show(rows, draw_marginal, "value", "objective", args);
    rows_release(&drawn.trials);
    return status;
}

static int look_at_parameters(const struct tune_study *tune,
                              const struct tune_args *o,
                              const struct args *args)
{
    struct importance_options options = importance_options();
    const char *expected[SPACE_MOST];
    struct history history;
    struct rows rows;
    struct err err = {0};
    size_t at;
    int status;

    study_history(tune->study, IMPORTANCE_TRIALS, &history);
    options.seed = args->seed;
    if (o->mode == TUNE_MARGINAL) {
        at = space_find(&tune->space, o->marginal);
        if (at == DIMENSION_NONE)
            report_usage("--marginal: '%s' was not searched", o->marginal);
        status = marginal_rows(&rows, &history, at, &options, &err);
    } else {
        expect(tune, expected);
        status = importance_rows(&rows, &history, expected, &options, &err);
    }
    history_release(&history);
    if (status != 0)
        err_at(&err, o->log, 0);
    report_check(status, &err);
    return o->mode == TUNE_MARGINAL
               ? show_marginal(&rows, tune, o, args)
               : show(&rows, importance_view, "parameter,other", "importance",
                      args);
}

int tune_look(struct tune_args *o, const struct args *args)
{
    struct tune_study tune;
    int status;

    tune_study_init(&tune, o, args, NULL);
    tune_study_read(&tune);
    status = o->mode == TUNE_BEST || o->mode == TUNE_CONTENDERS
                 ? look_at_winner(&tune, o, args)
                 : look_at_parameters(&tune, o, args);
    tune_study_release(&tune);
    return status;
}
