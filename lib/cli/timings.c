#include "cli/timings.h"

#include "base/clock.h"

#include "csv/writer.h"

enum { MOST_PHASES = 32 };

static struct {
    const char *phase;
    double start;
} marks[MOST_PHASES];
static int n_marks;

void timings_phase(const char *phase)
{
    if (n_marks == MOST_PHASES)
        return;
    marks[n_marks].phase = phase;
    marks[n_marks++].start = clock_seconds();
}

int timings_write(const char *path, struct err *err)
{
    struct csv_writer w;
    struct output *out;
    double end = clock_seconds();
    int status = 0;

    if (!path)
        return 0;
    out = output_open(path, err);
    if (!out)
        return -1;
    csv_writer_init(&w, out);
    csv_writer_text(&w, "phase");
    csv_writer_text(&w, "seconds");
    status = csv_writer_end(&w, err);
    for (int i = 0; i < n_marks && status == 0; i++) {
        double until = i + 1 < n_marks ? marks[i + 1].start : end;
        csv_writer_text(&w, marks[i].phase);
        csv_writer_float(&w, (float)(until - marks[i].start));
        status = csv_writer_end(&w, err);
    }
    csv_writer_release(&w);
    if (status != 0)
        output_fail(out, "");
    return status == 0 ? output_commit(out, err) : -1;
}
