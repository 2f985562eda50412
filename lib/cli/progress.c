#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/line_view.h"

enum { BAR = 20, LEAST_BAR = 5 };

#define REDRAW_SECONDS 0.1
#define MOST_SECONDS 359999.0 /* 99:59:59 */

void progress_init(struct progress *progress, enum progress_mode mode,
                   bool quiet, const char *title)
{
    memset(progress, 0, sizeof(*progress));
    view_init(&progress->view, stderr);
    progress->title = title;
    progress->scale = 1;
    progress->shown =
        mode == PROGRESS_ALWAYS ||
        (mode == PROGRESS_AUTO && !quiet && isatty(STDERR_FILENO));
}

static void add_bar(struct buf *line, const struct progress *progress,
                    double share, size_t width)
{
    bool utf8 = progress->view.utf8;
    size_t taken = line_bar(line, share, width, utf8);

    for (; taken < width; taken++)
        buf_add_text(line, utf8 ? "░" : "-");
}

static void add_time_left(struct buf *line, double seconds)
{
    long left = lround(fmin(seconds, MOST_SECONDS));

    if (left >= 3600)
        buf_printf(line, "  %ld:%02ld:%02ld left", left / 3600, left / 60 % 60,
                   left % 60);
    else
        buf_printf(line, "  %ld:%02ld left", left / 60, left % 60);
}

/* What follows the bar. */
static void add_words(struct buf *line, const struct progress *progress,
                      size_t done, size_t total, const char *text)
{
    double seconds = progress->last_time - progress->first_time;

    if (total)
        buf_printf(line, "%zu/%zu", done / progress->scale,
                   total / progress->scale);
    else
        buf_printf(line, "%zu", done / progress->scale);
    if (text && *text) {
        buf_add_text(line, "  ");
        line_clean(line, text, progress->view.utf8);
    }
    if (total >= done && total && done > progress->first_done)
        add_time_left(line, seconds * (double)(total - done) /
                                (double)(done - progress->first_done));
}

/* Puts the parts together; the bar takes what is left, the text is cut. */
static void compose(struct buf *line, const struct progress *progress,
                    size_t done, size_t total, const char *text)
{
    size_t columns = line_columns(&progress->view) - 1, taken; /* no wrap */
    char *title = line_clean_copy(progress->title, progress->view.utf8);
    struct buf words = {0};

    add_words(&words, progress, done, total, text);
    taken = line_cut(line, title, columns / 3, progress->view.utf8) + 2;
    line_blanks(line, 2);
    if (total && taken + line_width(words.data) + LEAST_BAR + 2 <= columns) {
        size_t room = columns - taken - line_width(words.data) - 2;
        size_t width = room < BAR ? room : BAR;
        add_bar(line, progress, (double)done / (double)total, width);
        line_blanks(line, 2);
        taken += width + 2;
    }
    line_cut(line, words.data, columns - taken, progress->view.utf8);
    buf_release(&words);
    free(title);
}

/* Draws over what stands there; blanks, since not all terminals can erase. */
static void redraw(struct progress *progress, const char *line)
{
    size_t width = line_width(line);
    struct buf out = {0};

    buf_add_char(&out, '\r');
    buf_add_text(&out, line);
    if (width < progress->drawn)
        line_blanks(&out, progress->drawn - width);
    if (width == 0)
        buf_add_char(&out, '\r');
    fwrite(out.data, 1, out.len, progress->view.out);
    fflush(progress->view.out);
    buf_release(&out);
    progress->drawn = width;
}

bool progress_due(const struct progress *progress)
{
    return progress->shown &&
           (!progress->started ||
            clock_seconds() - progress->last_time >= REDRAW_SECONDS);
}

void progress_step(struct progress *progress, size_t done, size_t total,
                   const char *text)
{
    struct buf line = {0};
    double time;

    if (!progress_due(progress))
        return;
    time = clock_seconds();
    if (!progress->started) {
        progress->started = true;
        progress->first_done = done;
        progress->first_time = time;
    }
    progress->last_time = time;
    view_resize(&progress->view); /* a run may take hours */
    compose(&line, progress, done, total, text);
    redraw(progress, line.data);
    buf_release(&line);
}

void progress_done(struct progress *progress)
{
    if (progress->drawn)
        redraw(progress, "");
}
