#include "search/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/methods.h"
#include "stats/functional_anova.h"

enum { MOST_STEPS = 4096, PLACES = 1000, POINTS = 33 };

/* The finished trials in the unit cube; sorted: their objectives. */
struct trials {
    const struct space *space;
    struct forest_feature *features;
    struct box_condition *conditions;
    double **steps; /* [d], of whole numbers */
    double *x, *y, *sorted;
    size_t n, d;
};

struct importance_options importance_options(void)
{
    return (struct importance_options){.5, 1};
}

/* ---- the space ---- */

/* Where one whole number ends and the next begins, in the unit interval. */
static double *find_steps(const struct dimension *p, size_t n)
{
    double *steps = mem_alloc(n, sizeof(*steps));

    for (size_t i = 0; i < n; i++) {
        double x = p->low + 1 + (double)i, end = p->high + 1;
        steps[i] = p->log ? log(x / p->low) / log(end / p->low)
                          : (x - p->low) / (end - p->low);
    }
    return steps;
}

static void add_feature(struct trials *t, size_t i)
{
    const struct dimension *p = &t->space->items[i];
    struct box_condition *c = &t->conditions[i];
    size_t steps = (size_t)fmin(dimension_count(p), MOST_STEPS + 2.) - 1;

    t->features[i].choices = p->kind == DIMENSION_CHOICE ? p->choices.n : 0;
    if (p->kind == DIMENSION_INT && steps <= MOST_STEPS) {
        t->steps[i] = find_steps(p, steps);
        t->features[i].steps = t->steps[i];
        t->features[i].n_steps = steps;
    }
    c->parent = p->parent == DIMENSION_NONE ? BOX_NONE : p->parent;
    for (size_t k = 0; p->parent != DIMENSION_NONE &&
                       k < t->space->items[p->parent].choices.n;
         k++)
        c->when |= (uint64_t)p->when[k] << k;
}

/* Where a value lies as a feature. */
static double place(const struct dimension *p, double value)
{
    return p->kind == DIMENSION_CHOICE || isnan(value)
               ? value
               : dimension_to_unit(p, value);
}

/* ---- trials ---- */

static void trials_release(struct trials *t)
{
    for (size_t i = 0; t->steps && i < t->d; i++)
        free(t->steps[i]);
    free(t->steps);
    free(t->features);
    free(t->conditions);
    free(t->x);
    free(t->y);
    free(t->sorted);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static int check(const struct history *h, struct err *err)
{
    size_t n = history_done(h);

    if (!h->space->n)
        return err_set(err, ERR_DATA, "nothing was searched");
    if (n < IMPORTANCE_TRIALS)
        return err_set(err, ERR_DATA,
                       "importance takes at least %d finished trials, got %zu",
                       IMPORTANCE_TRIALS, n);
    for (size_t i = 0; i < h->space->n; i++)
        if (h->space->items[i].choices.n > FOREST_CHOICES)
            return err_set(err, ERR_DATA,
                           "'%s' has %zu choices: importance takes at most %d",
                           h->space->items[i].name,
                           h->space->items[i].choices.n, FOREST_CHOICES);
    return 0;
}

static void take_trials(struct trials *t, const struct history *h)
{
    size_t d = t->d;

    t->x = mem_alloc(h->n * d, sizeof(*t->x));
    t->y = mem_alloc(h->n, sizeof(*t->y));
    for (size_t i = 0; i < h->n; i++) {
        if (!isfinite(h->objective[i]))
            continue;
        for (size_t k = 0; k < d; k++)
            t->x[t->n * d + k] =
                place(&h->space->items[k], history_value(h, i)[k]);
        t->y[t->n++] = h->objective[i];
    }
    t->sorted = mem_alloc(t->n, sizeof(*t->sorted));
    memcpy(t->sorted, t->y, t->n * sizeof(*t->y));
    qsort(t->sorted, t->n, sizeof(*t->y), by_value);
}

static int trials_init(struct trials *t, const struct history *h,
                       struct err *err)
{
    size_t d = h->space->n;

    *t = (struct trials){.space = h->space, .d = d};
    if (check(h, err) != 0)
        return -1;
    t->features = mem_zalloc(d, sizeof(*t->features));
    t->conditions = mem_zalloc(d, sizeof(*t->conditions));
    t->steps = mem_zalloc(d, sizeof(*t->steps));
    for (size_t i = 0; i < d; i++)
        add_feature(t, i);
    take_trials(t, h);
    if (t->sorted[0] == t->sorted[t->n - 1])
        return err_set(err, ERR_DATA, "all %zu finished trials are as good",
                       t->n);
    return 0;
}

static struct anova_data trials_data(const struct trials *t)
{
    return (struct anova_data){{t->x, t->y, t->n, t->d, t->features},
                               t->conditions};
}

/* Whether more than one value of parameter i was tried. */
static bool varies(const struct trials *t, size_t i)
{
    double first = NAN;

    for (size_t k = 0; k < t->n; k++) {
        double x = t->x[k * t->d + i];
        if (isnan(first))
            first = x;
        if (!isnan(x) && x != first)
            return true;
    }
    return false;
}

/* ---- the better part ---- */

/* How many objectives are below this one, or with it. */
static size_t count_below(const struct trials *t, double y, bool with)
{
    size_t low = 0, high = t->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->sorted[middle] < y || (with && t->sorted[middle] == y))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Ranks from -1/2 to 1/2; the mean one where objectives are the same. */
static double *find_ranks(const struct trials *t)
{
    double *rank = mem_alloc(t->n, sizeof(*rank));

    for (size_t i = 0; i < t->n; i++) {
        size_t both = count_below(t, t->y[i], false) +
                      count_below(t, t->y[i], true);
        rank[i] = (double)both / 2 / (double)t->n - .5;
    }
    return rank;
}

/* The rank that this share of the space is predicted to be below. */
static double find_rank(const struct trials *t, const struct forest *forest,
                        double share, struct rng *rng)
{
    double value[SPACE_MOST], at[PLACES];

    for (size_t i = 0; i < PLACES; i++) {
        sample_uniform(t->space, rng, value);
        for (size_t k = 0; k < t->d; k++)
            value[k] = place(&t->space->items[k], value[k]);
        at[i] = forest_predict(forest, t->features, value);
    }
    qsort(at, PLACES, sizeof(*at), by_value);
    return at[(size_t)(share * (PLACES - 1))] + .5;
}

/* Cuts objectives at what that share of the space is better than. */
static void cut(struct trials *t, const struct importance_options *options)
{
    const struct boost_options boost = anova_boost(t->n);
    double *rank = find_ranks(t), *weight = mem_alloc(t->n, sizeof(*weight));
    struct forest_data data = {t->x, rank, t->n, t->d, t->features};
    struct forest_order *order = forest_order_new(&data);
    struct forest forest = {0};
    double limit, at;
    struct rng rng;

    rng_init(&rng, options->seed, RNG_IMPORTANCE);
    for (size_t i = 0; i < t->n; i++)
        weight[i] = 1;
    forest_boost(&forest, &data, order, weight, &boost, &rng);
    at = find_rank(t, &forest, options->better, &rng) * (double)t->n;
    limit = t->sorted[(size_t)fmax(0, fmin(at, (double)t->n - 1))];
    if (limit > t->sorted[0])
        for (size_t i = 0; i < t->n; i++)
            t->y[i] = fmin(t->y[i], limit);
    forest_release(&forest);
    forest_order_free(order);
    free(rank);
    free(weight);
}

/* ---- rows ---- */

/* Pairs last; the largest first, what is not known last. */
static int by_share(const void *a, const void *b)
{
    const struct anova_share *s = a, *t = b;
    bool s_pair = s->b != BOX_NONE, t_pair = t->b != BOX_NONE;

    if (s_pair != t_pair)
        return s_pair ? 1 : -1;
    if (isnan(s->share) != isnan(t->share))
        return isnan(s->share) ? 1 : -1;
    if (s->share != t->share && !isnan(s->share))
        return s->share > t->share ? -1 : 1;
    if (s->a != t->a)
        return s->a < t->a ? -1 : 1;
    return s->b < t->b ? -1 : s->b > t->b;
}

static void add_share(struct rows *rows, const struct trials *t,
                      const struct anova_share *s, const char *const *expected)
{
    bool pair = s->b != BOX_NONE;

    rows_text(rows, t->space->items[s->a].name);
    rows_text(rows, pair ? t->space->items[s->b].name : "");
    rows_number(rows, s->share);
    rows_number(rows, s->ci.low);
    rows_number(rows, s->ci.high);
    rows_text(rows, expected && !pair ? expected[s->a] : "");
}

/* What was not tried is not known. */
static void forget(struct anova *anova, const struct trials *t)
{
    size_t kept = 0;

    for (size_t i = 0; i < anova->n; i++) {
        struct anova_share *s = &anova->shares[i];
        bool pair = s->b != BOX_NONE;
        bool known = varies(t, s->a) && (!pair || varies(t, s->b));
        if (pair && !known)
            continue;
        if (!known) {
            s->share = NAN;
            s->ci = interval_unknown();
        }
        anova->shares[kept++] = *s;
    }
    anova->n = kept;
}

int importance_rows(struct rows *rows, const struct history *history,
                    const char *const *expected,
                    const struct importance_options *options, struct err *err)
{
    struct anova anova = {0};
    struct trials t;
    int status = trials_init(&t, history, err);

    if (status == 0) {
        struct anova_data data = trials_data(&t);
        if (options->better < 1)
            cut(&t, options);
        functional_anova(&anova, &data, options->seed);
        forget(&anova, &t);
        qsort(anova.shares, anova.n, sizeof(*anova.shares), by_share);
        rows_init(rows, IMPORTANCE_COLUMNS);
        for (size_t i = 0; i < anova.n; i++)
            add_share(rows, &t, &anova.shares[i], expected);
        anova_release(&anova);
    }
    trials_release(&t);
    return status;
}

/* ---- a marginal ---- */

/* Values to be shown, at most value[POINTS + FOREST_CHOICES]. */
static size_t find_values(const struct dimension *p, double *value)
{
    double count = dimension_count(p);
    bool all = count > 0 && (count <= POINTS || p->kind == DIMENSION_CHOICE);
    size_t most = all ? (size_t)count : POINTS, n = 0;

    for (size_t i = 0; i < most; i++) {
        double v = p->kind == DIMENSION_CHOICE ? (double)i
                   : all                       ? p->low + (double)i
                         : dimension_from_unit(p, (double)i / (POINTS - 1));
        if (n == 0 || v != value[n - 1])
            value[n++] = v;
    }
    return n;
}

static void add_marginal(struct rows *rows, const struct trials *t, size_t i,
                         const struct importance_options *options)
{
    double value[POINTS + FOREST_CHOICES], at[POINTS + FOREST_CHOICES];
    double mean[POINTS + FOREST_CHOICES];
    struct interval band[POINTS + FOREST_CHOICES];
    const struct dimension *p = &t->space->items[i];
    size_t n = find_values(p, value);
    struct anova_data data = trials_data(t);
    struct buf text = {0};

    for (size_t k = 0; k < n; k++)
        at[k] = place(p, value[k]);
    functional_marginal(&data, i, at, n, options->seed, mean, band);
    for (size_t k = 0; k < n; k++) {
        buf_clear(&text);
        dimension_format(p, value[k], &text);
        rows_text(rows, text.data);
        rows_number(rows, mean[k]);
        rows_number(rows, band[k].low);
        rows_number(rows, band[k].high);
    }
    buf_release(&text);
}

int marginal_rows(struct rows *rows, const struct history *history, size_t i,
                  const struct importance_options *options, struct err *err)
{
    struct trials t;
    int status = trials_init(&t, history, err);

    if (status == 0 && !varies(&t, i))
        status = err_set(err, ERR_DATA, "one value of '%s' was tried: no curve",
                         t.space->items[i].name);
    if (status == 0) {
        if (options->better < 1)
            cut(&t, options);
        rows_init(rows, MARGINAL_COLUMNS);
        add_marginal(rows, &t, i, options);
    }
    trials_release(&t);
    return status;
}
