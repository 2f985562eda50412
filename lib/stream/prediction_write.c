#include "stream/prediction.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

int prediction_keep(struct prediction_format *format,
                    const struct csv_reader *data, const struct list *names,
                    struct err *err)
{
    format->keep = mem_zalloc(names->n, sizeof(*format->keep));
    for (size_t i = 0; i < names->n; i++) {
        for (size_t k = 0; k < PREDICTION_COLUMNS; k++)
            if (strcmp(names->items[i], prediction_columns[k]) == 0)
                return err_set(err, ERR_USAGE,
                               "--keep: predictions have a column '%s' "
                               "of their own",
                               names->items[i]);
        for (size_t k = 0; k < i; k++)
            if (strcmp(names->items[i], names->items[k]) == 0)
                return err_set(err, ERR_USAGE, "--keep: '%s' occurs twice",
                               names->items[i]);
        if (csv_reader_require(data, names->items[i],
                               &format->keep[format->n_keep++], err) != 0)
            return -1;
    }
    return 0;
}

int prediction_write_header(struct csv_writer *w,
                            const struct prediction_format *format,
                            const struct csv_reader *data, struct err *err)
{
    struct buf name = {0};

    for (size_t i = 0; i < PREDICTION_FIXED; i++)
        csv_writer_text(w, prediction_columns[i]);
    run_columns_write(w, &format->run);
    for (size_t k = 0; format->probs && k < format->n_classes; k++) {
        buf_clear(&name);
        buf_printf(&name, "p:%s", format->classes[k]);
        csv_writer_text(w, name.data);
    }
    buf_release(&name);
    for (size_t i = 0; i < format->n_keep; i++)
        csv_writer_name(w, data, format->keep[i]);
    return csv_writer_end(w, err);
}

size_t prediction_class(const float *prob, size_t n)
{
    size_t best = 0;

    for (size_t k = 1; k < n; k++)
        if (prob[k] > prob[best])
            best = k;
    return best;
}

static void write_loss(struct csv_writer *w, const char *label, size_t class,
                       const float *prob)
{
    if (!*label)
        csv_writer_text(w, "");
    else if (class == CLASS_NONE)
        csv_writer_text(w, "inf");
    else
        csv_writer_float(w, prob[class] >= 1 ? 0 : -logf(prob[class]));
}

int prediction_write(struct csv_writer *w,
                     const struct prediction_format *format, const char *id,
                     const char *split, const char *label, size_t class,
                     const float *prob, const struct run_id *run,
                     const struct csv_field *record, struct err *err)
{
    size_t pred = prediction_class(prob, format->n_classes);

    csv_writer_text(w, id);
    csv_writer_text(w, split);
    csv_writer_text(w, label);
    csv_writer_text(w, format->classes[pred]);
    csv_writer_float(w, prob[pred]);
    write_loss(w, label, class, prob);
    run_id_write(w, &format->run, run);
    for (size_t k = 0; format->probs && k < format->n_classes; k++)
        csv_writer_float(w, prob[k]);
    for (size_t i = 0; i < format->n_keep; i++)
        csv_writer_field(w, &record[format->keep[i]]);
    return csv_writer_end(w, err);
}
