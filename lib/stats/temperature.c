#include "stats/temperature.h"

#include <float.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>
#include <stdbool.h>

#include "base/parallel.h"

/* FEW numbers are sooner summed than threads are woken. */
enum { PIECES = 64, MOST_STEPS = 100, FEW = 1 << 16 };

static const double PRECISION = 1e-7, NARROW = .05;

struct fit {
    const float *logs;
    const uint32_t *label;
    size_t n, classes;
};

/* Over the rows, at one b: the log loss, its derivatives, and the squares of
 * the first. */
struct loss_sums {
    double loss, slope, curvature, slope_square;
};

static void add_row(struct loss_sums *sums, const float *z, size_t classes,
                    size_t label, float b)
{
    double weight = 0, first = 0, second = 0, mean, own;
    float top = z[0];

    for (size_t k = 1; k < classes; k++)
        top = z[k] > top ? z[k] : top;
    for (size_t k = 0; k < classes; k++) {
        double below = (double)(z[k] - top), w = (double)expf(b * (z[k] - top));
        weight += w;
        first += w * below;
        second += w * below * below;
    }
    mean = first / weight;
    own = (double)(z[label] - top);
    sums->loss += log(weight) - (double)b * own;
    sums->slope += mean - own;
    sums->slope_square += (mean - own) * (mean - own);
    sums->curvature += second / weight - mean * mean;
}

static struct loss_sums sum_rows(const struct fit *fit, double b)
{
    struct loss_sums piece[PIECES] = {{0}}, all = {0};

#pragma omp parallel for schedule(static) if (fit->n * fit->classes > FEW)
    for (int i = 0; i < PIECES; i++) {
        size_t begin, end;
        parallel_piece(fit->n, PIECES, i, &begin, &end);
        for (size_t row = begin; row < end; row++)
            if (fit->label[row] < fit->classes)
                add_row(&piece[i], fit->logs + row * fit->classes, fit->classes,
                        fit->label[row], (float)b);
    }
    for (int i = 0; i < PIECES; i++) {
        all.loss += piece[i].loss;
        all.slope += piece[i].slope;
        all.curvature += piece[i].curvature;
        all.slope_square += piece[i].slope_square;
    }
    return all;
}

/* What is to be 0 at some ln b: the slope, or how much worse than at the best
 * b the log loss is, less what is allowed. */
struct target {
    const struct fit *fit;
    double allowed; /* NaN: the slope */
};

static double target_at(double log_b, void *target)
{
    const struct target *t = target;
    struct loss_sums at = sum_rows(t->fit, exp(log_b));

    return isnan(t->allowed) ? at.slope : at.loss - t->allowed;
}

static double find_root(gsl_function *f, double low, double high)
{
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    double root, before;

    gsl_root_fsolver_set(solver, f, low, high);
    root = gsl_root_fsolver_root(solver);
    for (int i = 0; i < MOST_STEPS; i++) {
        before = root;
        if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS)
            break;
        root = gsl_root_fsolver_root(solver);
        if (fabs(root - before) < PRECISION)
            break;
    }
    gsl_root_fsolver_free(solver);
    return root;
}

/*
 * The first ln b from `at` on, in steps of growing width, where the target is
 * 0; the limit (with its sign) where it keeps its sign.
 */
static double walk_to_root(struct target *t, double at, double step)
{
    double limit = log(TEMPERATURE_MOST), next;
    gsl_function f = {target_at, t};
    bool positive = target_at(at, t) > 0;

    for (; fabs(at) < limit; at = next, step *= 2) {
        next = fmin(fmax(at + step, -limit), limit);
        if ((target_at(next, t) > 0) != positive)
            return find_root(&f, fmin(at, next), fmax(at, next));
    }
    return at;
}

static void take_logs(float *logs, const struct fit *fit, struct temperature *t)
{
#pragma omp parallel for schedule(static) if (fit->n * fit->classes > FEW)
    for (size_t i = 0; i < fit->n * fit->classes; i++)
        logs[i] = logs[i] > FLT_MIN ? logf(logs[i]) : logf(FLT_MIN);
    for (size_t row = 0; row < fit->n; row++) {
        if (fit->label[row] >= fit->classes)
            continue;
        t->n++;
        t->impossible += logs[row * fit->classes + fit->label[row]] <=
                         logf(FLT_MIN);
    }
}

/* The wider of the two intervals of temperature.h, for ln b. */
static struct interval interval_of(const struct fit *fit, double log_b,
                                   const struct loss_sums *at)
{
    double z = normal_quantile(.975), b = exp(log_b);
    double sandwich = z * sqrt(at->slope_square) / at->curvature / b;
    double wald = z / sqrt(at->curvature) / b;
    struct interval ci = {log_b - wald, log_b + wald};
    struct target t = {fit, at->loss + z * z / 2};

    if (wald > NARROW) {
        ci.low = walk_to_root(&t, log_b, -wald);
        ci.high = walk_to_root(&t, log_b, wald);
    }
    ci.low = fmin(ci.low, log_b - sandwich);
    ci.high = fmax(ci.high, log_b + sandwich);
    return ci;
}

struct temperature temperature_fit(float *logs, const uint32_t *label, size_t n,
                                   size_t classes)
{
    struct fit fit = {logs, label, n, classes};
    struct target slope = {&fit, NAN};
    struct temperature t = {NAN, interval_unknown(), 0, NAN, NAN, 0, 0};
    struct interval ci;
    struct loss_sums at;
    double log_b;

    take_logs(logs, &fit, &t);
    if (!t.n)
        return t;
    at = sum_rows(&fit, 1);
    t.log_loss = at.loss / (double)t.n;
    if (!(at.curvature > 0))
        return t;
    log_b = walk_to_root(&slope, 0, at.slope > 0 ? -.25 : .25);
    if (fabs(log_b) >= log(TEMPERATURE_MOST)) {
        t.beyond = log_b > 0 ? -1 : 1;
        return t;
    }
    at = sum_rows(&fit, exp(log_b));
    t.value = exp(-log_b);
    t.log_loss_after = at.loss / (double)t.n;
    ci = interval_of(&fit, log_b, &at);
    t.ci = (struct interval){exp(-ci.high), exp(-ci.low)};
    return t;
}
