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

static double rate(const struct split_errors *s)
{
    return s->n > 0 ? s->errors / s->n : s->errors;
}

/* Of three candidates the first that is present, else SPLIT_COUNT. */
static enum split first_of(const struct split_errors *part, enum split a,
                           enum split b, enum split c)
{
    if (part[a].present)
        return a;
    if (part[b].present)
        return b;
    return part[c].present ? c : SPLIT_COUNT;
}

static void judge(struct gap *g, double value, struct interval ci)
{
    g->measured = true;
    g->value = value;
    g->ci = ci;
    g->beyond_noise = isnan(ci.low) ? value > 0 : ci.low > 0;
}

static void measure_underfitting(double goal, const struct split_errors *part,
                                 struct gap *g)
{
    const struct split_errors *train = &part[SPLIT_TRAIN];
    struct interval ci = interval_unknown();

    if (!train->present)
        return;
    if (train->n > 0) {
        ci = wilson(train->errors, train->n);
        ci.low -= goal;
        ci.high -= goal;
    }
    g->from = SPLIT_GOAL;
    g->to = SPLIT_TRAIN;
    judge(g, rate(train) - goal, ci);
}

static void measure_difference(const struct split_errors *part, enum split from,
                               enum split to, struct gap *g)
{
    struct interval ci = interval_unknown();
    const struct split_errors *a, *b;

    if (from == SPLIT_COUNT || to == SPLIT_COUNT || from == to)
        return;
    a = &part[from];
    b = &part[to];
    if (!a->present || !b->present)
        return;
    if (a->n > 0 && b->n > 0)
        ci = newcombe(b->errors, b->n, a->errors, a->n);
    g->from = from;
    g->to = to;
    judge(g, rate(b) - rate(a), ci);
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

static void clear(const struct split_errors *part, struct gaps *out)
{
    for (int i = 0; i < GAP_COUNT; i++)
        out->gap[i] = (struct gap){.value = NAN,
                                   .ci = interval_unknown(),
                                   .from = SPLIT_COUNT,
                                   .to = SPLIT_COUNT};
    for (int i = 0; i < SPLIT_COUNT; i++) {
        const struct split_errors *s = &part[i];

        out->error[i] = s->present ? rate(s) : NAN;
        out->error_ci[i] = s->present && s->n > 0 ? wilson(s->errors, s->n)
                                                  : interval_unknown();
    }
}

void gaps_measure(double goal, const struct split_errors part[SPLIT_COUNT],
                  struct gaps *out)
{
    enum split trainval =
        first_of(part, SPLIT_TRAINVAL, SPLIT_VAL, SPLIT_TESTVAL);
    enum split testval =
        first_of(part, SPLIT_TESTVAL, SPLIT_VAL, SPLIT_TRAINVAL);
    struct gap *over = &out->gap[GAP_OVERFITTING];
    struct gap *late = &out->gap[GAP_VAL_OVERFITTING];

    clear(part, out);
    measure_underfitting(goal, part, &out->gap[GAP_UNDERFITTING]);
    if (trainval == SPLIT_COUNT) {
        measure_difference(part, SPLIT_TRAIN, SPLIT_TEST, over);
        over->includes_val_overfitting = over->measured;
    } else {
        measure_difference(part, SPLIT_TRAIN, trainval, over);
        over->includes_shift = over->measured && trainval == SPLIT_TESTVAL;
    }
    measure_difference(part, trainval, testval, &out->gap[GAP_SHIFT]);
    measure_difference(part, testval, SPLIT_TEST, late);
    late->includes_shift = late->measured && testval == SPLIT_TRAINVAL;
    out->largest = largest_beyond_noise(out->gap);
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
