#include "stats/alignment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    LEAST_ROWS = 40,
    LEAST_KNOWN = 20, /* rows of a class elsewhere */
    MOST_OFFSET = 50,
    NEAR_OFFSET = 2,
    WINDOW = 20 /* rows to either side */
};

static const double INFORMATIVE = 3.1; /* z: p < .001, one-sided */
static const double IDLE = 2.3;        /* z: p > .01 */
static const double CLEAR = 5;
static const double TELLING = 6.3; /* z that is expected: IDLE and four more */

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
    if (!(at->best.z > given + CLEAR && at->best.z > CLEAR)) {
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

/* mean[k][j]: of the scores for class j, over rows of class k. */
static void add_scores(const struct scene *s, size_t begin, size_t end,
                       double *mean)
{
    for (size_t i = begin; i < end; i++) {
        const float *score = s->score + i * s->classes;
        if (s->label[i] == PROBE_NONE)
            continue;
        for (size_t j = 0; j < s->classes; j++)
            mean[s->label[i] * s->classes + j] += (double)score[j];
    }
}

/* The sum of scores, less its mean in random order, that rows of these classes
 * have where they are aligned. */
static double expected_lead(const struct scene *s, const struct tally *t,
                            const double *mean)
{
    double lead = 0;

    for (size_t k = 0; k < s->classes; k++)
        for (size_t j = 0; j < s->classes && t->rows[k] > 0; j++)
            lead += t->rows[k] * mean[k * s->classes + j] *
                    ((k == j) - t->rows[j] / t->n);
    return lead;
}

/*
 * rest: of the blocks that are thought well of, this one perhaps among them;
 * mean: their scores.
 */
static bool block_misaligned(const struct scene *s, const struct tally *rest,
                             const double *mean, bool among, size_t begin,
                             size_t end)
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
    bad = here.z < IDLE && expected_lead(s, &t, mean) > TELLING * here.sd &&
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

/* bad[blocks]: what was thought before, and what is thought now, of blocks and
 * of up to half of the file: few rows tell little. */
static void judge_blocks(const struct scene *s, bool *bad)
{
    size_t blocks = count_blocks(s->n), classes = s->classes;
    double *mean = mem_zalloc(classes * classes, sizeof(*mean));
    bool now[ALIGNMENT_BLOCKS] = {false};
    struct tally rest;

    tally_init(&rest, classes);
    for (size_t b = 0; b < blocks; b++) {
        if (bad[b])
            continue;
        tally_rows(s, edge(s, b), edge(s, b + 1), &rest);
        add_scores(s, edge(s, b), edge(s, b + 1), mean);
    }
    for (size_t i = 0; i < classes * classes; i++)
        mean[i] /= fmax(rest.rows[i / classes], 1);
    for (size_t many = 1; many <= blocks / 2; many *= 2)
        for (size_t b = 0; b + many <= blocks; b++)
            if (block_misaligned(s, &rest, mean, !bad[b], edge(s, b),
                                 edge(s, b + many)))
                memset(now + b, 1, many * sizeof(*now));
    memcpy(bad, now, blocks * sizeof(*bad));
    free(rest.rows);
    free(mean);
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

/*
 * The association where labels change: in windows around each change that do
 * not overlap, the labels of a window in random order.
 */
static struct association at_changes(const struct scene *s)
{
    struct association sum = {.z = NAN};
    double variance = 0;
    size_t last = 0;

    for (size_t i = 1; i < s->n; i++) {
        size_t begin = i > WINDOW ? i - WINDOW : 0;
        size_t end = i + WINDOW < s->n ? i + WINDOW : s->n;
        struct association here;
        if (s->label[i] == s->label[i - 1] || begin < last)
            continue;
        here = probe_association(s->score, s->label, s->classes, begin, end);
        last = end;
        if (isnan(here.z))
            continue;
        sum.n += here.n;
        sum.sum += here.sum;
        sum.mean += here.mean;
        variance += here.sd * here.sd;
    }
    sum.sd = sqrt(variance);
    if (sum.sd > 0)
        sum.z = (sum.sum - sum.mean) / sum.sd;
    return sum;
}

/*
 * In a file in the order of its labels: whether inputs go with labels only as
 * far as both change along the file.  Rows about the changes would tell, if
 * they knew as much as all rows do.
 */
static bool only_by_place(const struct alignment *a)
{
    const struct association *here = &a->all_at_changes;
    double lead = (a->all.sum - a->all.mean) / a->all.n;
    double expected = lead * here->n / here->sd;

    return here->n < a->all.n / 2 && expected > 2 * CLEAR && here->z < IDLE;
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
    a->all_at_changes = at_changes(&s);
    a->informative = a->all.z > INFORMATIVE && !only_by_place(a);
    measure_shares(&s, a);
    judge_whole(&s, a);
    if (a->informative && !a->n_stretches)
        judge_parts(&s, a);
    probe_free(s.probe);
    free(s.score);
}
