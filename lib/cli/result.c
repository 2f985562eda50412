#include "cli/result.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/timings.h"

enum { MOST_HELD = 8 };

/* What is written, whole, and waits to be put in place. */
static struct held_output {
    struct csv_writer writer; /* its `out` is NULL after a table drawn */
    const char *append;       /* NULL: no history */
    bool is_stream;
} held[MOST_HELD];
static size_t n_held;

static void hold(const struct csv_writer *w, const char *append, bool is_stream)
{
    assert(n_held < MOST_HELD);
    held[n_held].writer = *w;
    held[n_held].append = append;
    held[n_held++].is_stream = is_stream;
}

static void set_up_writer(struct csv_writer *w, struct output *out,
                          const struct args *args)
{
    csv_writer_init(w, out);
    if (args->stamp_names.len) {
        w->stamp_names = args->stamp_names.data;
        w->stamp_values = args->stamp_values.data;
    }
    w->keep = args->append != NULL;
}

void result_open(struct csv_writer *w, const struct args *args)
{
    struct err err = {0};
    struct output *out = output_open(args->output, &err);

    if (!out || (args->bom && output_write(out, "\xef\xbb\xbf", 3, &err) != 0))
        report_fail(&err);
    set_up_writer(w, out, args);
}

void result_end(struct csv_writer *w)
{
    struct err err = {0};

    if (csv_writer_end(w, &err) != 0)
        report_fail(&err);
}

void result_close(struct csv_writer *w, const struct args *args)
{
    struct err err = {0};

    report_check(output_flush(w->out, &err), &err);
    hold(w, args->append, !args->output || strcmp(args->output, "-") == 0);
    memset(w, 0, sizeof(*w));
}

void result_hold(struct output *output)
{
    struct csv_writer w;

    csv_writer_init(&w, output);
    hold(&w, NULL, false);
}

static void append_history(const struct held_output *h)
{
    const struct buf *rows = &h->writer.history;
    size_t len = h->writer.header_len;
    struct err err = {0};

    if (h->append && output_append(h->append, rows->data, len, rows->data + len,
                                   rows->len - len, &err) != 0)
        report_fail(&err);
}

/* Files first: a stream that has ended well cannot tell of their failure. */
static void put_in_place(void)
{
    struct err err = {0};

    for (size_t i = 0; i < n_held; i++)
        append_history(&held[i]);
    for (int streams = 0; streams < 2; streams++)
        for (size_t i = 0; i < n_held; i++)
            if (held[i].writer.out && held[i].is_stream == (streams == 1))
                report_check(output_commit(held[i].writer.out, &err), &err);
    for (size_t i = 0; i < n_held; i++)
        csv_writer_release(&held[i].writer);
    n_held = 0;
}

bool result_is_drawn(const struct args *args)
{
    if (args->view != VIEW_AUTO)
        return args->view == VIEW_ALWAYS;
    return !args->output && isatty(STDOUT_FILENO);
}

static void draw_rows(const struct rows *rows, result_draw *draw)
{
    struct err err = {0};
    struct view view;

    view_init(&view, stdout);
    if (draw)
        draw(&view, rows);
    else
        view_table(&view, rows, NULL, 0);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        err_system(&err, "cannot write");
        err_at(&err, "<stdout>", 0);
        report_fail(&err);
    }
}

/* The history of a table that is drawn: all of a writer but its output. */
static void append_drawn(const struct rows *rows, const struct args *args)
{
    struct err err = {0};
    struct csv_writer w;

    set_up_writer(&w, NULL, args);
    if (rows_write(rows, &w, &err) != 0)
        report_fail(&err);
    hold(&w, args->append, false);
}

void result_show(const struct rows *rows, result_draw *draw,
                 const struct args *args)
{
    struct err err = {0};
    struct csv_writer w;

    if (result_is_drawn(args)) {
        draw_rows(rows, draw);
        append_drawn(rows, args);
        return;
    }
    result_open(&w, args);
    if (rows_write(rows, &w, &err) != 0)
        report_fail(&err);
    result_close(&w, args);
}

void result_check_gates(const struct rows *rows, const char *keys,
                        const char *default_column, const struct args *args)
{
    struct err err = {0};

    for (size_t i = 0; i < args->n_gates; i++)
        report_check(
            gate_check_names(&args->gates[i], rows, keys, default_column, &err),
            &err);
}

int result_finish(const struct rows *rows, const char *keys,
                  const char *default_column, const struct args *args)
{
    struct err err = {0};
    struct buf why = {0};
    size_t closed = 0;

    for (size_t i = 0; i < args->n_gates; i++)
        if (gate_check(&args->gates[i], rows, keys, default_column, &closed,
                       &why, &err) != 0)
            report_fail(&err);
    if (timings_write(args->timings, &err) != 0)
        report_fail(&err);
    put_in_place();
    report_quiet(false);
    report_notes(&why);
    buf_release(&why);
    report_done();
    return closed ? EXIT_GATE : 0;
}
