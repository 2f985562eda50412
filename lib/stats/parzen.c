#include "stats/parzen.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static const double WIDTH = .08, SMOOTHING = 2;
static const double SQRT_2PI = 2.5066282746310002;

/* Points are stored by coordinates, so that sums over them are loops. */
struct parzen {
    const struct parzen_axis *axis;
    size_t width, n;
    double *seen;   /* [width][n] */
    double *scale;  /* [width][n]: of a number's kernel: log of its height */
    double *spread; /* [width]: h or s */
    double *share;  /* [n + 1]: of the kernels, the prior last; sums to 1 */
    double *log_share, *log_kernel; /* [n + 1] */
};

/* ---- kernels ---- */

/* P(Z < x) - 1/2; exact beyond 9 without the time that erf takes. */
static double half_mass(double x)
{
    return x > 9 ? .5 : .5 * erf(x * .70710678118654752);
}

/* Of a number's kernel about x: the logarithm of its largest density. */
static double log_height(double x, double h)
{
    return -log(SQRT_2PI * h * (half_mass(x / h) + half_mass((1 - x) / h)));
}

static double spread_of(const struct parzen *p, size_t j, size_t numbers)
{
    double n = p->n ? (double)p->n : 1, h;

    if (p->axis[j].choices)
        return SMOOTHING / ((double)p->n + 1);
    h = WIDTH * pow(n, -1 / ((double)numbers + 1));
    return h > p->axis[j].least ? h : p->axis[j].least;
}

static void set_shares(struct parzen *p, const double *weight)
{
    double total = 1;

    for (size_t i = 0; i < p->n; i++)
        total += p->share[i] = weight ? weight[i] : 1;
    p->share[p->n] = 1;
    for (size_t i = 0; i <= p->n; i++) {
        p->share[i] /= total;
        p->log_share[i] = log(p->share[i]);
    }
}

struct parzen *parzen_new(const struct parzen_axis *axis, size_t width,
                          const double *seen, const double *weight, size_t n)
{
    struct parzen *p = mem_alloc(1, sizeof(*p));
    double *room =
        mem_alloc(2 * width * n + width + 3 * (n + 1), sizeof(*room));
    size_t numbers = 0;

    *p = (struct parzen){axis, width, n, .seen = room};
    p->scale = p->seen + width * n;
    p->spread = p->scale + width * n;
    p->share = p->spread + width;
    p->log_share = p->share + n + 1;
    p->log_kernel = p->log_share + n + 1;
    set_shares(p, weight);
    for (size_t j = 0; j < width; j++)
        numbers += axis[j].choices == 0;
    for (size_t j = 0; j < width; j++) {
        p->spread[j] = spread_of(p, j, numbers);
        for (size_t i = 0; i < n; i++) {
            double x = seen[i * width + j];
            p->seen[j * n + i] = x;
            p->scale[j * n + i] =
                axis[j].choices || isnan(x) ? 0 : log_height(x, p->spread[j]);
        }
    }
    return p;
}

void parzen_free(struct parzen *p)
{
    if (p)
        free(p->seen);
    free(p);
}

/* ---- the density ---- */

/* What coordinate j adds to the logarithms of all kernels. */
static void add_number(struct parzen *p, size_t j, double x)
{
    const double *seen = p->seen + j * p->n, *scale = p->scale + j * p->n;
    double factor = -.5 / (p->spread[j] * p->spread[j]);

    for (size_t i = 0; i < p->n; i++) {
        double far = x - seen[i];
        p->log_kernel[i] += scale[i] + (far == far ? far * far * factor : 0);
    }
}

static void add_choice(struct parzen *p, size_t j, double x)
{
    const double *seen = p->seen + j * p->n;
    double k = (double)p->axis[j].choices, s = p->spread[j];
    double same = log((1 + s) / (1 + s * k)), other = log(s / (1 + s * k));
    double any = -log(k);

    for (size_t i = 0; i < p->n; i++)
        p->log_kernel[i] += seen[i] == x ? same : isnan(seen[i]) ? any : other;
    p->log_kernel[p->n] += any;
}

/* log of the sum of exp(value[n]), without those too small to count. */
static double log_sum(const double *value, size_t n)
{
    double most = value[0], sum = 0;

    for (size_t i = 1; i < n; i++)
        most = value[i] > most ? value[i] : most;
    for (size_t i = 0; i < n; i++)
        if (value[i] - most > -40)
            sum += exp(value[i] - most);
    return most + log(sum);
}

double parzen_log(struct parzen *p, const double *point)
{
    for (size_t i = 0; i <= p->n; i++)
        p->log_kernel[i] = p->log_share[i];
    for (size_t j = 0; j < p->width; j++) {
        if (isnan(point[j]))
            continue;
        if (p->axis[j].choices)
            add_choice(p, j, point[j]);
        else
            add_number(p, j, point[j]);
    }
    return log_sum(p->log_kernel, p->n + 1);
}

/* ---- drawing ---- */

static double draw_number(double seen, double h, struct rng *rng)
{
    double x;

    if (isnan(seen))
        return rng_uniform(rng);
    do
        x = seen + h * rng_normal(rng);
    while (x < 0 || x > 1);
    return x;
}

static double draw_choice(double seen, double s, size_t choices,
                          struct rng *rng)
{
    if (!isnan(seen) && rng_uniform(rng) * (1 + s * (double)choices) < 1)
        return seen;
    return (double)rng_below(rng, choices);
}

void parzen_draw(const struct parzen *p, struct rng *rng, double *point)
{
    double u = rng_uniform(rng);
    size_t i = 0;

    while (i < p->n && u >= p->share[i])
        u -= p->share[i++];
    for (size_t j = 0; j < p->width; j++) {
        double seen = i < p->n ? p->seen[j * p->n + i] : NAN;
        point[j] = p->axis[j].choices ? draw_choice(seen, p->spread[j],
                                                    p->axis[j].choices, rng)
                                      : draw_number(seen, p->spread[j], rng);
    }
}
