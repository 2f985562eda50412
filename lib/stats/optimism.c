#include "stats/optimism.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Rounds in which noise and optimism settle; EM; points of the grid. */
enum { SETTLING = 5, ROUNDS = 200, POINTS = 60, WORKSPACE = 1000 };

/* In standard deviations of the noise: how far from the best trials count. */
static const double REACH = 8;

/* P(largest > x) - [x < 0]: its integral is the mean of the largest.  Of many
 * each is below x with a chance so near 1 that only what is missing tells. */
static double beyond(double x, void *n)
{
    double times = *(double *)n;

    return x < 0 ? -exp(times * log(gsl_cdf_ugaussian_P(x)))
                 : -expm1(times * log1p(-gsl_cdf_ugaussian_Q(x)));
}

double normal_maximum(double n)
{
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(WORKSPACE);
    gsl_function f = {beyond, &n};
    double low = 0, high = 0, error;

    gsl_integration_qags(&f, -30, 0, 1e-10, 1e-10, WORKSPACE, w, &low, &error);
    gsl_integration_qags(&f, 0, 30, 1e-10, 1e-10, WORKSPACE, w, &high, &error);
    gsl_integration_workspace_free(w);
    return low + high;
}

/* The noise of a rate that is at least half a row. */
static double noise_of(double error, double rows)
{
    double e = fmin(fmax(error, .5 / rows), .5);

    return sqrt(e * (1 - e) / rows);
}

static struct optimism bound(double noise, double n)
{
    double most = n > 1 ? normal_maximum(n) * noise : 0;

    return (struct optimism){most, noise, {0, most}};
}

struct optimism optimism_of_best(double error, double rows, double n)
{
    struct optimism o = {0};

    for (int i = 0; i < SETTLING; i++)
        o = bound(noise_of(error + o.value, rows), n);
    return o;
}

struct optimism optimism_of_mean(double noise, double n)
{
    return bound(noise, n);
}

/* ---- from the trials ---- */

/* The distribution of true errors: weight[POINTS] at point[POINTS]. */
struct mixture {
    double point[POINTS], weight[POINTS];
};

static double likelihood(double error, double truth, double noise)
{
    double z = (error - truth) / noise;

    return exp(-z * z / 2);
}

/* The posterior of one trial's true error. */
static void weigh(const struct mixture *m, double error, double noise,
                  double *p)
{
    double sum = 0;

    for (int k = 0; k < POINTS; k++)
        sum += p[k] = m->weight[k] * likelihood(error, m->point[k], noise);
    for (int k = 0; k < POINTS; k++)
        p[k] /= sum;
}

/* Of n sorted errors. */
static void fit(struct mixture *m, const double *error, size_t n, double noise)
{
    double high = fmin(error[n - 1], error[0] + REACH * noise), p[POINTS];

    for (int k = 0; k < POINTS; k++) {
        m->point[k] = error[0] + (high - error[0]) * k / (POINTS - 1);
        m->weight[k] = 1.0 / POINTS;
    }
    for (int round = 0; round < ROUNDS; round++) {
        double next[POINTS] = {0};
        for (size_t i = 0; i < n; i++) {
            weigh(m, error[i], noise, p);
            for (int k = 0; k < POINTS; k++)
                next[k] += p[k] / (double)n;
        }
        for (int k = 0; k < POINTS; k++)
            m->weight[k] = next[k];
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* How many of the sorted errors are near enough to the first. */
static size_t within_reach(const double *error, size_t n, double noise)
{
    while (n > 1 && error[n - 1] > error[0] + REACH * noise)
        n--;
    return n;
}

struct optimism optimism_of_trials(const double *error, size_t n, double rows,
                                   double noise)
{
    struct optimism o = {.noise = noise};
    double *sorted, p[POINTS];
    struct mixture m;
    size_t near = n;

    if (n < 2)
        return bound(noise, 1);
    sorted = mem_alloc(n, sizeof(*sorted));
    for (size_t i = 0; i < n; i++)
        sorted[i] = error[i];
    qsort(sorted, n, sizeof(*sorted), ascending);
    for (int i = 0; i < (isnan(noise) ? SETTLING : 1); i++) {
        if (isnan(noise))
            o.noise = noise_of(sorted[0] + o.value, rows);
        near = within_reach(sorted, n, o.noise);
        fit(&m, sorted, near, o.noise);
        weigh(&m, sorted[0], o.noise, p);
        o.value = 0;
        for (int k = 0; k < POINTS; k++)
            o.value += p[k] * (m.point[k] - sorted[0]);
    }
    o.ci.high = fmax(bound(o.noise, (double)n).value, o.value);
    free(sorted);
    return o;
}
