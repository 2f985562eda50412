#include "stats/alignment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    LEAST_ROWS = 40,
    LEAST_KNOWN = 20, /* rows of a class elsewhere */
    MOST_OFFSET = 50,
    NEAR_OFFSET = 2
};

static const double INFORMATIVE = 3.1; /* z: p < .001, one-sided */
static const double IDLE = 2.3;        /* z: p > .01 */
static const double CLEAR = 5;

/* What all steps look at. */
struct scene {
    const float *x;
    size_t n, width, classes;
    const uint32_t *label;
    const size_t *const *other;
    size_t n_other;
    struct probe *probe;
    float *score; /* [n][classes] */
};

/* ---- the labels in another order ---- */

/* Labels of the rows [begin, end) in an order; PROBE_NONE beyond the ends. */
static void reorder(const struct scene *s, const struct label_order *order,
                    size_t begin, size_t end, uint32_t *out)
{
    for (size_t i = 0; i < s->n; i++)
        out[i] = PROBE_NONE;
    for (size_t i = begin; i < end; i++) {
        size_t from = i;
        if (order->kind == ORDER_OFFSET)
            from = i + (size_t)order->offset; /* wraps below 0: >= end */
        else if (order->kind == ORDER_REVERSED)
            from = begin + end - 1 - i;
        else if (order->kind == ORDER_OTHER)
            from = s->other[order->index][i];
        if (from >= begin && from < end)
            out[i] = s->label[from];
    }
}

/* The association in an order, where the labels are fitted anew (refit) or the
 * scores of other rows are taken. */
static struct association try_order(const struct scene *s,
                                    const struct label_order *order,
                                    const struct stretch *at, bool refit)
{
    uint32_t *label = mem_alloc(s->n, sizeof(*label));
    float *score = s->score;
    struct association a;

    reorder(s, order, at->begin, at->end, label);
    if (refit) {
        score = mem_alloc(s->n * s->classes, sizeof(*score));
        probe_fit(s->probe, label, s->classes, score);
    }
    a = probe_association(score, label, s->classes, at->begin, at->end);
    if (refit)
        free(score);
    free(label);
    return a;
}

static void keep_better(const struct scene *s, struct stretch *at,
                        struct label_order order, bool refit)
{
    struct association a = try_order(s, &order, at, refit);

    if (!isnan(a.z) && (isnan(at->best.z) || a.z > at->best.z)) {
        at->best = a;
        at->order = order;
    }
}

/* Looks for an order that fits, and forgets it where it is not clearly better.
 */
static void find_order(const struct scene *s, struct stretch *at, long most,
                       bool refit)
{
    double given = isnan(at->given.z) ? 0 : at->given.z;

    at->best = at->given;
    at->order = (struct label_order){ORDER_GIVEN, 0, 0};
    for (long offset = 1; offset <= most; offset++) {
        keep_better(s, at, (struct label_order){ORDER_OFFSET, offset, 0},
                    refit);
        keep_better(s, at, (struct label_order){ORDER_OFFSET, -offset, 0},
                    refit);
    }
    keep_better(s, at, (struct label_order){ORDER_REVERSED, 0, 0}, refit);
    for (size_t i = 0; i < s->n_other; i++)
        keep_better(s, at, (struct label_order){ORDER_OTHER, 0, i}, refit);
    if (!(at->best.z > given + CLEAR)) {
        at->best = at->given;
        at->order = (struct label_order){ORDER_GIVEN, 0, 0};
    }
}

/* ---- blocks ---- */

static size_t best_class(const struct scene *s, size_t row)
{
    const float *score = s->score + row * s->classes;
    size_t best = 0;

    for (size_t k = 1; k < s->classes; k++)
        if (score[k] > score[best])
            best = k;
    return best;
}

/* Of each class in some rows: how many, how many right, how many said so. */
struct tally {
    double *rows, *right, *said, n, n_right;
};

static void tally_init(struct tally *t, size_t classes)
{
    t->rows = mem_zalloc(3 * classes, sizeof(*t->rows));
    t->right = t->rows + classes;
    t->said = t->right + classes;
    t->n = t->n_right = 0;
}

static void tally_rows(const struct scene *s, size_t begin, size_t end,
                       struct tally *t)
{
    for (size_t i = begin; i < end; i++) {
        size_t said = best_class(s, i);
        if (s->label[i] == PROBE_NONE)
            continue;
        t->n++;
        t->rows[s->label[i]]++;
        t->said[said]++;
        t->right[s->label[i]] += said == s->label[i];
        t->n_right += said == s->label[i];
    }
}

/* Of how many of `rows` are right, where `right` of n others were: their own
 * noise and that of the recall, which is not known to be 1 by n rows alone. */
static double recall_variance(double rows, double right, double n)
{
    double recall = (right + 1) / (n + 2);

    return rows * recall * (1 - recall) * (1 + rows / (n + 2));
}

/* rest: of the blocks that are thought well of, this one perhaps among them. */
static bool block_misaligned(const struct scene *s, const struct tally *rest,
                             bool among, size_t begin, size_t end)
{
    double expected = 0, chance = 0, variance = 0;
    struct association here =
        probe_association(s->score, s->label, s->classes, begin, end);
    struct tally t;
    bool bad;

    tally_init(&t, s->classes);
    tally_rows(s, begin, end, &t);
    for (size_t k = 0; k < s->classes; k++) {
        double n = rest->rows[k] - (among ? t.rows[k] : 0);
        double right = rest->right[k] - (among ? t.right[k] : 0);
        double recall = n >= LEAST_KNOWN ? right / n : 0;
        expected += t.rows[k] * recall;
        variance += recall_variance(t.rows[k], right, n);
        chance += t.rows[k] * t.said[k] / fmax(t.n, 1);
    }
    bad = t.n > 0 && !(here.z >= IDLE) &&
          expected - t.n_right > CLEAR * sqrt(variance + .25) &&
          t.n_right < (expected + chance) / 2;
    free(t.rows);
    return bad;
}

static size_t count_blocks(size_t n)
{
    size_t blocks = n / LEAST_ROWS;

    return blocks < 2                  ? 2
           : blocks < ALIGNMENT_BLOCKS ? blocks
                                       : ALIGNMENT_BLOCKS;
}

static size_t edge(const struct scene *s, size_t block)
{
    return block * s->n / count_blocks(s->n);
}

/* bad[blocks]: what was thought before, and what is thought now. */
static void judge_blocks(const struct scene *s, bool *bad)
{
    bool now[ALIGNMENT_BLOCKS];
    struct tally rest;

    tally_init(&rest, s->classes);
    for (size_t b = 0; b < count_blocks(s->n); b++)
        if (!bad[b])
            tally_rows(s, edge(s, b), edge(s, b + 1), &rest);
    for (size_t b = 0; b < count_blocks(s->n); b++)
        now[b] =
            block_misaligned(s, &rest, !bad[b], edge(s, b), edge(s, b + 1));
    memcpy(bad, now, count_blocks(s->n) * sizeof(*bad));
    free(rest.rows);
}

/* Neighbouring blocks are one stretch. */
static void join_blocks(const struct scene *s, const bool *bad,
                        struct alignment *a)
{
    a->n_stretches = 0;
    for (size_t b = 0; b < count_blocks(s->n); b++) {
        if (!bad[b])
            continue;
        if (b && bad[b - 1])
            a->stretch[a->n_stretches - 1].end = edge(s, b + 1);
        else if (a->n_stretches == ALIGNMENT_STRETCHES)
            return;
        else
            a->stretch[a->n_stretches++] =
                (struct stretch){.begin = edge(s, b), .end = edge(s, b + 1)};
    }
}

/* How much the row's own label is ahead of a label at random. */
static double lead(const struct scene *s, const double *share, size_t row)
{
    const float *score = s->score + row * s->classes;
    double sum = 0;

    if (s->label[row] == PROBE_NONE)
        return 0;
    for (size_t k = 0; k < s->classes; k++)
        sum += share[k] * (double)score[k];
    return (double)score[s->label[row]] - sum;
}

/* Where, in [low, high], rows begin (or cease) to lead less than `half`. */
static size_t change_point(const struct scene *s, const double *share,
                           double half, size_t low, size_t high, bool begins)
{
    double sum = 0, best = 0;
    size_t at = low;

    for (size_t i = low; i < high; i++) {
        double d = lead(s, share, i) - half;
        sum += begins ? d : -d;
        if (sum > best) {
            best = sum;
            at = i + 1;
        }
    }
    return at;
}

static void refine(const struct scene *s, struct stretch *st)
{
    double *share = mem_zalloc(s->classes, sizeof(*share));
    double half = 0, outside = 0, n = 0;
    size_t block = s->n / count_blocks(s->n);

    for (size_t i = 0; i < s->n; i++)
        if (s->label[i] != PROBE_NONE) {
            share[s->label[i]]++;
            n++;
        }
    for (size_t k = 0; k < s->classes; k++)
        share[k] /= n;
    for (size_t i = 0; i < s->n; i++)
        if (i < st->begin || i >= st->end) {
            half += lead(s, share, i) / 2;
            outside++;
        }
    half /= fmax(outside, 1);
    if (st->begin > 0)
        st->begin = change_point(
            s, share, half, st->begin > block ? st->begin - block : 0,
            st->begin + block < st->end ? st->begin + block : st->end, true);
    if (st->end < s->n)
        st->end = change_point(
            s, share, half,
            st->end - block > st->begin ? st->end - block : st->begin,
            st->end + block < s->n ? st->end + block : s->n, false);
    free(share);
}

/* Scores from the rows outside of all stretches. */
static void refit_outside(struct scene *s, const struct alignment *a)
{
    uint32_t *label = mem_alloc(s->n, sizeof(*label));

    memcpy(label, s->label, s->n * sizeof(*label));
    for (size_t i = 0; i < a->n_stretches; i++)
        for (size_t r = a->stretch[i].begin; r < a->stretch[i].end; r++)
            label[r] = PROBE_NONE;
    probe_fit(s->probe, label, s->classes, s->score);
    free(label);
}

/* ---- all of it ---- */

static void judge_whole(const struct scene *s, struct alignment *a)
{
    struct stretch *st = &a->stretch[0];

    *st = (struct stretch){.begin = 0, .end = s->n, .given = a->all};
    find_order(s, st, a->informative ? NEAR_OFFSET : MOST_OFFSET, true);
    if (!a->informative || st->order.kind != ORDER_GIVEN)
        a->n_stretches = 1;
}

/* What is found at first spoils the scores less when it is left out. */
static void judge_parts(struct scene *s, struct alignment *a)
{
    bool bad[ALIGNMENT_BLOCKS] = {false};

    for (int round = 0; round < 2; round++) {
        judge_blocks(s, bad);
        join_blocks(s, bad, a);
        if (!a->n_stretches)
            return;
        refit_outside(s, a);
    }
    for (size_t i = 0; i < a->n_stretches; i++)
        refine(s, &a->stretch[i]);
    refit_outside(s, a);
    for (size_t i = 0; i < a->n_stretches; i++) {
        struct stretch *st = &a->stretch[i];
        st->given = probe_association(s->score, s->label, s->classes, st->begin,
                                      st->end);
        find_order(s, st, MOST_OFFSET, false);
    }
}

static void measure_shares(const struct scene *s, struct alignment *a)
{
    struct tally t;
    double most = 0;

    tally_init(&t, s->classes);
    tally_rows(s, 0, s->n, &t);
    for (size_t k = 0; k < s->classes; k++)
        most = fmax(most, t.rows[k]);
    a->share = t.n_right / fmax(t.n, 1);
    a->prior = most / fmax(t.n, 1);
    free(t.rows);
}

void alignment_test(const float *x, size_t n, size_t width,
                    const uint32_t *label, size_t classes,
                    const size_t *const *other, size_t n_other,
                    struct alignment *a)
{
    struct scene s = {.x = x,
                      .n = n,
                      .width = width,
                      .classes = classes,
                      .label = label,
                      .other = other,
                      .n_other = n_other};

    memset(a, 0, sizeof(*a));
    a->informative = true;
    if (n < LEAST_ROWS || classes < 2)
        return;
    s.probe = probe_new(x, n, width);
    s.score = mem_alloc(n * classes, sizeof(*s.score));
    probe_fit(s.probe, label, classes, s.score);
    a->all = probe_association(s.score, label, classes, 0, n);
    a->informative = a->all.z > INFORMATIVE;
    measure_shares(&s, a);
    judge_whole(&s, a);
    if (a->informative && !a->n_stretches)
        judge_parts(&s, a);
    probe_free(s.probe);
    free(s.score);
}
