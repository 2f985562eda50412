#include "cli/tune_others.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/tune_look.h"
#include "search/outcome.h"

static int finish(struct rows *rows, const struct args *args)
{
    int status;

    result_show(rows, NULL, args);
    status = result_finish(rows, "trial", "objective", args);
    rows_release(rows);
    return status;
}

/* ---- asking ---- */

static void add_job(struct rows *rows, const struct space *space,
                    const struct study_job *job)
{
    struct buf text = {0};

    rows_count(rows, job->trial);
    buf_printf(&text, "%llu", (unsigned long long)job->seed);
    rows_text(rows, text.data);
    for (size_t i = 0; i < space->n; i++) {
        buf_clear(&text);
        buf_add_text(&text, "");
        dimension_format(&space->items[i], job->value[i], &text);
        rows_text(rows, text.data);
    }
    buf_release(&text);
}

static void note_none(enum study_next next)
{
    if (next == STUDY_OVER)
        report_note("the search is over");
    else
        report_note("nothing to run before others have told");
}

int tune_ask(struct tune_args *o, const struct args *args)
{
    enum study_next next = STUDY_JOB;
    struct tune_study tune;
    struct study_job job;
    struct rows rows;
    struct err err = {0};

    if (args->output)
        report_check(output_check(args->output, &err), &err);
    tune_study_init(&tune, o, args, NULL);
    if (tune.options.halving.n)
        report_bad(o->log, "a search with --halving trains further what it has "
                           "trained: others cannot");
    tune_study_open(&tune, o, 0, NULL, NULL);
    rows_init(&rows, "trial,trial_seed");
    for (size_t i = 0; i < tune.space.n; i++)
        rows_add_column(&rows, tune.space.items[i].name);
    for (size_t i = 0; i < o->ask && next == STUDY_JOB; i++) {
        next = study_ask(tune.study, &job, &err);
        if (next == STUDY_OVER && o->repeat) {
            tune_plan_repeats(&tune, o);
            next = study_ask(tune.study, &job, &err);
        }
        report_check(next == STUDY_FAILED ? -1 : 0, &err);
        if (next == STUDY_JOB)
            add_job(&rows, &tune.space, &job);
    }
    if (!rows_n(&rows))
        note_none(next);
    tune_study_release(&tune);
    return finish(&rows, args);
}

/* ---- telling ---- */

/* Columns of what is told; those that are not there are CSV_NONE. */
struct told {
    struct csv_reader *reader;
    size_t trial, objective, val_error, val_loss, epochs_run, state, note;
};

static void open_told(struct told *t, const struct args *args)
{
    struct err err = {0};

    t->reader = csv_reader_open(args->files, args->n_files, &args->csv, &err);
    report_check(t->reader ? 0 : -1, &err);
    report_check(csv_reader_require(t->reader, "trial", &t->trial, &err), &err);
    report_check(
        csv_reader_require(t->reader, "objective", &t->objective, &err), &err);
    t->val_error = csv_reader_find(t->reader, "val_error");
    t->val_loss = csv_reader_find(t->reader, "val_loss");
    t->epochs_run = csv_reader_find(t->reader, "epochs_run");
    t->state = csv_reader_find(t->reader, "state");
    t->note = csv_reader_find(t->reader, "note");
}

static const char *cell(const struct told *t, size_t column)
{
    return column == CSV_NONE ? "" : csv_reader_fields(t->reader)[column].text;
}

static int read_number(const struct told *t, size_t column, double *value,
                       struct err *err)
{
    const char *text = cell(t, column);
    char quoted[ERR_QUOTE_SIZE];

    *value = NAN;
    if (!*text || num_parse_any(text, strlen(text), value))
        return 0;
    err_set(err, ERR_DATA, "not a number: %s",
            err_quote(quoted, sizeof(quoted), text, strlen(text)));
    return csv_reader_blame(t->reader, column, err);
}

static int read_count(const struct told *t, size_t column, size_t *value,
                      struct err *err)
{
    const char *text = cell(t, column);
    long count = 0;
    char quoted[ERR_QUOTE_SIZE];

    if (*text && !num_parse_long(text, 0, 1000000000, &count)) {
        err_set(err, ERR_DATA, "not a whole number: %s",
                err_quote(quoted, sizeof(quoted), text, strlen(text)));
        return csv_reader_blame(t->reader, column, err);
    }
    *value = (size_t)count;
    return 0;
}

/* "done", "failed", "pruned:REASON"; nothing: done, if there is a number. */
static int read_state(const struct told *t, struct outcome *o, struct err *err)
{
    const char *state = cell(t, t->state);
    char quoted[ERR_QUOTE_SIZE];

    buf_add_text(&o->note, cell(t, t->note));
    o->state = isfinite(o->objective) ? OUTCOME_DONE : OUTCOME_FAILED;
    if (!*state || strcmp(state, "done") == 0)
        return 0;
    if (strcmp(state, "failed") == 0) {
        o->state = OUTCOME_FAILED;
        o->objective = NAN;
        return 0;
    }
    if (strncmp(state, "pruned:", 7) == 0) {
        o->state = OUTCOME_PRUNED;
        buf_clear(&o->note);
        buf_add_text(&o->note, state + 7);
        return 0;
    }
    err_set(err, ERR_DATA, "not done, failed or pruned:REASON: %s",
            err_quote(quoted, sizeof(quoted), state, strlen(state)));
    return csv_reader_blame(t->reader, t->state, err);
}

static int read_outcome(const struct told *t, size_t *trial, struct outcome *o,
                        struct err *err)
{
    if (read_count(t, t->trial, trial, err) != 0 ||
        read_number(t, t->objective, &o->objective, err) != 0 ||
        read_number(t, t->val_error, &o->val_error, err) != 0 ||
        read_number(t, t->val_loss, &o->val_loss, err) != 0 ||
        read_count(t, t->epochs_run, &o->epochs_run, err) != 0)
        return -1;
    return read_state(t, o, err);
}

/* What is told, a row each. */
struct told_rows {
    size_t *trial;
    struct outcome *outcome;
    size_t n, capacity, outcomes;
};

static int read_row(const struct told *t, const struct study *study,
                    struct told_rows *all, struct err *err)
{
    struct outcome *o;
    size_t *trial;

    all->trial =
        mem_grow(all->trial, &all->capacity, all->n + 1, sizeof(*all->trial));
    all->outcome = mem_grow(all->outcome, &all->outcomes, all->n + 1,
                            sizeof(*all->outcome));
    trial = &all->trial[all->n];
    o = &all->outcome[all->n++];
    memset(o, 0, sizeof(*o));
    if (read_outcome(t, trial, o, err) != 0)
        return -1;
    if (*trial >= 1 && *trial <= study_trials(study))
        return 0;
    err_set(err, ERR_DATA, "there is no trial %zu", *trial);
    return csv_reader_blame(t->reader, t->trial, err);
}

/* Takes a row: as one of the stream of trials, where it was waited for. */
static void tell_row(struct study *study, size_t trial,
                     const struct outcome *outcome, struct rows *rows)
{
    struct err err = {0};
    int status = study_tell(study, trial, outcome, &err);

    report_check(status < 0 ? -1 : 0, &err);
    if (status == 0)
        study_row(study, trial - 1, rows);
    else
        report_note("trial %zu was told before; left out", trial);
}

/* All rows are read before one is told: a bad one leaves nothing half done. */
static void tell_rows(const struct told *told, struct study *study,
                      struct rows *rows)
{
    struct told_rows all = {0};
    struct err err = {0};
    int got;

    while ((got = csv_reader_next(told->reader, &err)) == 1)
        report_check(read_row(told, study, &all, &err), &err);
    report_check(got, &err);
    report_skipped(csv_reader_skipped(told->reader));
    for (size_t i = 0; i < all.n; i++) {
        tell_row(study, all.trial[i], &all.outcome[i], rows);
        buf_release(&all.outcome[i].note);
    }
    free(all.trial);
    free(all.outcome);
}

int tune_tell(struct tune_args *o, const struct args *args)
{
    struct tune_study tune;
    struct told told;
    struct rows rows;

    tune_study_init(&tune, o, args, NULL);
    open_told(&told, args);
    tune_study_open(&tune, o, 0, NULL, NULL);
    study_columns(tune.study, &rows);
    tell_rows(&told, tune.study, &rows);
    csv_reader_close(told.reader);
    tune_study_release(&tune);
    return finish(&rows, args);
}
