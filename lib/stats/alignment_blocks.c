#include "stats/alignment_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LEAST_KNOWN = 20 /* rows of a class elsewhere */ };

static const double IDLE = 2.3; /* z: p > .01 */

/* How much is expected of a block (z; sure: IDLE and four more), and how far it
 * is below the accuracy of others.  Suspects are among those by whose example
 * they are judged. */
struct limits {
    double telling, clear;
};

static const struct limits suspected = {3.5, 2}, sure = {6.3, 3.5};

size_t alignment_best_class(const struct scene *s, size_t row)
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
        size_t said = alignment_best_class(s, i);
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
                             const double *mean, bool among,
                             const struct limits *limits, size_t begin,
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
    bad = here.z < IDLE &&
          expected_lead(s, &t, mean) > limits->telling * here.sd &&
          expected - t.n_right > limits->clear * sqrt(variance + .25) &&
          t.n_right < (expected + chance) / 2;
    free(t.rows);
    return bad;
}

static size_t count_blocks(size_t n)
{
    size_t blocks = n / ALIGNMENT_LEAST_ROWS;

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
void alignment_judge_blocks(const struct scene *s, bool first, bool *bad)
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
            if (block_misaligned(s, &rest, mean, !bad[b],
                                 first ? &suspected : &sure, edge(s, b),
                                 edge(s, b + many)))
                memset(now + b, 1, many * sizeof(*now));
    memcpy(bad, now, blocks * sizeof(*bad));
    free(rest.rows);
    free(mean);
}

/* Neighbouring blocks are one stretch. */
void alignment_join_blocks(const struct scene *s, const bool *bad,
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

void alignment_mark_blocks(const struct scene *s, const struct stretch *st,
                           bool *marked)
{
    for (size_t b = 0; b < count_blocks(s->n); b++)
        if (edge(s, b) >= st->begin && edge(s, b + 1) <= st->end)
            marked[b] = true;
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

void alignment_refine(const struct scene *s, struct stretch *st)
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
