/* assay synth: makes data whose best possible error is known. */
#include "cli/report.h"
#include "cli/result.h"
#include "cli/synth_args.h"
#include "cli/timings.h"

static void write_data(const struct maker *maker, size_t rows,
                       const struct args *args)
{
    struct csv_writer w;

    result_open(&w, args);
    maker_header(maker, &w);
    result_end(&w);
    for (size_t i = 0; i < rows; i++) {
        maker_row(maker, i, &w);
        result_end(&w);
    }
    result_close(&w, args);
}

static void write_truth(const struct rows *truth, const char *path)
{
    struct err err = {0};
    struct output *out = output_open(path, &err);
    struct csv_writer w;

    report_check(out ? 0 : -1, &err);
    csv_writer_init(&w, out);
    report_check(rows_write(truth, &w, &err), &err);
    csv_writer_release(&w);
    result_hold(out);
}

int main(int argc, char **argv)
{
    struct synth_args options;
    struct maker *maker;
    struct rows truth;
    struct args args;
    int status;

    synth_args_parse(&args, &options, argc, argv);
    timings_phase("make");
    maker = maker_new(&options.synth);
    timings_phase("write");
    write_data(maker, options.synth.rows, &args);
    rows_init(&truth, "name,value");
    if (options.truth) {
        timings_phase("truth");
        rows_release(&truth);
        maker_truth(maker, &truth);
        write_truth(&truth, options.truth);
    }
    status = result_finish(&truth, "name", "value", &args);
    rows_release(&truth);
    maker_free(maker);
    args_release(&args);
    return status;
}
