#include "cli/shift_side.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/report.h"
#include "cli/timings.h"

struct csv_reader *shift_side_reader(char *const *paths, size_t n,
                                     const struct args *args, bool reread)
{
    struct csv_options csv = args->csv;
    struct err err = {0};
    struct csv_reader *reader;

    csv.reread = reread;
    reader = csv_reader_open(paths, n, &csv, &err);
    report_check(reader ? 0 : -1, &err);
    return reader;
}

void shift_side_open(struct shift_side *s, char *path, const struct args *args)
{
    struct err err = {0};

    memset(s, 0, sizeof(*s));
    s->reader = shift_side_reader(&path, 1, args, true);
    if (!profile_is(s->reader))
        return;
    report_check(profile_read(&s->profile, s->reader, &err), &err);
    csv_reader_close(s->reader);
    s->reader = NULL;
}

void shift_side_infer(struct profile_frame *f, struct csv_reader *reader,
                      const struct shift_args *o)
{
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("types");
    if (o->model)
        report_check(profile_frame_model(f, o->model, &err), &err);
    report_check(profile_frame_infer(f, reader, &o->schema, &notes, &err),
                 &err);
    report_check(csv_reader_rewind(reader, &err), &err);
    report_notes(&notes);
    buf_release(&notes);
}

/* Side 0 for the parts of --on. */
static size_t is_on(void *list, const char *cell, size_t len, struct err *err)
{
    (void)len;
    (void)err;
    return list_has(list, cell) ? 0 : ROUTE_OUT;
}

void shift_side_fill(struct shift_side *s, struct profile_frame *f,
                     const struct shift_args *o)
{
    struct profile_route route = {.side = is_on, .context = (void *)&o->on};
    struct profile_sides sides = {0};
    struct buf notes = {0};
    struct err err = {0};

    if (!s->reader)
        return;
    timings_phase("read");
    if (o->on.n)
        route.column = "split";
    report_check(profile_fill(f, s->reader, &route, &sides, &notes, &err),
                 &err);
    report_notes(&notes);
    report_skipped(csv_reader_skipped(s->reader));
    if (!sides.n)
        report_bad(csv_reader_file(s->reader), "no row%s",
                   o->on.n ? " of these parts (--on)" : "");
    s->profile = sides.at[0];
    free(sides.at);
    buf_release(&notes);
}

void shift_side_release(struct shift_side *s)
{
    csv_reader_close(s->reader);
    profile_release(&s->profile);
}
