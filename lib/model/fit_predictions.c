#include "model/fit_result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Where each row of the table stands in the runs of one pass. */
struct place {
    const struct run *run; /* NULL: not predicted */
    size_t at;             /* in its held */
};

static struct place *find_places(const struct fit_result *result, size_t first)
{
    struct place *places = mem_zalloc(result->table->n, sizeof(*places));

    for (size_t i = first; i < first + result->runs.n_folds; i++) {
        const struct run *run = &result->runs.items[i];
        for (size_t k = 0; run->prob && k < run->n_held; k++)
            places[run->held[k]] = (struct place){run, k};
    }
    return places;
}

/*
 * Rows that were held back to decide when to stop were not learned from: they
 * are `val`, and rows of a part `val` that were learned from are not.
 */
static const char *split_of(const struct fit_result *result, size_t row,
                            const struct place *place)
{
    const struct table *t = result->table;
    const char *part = t->parts.text[t->part[row]];
    unsigned char role = place->run->role[place->at];

    if (place->run->id.fold)
        return "val";
    if (result->plan->stop_drawn && role == ROW_STOP)
        return "val";
    if (!plan_has_split(t))
        return "train";
    if (result->plan->stop_drawn && role == ROW_TRAIN &&
        strcmp(part, "val") == 0)
        return "train";
    return *part ? part : "test";
}

static int write_row(const struct fit_result *result, struct csv_writer *w,
                     const struct prediction_format *format,
                     const struct csv_reader *data, size_t id, size_t row,
                     const struct place *place, struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    uint32_t label = result->table->label[row], class = LABEL_NONE;
    char made[32];

    if (!place->run)
        return 0;
    if (label != LABEL_NONE)
        class = result->plan->class_of[label];
    snprintf(made, sizeof(made), "%zu", csv_reader_records(data));
    return prediction_write(
        w, format, id == CSV_NONE ? made : record[id].text,
        split_of(result, row, place),
        label == LABEL_NONE ? "" : result->table->labels.text[label],
        class == LABEL_NONE ? CLASS_NONE : class,
        place->run->prob + place->at * format->n_classes, &place->run->id,
        record, err);
}

/* One pass over the data: the runs from `first` that predict a row each. */
static int write_pass(const struct fit_result *result, struct csv_writer *w,
                      const struct prediction_format *format,
                      struct csv_reader *data, size_t id, size_t first,
                      struct err *err)
{
    struct place *places = find_places(result, first);
    size_t row = 0;
    int got, status = csv_reader_rewind(data, err);

    while (status == 0 && (got = csv_reader_next(data, err)) != 0) {
        if (got == 1 && row == result->table->n)
            got = err_set(err, ERR_DATA, "the input changed while it was read");
        status = got < 0 ? -1
                         : write_row(result, w, format, data, id, row,
                                     &places[row], err);
        row++;
    }
    free(places);
    return status;
}

int fit_predictions(const struct fit_result *result, struct csv_reader *data,
                    const struct fit_prediction_options *options,
                    struct csv_writer *writer, struct err *err)
{
    struct prediction_format format = {.run = result->runs.columns,
                                       .probs = options->probs,
                                       .classes = result->plan->classes.items,
                                       .n_classes = result->plan->classes.n};
    size_t id = csv_reader_find(data, options->id ? options->id : "id");
    int status = prediction_keep(&format, data, options->keep, err);

    if (status == 0)
        status = prediction_write_header(writer, &format, data, err);
    for (size_t first = 0; first < result->runs.n && status == 0;
         first += result->runs.n_folds)
        status = write_pass(result, writer, &format, data, id, first, err);
    free(format.keep);
    return status;
}
