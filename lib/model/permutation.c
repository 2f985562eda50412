#include "model/permutation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/shell_word.h"
#include "stats/confusion.h"
#include "stats/influence.h"
#include "stats/permuted_loss.h"
#include "stream/advice_command.h"
#include "stream/prediction.h"
#include "table/exchange.h"

enum {
    BLOCK = 4096, /* rows that are predicted before they are scored */
    MOST_NAMED = 20
};

static const float LEAST_PROBABILITY = 1e-37F;

/* What is kept of the predictions of [n] rows. */
struct scores {
    uint32_t *pred;
    float *loss; /* of log_loss or brier, else log loss */
};

/* The work on n rows of k classes. */
struct work {
    const struct permutation_options *options;
    struct table *table;
    struct feed *feed;
    size_t n, k;
    size_t *rows, *from; /* [n] 0, 1, 2 …; where a cell comes from */
    float *prob;         /* [BLOCK][k], or with `one` [n][k] */
    bool one;            /* feature: its predictions are exchanged */
    struct scores before, after;
    double *value[2]; /* [n] of a row before and after */
    double metric;    /* before */
    struct confusion confusion;
    double *influence; /* [k * k] */
    struct permuted_loss loss;
};

struct feature {
    size_t column;
    double drop;
    struct interval ci;
};

/* ---- predictions ---- */

static double loss_of(const struct work *w, const float *prob, size_t label)
{
    double sum = 0;

    if (w->options->metric != METRIC_BRIER)
        return -log((double)fmaxf(prob[label], LEAST_PROBABILITY));
    for (size_t k = 0; k < w->k; k++) {
        double d = (double)prob[k] - (k == label);
        sum += d * d;
    }
    return sum;
}

static void score_row(const struct work *w, size_t row, const float *prob,
                      const struct scores *to)
{
    to->pred[row] = (uint32_t)prediction_class(prob, w->k);
    to->loss[row] = (float)loss_of(w, prob, w->table->label[row]);
}

static void predict(struct work *w, const struct scores *to)
{
    for (size_t at = 0; at < w->n; at += BLOCK) {
        size_t some = w->n - at < BLOCK ? w->n - at : BLOCK;
        float *prob = w->prob + (w->one ? at * w->k : 0);
        feed_predict(w->feed, w->rows + at, some, prob);
        for (size_t i = 0; i < some; i++)
            score_row(w, at + i, prob + i * w->k, to);
    }
}

/* Of a model of one feature: every row has another's prediction. */
static void exchange_predictions(struct work *w, const struct scores *to)
{
    for (size_t i = 0; i < w->n; i++)
        score_row(w, i, w->prob + w->from[i] * w->k, to);
}

/* ---- metrics ---- */

static double mean_loss(const struct work *w, const struct scores *s,
                        double *value)
{
    double sum = 0;

    for (size_t i = 0; i < w->n; i++) {
        value[i] = (double)s->loss[i];
        sum += value[i];
    }
    return sum / (double)w->n;
}

static double of_confusion(struct work *w, double *influence)
{
    const struct confusion *c = &w->confusion;

    switch (w->options->metric) {
    case METRIC_MACRO_F1:
        influence_macro_f1(c, influence);
        return confusion_macro_f1(c);
    case METRIC_BALANCED_ERROR:
        influence_balanced_error(c, influence);
        return confusion_balanced_error(c);
    default:
        influence_error(c, influence);
        return confusion_error(c);
    }
}

/* The metric, and of every row its part in it (stats/influence.h). */
static double measure(struct work *w, const struct scores *s, double *value)
{
    double metric;

    if (w->options->metric == METRIC_LOG_LOSS ||
        w->options->metric == METRIC_BRIER)
        return mean_loss(w, s, value);
    memset(w->confusion.count, 0, w->k * w->k * sizeof(double));
    for (size_t i = 0; i < w->n; i++)
        confusion_add(&w->confusion, w->table->label[i], s->pred[i], 1);
    metric = of_confusion(w, w->influence);
    for (size_t i = 0; i < w->n; i++)
        value[i] = w->influence[w->table->label[i] * w->k + s->pred[i]];
    return metric;
}

/* ---- features ---- */

static bool same_scores(const struct work *w)
{
    return memcmp(w->before.pred, w->after.pred,
                  w->n * sizeof(*w->before.pred)) == 0 &&
           memcmp(w->before.loss, w->after.loss,
                  w->n * sizeof(*w->before.loss)) == 0;
}

/* Counts move by whole rows: some uncertainty stays if few of them do. */
static double least_change(const struct work *w, bool changed)
{
    enum metric_kind metric = w->options->metric;

    return changed && metric != METRIC_LOG_LOSS && metric != METRIC_BRIER ? 1
                                                                          : 0;
}

/* Permutations are the same for all features. */
static void try_feature(struct work *w, struct exchange *x, struct feature *f)
{
    bool loss = metric_kind_is_loss(w->options->metric), changed = false;

    permuted_loss_clear(&w->loss);
    for (size_t r = 0; r < w->options->repeats; r++) {
        struct rng rng;
        double metric;
        rng_init(&rng, w->options->seed, RNG_PERMUTATION + (r << 8));
        permutation_draw(&rng, w->from, w->n);
        if (x) {
            exchange_apply(x, w->from);
            predict(w, &w->after);
        } else {
            exchange_predictions(w, &w->after);
        }
        changed |= !same_scores(w);
        metric = measure(w, &w->after, w->value[1]);
        permuted_loss_add(&w->loss, w->from, w->value[0], w->value[1],
                          loss ? metric - w->metric : w->metric - metric);
    }
    f->drop = permuted_loss_mean(&w->loss);
    f->ci = permuted_loss_interval(&w->loss, least_change(w, changed));
}

static void try_all(struct work *w, struct feature *features, size_t n)
{
    struct exchange x;

    for (size_t i = 0; i < n; i++) {
        if (w->one) {
            try_feature(w, NULL, &features[i]);
            continue;
        }
        exchange_begin(&x, w->table, features[i].column);
        try_feature(w, &x, &features[i]);
        exchange_end(&x);
    }
}

/* Tokens have to be cut first, as they always are. */
static void try_none(struct work *w, const struct feature *first)
{
    bool tokens = w->table->schema->form == FORM_TOKENS;
    struct exchange x;

    if (tokens) {
        exchange_begin(&x, w->table, first->column);
        exchange_apply(&x, NULL);
    }
    predict(w, &w->before);
    if (tokens)
        exchange_end(&x);
    w->metric = measure(w, &w->before, w->value[0]);
}

/* ---- memory ---- */

static struct scores scores_new(size_t n)
{
    return (struct scores){mem_alloc(n, sizeof(uint32_t)),
                           mem_alloc(n, sizeof(float))};
}

static void scores_release(struct scores *s)
{
    free(s->pred);
    free(s->loss);
}

static void work_init(struct work *w, struct predictor *p,
                      const struct permutation_options *options,
                      size_t features)
{
    memset(w, 0, sizeof(*w));
    w->options = options;
    w->table = predictor_table(p);
    w->feed = predictor_feed(p);
    w->n = w->table->n;
    w->k = predictor_model(p)->classes.n;
    w->one = features == 1;
    w->rows = mem_alloc(w->n, sizeof(*w->rows));
    for (size_t i = 0; i < w->n; i++)
        w->rows[i] = i;
    w->from = mem_alloc(w->n, sizeof(*w->from));
    w->prob = mem_alloc(w->one ? w->n : BLOCK, w->k * sizeof(*w->prob));
    w->before = scores_new(w->n);
    w->after = scores_new(w->n);
    for (int i = 0; i < 2; i++)
        w->value[i] = mem_alloc(w->n, sizeof(*w->value[i]));
    confusion_init(&w->confusion, w->k);
    w->influence = mem_alloc(w->k, w->k * sizeof(*w->influence));
    permuted_loss_init(&w->loss, w->n);
}

static void work_release(struct work *w)
{
    free(w->rows);
    free(w->from);
    free(w->prob);
    scores_release(&w->before);
    scores_release(&w->after);
    free(w->value[0]);
    free(w->value[1]);
    confusion_release(&w->confusion);
    free(w->influence);
    permuted_loss_release(&w->loss);
}

/* ---- result ---- */

/* The features, in the order of the columns; how many. */
static size_t list_features(const struct model *m, struct feature **features)
{
    size_t n = 0;

    *features = mem_zalloc(m->schema.n, sizeof(**features));
    for (size_t i = 0; i < m->schema.n; i++)
        if (m->schema.columns[i].role == ROLE_FEATURE &&
            m->net->spec.hyper.net != NET_MAJORITY)
            (*features)[n++].column = i;
    return n;
}

/* Ends that no drop can reach: the metric is 0 to 1 (brier: 2). */
static void keep_possible(const struct work *w, struct feature *features,
                          size_t n)
{
    enum metric_kind kind = w->options->metric;
    double most = kind == METRIC_LOG_LOSS ? INFINITY
                  : kind == METRIC_BRIER  ? 2
                                          : 1;
    double lowest = kind == METRIC_MACRO_F1 ? w->metric - 1 : -w->metric;

    for (size_t i = 0; i < n; i++) {
        struct feature *f = &features[i];
        /* the drop's own rounding may be beyond an end */
        if (f->ci.low < lowest)
            f->ci.low = fmin(lowest, f->drop);
        if (f->ci.high > lowest + most)
            f->ci.high = fmax(lowest + most, f->drop);
    }
}

static int by_drop(const void *a, const void *b)
{
    const struct feature *x = a, *y = b;

    if (x->drop != y->drop)
        return x->drop < y->drop ? 1 : -1;
    return x->column < y->column ? -1 : 1;
}

static void add_rows(const struct work *w, const struct feature *features,
                     size_t n, struct rows *rows)
{
    rows_init(rows, "feature,metric,drop,low,high");
    for (size_t i = 0; i < n; i++) {
        const struct feature *f = &features[i];
        rows_text(rows, w->table->schema->columns[f->column].name);
        rows_text(rows, metric_kind_name(w->options->metric));
        rows_number(rows, f->drop);
        rows_number(rows, f->ci.low);
        rows_number(rows, f->ci.high);
    }
}

static size_t count_needless(const struct feature *features, size_t n)
{
    size_t needless = 0;

    for (size_t i = 0; i < n; i++)
        if (!(features[i].ci.low > 0))
            needless++;
    return needless;
}

/* Those whose drop may be none, as a list option: the first MOST_NAMED.  Where
 * all are, the first of all stays: a model needs one. */
static size_t list_needless(const struct work *w,
                            const struct feature *features, size_t n,
                            struct buf *list)
{
    size_t named = 0;

    for (size_t i = count_needless(features, n) == n; i < n; i++) {
        const char *name = w->table->schema->columns[features[i].column].name;
        if (features[i].ci.low > 0 || named++ >= MOST_NAMED)
            continue;
        if (list->len)
            buf_add_char(list, ',');
        csv_quote(list, name, strlen(name));
    }
    return named;
}

/* Alone a feature may be needless only because another tells the same. */
static void note_needless(const struct work *w, const struct feature *features,
                          size_t n, struct buf *notes)
{
    struct buf list = {0};
    size_t named = list_needless(w, features, n, &list);

    if (named && n > 1) {
        buf_printf(notes,
                   "%zu of %zu features show no drop beyond noise (or stand in "
                   "for each other)\nto see: assay train --exclude ",
                   count_needless(features, n), n);
        shell_word(notes, list.data);
        buf_printf(notes, "%s ...\n", named > MOST_NAMED ? ",..." : "");
    }
    buf_release(&list);
}

int permutation_rows(struct predictor *p, struct csv_reader *data,
                     const struct permutation_options *options,
                     struct rows *rows, struct buf *notes, struct err *err)
{
    struct feature *features;
    size_t n = list_features(predictor_model(p), &features);
    struct work w;
    int status = -1;

    if (n == 0) {
        err_set(err, ERR_DATA, "the model reads no features");
    } else if (predictor_load(p, data, err) != 0) {
        ;
    } else if (predictor_table(p)->n == 1) {
        err_set(err, ERR_DATA, "one row only: there is nothing to permute");
        err_at(err, csv_reader_file(data), 0);
    } else {
        work_init(&w, p, options, n);
        try_none(&w, &features[0]);
        try_all(&w, features, n);
        keep_possible(&w, features, n);
        qsort(features, n, sizeof(*features), by_drop);
        add_rows(&w, features, n, rows);
        buf_printf(notes, "%s %.4g on %zu rows\n",
                   metric_kind_name(options->metric), w.metric, w.n);
        note_needless(&w, features, n, notes);
        work_release(&w);
        status = table_lost(predictor_table(p), err);
    }
    free(features);
    return status;
}
