#include "stats/domain_ratio.h"

#include <math.h>
#include <stdlib.h>

#include "base/float_sort.h"
#include "base/mem.h"

enum { STEPS = 100 };

/* Sums over rows of a logistic fit with two parameters. */
struct sums {
    double loss, g[2], h[3]; /* h: 00, 01, 11 */
};

/* ln(1 + exp(-z)), of any z. */
static double soft_loss(double z)
{
    return z > 0 ? log1p(exp(-z)) : log1p(exp(z)) - z;
}

static struct sums sum_up(const struct domain_ratio *r, const float *score,
                          const bool *current, size_t n)
{
    struct sums s = {0};
    double count[2] = {0};

    for (size_t i = 0; i < n; i++)
        count[current[i]]++;
    for (size_t i = 0; i < n; i++) {
        double x = (double)score[i], z = r->intercept + r->slope * x,
               p = 1 / (1 + exp(-z)), w = .5 / count[current[i]],
               off = w * ((current[i] ? 1 : 0) - p), h = w * p * (1 - p);
        s.loss += w * soft_loss(current[i] ? z : -z);
        s.g[0] += off;
        s.g[1] += off * x;
        s.h[0] += h;
        s.h[1] += h * x;
        s.h[2] += h * x * x;
    }
    return s;
}

/* Newton's step, shortened until the loss is lower. */
static bool step(struct domain_ratio *r, struct sums *s, const float *score,
                 const bool *current, size_t n)
{
    double det = s->h[0] * s->h[2] - s->h[1] * s->h[1];
    double by[2] = {(s->h[2] * s->g[0] - s->h[1] * s->g[1]) / det,
                    (s->h[0] * s->g[1] - s->h[1] * s->g[0]) / det};

    if (!(det > 1e-14 * s->h[0] * s->h[2]))
        return false;
    for (double length = 1; length > 1e-3; length /= 2) {
        struct domain_ratio to = {r->slope + length * by[1],
                                  r->intercept + length * by[0], 0};
        struct sums there = sum_up(&to, score, current, n);
        if (there.loss < s->loss) {
            bool on = s->loss - there.loss > 1e-10;
            *r = to;
            *s = there;
            return on;
        }
    }
    return false;
}

struct domain_ratio domain_ratio_fit(const float *score, const bool *current,
                                     size_t n)
{
    struct domain_ratio r = {0};
    struct sums s = sum_up(&r, score, current, n);

    for (int i = 0; i < STEPS && step(&r, &s, score, current, n); i++)
        ;
    r.log_loss = s.loss;
    if (!(r.slope > 0))
        r = (struct domain_ratio){.log_loss = log(2)};
    return r;
}

/* The value below which this share is, of a copy. */
static double quantile(const float *value, size_t n, double share)
{
    float *sorted = mem_alloc(n, sizeof(*sorted));
    uint32_t *scratch = mem_alloc(n, sizeof(*scratch));
    double at;

    for (size_t i = 0; i < n; i++)
        sorted[i] = value[i];
    float_sort(sorted, scratch, n);
    at = (double)sorted[(size_t)(share * (double)(n - 1))];
    free(sorted);
    free(scratch);
    return at;
}

struct domain_clip domain_ratio_weights(const struct domain_ratio *r,
                                        const float *score, size_t n,
                                        float *weight)
{
    struct domain_clip out = {0};
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double odds = r->intercept + r->slope * (double)score[i];
        weight[i] = (float)exp(fmin(fmax(odds, -60), 60));
        out.covered += (double)weight[i];
    }
    out.covered = n ? fmin(out.covered / (double)n, 1) : 0;
    out.clip = n ? quantile(weight, n, DOMAIN_CLIP) : 0;
    for (size_t i = 0; i < n; i++) {
        out.clipped += (double)weight[i] > out.clip;
        weight[i] = fminf(weight[i], (float)out.clip);
        sum += (double)weight[i];
    }
    for (size_t i = 0; i < n; i++) {
        weight[i] = (float)((double)weight[i] * (double)n / sum);
        squares += (double)weight[i] * (double)weight[i];
    }
    out.clip *= (double)n / sum;
    out.effective = n ? (double)n * (double)n / squares : 0;
    return out;
}
