#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "stats/label_shift_parts.h"

/* FEW numbers are sooner summed than threads are woken. */
enum { PIECES = 64, FEW = 1 << 16, MOST_ROUNDS = 2000 };

struct em {
    const float *p;
    size_t n, classes;
    const double *prior;
    double *sums; /* [PIECES][classes + 1] */
    double precision;
};

/* For rows [begin, end): sum[k] += p_k / (w p), and the last the rows. */
static void expect(const struct em *em, const double *weight, size_t begin,
                   size_t end, double *sum)
{
    size_t classes = em->classes;

    for (size_t i = begin; i < end; i++) {
        const float *p = em->p + i * classes;
        double all = 0;
        for (size_t k = 0; k < classes; k++)
            all += weight[k] * (double)p[k];
        if (!(all > 0))
            continue;
        for (size_t k = 0; k < classes; k++)
            sum[k] += (double)p[k] / all;
        sum[classes]++;
    }
}

/* One step: new weights; returns by how much a share moves at most. */
static double step(const struct em *em, const double *weight, double *next)
{
    size_t each = em->classes + 1;
    double moved = 0, rows = 0;

    memset(em->sums, 0, PIECES * each * sizeof(*em->sums));
#pragma omp parallel for schedule(static) if (em->n * em->classes > FEW)
    for (int i = 0; i < PIECES; i++) {
        size_t begin, end;
        parallel_piece(em->n, PIECES, i, &begin, &end);
        expect(em, weight, begin, end, em->sums + (size_t)i * each);
    }
    for (size_t i = 0; i < PIECES; i++)
        rows += em->sums[i * each + em->classes];
    for (size_t k = 0; k < em->classes; k++) {
        double sum = 0;
        for (size_t i = 0; i < PIECES; i++)
            sum += em->sums[i * each + k];
        next[k] = rows > 0 && em->prior[k] > 0
                      ? weight[k] * sum / rows / em->prior[k]
                      : weight[k];
        moved = fmax(moved, fabs(next[k] - weight[k]) * em->prior[k]);
    }
    return moved;
}

/* SqS3 over x0, x1 = F(x0), x2 = F(x1): writes the leap to x0; false: it leaves
 * the simplex, or there is none. */
static bool leap(const struct em *em, double *x0, const double *x1,
                 const double *x2)
{
    double r2 = 0, v2 = 0, length;

    for (size_t k = 0; k < em->classes; k++) {
        double r = (x1[k] - x0[k]) * em->prior[k];
        double v = (x2[k] - x1[k]) * em->prior[k] - r;
        r2 += r * r;
        v2 += v * v;
    }
    if (!(v2 > 0))
        return false;
    length = fmax(1, sqrt(r2 / v2));
    for (size_t k = 0; k < em->classes; k++) {
        double r = x1[k] - x0[k], v = x2[k] - x1[k] - r;
        if (x0[k] + 2 * length * r + length * length * v < 0)
            return false;
    }
    for (size_t k = 0; k < em->classes; k++) {
        double r = x1[k] - x0[k], v = x2[k] - x1[k] - r;
        x0[k] += 2 * length * r + length * length * v;
    }
    return true;
}

/* A leap is kept where the step after it is not a longer one. */
static void climb(const struct em *em, double *x0, double *x1, double *x2,
                  double *x3)
{
    size_t size = em->classes * sizeof(*x0);

    for (int round = 0; round < MOST_ROUNDS; round++) {
        double before;
        if (step(em, x0, x1) <= em->precision ||
            (before = step(em, x1, x2)) <= em->precision)
            return;
        if (leap(em, x0, x1, x2) && step(em, x0, x3) <= before)
            memcpy(x0, x3, size);
        else
            memcpy(x0, x2, size);
    }
}

void shift_em(const float *p, size_t n, size_t classes, const double *prior,
              double precision, double *weight)
{
    double *work =
        mem_alloc(4 * classes + PIECES * (classes + 1), sizeof(*work));
    struct em em = {p, n, classes, prior, work + 4 * classes, precision};

    for (size_t k = 0; k < classes; k++)
        work[k] = prior[k] > 0 ? weight[k] : 0;
    if (n)
        climb(&em, work, work + classes, work + 2 * classes,
              work + 3 * classes);
    for (size_t k = 0; k < classes; k++)
        weight[k] = prior[k] > 0 ? work[k] : 1;
    free(work);
}

void shift_mean(const struct shift_problem *x,
                const struct class_calibration *calibration, double *mean)
{
    size_t k = x->classes;
    float *p = mem_alloc(k, sizeof(*p));
    double sum = 0;

    memset(mean, 0, k * sizeof(*mean));
    for (size_t i = 0; i < x->n_labelled; i++) {
        class_calibration_apply(calibration, x->source->p + x->labelled[i] * k,
                                p);
        for (size_t c = 0; c < k; c++)
            mean[c] += x->prior[c] > 0 ? (double)p[c] : 0;
    }
    for (size_t c = 0; c < k; c++)
        sum += mean[c];
    for (size_t c = 0; c < k && sum > 0; c++)
        mean[c] /= sum;
    free(p);
}

double shift_calibrated_p(const struct shift_problem *x)
{
    size_t k = x->classes;
    float *p = mem_alloc(k, sizeof(*p));
    double *sum = mem_zalloc(2 * k, sizeof(*sum)), *square = sum + k;
    double furthest = 0;

    for (size_t i = 0; i < x->n_labelled; i++) {
        size_t row = x->labelled[i], label = x->source->label[row];
        class_calibration_apply(x->calibration, x->source->p + row * k, p);
        for (size_t c = 0; c < k; c++) {
            double off = ((c == label) - (double)p[c]) * (double)p[c];
            sum[c] += off;
            square[c] += off * off;
        }
    }
    for (size_t c = 0; c < k; c++)
        if (square[c] > 0)
            furthest = fmax(furthest, fabs(sum[c]) / sqrt(square[c]));
    free(sum);
    free(p);
    return fmin(1, 2 * normal_upper_tail(furthest) * (double)k);
}
