/*
 * Back-propagation against central differences of the loss, parameter by
 * parameter along its gradient; along random directions where it has none,
 * which a gradient that is missing cannot hide from.
 *
 * Values are single precision: a difference is believed where half the step
 * gives nearly the same, and the change of the loss is well above its rounding.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/net_steps.h"
#include "base/mem.h"

enum { ROWS = 32, DIRECTIONS = 3, MOST_PARAMS = 12, MOST_STEPS = 16 };

static const double MISMATCH = .15, STEADY = .05, CHANGE = 5e-3,
                    ROUNDING = 2e-6, FARTHEST = .05;

/* A direction in the values that a gradient is of. */
struct direction {
    real *u;      /* [param_grad_size], of length 1 */
    double slope; /* the gradient along it, as back-propagation has it */
};

/* What came of one parameter. */
struct verdict {
    const char *name;
    double ratio; /* back-propagation over differences */
    double error; /* relative; NaN: nothing to be seen */
    bool missing; /* back-propagation gives 0 where the loss does change */
};

struct probe_rows {
    struct rehearsal *r;
    const size_t *rows;
    size_t n;
};

/* The i-th value that the gradient is of. */
static real *value_at(struct param *p, const uint32_t *touched, size_t i)
{
    return p->sparse
               ? p->value + (size_t)touched[i / p->cols] * p->cols + i % p->cols
               : p->value + i;
}

static double norm(const real *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

/* The loss with the parameter moved; its values are as before then. */
static double loss_at(const struct probe_rows *rows, struct param *p,
                      const uint32_t *touched, const struct direction *d,
                      size_t n, double step)
{
    real *kept = mem_alloc(n + 1, sizeof(*kept));
    double loss;

    for (size_t i = 0; i < n; i++) {
        kept[i] = *value_at(p, touched, i);
        *value_at(p, touched, i) += (real)(step * (double)d->u[i]);
    }
    loss = rehearsal_grade(rows->r, rows->rows, rows->n);
    for (size_t i = 0; i < n; i++)
        *value_at(p, touched, i) = kept[i];
    free(kept);
    return loss;
}

/*
 * A step that changes the loss a little, as it does and not as the gradient
 * claims: that is what is in question.
 */
static double step_of(const struct probe_rows *rows, struct param *p,
                      const uint32_t *touched, const struct direction *d,
                      size_t n, double loss, double step)
{
    for (size_t i = 0; i < MOST_STEPS; i++, step /= 2) {
        double up = loss_at(rows, p, touched, d, n, step),
               down = loss_at(rows, p, touched, d, n, -step),
               change = fmax(fabs(up - loss), fabs(down - loss));
        if (change <= CHANGE * fmax(loss, .1))
            break;
    }
    return step;
}

/* The slope by differences; NaN where it cannot be told. */
static double slope_of(const struct probe_rows *rows, struct param *p,
                       const uint32_t *touched, const struct direction *d,
                       size_t n, double loss, double size)
{
    double step = step_of(rows, p, touched, d, n, loss, FARTHEST * size),
           slopes[2], up, down;

    for (size_t half = 0; half < 2; half++, step /= 2) {
        up = loss_at(rows, p, touched, d, n, step);
        down = loss_at(rows, p, touched, d, n, -step);
        slopes[half] = (up - down) / (2 * step);
        if (!(fabs(up - down) > 20 * ROUNDING * fmax(loss, 1)))
            return NAN;
    }
    if (fabs(slopes[0] - slopes[1]) > STEADY * fabs(slopes[1]))
        return NAN;
    return slopes[1];
}

static void draw_direction(struct direction *d, const real *gradient, size_t n,
                           struct rng *rng)
{
    double length;

    for (size_t i = 0; i < n; i++)
        d->u[i] = rng ? (real)rng_normal(rng) : gradient[i];
    length = norm(d->u, n);
    d->slope = 0;
    for (size_t i = 0; i < n; i++) {
        d->u[i] = (real)((double)d->u[i] / length);
        d->slope += (double)d->u[i] * (double)gradient[i];
    }
}

/* NaN where differences say nothing. */
static struct verdict judge(const char *name, double slope, double expected)
{
    double scale = fmax(fabs(slope), fabs(expected));

    return (struct verdict){name, expected / slope,
                            fabs(slope - expected) / scale, expected == 0};
}

/*
 * A gradient is followed; where there is none, the loss should not change in
 * any direction.
 */
static struct verdict try_param(const struct probe_rows *rows, struct param *p,
                                double loss, struct rng *rng)
{
    struct verdict v = {p->name, 1, NAN, false};
    size_t n = param_grad_size(p);
    real *gradient = mem_alloc(n + 1, sizeof(*gradient));
    struct direction d = {mem_alloc(n + 1, sizeof(real)), 0};
    uint32_t *touched = mem_alloc(p->n_touched + 1, sizeof(*touched));
    double size = fmax(norm(p->value, param_size(p)), .1);
    bool has = norm(p->grad, n) > 0;

    memcpy(gradient, p->grad, n * sizeof(*gradient));
    if (p->n_touched)
        memcpy(touched, p->touched, p->n_touched * sizeof(*touched));
    for (size_t i = 0; n && isnan(v.error) && i < (has ? 1 : DIRECTIONS); i++) {
        draw_direction(&d, gradient, n, has ? NULL : rng);
        v = judge(p->name, slope_of(rows, p, touched, &d, n, loss, size),
                  d.slope);
    }
    free(gradient);
    free(d.u);
    free(touched);
    return v;
}

/* ---- all of them ---- */

/* Verdicts of some parameters, evenly; returns how many. */
static size_t try_params(const struct probe_rows *rows, struct verdict *v)
{
    size_t n = 0, learned = 0, at = 0, stride;
    struct param *p;
    struct rng rng;
    double loss;

    rng_init(&rng, rows->r->run.seed, RNG_FEATURES);
    for (size_t i = 0; (p = net_param(rows->r->net, i)); i++)
        learned += !p->fixed;
    stride = (learned + MOST_PARAMS - 1) / MOST_PARAMS;
    for (size_t i = 0; (p = net_param(rows->r->net, i)); i++) {
        if (p->fixed || at++ % stride)
            continue;
        loss = rehearsal_grade(rows->r, rows->rows, rows->n);
        if (isfinite(loss))
            v[n++] = try_param(rows, p, loss, &rng);
    }
    return n;
}

/* One factor for all: they agree within a tenth. */
static bool is_common(const struct verdict *v, size_t n, double *factor)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        if (isnan(v[i].error))
            continue;
        low = fmin(low, v[i].ratio);
        high = fmax(high, v[i].ratio);
    }
    *factor = (low + high) / 2;
    return high - low <= MISMATCH * fabs(*factor);
}

static void say_why(const struct verdict *v, size_t n,
                    const struct verdict *worst, struct buf *out)
{
    double factor;

    if (worst->missing)
        buf_printf(out,
                   "no gradient reaches '%s', though the loss depends on it: "
                   "is it detached, or fixed?",
                   worst->name);
    else if (is_common(v, n, &factor) && fabs(factor + 1) < MISMATCH)
        buf_add_text(out, "the gradient has the wrong sign: steps go uphill");
    else if (is_common(v, n, &factor))
        buf_printf(out,
                   "the gradient is %.3g times what it should be: a sum in "
                   "place of a mean, or not zeroed between steps?",
                   factor);
    else
        buf_printf(out, "the backward pass of '%s' is wrong", worst->name);
}

/* Graded twice, the same batch has the same gradient. */
static double repeated(const struct probe_rows *rows)
{
    struct param *p = net_param(rows->r->net, 0);
    double first = 0, second = 0;

    for (size_t pass = 0; pass < 2; pass++) {
        rehearsal_grade(rows->r, rows->rows, rows->n);
        first = second;
        second = 0;
        for (size_t i = 0; (p = net_param(rows->r->net, i)); i++)
            if (!p->fixed)
                second += pow(norm(p->grad, param_grad_size(p)), 2);
    }
    return sqrt(second / first);
}

static void add_verdicts(struct net_state *s, const struct verdict *v, size_t n,
                         double again)
{
    struct finding f = finding_of("gradient", "all parameters", FINDING_OK);
    struct buf advice = {0};
    const struct verdict *worst = NULL;

    for (size_t i = 0; i < n; i++)
        if (!isnan(v[i].error) && (!worst || v[i].error > worst->error))
            worst = &v[i];
    f.limit = MISMATCH;
    f.test = "largest relative error, central differences";
    if (worst)
        f.value = worst->error;
    f.n_current = (double)n;
    if (fabs(again - 1) > 1e-3) {
        f.status = FINDING_FAIL;
        f.value = fabs(again - 1);
        buf_printf(&advice,
                   "the same batch has a gradient %.3g times as large the "
                   "second time: gradients are not zeroed between steps",
                   again);
    } else if (!worst) {
        f.status = FINDING_UNDECIDED;
        buf_add_text(&advice, "the loss hardly changes with any parameter");
    } else if (worst->error > MISMATCH) {
        f.status = FINDING_FAIL;
        f.subject = worst->name;
        say_why(v, n, worst, &advice);
    }
    f.advice = advice.len ? advice.data : "";
    net_add(s, &f);
    buf_release(&advice);
}

int net_check_gradient(struct net_state *s, struct err *err)
{
    struct hyper plain = rehearsal_plain(&s->subject->options->hyper);
    size_t rows_n = s->rows.n_fit < ROWS ? s->rows.n_fit : ROWS;
    struct verdict verdicts[MOST_PARAMS];
    struct rehearsal r = {0};
    struct probe_rows rows = {&r, s->rows.fit, rows_n};
    double again;

    if (rehearsal_init(&r, s->subject, &plain, s->rows.fit, s->rows.n_fit, NULL,
                       0, err) != 0)
        return -1;
    rehearsal_wake(&r);
    again = repeated(&rows);
    add_verdicts(s, verdicts, try_params(&rows, verdicts), again);
    rehearsal_release(&r);
    return 0;
}
