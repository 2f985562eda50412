#include "stats/confusion.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/draw.h"

void confusion_init(struct confusion *c, size_t n_classes)
{
    assert(n_classes == 0 || n_classes <= SIZE_MAX / n_classes);
    c->n_classes = n_classes;
    c->count = mem_zalloc(n_classes * n_classes, sizeof *c->count);
}

void confusion_release(struct confusion *c)
{
    free(c->count);
    c->count = NULL;
    c->n_classes = 0;
}

void confusion_grow(struct confusion *c, size_t n_classes)
{
    struct confusion wide;

    if (n_classes <= c->n_classes)
        return;
    confusion_init(&wide, n_classes);
    for (size_t k = 0; k < c->n_classes; k++)
        memcpy(wide.count + k * n_classes, c->count + k * c->n_classes,
               c->n_classes * sizeof *c->count);
    free(c->count);
    *c = wide;
}

void confusion_add(struct confusion *c, size_t label, size_t pred,
                   double weight)
{
    assert(label < c->n_classes && pred < c->n_classes);
    c->count[label * c->n_classes + pred] += weight;
}

void confusion_weigh(struct confusion *c, size_t label, size_t pred,
                     double weight)
{
    size_t need = (label > pred ? label : pred) + 1;
    size_t size = c->n_classes ? c->n_classes : 4;

    while (size < need)
        size *= 2;
    confusion_grow(c, size);
    confusion_add(c, label, pred, weight);
}

void confusion_count(struct confusion *c, size_t label, size_t pred)
{
    confusion_weigh(c, label, pred, 1);
}

static double row_sum(const struct confusion *c, size_t label)
{
    const double *row = c->count + label * c->n_classes;
    double sum = 0;

    for (size_t j = 0; j < c->n_classes; j++)
        sum += row[j];
    return sum;
}

static double column_sum(const struct confusion *c, size_t pred)
{
    double sum = 0;

    for (size_t i = 0; i < c->n_classes; i++)
        sum += c->count[i * c->n_classes + pred];
    return sum;
}

static double hits(const struct confusion *c, size_t k)
{
    return c->count[k * c->n_classes + k];
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

void confusion_class(const struct confusion *c, size_t k,
                     struct class_scores *out)
{
    double right = hits(c, k), n = row_sum(c, k), predicted = column_sum(c, k);
    struct interval jaccard = wilson(right, n + predicted - right);

    out->n = n;
    out->predicted = predicted;
    out->precision = ratio(right, predicted);
    out->recall = ratio(right, n);
    out->f1 = ratio(2 * right, n + predicted);
    out->precision_ci = wilson(right, predicted);
    out->recall_ci = wilson(right, n);
    out->f1_ci.low = 2 * jaccard.low / (1 + jaccard.low);
    out->f1_ci.high = 2 * jaccard.high / (1 + jaccard.high);
}

double confusion_total(const struct confusion *c)
{
    double sum = 0;

    for (size_t k = 0; k < c->n_classes; k++)
        sum += row_sum(c, k);
    return sum;
}

double confusion_error(const struct confusion *c)
{
    double right = 0, wrong = 0;

    /* Not 1 - right / total: no cancellation when errors are few. */
    for (size_t i = 0; i < c->n_classes; i++)
        for (size_t j = 0; j < c->n_classes; j++)
            *(i == j ? &right : &wrong) += c->count[i * c->n_classes + j];
    return ratio(wrong, right + wrong);
}

/* ---- metrics of the classes' sums ---- */

static void sums_init(struct class_sums *sums, size_t n_classes)
{
    sums->n_classes = n_classes;
    sums->hits = mem_zalloc(n_classes, sizeof *sums->hits);
    sums->labels = mem_zalloc(n_classes, sizeof *sums->labels);
    sums->preds = mem_zalloc(n_classes, sizeof *sums->preds);
}

static void sums_release(struct class_sums *sums)
{
    free(sums->hits);
    free(sums->labels);
    free(sums->preds);
}

static void sums_clear(struct class_sums *sums)
{
    memset(sums->hits, 0, sums->n_classes * sizeof *sums->hits);
    memset(sums->labels, 0, sums->n_classes * sizeof *sums->labels);
    memset(sums->preds, 0, sums->n_classes * sizeof *sums->preds);
}

static void sums_add(struct class_sums *sums, size_t cell, double count)
{
    size_t label = cell / sums->n_classes, pred = cell % sums->n_classes;

    sums->labels[label] += count;
    sums->preds[pred] += count;
    sums->hits[label] += label == pred ? count : 0;
}

double sums_macro_f1(const struct class_sums *sums)
{
    double sum = 0, occurring = 0;

    for (size_t k = 0; k < sums->n_classes; k++) {
        double both = sums->labels[k] + sums->preds[k];

        sum += both > 0 ? 2 * sums->hits[k] / both : 0;
        occurring += both > 0;
    }
    return ratio(sum, occurring);
}

double sums_balanced_error(const struct class_sums *sums)
{
    double sum = 0, occurring = 0;

    for (size_t k = 0; k < sums->n_classes; k++) {
        double n = sums->labels[k];

        sum += n > 0 ? (n - sums->hits[k]) / n : 0;
        occurring += n > 0;
    }
    return ratio(sum, occurring);
}

double sums_error(const struct class_sums *sums)
{
    double wrong = 0, n = 0;

    for (size_t k = 0; k < sums->n_classes; k++) {
        wrong += sums->labels[k] - sums->hits[k];
        n += sums->labels[k];
    }
    return ratio(wrong, n);
}

static double metric_of(const struct confusion *c, sums_metric *metric)
{
    struct class_sums sums;
    double value;

    sums_init(&sums, c->n_classes);
    for (size_t i = 0; i < c->n_classes * c->n_classes; i++)
        if (c->count[i] > 0)
            sums_add(&sums, i, c->count[i]);
    value = metric(&sums);
    sums_release(&sums);
    return value;
}

double confusion_macro_f1(const struct confusion *c)
{
    return metric_of(c, sums_macro_f1);
}

double confusion_balanced_error(const struct confusion *c)
{
    return metric_of(c, sums_balanced_error);
}

/* The cells that are not zero, and room for a sample of them. */
struct cells {
    size_t n;
    size_t *at;
    double *weight, *drawn;
};

static void cells_init(struct cells *cells, const struct confusion *c)
{
    size_t all = c->n_classes * c->n_classes, n = 0;

    for (size_t i = 0; i < all; i++)
        n += c->count[i] > 0;
    cells->n = 0;
    cells->at = mem_alloc(n, sizeof *cells->at);
    cells->weight = mem_alloc(n, sizeof *cells->weight);
    cells->drawn = mem_alloc(n, sizeof *cells->drawn);
    for (size_t i = 0; i < all; i++)
        if (c->count[i] > 0) {
            cells->at[cells->n] = i;
            cells->weight[cells->n++] = c->count[i];
        }
}

static void cells_release(struct cells *cells)
{
    free(cells->at);
    free(cells->weight);
    free(cells->drawn);
}

void confusion_bootstrap_all(const struct confusion *c,
                             sums_metric *const *metrics, size_t n_metrics,
                             size_t draws, uint64_t seed, struct interval *out)
{
    double total = confusion_total(c), n = nearbyint(total);
    double *value = mem_alloc(draws, n_metrics * sizeof *value);
    struct class_sums sample;
    struct cells cells;
    struct rng rng;

    rng_init(&rng, seed, RNG_BOOTSTRAP);
    sums_init(&sample, c->n_classes);
    cells_init(&cells, c);
    for (size_t d = 0; d < draws; d++) {
        draw_multinomial(&rng, cells.weight, cells.n, total, n, cells.drawn);
        sums_clear(&sample);
        for (size_t i = 0; i < cells.n; i++)
            sums_add(&sample, cells.at[i], cells.drawn[i]);
        for (size_t m = 0; m < n_metrics; m++)
            value[m * draws + d] = metrics[m](&sample);
    }
    for (size_t m = 0; m < n_metrics; m++)
        out[m] = interval_from_draws(value + m * draws, draws);
    cells_release(&cells);
    sums_release(&sample);
    free(value);
}

struct interval confusion_bootstrap(const struct confusion *c,
                                    sums_metric *metric, size_t draws,
                                    uint64_t seed)
{
    struct interval result;

    confusion_bootstrap_all(c, &metric, 1, draws, seed, &result);
    return result;
}
