#include "stats/auroc_drop.h"

#include <math.h>
#include <stdlib.h>

#include "base/float_sort.h"
#include "base/mem.h"

static size_t count_below(const float *sorted, size_t n, float x, bool at)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t mid = (low + high) / 2;
        if (sorted[mid] < x || (at && sorted[mid] == x))
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* The sorted scores of a side. */
static float *sort_side(const float *score, const bool *positive, size_t n,
                        bool side, size_t *m)
{
    float *sorted = mem_alloc(n, sizeof(*sorted));
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));

    *m = 0;
    for (size_t i = 0; i < n; i++)
        if (positive[i] == side)
            sorted[(*m)++] = score[i];
    float_sort(sorted, scratch, *m);
    free(scratch);
    return sorted;
}

void auroc_placements(const float *score, const bool *positive, size_t n,
                      double factor, double *place)
{
    size_t m[2];
    float *sorted[2] = {sort_side(score, positive, n, false, &m[0]),
                        sort_side(score, positive, n, true, &m[1])};

    for (size_t i = 0; i < n; i++) {
        size_t other = !positive[i];
        double below =
            (double)(count_below(sorted[other], m[other], score[i], false) +
                     count_below(sorted[other], m[other], score[i], true)) /
            2 / (double)m[other];
        place[i] += factor * (positive[i] ? below : 1 - below);
    }
    free(sorted[0]);
    free(sorted[1]);
}

double auroc_drop(const double *a, const double *b, const bool *positive,
                  size_t n, struct interval *ci)
{
    double count[2] = {0}, mean[2] = {0}, square[2] = {0}, variance = 0;

    for (size_t i = 0; i < n; i++) {
        count[positive[i]]++;
        mean[positive[i]] += a[i] - b[i];
    }
    for (size_t side = 0; side < 2; side++)
        mean[side] /= count[side];
    for (size_t i = 0; i < n; i++) {
        double off = a[i] - b[i] - mean[positive[i]];
        square[positive[i]] += off * off;
    }
    for (size_t side = 0; side < 2; side++)
        variance += square[side] / (count[side] - 1) / count[side];
    *ci = (struct interval){mean[1] - normal_quantile(.975) * sqrt(variance),
                            mean[1] + normal_quantile(.975) * sqrt(variance)};
    return mean[1];
}

struct interval auroc_interval_fitted(double area, double variance,
                                      double noise)
{
    double logit = log(area / (1 - area));
    double half = normal_quantile(.975) * sqrt(variance * (1 + noise)) /
                  (area * (1 - area));

    return (struct interval){1 / (1 + exp(half - logit)),
                             1 / (1 + exp(-half - logit))};
}
