#include "cli/result.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/timings.h"

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

static void append_history(struct csv_writer *w, const struct args *args)
{
    struct err err = {0};

    if (args->append &&
        output_append(args->append, w->history.data, w->header_len,
                      w->history.data + w->header_len,
                      w->history.len - w->header_len, &err) != 0)
        report_fail(&err);
}

void result_close(struct csv_writer *w, const struct args *args)
{
    struct err err = {0};

    report_check(output_flush(w->out, &err), &err);
    append_history(w, args);
    report_check(output_commit(w->out, &err), &err);
    csv_writer_release(w);
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
    append_history(&w, args);
    csv_writer_release(&w);
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
    report_quiet(false);
    report_notes(&why);
    buf_release(&why);
    report_done();
    return closed ? EXIT_GATE : 0;
}
