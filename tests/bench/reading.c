/*
 * How long a table takes from text to encoded columns: both passes, types and
 * values, as `train` makes them.
 *
 *     reading RUNS LABEL FILE...
 *
 * One CSV row a file: threads, megabytes (of the text, unpacked), seconds of
 * each pass in the best of the runs, and megabytes a second of both.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parallel.h"
#include "csv/input.h"
#include "table/table.h"

static void fail(const struct err *err)
{
    fprintf(stderr, "reading: %s: %s\n", err->file, err->message);
    exit(1);
}

struct times {
    double types, values;
};

static struct times read_once(char *path, const char *label)
{
    struct csv_options options = {.reread = true};
    struct schema_request request = {
        .label = label, .ngrams = NGRAM_DEFAULTS, .quick = true}; /* as train */
    struct schema schema;
    struct table table;
    struct buf notes = {0};
    struct err err;
    struct times t;
    double start = clock_seconds(), middle;
    struct csv_reader *reader = csv_reader_open(&path, 1, &options, &err);

    if (!reader || schema_infer(&schema, reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(reader, &err) != 0)
        fail(&err);
    middle = clock_seconds();
    if (table_init(&table, &schema, reader, &err) != 0 ||
        table_read(&table, reader, &err) != 0)
        fail(&err);
    t = (struct times){middle - start, clock_seconds() - middle};
    table_release(&table);
    schema_release(&schema);
    csv_reader_close(reader);
    buf_release(&notes);
    return t;
}

static double megabytes(char *path)
{
    struct err err;
    struct input *input = input_open(path, NULL, false, &err);
    static char bytes[1 << 16];
    double all = 0;
    ssize_t n;

    if (!input)
        fail(&err);
    while ((n = input_read(input, bytes, sizeof(bytes), &err)) > 0)
        all += (double)n;
    if (n < 0)
        fail(&err);
    input_close(input);
    return all / 1e6;
}

int main(int argc, char **argv)
{
    int threads = parallel_set_threads(0);

    if (argc < 4) {
        fprintf(stderr, "usage: reading RUNS LABEL FILE...\n");
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        double size = megabytes(argv[i]);
        struct times best = {1e9, 1e9};
        for (long run = 0; run < strtol(argv[1], NULL, 10); run++) {
            struct times t = read_once(argv[i], argv[2]);
            if (t.types + t.values < best.types + best.values)
                best = t;
        }
        printf("%s,%d,%.1f,%.3f,%.3f,%.1f\n", argv[i], threads, size,
               best.types, best.values, size / (best.types + best.values));
    }
    return 0;
}
