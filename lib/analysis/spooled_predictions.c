#include "analysis/spooled_predictions.h"

#include <stdio.h>
#include <unistd.h>

#include "csv/input.h"
#include "csv/output.h"

/* Of the file that a descriptor is of. */
struct fd_path {
    char text[40];
};

static struct fd_path path_of(int fd)
{
    struct fd_path path;

    snprintf(path.text, sizeof(path.text), "/dev/fd/%d", fd);
    return path;
}

static int predict(struct predictor *p, struct csv_reader *data, int spool,
                   struct err *err)
{
    struct output *out = output_open(path_of(spool).text, err);
    struct csv_writer writer;
    int status;

    if (!out)
        return -1;
    csv_writer_init(&writer, out);
    status = predictor_run(p, data, &writer, PREDICTOR_BLOCK, err);
    csv_writer_release(&writer);
    if (status == 0)
        return output_commit(out, err);
    output_fail(out, "");
    return -1;
}

/* The predictor's predictions of the data, to the descriptor. */
static int run(struct predictor *p, char *path, const struct csv_options *csv,
               int spool, struct buf *notes, struct err *err)
{
    struct csv_reader *data = csv_reader_open(&path, 1, csv, err);
    const struct list all = {0};
    int status = -1;

    if (data && predictor_bind(p, data, &all, err) == 0)
        status = predict(p, data, spool, err);
    if (status == 0)
        predictor_notes(p, notes);
    csv_reader_close(data);
    return status;
}

static int open_spooled(struct prediction_reader *reader, int spool,
                        struct err *err)
{
    const struct csv_options csv = {.reread = true};
    const struct list names = {0};
    struct fd_path path = path_of(spool);
    char *name = path.text;

    return prediction_reader_open(reader, &name, 1, &csv, &names, err);
}

int spooled_predictions_open(struct prediction_reader *reader,
                             const char *model,
                             const struct predictor_options *options,
                             char *path, const struct csv_options *csv,
                             struct buf *notes, struct err *err)
{
    int spool = input_spool(err), status = -1;
    struct predictor *p;

    if (spool < 0)
        return -1;
    p = predictor_new(model, options, err);
    if (p && run(p, path, csv, spool, notes, err) == 0)
        status = open_spooled(reader, spool, err);
    predictor_free(p);
    close(spool);
    return status;
}
