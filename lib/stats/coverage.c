#include "stats/coverage.h"

#include <assert.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct judged {
    float confidence;
    unsigned char correct;
};

static int surest_first(const void *a, const void *b)
{
    float x = ((const struct judged *)a)->confidence;
    float y = ((const struct judged *)b)->confidence;

    return (x < y) - (x > y);
}

static struct judged *sorted(const float *confidence,
                             const unsigned char *correct, size_t n)
{
    struct judged *row = mem_alloc(n, sizeof *row);

    for (size_t i = 0; i < n; i++)
        row[i] = (struct judged){confidence[i], correct[i] != 0};
    qsort(row, n, sizeof *row, surest_first);
    return row;
}

/* The first `end` rows, of which the last shares its confidence with none of
 * the rest, and how many of them are wrong. */
struct head {
    size_t end;
    double wrong;
};

/* Moves on to at least `size` rows and to the end of the tie there. */
static void advance(struct head *h, const struct judged *row, size_t n,
                    size_t size)
{
    for (; h->end < n; h->end++) {
        if (h->end >= size && h->end > 0 &&
            row[h->end].confidence != row[h->end - 1].confidence)
            break;
        h->wrong += !row[h->end].correct;
    }
}

static struct coverage_point point_of(struct head h, const struct judged *row,
                                      size_t n)
{
    double size = (double)h.end;

    return (struct coverage_point){.threshold = row[h.end - 1].confidence,
                                   .coverage = size / (double)n,
                                   .error = h.wrong / size,
                                   .n = size,
                                   .ci = wilson(h.wrong, size)};
}

/* The i-th of `steps` sizes from `from` to `to`, evenly spaced. */
static size_t even_size(size_t from, size_t to, size_t i, size_t steps)
{
    return from + (size_t)ceil((double)(to - from) * (double)i / (double)steps);
}

static size_t count_distinct(const struct judged *row, size_t n)
{
    size_t distinct = n > 0;

    for (size_t i = 1; i < n; i++)
        distinct += row[i].confidence != row[i - 1].confidence;
    return distinct;
}

size_t coverage_curve(const float *confidence, const unsigned char *correct,
                      size_t n, struct coverage_point *points,
                      size_t max_points)
{
    struct judged *row = sorted(confidence, correct, n);
    bool all = count_distinct(row, n) <= max_points;
    struct head h = {0, 0};
    size_t written = 0;

    assert(max_points >= 2);
    for (size_t i = 0; h.end < n; i++) {
        size_t size = even_size(0, n, i, max_points - 1);

        if (!all && i > 0 && size <= h.end)
            continue;
        advance(&h, row, n, all || i == 0 ? h.end + 1 : size);
        points[written++] = point_of(h, row, n);
    }
    free(row);
    return written;
}

int coverage_for_goal_observed(const float *confidence,
                               const unsigned char *correct, size_t n,
                               double goal, struct coverage_point *best)
{
    struct judged *row = sorted(confidence, correct, n);
    struct head h = {0, 0}, good = {0, 0};

    while (h.end < n) {
        advance(&h, row, n, h.end + 1);
        if (h.wrong <= goal * (double)h.end)
            good = h;
    }
    if (good.end > 0)
        *best = point_of(good, row, n);
    free(row);
    return good.end > 0 ? 0 : -1;
}

/*
 * Is the one-sided 95 % Clopper-Pearson upper bound for k wrong of n at most
 * goal?  That is P(X <= k) <= .05 for X ~ Binomial(n, goal).  Terms fall on
 * the way down from k < n goal; at and above it the answer is no, the median
 * of X being within one of its mean.
 */
static bool bound_holds(double k, double n, double goal)
{
    double term, sum;

    if (goal >= 1)
        return true;
    if (goal <= 0 || k >= n * goal)
        return false;
    term = exp(gsl_sf_lngamma(n + 1) - gsl_sf_lngamma(k + 1) -
               gsl_sf_lngamma(n - k + 1) + k * log(goal) +
               (n - k) * log1p(-goal));
    for (sum = term; k > 0 && sum <= .05 && term > 1e-12 * sum; k--) {
        term *= k / (n - k + 1) * (1 - goal) / goal;
        sum += term;
    }
    return sum <= .05;
}

/* The fewest rows among which k wrong would pass; n + 1 if not even n do. */
static size_t smallest_passing(double k, size_t n, double goal)
{
    size_t low = 0, high = n + 1;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;

        if (bound_holds(k, (double)middle, goal))
            high = middle;
        else
            low = middle;
    }
    return high;
}

static size_t first_size(size_t n, double goal)
{
    size_t size;

    for (double k = 5; k > 0; k--) {
        size = smallest_passing(k, n, goal);
        if (size <= n / 5)
            return size;
    }
    return smallest_passing(0, n, goal);
}

int coverage_for_goal(const float *confidence, const unsigned char *correct,
                      size_t n, double goal, struct coverage_point *best)
{
    enum { GRID = 100 };
    struct judged *row = sorted(confidence, correct, n);
    size_t first = first_size(n, goal);
    struct head h = {0, 0}, good = {0, 0};

    for (size_t i = 0; i < GRID && first <= n && h.end < n; i++) {
        size_t size = even_size(first, n, i, GRID - 1);

        if (size <= h.end)
            continue;
        advance(&h, row, n, size);
        if (!bound_holds(h.wrong, (double)h.end, goal))
            break;
        good = h;
    }
    if (good.end > 0)
        *best = point_of(good, row, n);
    free(row);
    return good.end > 0 ? 0 : -1;
}
