#include "cli/training_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/result.h"

enum { PARTS = 1000 }; /* of an epoch, in progress */

static void clear(void *context)
{
    progress_done(context);
}

/* "12,300 rows/s" in three digits. */
static void add_speed(struct buf *text, double rows, double seconds)
{
    double speed = rows / seconds;
    const char *unit = speed >= 1e6 ? "M" : speed >= 1e3 ? "k" : "";

    speed /= speed >= 1e6 ? 1e6 : speed >= 1e3 ? 1e3 : 1;
    buf_printf(text, "  %.3g%s rows/s", speed, unit);
}

static void tell_news(const struct epoch *e)
{
    struct buf news = {0};

    buf_add_text(&news, e->news);
    report_notes(&news);
    buf_release(&news);
}

/* The losses of several runs make no curve. */
static void keep_loss(struct training_view *v, const struct run *run,
                      const struct epoch *e)
{
    if (!v->run)
        v->run = run;
    v->several |= v->run != run;
    v->losses = mem_grow(v->losses, &v->capacity, v->n + 1, sizeof(double));
    v->losses[v->n++] = isnan(e->stop_loss) ? e->train_loss : e->stop_loss;
}

static void step(struct training_view *v, const char *words)
{
    struct buf text = {0};
    double seconds = clock_seconds() - v->started;

    buf_add_text(&text, words);
    if (seconds > 0)
        add_speed(&text, v->rows, seconds);
    progress_step(&v->progress, (size_t)(((double)v->done + v->part) * PARTS),
                  v->most * PARTS, text.data);
    buf_release(&text);
}

static void on_batch(void *view, const struct run *run, size_t rows,
                     double loss, size_t most)
{
    struct training_view *v = view;
    char words[40];

    v->most = most;
    v->rows += (double)rows;
    v->part += (double)rows / (double)run->n_fit;
    if (!progress_due(&v->progress))
        return;
    snprintf(words, sizeof(words), "loss %.3g", loss);
    step(v, *v->text ? v->text : words);
}

static void on_epoch(void *view, const struct run *run, const struct epoch *e,
                     size_t done, size_t most)
{
    struct training_view *v = view;
    int len;

    tell_news(e);
    v->done = done;
    v->most = most;
    if (!e->rows) { /* it goes on from a checkpoint */
        step(v, "");
        return;
    }
    if (v->part > 0)
        v->part = fmax(v->part - 1, 0);
    else
        v->rows += (double)e->rows;
    keep_loss(v, run, e);
    len = snprintf(v->text, sizeof(v->text), "loss %.3g", e->train_loss);
    if (!isnan(e->stop_loss))
        snprintf(v->text + len, sizeof(v->text) - (size_t)len,
                 "  val %.3g  error %.3f", e->stop_loss, e->stop_error);
    step(v, v->text);
}

struct fit_watch training_view_start(struct training_view *v,
                                     const struct args *args, bool curve)
{
    memset(v, 0, sizeof(*v));
    v->sparkline = !(curve && result_is_drawn(args));
    progress_init(&v->progress, args->progress, args->quiet, "train");
    v->progress.scale = PARTS;
    v->started = clock_seconds();
    progress_step(&v->progress, 0, 0, NULL);
    report_before(clear, &v->progress);
    return (struct fit_watch){on_epoch, v->progress.shown ? on_batch : NULL, v};
}

void training_view_done(struct training_view *v)
{
    progress_done(&v->progress);
    report_before(NULL, NULL);
    if (v->progress.shown && v->sparkline && !v->several && v->n > 1)
        view_sparkline(&v->progress.view, v->losses, v->n, 40, "loss");
    free(v->losses);
    v->losses = NULL;
}
