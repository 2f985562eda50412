#include "model/fit_result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stream/curve.h"

/* ---- training, with its curve ---- */

struct recorder {
    struct fit_result *result;
    struct rows *folds; /* [folds] each fold's curve */
    size_t done, most;
    fit_told_fn *told;
    void *context;
};

static void add_epoch(struct rows *curve, const char *stop_name,
                      const struct epoch *e, int fold)
{
    struct curve_row train = {e->number,
                              "train",
                              e->train_loss,
                              e->train_error,
                              e->learning_rate,
                              e->grad_norm,
                              e->update_ratio,
                              e->dead,
                              "",
                              fold};
    struct curve_row stop = {e->number, stop_name, e->stop_loss, e->stop_error,
                             NAN,       NAN,       NAN,          NAN,
                             "",        fold};

    curve_add(curve, &train);
    if (!isnan(e->stop_error))
        curve_add(curve, &stop);
}

static void tell(struct recorder *r, const struct epoch *e)
{
    r->done++;
    if (r->told)
        r->told(r->context, e, r->done, r->most);
}

static void on_epoch(void *context, const struct epoch *e)
{
    struct recorder *r = context;

    add_epoch(&r->result->curve, r->result->plan->stop_name, e, -1);
    tell(r, e);
}

static void on_fold_epoch(void *context, size_t fold, const struct epoch *e)
{
    struct recorder *r = context;

    add_epoch(&r->folds[fold - 1], "val", e, (int)fold);
    tell(r, e);
}

/* The columns of the curve that a model keeps. */
static void keep_curve(struct rows *kept, const struct rows *curve)
{
    for (size_t r = 0; r < rows_n(curve); r++)
        for (size_t c = 0; c < kept->n_columns; c++)
            rows_text(kept,
                      rows_cell(curve, r, rows_find(curve, kept->columns[c])));
}

static int run_one(struct recorder *r, struct schema *schema,
                   struct table *table, const struct fit_options *options,
                   struct err *err)
{
    struct fit_result *result = r->result;

    curve_init(&result->curve, 0);
    if (fit_model(&result->model, schema, table, result->plan, options,
                  on_epoch, r, err) != 0)
        return -1;
    keep_curve(&result->model.curve, &result->curve);
    return 0;
}

static int run_folds(struct recorder *r, const struct table *table,
                     const struct fit_options *options, struct err *err)
{
    struct fit_result *result = r->result;
    size_t classes = result->plan->classes.n,
           *best = mem_zalloc(options->folds, sizeof(*best));
    int status;

    r->folds = mem_zalloc(options->folds, sizeof(*r->folds));
    for (size_t k = 0; k < options->folds; k++)
        curve_init(&r->folds[k], 1);
    result->fold = mem_alloc(table->n, sizeof(*result->fold));
    result->prob = mem_alloc(table->n, classes * sizeof(*result->prob));
    status = fit_folds(table, result->plan, options, result->fold, result->prob,
                       best, on_fold_epoch, r, err);
    curve_init(&result->curve, 1);
    for (size_t k = 0; k < options->folds; k++) {
        for (size_t i = 0; i < r->folds[k].n_cells; i++)
            rows_text(&result->curve, r->folds[k].cells[i]);
        rows_release(&r->folds[k]);
    }
    free(r->folds);
    free(best);
    return status;
}

int fit_run(struct fit_result *result, struct schema *schema,
            struct table *table, const struct fit_plan *plan,
            const struct fit_options *options, fit_told_fn *told, void *context,
            struct err *err)
{
    struct recorder recorder = {.result = result,
                                .most = options->training.epochs,
                                .told = told,
                                .context = context};

    memset(result, 0, sizeof(*result));
    result->plan = plan;
    result->table = table;
    if (!options->folds)
        return run_one(&recorder, schema, table, options, err);
    recorder.most *= options->folds;
    return run_folds(&recorder, table, options, err);
}

void fit_result_release(struct fit_result *result)
{
    model_release(&result->model);
    rows_release(&result->curve);
    free(result->fold);
    free(result->prob);
    memset(result, 0, sizeof(*result));
}

static void add_held_out(const struct fit_result *result, struct rows *rows)
{
    size_t classes = result->plan->classes.n, n = 0, wrong = 0;
    double loss = 0;

    for (size_t r = 0; r < result->table->n; r++) {
        const float *prob = result->prob + r * classes;
        size_t class;
        if (!result->fold[r])
            continue;
        class = result->plan->class_of[result->table->label[r]];
        loss -= log((double)prob[class]);
        wrong += prediction_class(prob, classes) != class;
        n++;
    }
    rows_text(rows, "val");
    rows_number(rows, loss / (double)n);
    rows_number(rows, (double)wrong / (double)n);
}

void fit_best_rows(const struct fit_result *result, struct rows *rows)
{
    const struct rows *curve = &result->model.curve;

    rows_init(rows, "split,loss,error");
    if (result->fold)
        add_held_out(result, rows);
    for (size_t r = 0; r < rows_n(curve); r++)
        if (strtoul(rows_cell(curve, r, 0), NULL, 10) ==
            result->model.best_epoch)
            for (size_t c = 1; c < curve->n_columns; c++)
                rows_text(rows, rows_cell(curve, r, c));
}

/* ---- predictions ---- */

static void predict_all(struct fit_result *result)
{
    const struct table *t = result->table;
    struct tape tape = {0};
    struct batch batch = {0};
    size_t *rows = mem_alloc(t->n, sizeof(*rows));

    for (size_t i = 0; i < t->n; i++)
        rows[i] = i;
    result->prob =
        mem_alloc(t->n, result->plan->classes.n * sizeof(*result->prob));
    predict(result->model.net, &tape, &batch, &result->model.encoder, t, rows,
            t->n, result->prob);
    free(rows);
    tape_release(&tape);
    batch_release(&batch);
}

/* What each row was for, where the data has no split column to say so. */
static bool *find_stop_rows(const struct fit_result *result)
{
    bool *is_stop = mem_zalloc(result->table->n, sizeof(*is_stop));

    for (size_t i = 0; i < result->plan->n_stop; i++)
        is_stop[result->plan->stop[i]] = true;
    return is_stop;
}

static const char *split_of(const struct fit_result *result, size_t row,
                            bool is_stop)
{
    const struct table *t = result->table;
    const char *part = t->parts.text[t->part[row]];

    if (result->fold)
        return "val";
    if (fit_has_split(t))
        return *part ? part : "test";
    return is_stop ? "val" : "train";
}

void fit_note_leaks(const struct fit_result *result, struct buf *notes)
{
    const struct table *t = result->table;
    size_t *rows = mem_zalloc(t->parts.count, sizeof(*rows)),
           *known = mem_zalloc(t->parts.count, sizeof(*known));

    for (size_t r = 0; !result->fold && fit_has_split(t) && r < t->n; r++) {
        rows[t->part[r]]++;
        known[t->part[r]] += model_has_row(&result->model, t->fingerprint[r]);
    }
    for (size_t i = 0; i < t->parts.count; i++)
        model_note_leak(notes, *t->parts.text[i] ? t->parts.text[i] : "test",
                        known[i], rows[i]);
    free(rows);
    free(known);
}

static int write_row(const struct fit_result *result, struct csv_writer *w,
                     const struct prediction_format *format,
                     const struct csv_reader *data, size_t id, size_t row,
                     const char *split, struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    uint32_t label = result->table->label[row], class = LABEL_NONE;
    char made[32];

    if (result->fold && result->fold[row] == 0)
        return 0;
    if (label != LABEL_NONE)
        class = result->plan->class_of[label];
    snprintf(made, sizeof(made), "%zu", csv_reader_records(data));
    return prediction_write(
        w, format, id == CSV_NONE ? made : record[id].text, split,
        label == LABEL_NONE ? "" : result->table->labels.text[label],
        class == LABEL_NONE ? CLASS_NONE : class,
        result->prob + row * format->n_classes,
        result->fold ? (int)result->fold[row] : -1, record, err);
}

static int write_rows(const struct fit_result *result, struct csv_writer *w,
                      const struct prediction_format *format,
                      struct csv_reader *data, size_t id, struct err *err)
{
    bool *is_stop = find_stop_rows(result);
    size_t row = 0;
    int got, status = prediction_write_header(w, format, data, err);

    while (status == 0 && (got = csv_reader_next(data, err)) != 0) {
        if (got == 1 && row == result->table->n)
            got = err_set(err, ERR_DATA, "the input changed while it was read");
        status = got < 0 ? -1
                         : write_row(result, w, format, data, id, row,
                                     split_of(result, row, is_stop[row]), err);
        row++;
    }
    free(is_stop);
    return status;
}

int fit_predictions(struct fit_result *result, struct csv_reader *data,
                    const struct fit_prediction_options *options,
                    struct csv_writer *writer, struct err *err)
{
    struct prediction_format format = {.fold = result->fold != NULL,
                                       .probs = options->probs,
                                       .classes = result->plan->classes.items,
                                       .n_classes = result->plan->classes.n};
    size_t id = csv_reader_find(data, options->id ? options->id : "id");
    int status;

    if (!result->prob)
        predict_all(result);
    status = prediction_keep(&format, data, options->keep, err);
    if (status == 0)
        status = write_rows(result, writer, &format, data, id, err);
    free(format.keep);
    return status;
}
