#include "stats/domain_permutation.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/simd.h"
#include "stats/domain_gram.h"
#include "stats/interval.h"

enum { GROUPS = 1000, PILOT = 199, MOST = 999, FEW = 10 };

static const double TINY = 1e-9, LEAST = 1e-300, LEVEL = .05, POWER = .8,
                    CLEAR = .1;

/*
 * Sums of groups of `size` rows of one set each: those of the smaller set
 * stand first.
 */
struct work {
    size_t width, first;
    float *sum; /* [groups][width] */
    size_t small, groups, size;
    double *total;    /* [width] of all groups */
    double *variance; /* [width] */
    double *factor;   /* [width][width] upper: the transpose of Cholesky's */
};

/* ---- groups ---- */

static void add_row(float *sum, const float *x, size_t width)
{
    for (size_t c = 0; c < width; c++)
        sum[c] += x[c];
}

/* Groups of the rows of a set, from group `at` on. */
static void sum_groups(struct work *w, const struct domain_rows *rows,
                       bool current, size_t at, size_t groups)
{
    size_t seen = 0;

    for (size_t i = 0; i < rows->n && seen < groups * w->size; i++)
        if (rows->current[i] == current) {
            add_row(w->sum + (at + seen / w->size) * w->width,
                    rows->x + i * w->width, w->width);
            seen++;
        }
}

static void make_groups(struct work *w, const struct domain_rows *rows)
{
    size_t n[2] = {0}, small, other;

    for (size_t i = 0; i < rows->n; i++)
        n[rows->current[i]]++;
    small = n[1] <= n[0];
    w->size = n[small] < 2 * GROUPS ? (n[small] > GROUPS ? 2 : 1)
                                    : n[small] / GROUPS;
    w->small = n[small] / w->size;
    other = n[!small] / w->size;
    w->groups = w->small + other;
    w->sum = mem_zalloc(w->groups * w->width, sizeof(*w->sum));
    sum_groups(w, rows, small, 0, w->small);
    sum_groups(w, rows, !small, w->small, other);
    w->total = mem_zalloc(w->width, sizeof(*w->total));
    for (size_t g = 0; g < w->groups; g++)
        for (size_t c = 0; c < w->width; c++)
            w->total[c] += (double)w->sum[g * w->width + c];
}

/* The covariance, lower triangle, with the ridge. */
static gsl_matrix *ridged(struct work *w, const struct domain_rows *rows)
{
    uint8_t *all = mem_zalloc(rows->n, sizeof(*all));
    double weight = 1, trace = 0, *mean = mem_alloc(w->width, sizeof(*mean));
    gsl_matrix *m = gsl_matrix_calloc(w->width, w->width);
    struct domain_gram gram;

    if (!m)
        mem_exhausted();
    domain_gram_init(&gram, rows->x, rows->n, w->width, all, 1);
    domain_gram_moments(&gram, &weight, mean, m->data);
    domain_gram_release(&gram);
    w->variance = mem_alloc(w->width, sizeof(*w->variance));
    for (size_t c = 0; c < w->width; c++) {
        w->variance[c] = gsl_matrix_get(m, c, c) + TINY;
        trace += gsl_matrix_get(m, c, c);
    }
    for (size_t c = 0; c < w->width; c++)
        *gsl_matrix_ptr(m, c, c) += DOMAIN_RIDGE * trace / (double)w->width +
                                    TINY;
    free(mean);
    free(all);
    return m;
}

static void make_factor(struct work *w, const struct domain_rows *rows)
{
    gsl_matrix *m = ridged(w, rows);

    gsl_linalg_cholesky_decomp1(m);
    w->factor = mem_zalloc(w->width * w->width, sizeof(*w->factor));
    for (size_t c = 0; c < w->width; c++)
        for (size_t r = c; r < w->width; r++)
            w->factor[c * w->width + r] = gsl_matrix_get(m, r, c);
    gsl_matrix_free(m);
}

/* ---- statistics ---- */

/* The sum of vectors[n], each of `width`. */
SIMD_CLONES static void sum_vectors(const float *const *vector, size_t n,
                                    size_t width, float *restrict sum)
{
    size_t i = 0;

    memset(sum, 0, width * sizeof(*sum));
    for (; i + 4 <= n; i += 4) {
        const float *a = vector[i], *b = vector[i + 1], *c = vector[i + 2],
                    *d = vector[i + 3];
#pragma omp simd
        for (size_t k = 0; k < width; k++)
            sum[k] += (a[k] + b[k]) + (c[k] + d[k]);
    }
    for (; i < n; i++) {
        const float *a = vector[i];
#pragma omp simd
        for (size_t k = 0; k < width; k++)
            sum[k] += a[k];
    }
}

/* x[width] through the factor, in place. */
SIMD_CLONES static void solve(const double *factor, size_t width,
                              double *restrict x)
{
    for (size_t c = 0; c < width; c++) {
        const double *row = factor + c * width;
        double d = x[c] / row[c];
#pragma omp simd
        for (size_t r = c + 1; r < width; r++)
            x[r] -= row[r] * d;
        x[c] = d;
    }
}

/* The groups vector[small] against the others. */
static struct domain_statistics statistics_of(const struct work *w,
                                              const float *const *vector,
                                              float *sum, double *d)
{
    double m = (double)(w->small * w->size),
           n = (double)((w->groups - w->small) * w->size);
    struct domain_statistics s = {{0}};

    sum_vectors(vector, w->small, w->width, sum);
    for (size_t r = 0; r < w->width; r++) {
        d[r] = (double)sum[r] * (1 / m + 1 / n) - w->total[r] / n;
        s.t[DOMAIN_ONE] = fmax(s.t[DOMAIN_ONE], d[r] * d[r] / w->variance[r]);
    }
    solve(w->factor, w->width, d);
    for (size_t r = 0; r < w->width; r++)
        s.t[r < w->first ? DOMAIN_FIRST : DOMAIN_OTHERS] += d[r] * d[r];
    s.t[DOMAIN_ALL_OF_THEM] = s.t[DOMAIN_FIRST] + s.t[DOMAIN_OTHERS];
    return s;
}

/* `take` of the groups at random, the first of list[groups]. */
static void draw(struct rng *rng, size_t *list, size_t groups, size_t take)
{
    for (size_t i = 0; i < groups; i++)
        list[i] = i;
    for (size_t i = 0; i < take; i++) {
        size_t j = i + rng_below(rng, groups - i), swap = list[i];
        list[i] = list[j];
        list[j] = swap;
    }
}

/* Memory of a thread. */
struct room {
    size_t *list;
    const float **vector;
    float *sum;
    double *d;
};

static void room_init(struct room *r, const struct work *w)
{
    r->list = mem_alloc(w->groups, sizeof(*r->list));
    r->vector = mem_alloc(w->small, sizeof(*r->vector));
    r->sum = mem_alloc(w->width, sizeof(*r->sum));
    r->d = mem_alloc(w->width, sizeof(*r->d));
}

static void room_release(struct room *r)
{
    free(r->list);
    free(r->vector);
    free(r->sum);
    free(r->d);
}

/* Permutation b, each with numbers of its own. */
static struct domain_statistics permuted(const struct work *w, struct room *r,
                                         uint64_t seed, size_t b)
{
    struct rng rng;

    rng_init(&rng, seed + b * 0x9e3779b97f4a7c15u, RNG_PERMUTATION);
    draw(&rng, r->list, w->groups, w->small);
    for (size_t i = 0; i < w->small; i++)
        r->vector[i] = w->sum + r->list[i] * w->width;
    return statistics_of(w, r->vector, r->sum, r->d);
}

static void permute(const struct work *w, uint64_t seed, size_t from, size_t to,
                    struct domain_statistics *s)
{
#pragma omp parallel
    {
        struct room room;
        room_init(&room, w);
#pragma omp for schedule(static)
        for (size_t b = from; b < to; b++)
            s[b] = permuted(w, &room, seed, b);
        room_release(&room);
    }
}

static struct domain_statistics observed(const struct work *w)
{
    struct domain_statistics s;
    struct room room;

    room_init(&room, w);
    for (size_t i = 0; i < w->small; i++)
        room.vector[i] = w->sum + i * w->width;
    s = statistics_of(w, room.vector, room.sum, room.d);
    room_release(&room);
    return s;
}

/* ---- how likely ---- */

static struct domain_shape shape_of(const struct domain_statistics *s, size_t n,
                                    size_t k)
{
    struct domain_shape shape = {0};
    double square = 0, cube = 0;

    for (size_t b = 0; b < n; b++)
        shape.mean += s[b].t[k] / (double)n;
    for (size_t b = 0; b < n; b++) {
        double off = s[b].t[k] - shape.mean;
        square += off * off / (double)n;
        cube += off * off * off / (double)n;
    }
    shape.sd = sqrt(square);
    shape.skewness = shape.sd > 0 ? cube / (square * shape.sd) : 0;
    return shape;
}

double domain_tail(const struct domain_shape *s, double t)
{
    double z = (t - s->mean) / s->sd, half = s->skewness / 2, k;

    if (!(s->sd > 0))
        return 1;
    if (half < .005)
        return normal_upper_tail(z);
    k = 1 / (half * half);
    return gsl_cdf_gamma_Q(k + z / half, k, 1);
}

size_t domain_least_likely(const struct domain_shape shape[DOMAIN_STATISTICS],
                           const struct domain_statistics *s)
{
    size_t best = DOMAIN_ALL_OF_THEM;

    for (size_t k = 0; k < DOMAIN_STATISTICS; k++)
        if (domain_tail(&shape[k], s->t[k]) <
            domain_tail(&shape[best], s->t[best]))
            best = k;
    return best;
}

static double least_tail(const struct domain_shape shape[DOMAIN_STATISTICS],
                         const struct domain_statistics *s)
{
    size_t best = domain_least_likely(shape, s);

    return fmax(domain_tail(&shape[best], s->t[best]), LEAST);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/*
 * Beyond the last tenth of the permutations: with q = -ln of the least tail,
 * which is exponential if the gamma distributions are right, the excess of
 * their q is taken to be exponential with the mean that they have.
 */
static double extrapolated(const double *least, size_t n, double of)
{
    size_t tenth = n / 10;
    double from = least[tenth], excess = 0;

    for (size_t k = 0; k < tenth; k++)
        excess += log(from / least[k]) / (double)tenth;
    if (!(excess > 0))
        return (double)tenth / (double)n;
    return (double)tenth / (double)n * pow(of / from, 1 / excess);
}

/* least[n] of the permutations, sorted here; `of` that observed. */
static double p_value(double *least, size_t n, double of)
{
    double count = 0;

    qsort(least, n, sizeof(*least), rising);
    while (count < (double)n && least[(size_t)count] <= of)
        count++;
    if (count >= FEW)
        return (1 + count) / (1 + (double)n);
    return fmax(extrapolated(least, n, of), LEAST);
}

/* ---- what could have been seen ---- */

/*
 * A shift by d in the whitened columns makes T about normal with mean
 * noise + d² and variance sd² + 4 d² noise / columns; the classifier fitted to
 * as many rows then has an AUROC of Phi(d² / sqrt(2 (d² + noise))).
 */
static double detectable(const struct domain_shape *shape, double columns,
                         double commoner)
{
    double z = normal_quantile(POWER), low = 0, high = 1, critical;
    double per = 4 * shape->mean / columns;

    for (low = 0, high = 100; high - low > 1e-4;) {
        double mid = (low + high) / 2;
        if (domain_tail(shape, shape->mean + mid * shape->sd) * commoner >
            LEVEL)
            low = mid;
        else
            high = mid;
    }
    critical = high * shape->sd;
    for (low = 0, high = 1e4; high - low > 1e-9 * (1 + high);) {
        double d2 = (low + high) / 2;
        if (d2 - z * sqrt(shape->sd * shape->sd + per * d2) < critical)
            low = d2;
        else
            high = d2;
    }
    return .5 - normal_upper_tail(high / sqrt(2 * (high + shape->mean)));
}

/* The statistics grow with the number of rows in effect; so do these. */
static void scale_shapes(struct domain_shape shape[DOMAIN_STATISTICS],
                         const struct work *w)
{
    double m = (double)(w->small * w->size),
           n = (double)((w->groups - w->small) * w->size);

    for (size_t k = 0; k < DOMAIN_STATISTICS; k++) {
        shape[k].mean *= m * n / (m + n);
        shape[k].sd *= m * n / (m + n);
    }
}

static struct domain_permutation
judge(const struct work *w, const struct domain_statistics *s, size_t n)
{
    struct domain_statistics given = observed(w);
    struct domain_permutation out = {.permutations = n};
    struct domain_shape *shape = out.by_chance;
    size_t best;
    double *least = mem_alloc(n, sizeof(*least));

    for (size_t k = 0; k < DOMAIN_STATISTICS; k++)
        shape[k] = shape_of(s, n, k);
    for (size_t b = 0; b < n; b++)
        least[b] = least_tail(shape, &s[b]);
    best = domain_least_likely(shape, &given);
    out.noise =
        given.t[best] > shape[best].mean ? shape[best].mean / given.t[best] : 1;
    out.p = p_value(least, n, least_tail(shape, &given));
    out.detectable =
        detectable(&shape[w->first ? DOMAIN_FIRST : DOMAIN_OTHERS],
                   (double)(w->first ? w->first : w->width),
                   fmax(LEVEL / least[(size_t)(LEVEL * (double)n)], 1));
    scale_shapes(shape, w);
    free(least);
    return out;
}

struct domain_permutation domain_permute(const struct domain_rows *rows,
                                         uint64_t seed)
{
    struct work w = {.width = rows->width, .first = rows->first};
    struct domain_statistics *s = mem_alloc(MOST, sizeof(*s));
    struct domain_permutation out;

    make_groups(&w, rows);
    make_factor(&w, rows);
    permute(&w, seed, 0, PILOT, s);
    out = judge(&w, s, PILOT);
    if (out.p <= CLEAR) {
        permute(&w, seed, PILOT, MOST, s);
        out = judge(&w, s, MOST);
    }
    free(s);
    free(w.sum);
    free(w.total);
    free(w.variance);
    free(w.factor);
    return out;
}
