#include "stats/gaps.h"

#include <math.h>

static const char *const gap_names[] = {"underfitting", "overfitting", "shift",
                                        "val_overfitting"};
static const char *const split_names[] = {"train",   "trainval", "val",
                                          "testval", "test",     "goal"};

const char *gap_name(enum gap_kind kind)
{
    return gap_names[kind];
}

const char *split_name(enum split split)
{
    return split_names[split];
}

/* What is compared. */
struct sides {
    const struct estimate *part; /* [SPLIT_COUNT] */
    const struct estimate *goal;
    const double (*covariance)[SPLIT_COUNT]; /* or NULL */
};

static bool is_present(const struct estimate *e)
{
    return !isnan(e->value);
}

/* Of three candidates the first that is present, else SPLIT_COUNT. */
static enum split first_of(const struct estimate *part, enum split a,
                           enum split b, enum split c)
{
    if (is_present(&part[a]))
        return a;
    if (is_present(&part[b]))
        return b;
    return is_present(&part[c]) ? c : SPLIT_COUNT;
}

static bool is_plain_rate(const struct estimate *e)
{
    double plain = e->value * (1 - e->value) / e->n;

    return e->bounded && fabs(e->variance - plain) <= 1e-9 * plain;
}

static bool is_exact(const struct estimate *e)
{
    return e->ci.low == e->value && e->ci.high == e->value && !(e->n > 0);
}

/* Of one set, for a rate p against one that is known. */
static double rows_against(double known, double p)
{
    double root = normal_quantile(.975) * sqrt(known * (1 - known)) +
                  normal_quantile(.8) * sqrt(p * (1 - p));

    return ceil(root * root / ((p - known) * (p - known)));
}

static double rows_needed(const struct estimate *a, const struct estimate *b)
{
    double z = normal_quantile(.975) + normal_quantile(.8);
    double d = a->value - b->value;

    if (is_exact(b) && is_plain_rate(a))
        return rows_against(b->value, a->value);
    if (a->bounded && b->bounded && (a->n <= 0 || is_plain_rate(a)) &&
        (b->n <= 0 || is_plain_rate(b)))
        return gaps_rows_needed(b->value, a->value);
    return ceil(z * z * (a->n * a->variance + b->n * b->variance) / (d * d));
}

static void measure(const struct estimate *a, const struct estimate *b,
                    double covariance, struct gap *g)
{
    if (!is_present(a) || !is_present(b))
        return;
    g->measured = true;
    g->value = a->value - b->value;
    g->ci = estimate_difference(a, b, covariance);
    g->rows_needed = rows_needed(a, b);
    g->beyond_noise = isnan(g->ci.low) ? g->value > 0 : g->ci.low > 0;
}

static void measure_underfitting(const struct sides *s, struct gap *g)
{
    g->from = SPLIT_GOAL;
    g->to = SPLIT_TRAIN;
    measure(&s->part[SPLIT_TRAIN], s->goal, 0, g);
}

static void measure_difference(const struct sides *s, enum split from,
                               enum split to, struct gap *g)
{
    if (from == SPLIT_COUNT || to == SPLIT_COUNT || from == to)
        return;
    g->from = from;
    g->to = to;
    measure(&s->part[to], &s->part[from],
            s->covariance ? s->covariance[to][from] : 0, g);
}

static int largest_beyond_noise(const struct gap *gap)
{
    int best = -1;

    for (int i = 0; i < GAP_COUNT; i++)
        if (gap[i].measured && gap[i].beyond_noise &&
            (best < 0 || gap[i].value > gap[best].value))
            best = i;
    return best;
}

static void clear(const struct estimate *part, struct gaps *out)
{
    for (int i = 0; i < GAP_COUNT; i++)
        out->gap[i] = (struct gap){.value = NAN,
                                   .ci = interval_unknown(),
                                   .rows_needed = NAN,
                                   .from = SPLIT_COUNT,
                                   .to = SPLIT_COUNT};
    for (int i = 0; i < SPLIT_COUNT; i++) {
        out->error[i] = part[i].value;
        out->error_ci[i] = part[i].ci;
    }
}

void gaps_compare(const struct estimate *goal,
                  const struct estimate part[SPLIT_COUNT],
                  const double (*covariance)[SPLIT_COUNT], struct gaps *out)
{
    const struct sides s = {part, goal, covariance};
    enum split trainval =
        first_of(part, SPLIT_TRAINVAL, SPLIT_VAL, SPLIT_TESTVAL);
    enum split testval =
        first_of(part, SPLIT_TESTVAL, SPLIT_VAL, SPLIT_TRAINVAL);
    struct gap *over = &out->gap[GAP_OVERFITTING];
    struct gap *late = &out->gap[GAP_VAL_OVERFITTING];

    clear(part, out);
    measure_underfitting(&s, &out->gap[GAP_UNDERFITTING]);
    if (trainval == SPLIT_COUNT) {
        measure_difference(&s, SPLIT_TRAIN, SPLIT_TEST, over);
        over->includes_val_overfitting = over->measured;
    } else {
        measure_difference(&s, SPLIT_TRAIN, trainval, over);
        over->includes_shift = over->measured && trainval == SPLIT_TESTVAL;
    }
    measure_difference(&s, trainval, testval, &out->gap[GAP_SHIFT]);
    measure_difference(&s, testval, SPLIT_TEST, late);
    late->includes_shift = late->measured && testval == SPLIT_TRAINVAL;
    out->largest = largest_beyond_noise(out->gap);
}

void gaps_measure(double goal, const struct split_errors part[SPLIT_COUNT],
                  struct gaps *out)
{
    struct estimate exact = estimate_exact(goal, true), e[SPLIT_COUNT];

    for (int i = 0; i < SPLIT_COUNT; i++)
        e[i] = part[i].present ? estimate_rate(part[i].errors, part[i].n)
                               : estimate_none();
    gaps_compare(&exact, e, NULL, out);
}

double gaps_rows_needed(double p1, double p2)
{
    double p = (p1 + p2) / 2, root;

    if (p1 == p2)
        return INFINITY;
    root = normal_quantile(.975) * sqrt(2 * p * (1 - p)) +
           normal_quantile(.8) * sqrt(p1 * (1 - p1) + p2 * (1 - p2));
    return ceil(root * root / ((p1 - p2) * (p1 - p2)));
}
