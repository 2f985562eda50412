#include "cli/training_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cli/report.h"

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

void training_view_init(struct training_view *v, enum progress_mode mode,
                        bool quiet)
{
    memset(v, 0, sizeof(*v));
    v->quiet = quiet;
    progress_init(&v->progress, mode, quiet, "train");
    v->started = now();
    progress_step(&v->progress, 0, 0, NULL);
}

/* "12,300 rows/s" in three digits. */
static void add_speed(struct buf *text, double rows, double seconds)
{
    double speed = rows / seconds;
    const char *unit = speed >= 1e6 ? "M" : speed >= 1e3 ? "k" : "";

    speed /= speed >= 1e6 ? 1e6 : speed >= 1e3 ? 1e3 : 1;
    buf_printf(text, "  %.3g%s rows/s", speed, unit);
}

static void tell_news(struct training_view *v, const struct epoch *e)
{
    struct buf news = {0};

    if (!*e->news)
        return;
    progress_done(&v->progress);
    buf_add_text(&news, e->news);
    report_notes(&news);
    buf_release(&news);
}

static void keep_loss(struct training_view *v, double loss)
{
    v->losses = mem_grow(v->losses, &v->capacity, v->n + 1, sizeof(double));
    v->losses[v->n++] = loss;
}

void training_view_step(void *view, const struct run *run,
                        const struct epoch *e, size_t done, size_t most)
{
    struct training_view *v = view;
    struct buf text = {0};
    double seconds = now() - v->started;

    (void)run;
    tell_news(v, e);
    if (!e->rows) { /* it goes on from a checkpoint */
        progress_step(&v->progress, done, most, NULL);
        return;
    }
    v->rows += (double)e->rows;
    keep_loss(v, isnan(e->stop_loss) ? e->train_loss : e->stop_loss);
    buf_printf(&text, "loss %.4f", e->train_loss);
    if (!isnan(e->stop_loss))
        buf_printf(&text, "  held out %.4f  error %.4f", e->stop_loss,
                   e->stop_error);
    if (seconds > 0)
        add_speed(&text, v->rows, seconds);
    progress_step(&v->progress, done, most, text.data);
    buf_release(&text);
}

void training_view_done(struct training_view *v)
{
    progress_done(&v->progress);
    if (v->progress.shown && v->n > 1)
        view_sparkline(&v->progress.view, v->losses, v->n, 40, "loss");
    free(v->losses);
    v->losses = NULL;
}
