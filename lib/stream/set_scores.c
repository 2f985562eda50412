#include "stream/set_scores.h"

#include <math.h>
#include <string.h>

#include "stream/metric.h"

static const enum score_kind kinds[METRIC_KINDS] = {
    [METRIC_ERROR] = SCORE_RATE,
    [METRIC_LOG_LOSS] = SCORE_MEAN,
    [METRIC_BRIER] = SCORE_MEAN,
    [METRIC_MACRO_F1] = SCORE_MACRO_F1,
    [METRIC_BALANCED_ERROR] = SCORE_BALANCED};

/* A loss that was rounded may be a little below 0. */
static const double LEAST_LOSS = -1e-6;

bool set_scores_reread(enum metric_kind metric)
{
    return kinds[metric] == SCORE_MACRO_F1 || kinds[metric] == SCORE_BALANCED;
}

static int check_columns(enum metric_kind metric,
                         const struct prediction_reader *from, struct err *err)
{
    const char *need = NULL;

    if (metric == METRIC_BRIER && !from->n_p)
        need = "p: columns (--probs)";
    if (metric == METRIC_LOG_LOSS && !from->n_p && from->loss == CSV_NONE)
        need = "a column loss, or p: columns";
    if (!need)
        return 0;
    err_set(err, ERR_DATA, "--metric %s needs %s", metric_kind_name(metric),
            need);
    return err_at(err, csv_reader_file(from->csv), 0);
}

int set_scores_open(struct set_scores *s, const struct score_options *options,
                    const struct prediction_reader *from, struct err *err)
{
    memset(s, 0, sizeof(*s));
    s->metric = options->metric;
    for (int i = 0; i < MOST_SETS; i++)
        score_init(&s->set[i], kinds[s->metric], options->weight != NULL);
    if (check_columns(s->metric, from, err) != 0)
        return -1;
    return row_units_open(&s->units, options->weight, options->group, from,
                          err);
}

void set_scores_release(struct set_scores *s)
{
    for (int i = 0; i < MOST_SETS; i++)
        score_release(&s->set[i]);
    clusters_release(&s->clusters);
}

/* The row's loss, for metrics that are means. */
static int value_of(const struct set_scores *s,
                    const struct prediction_reader *from, double *value,
                    struct err *err)
{
    *value = 0;
    if (s->metric == METRIC_BRIER)
        *value = metric_brier(from);
    if (s->metric == METRIC_LOG_LOSS)
        *value = from->row.loss;
    if (*value >= LEAST_LOSS)
        return 0;
    err_set(err, ERR_DATA,
            isnan(*value) ? "no loss" : "not a loss from 0 to inf");
    return csv_reader_blame(from->csv, from->loss, err);
}

static void add(struct set_scores *s, const struct row_unit *unit, unsigned set,
                size_t label, size_t pred, double value)
{
    struct score *score = &s->set[set];

    if (!s->second)
        score_add(score, label, pred, value, unit->weight);
    if (s->units.grouped && unit->weight > 0 &&
        s->second == set_scores_reread(s->metric))
        clusters_add(&s->clusters, unit->group, set,
                     score_share(score, label, pred, value, unit->weight),
                     isinf(value) ? 0 : unit->weight, label != pred);
}

int set_scores_add(struct set_scores *s, const struct prediction_reader *from,
                   unsigned set, struct err *err)
{
    double value;

    if (row_units_read(&s->units, from, &s->unit, err) != 0 ||
        value_of(s, from, &value, err) != 0)
        return -1;
    add(s, &s->unit, set, from->row.label, from->row.pred, value);
    return 0;
}

void set_scores_count(struct set_scores *s, const struct row_unit *unit,
                      unsigned set, size_t label, size_t pred)
{
    add(s, unit, set, label, pred, 0);
}

bool set_scores_again(struct set_scores *s)
{
    bool again = !s->second && s->units.grouped && set_scores_reread(s->metric);

    for (int i = 0; i < MOST_SETS; i++)
        score_close(&s->set[i]);
    s->second |= again;
    s->units.alone = 0;
    return again;
}

struct estimate set_scores_estimate(const struct set_scores *s, unsigned set)
{
    const struct score *score = &s->set[set];
    struct cluster_sums groups;

    if (!s->units.grouped)
        return score_estimate(score, NULL);
    groups = clusters_sum(&s->clusters, set, score_centre(score));
    return score_estimate(score, &groups);
}

double set_scores_covariance(const struct set_scores *s, unsigned a, unsigned b)
{
    const struct score *x = &s->set[a], *y = &s->set[b];
    double scale = set_scores_reread(s->metric) ? 1 : x->weight * y->weight;

    if (!s->units.grouped || !(x->weight > 0) || !(y->weight > 0))
        return 0;
    return clusters_product(&s->clusters, a, score_centre(x), b,
                            score_centre(y)) /
           scale;
}
