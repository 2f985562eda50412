#include "cli/trial_stream.h"

#include <math.h>
#include <stdio.h>

#include "cli/report.h"
#include "cli/result.h"
#include "cli/search_view.h"

static void clear_progress(void *context)
{
    progress_done(context);
}

void trial_stream_init(struct trial_stream *s, const struct args *args,
                       size_t planned)
{
    *s = (struct trial_stream){.args = args, .planned = planned};
    s->best = INFINITY;
    s->drawn = result_is_drawn(args);
    progress_init(&s->progress, planned ? args->progress : PROGRESS_NEVER,
                  args->quiet, "tune");
    progress_step(&s->progress, 0, planned, NULL);
    report_before(clear_progress, &s->progress);
}

/* The header is known when there is a study. */
static void begin(struct trial_stream *s, const struct study *study)
{
    if (s->begun)
        return;
    s->begun = true;
    study_columns(study, &s->rows);
    if (s->drawn)
        return;
    result_open(&s->writer, s->args);
    s->writer.unbuffered = true;
    for (size_t i = 0; i < s->rows.n_columns; i++)
        csv_writer_text(&s->writer, s->rows.columns[i]);
    result_end(&s->writer);
}

static void show_progress(struct trial_stream *s, double objective)
{
    char text[48] = "";
    size_t done = rows_n(&s->rows);

    if (objective < s->best)
        s->best = objective;
    if (isfinite(s->best))
        snprintf(text, sizeof(text), "best %.4g", s->best);
    progress_step(&s->progress, done < s->planned ? done : s->planned,
                  s->planned, text);
}

void trial_stream_add(void *context, const struct study *study, size_t i)
{
    const struct study_trial *t = study_trial(study, i);
    struct trial_stream *s = context;
    size_t row;

    begin(s, study);
    if (t->state == TRIAL_FAILED)
        report_note("trial %zu failed%s%s", t->number, *t->note ? ": " : "",
                    t->note);
    s->done += t->state == TRIAL_DONE;
    snprintf(s->reason, sizeof(s->reason), "%s", t->note);
    row = rows_n(&s->rows);
    study_row(study, i, &s->rows);
    if (!s->drawn) {
        for (size_t k = 0; k < s->rows.n_columns; k++)
            csv_writer_text(&s->writer, rows_cell(&s->rows, row, k));
        result_end(&s->writer);
    }
    show_progress(s, t->objective);
}

/* Of the first columns those that differ and are short; all parameters. */
static void draw_trials(struct view *view, const struct rows *rows)
{
    struct view_column spec[SPACE_MOST + 5] = {
        {.name = "trial"},
        {.name = "state"},
        {.name = "objective"},
        {.name = "val_loss", .header = "loss", .skip_empty = true},
        {.name = "epochs_run", .header = "epochs", .format = VIEW_COUNT}};
    size_t n = 5, first = rows_find(rows, "trial_seed") + 1;

    for (size_t i = first; i < rows->n_columns; i++)
        spec[n++] = (struct view_column){.name = rows->columns[i]};
    view_table(view, rows, spec, n);
    best_view(view, rows);
}

int trial_stream_end(struct trial_stream *s, const struct study *study,
                     const struct rows *gated)
{
    size_t n = rows_n(&s->rows);
    int status;

    begin(s, study);
    progress_done(&s->progress);
    report_before(NULL, NULL);
    if (n && !s->done)
        report_bad("", "no trial of %zu came to its end%s%s", n,
                   *s->reason ? "; the last one: " : "", s->reason);
    if (s->drawn)
        result_show(&s->rows, draw_trials, s->args);
    else
        result_close(&s->writer, s->args);
    status = result_finish(gated, "name", "score", s->args);
    rows_release(&s->rows);
    return status;
}
