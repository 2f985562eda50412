/* Points in a plane (blobs: in as many dimensions as are asked for). */
#include <math.h>
#include <stdio.h>

#include "base/mem.h"
#include "synth/kind.h"

static const double TAU = 6.283185307179586;

/* Along a curve, steps of at most this many standard deviations. */
static const double STEP = .5;

static size_t width_size(const struct world *w)
{
    return w->size;
}

static size_t width_plane(const struct world *w)
{
    (void)w;
    return 2;
}

static void header_points(const struct world *w, struct csv_writer *out)
{
    char name[24];

    for (size_t i = 1; i <= w->size; i++) {
        snprintf(name, sizeof(name), "x%zu", i);
        csv_writer_text(out, name);
    }
}

static void cells_points(const struct world *w, const double *x,
                         struct csv_writer *out)
{
    for (size_t i = 0; i < w->size; i++)
        synth_number(out, x[i]);
}

static double lean_first(const struct world *w, const double *x)
{
    (void)w;
    return x[0];
}

static double lean_second(const struct world *w, const double *x)
{
    (void)w;
    return 2 * x[1];
}

/* -|x - c|² / 2 noise², in the plane. */
static double log_normal(const struct world *w, const double *x, double c0,
                         double c1)
{
    double a = (x[0] - c0) / w->noise, b = (x[1] - c1) / w->noise;

    return -(a * a + b * b) / 2;
}

static void draw_around(const struct world *w, struct rng *rng, double c0,
                        double c1, double *x)
{
    x[0] = c0 + w->noise * rng_normal(rng);
    x[1] = c1 + w->noise * rng_normal(rng);
}

/* ---- blobs: centres on a circle, two units from each other ---- */

static void blob_centre(const struct world *w, size_t class, double *c)
{
    double at = TAU * (double)class / (double)w->classes;
    double radius = 1 / sin(TAU / 2 / (double)w->classes);

    c[0] = radius * cos(at);
    c[1] = radius * sin(at);
}

static void blobs_draw(const struct world *w, struct rng *rng, size_t class,
                       double *x)
{
    double c[2];

    blob_centre(w, class, c);
    draw_around(w, rng, c[0], c[1], x);
    for (size_t i = 2; i < w->size; i++)
        x[i] = w->noise * rng_normal(rng);
}

static void blobs_density(const struct world *w, const double *x, double *out)
{
    double c[2];

    for (size_t k = 0; k < w->classes; k++) {
        blob_centre(w, k, c);
        out[k] = log_normal(w, x, c[0], c[1]);
    }
}

const struct synth_kind synth_blobs = {.name = "blobs",
                                       .size_means = "features",
                                       .noise_means = "standard deviation",
                                       .usual = {3, 2, .6, NULL},
                                       .least_classes = 2,
                                       .most_classes = 1000,
                                       .least_size = 2,
                                       .most_size = 1000,
                                       .most_noise = 100,
                                       .draws = 60000,
                                       .width = width_size,
                                       .draw = blobs_draw,
                                       .log_density = blobs_density,
                                       .lean = lean_second,
                                       .header = header_points,
                                       .cells = cells_points};

/* ---- xor: a blob in each quadrant, opposite ones of one class ---- */

static void xor_draw(const struct world *w, struct rng *rng, size_t class,
                     double *x)
{
    double side = rng_below(rng, 2) ? 1 : -1;

    draw_around(w, rng, side, class ? -side : side, x);
}

static void xor_density(const struct world *w, const double *x, double *out)
{
    out[0] = log_add(log_normal(w, x, 1, 1), log_normal(w, x, -1, -1));
    out[1] = log_add(log_normal(w, x, 1, -1), log_normal(w, x, -1, 1));
}

const struct synth_kind synth_xor = {.name = "xor",
                                     .noise_means = "standard deviation",
                                     .usual = {2, 2, .4, NULL},
                                     .least_classes = 2,
                                     .most_classes = 2,
                                     .least_size = 2,
                                     .most_size = 2,
                                     .most_noise = 100,
                                     .draws = 60000,
                                     .width = width_plane,
                                     .draw = xor_draw,
                                     .log_density = xor_density,
                                     .lean = lean_first,
                                     .header = header_points,
                                     .cells = cells_points};

/* ---- moons and spirals: curves, evenly covered, and noise around them ---- */

/* A curve of a class at t in [0, 1]. */
typedef void curve_at(const struct world *w, size_t class, double t, double *c);

/* Points for the midpoint rule along a curve of that length. */
static size_t curve_points(const struct world *w, double length)
{
    return 8 + (size_t)fmin(length / (STEP * w->noise), 1e4);
}

/* [classes][points][2] */
static void *curve_build(const struct world *w, curve_at *at, double length)
{
    size_t n = curve_points(w, length);
    double *points = mem_alloc(w->classes * n * 2, sizeof(*points));

    for (size_t i = 0; i < w->classes * n; i++)
        at(w, i / n, ((double)(i % n) + .5) / (double)n, points + 2 * i);
    return points;
}

/* The mean of the density over each curve. */
static void curve_density(const struct world *w, double length, const double *x,
                          double *out)
{
    size_t n = curve_points(w, length);

    for (size_t k = 0; k < w->classes; k++) {
        const double *c = (const double *)w->tables + 2 * k * n;
        double most = -INFINITY, sum = 0;
        for (size_t i = 0; i < n; i++)
            most = fmax(most, log_normal(w, x, c[2 * i], c[2 * i + 1]));
        for (size_t i = 0; i < n; i++)
            sum += exp(log_normal(w, x, c[2 * i], c[2 * i + 1]) - most);
        out[k] = most + log(sum);
    }
}

static void moon_at(const struct world *w, size_t class, double t, double *c)
{
    (void)w;
    c[0] = class ? 1 - cos(TAU / 2 * t) : cos(TAU / 2 * t);
    c[1] = class ? .5 - sin(TAU / 2 * t) : sin(TAU / 2 * t);
}

static void moons_draw(const struct world *w, struct rng *rng, size_t class,
                       double *x)
{
    double c[2];

    moon_at(w, class, rng_uniform(rng), c);
    draw_around(w, rng, c[0], c[1], x);
}

static void *moons_build(const struct world *w)
{
    return curve_build(w, moon_at, TAU / 2);
}

static void moons_density(const struct world *w, const double *x, double *out)
{
    curve_density(w, TAU / 2, x, out);
}

const struct synth_kind synth_moons = {.name = "moons",
                                       .noise_means = "standard deviation",
                                       .usual = {2, 2, .2, NULL},
                                       .least_classes = 2,
                                       .most_classes = 2,
                                       .least_size = 2,
                                       .most_size = 2,
                                       .most_noise = 10,
                                       .draws = 60000,
                                       .build = moons_build,
                                       .width = width_plane,
                                       .draw = moons_draw,
                                       .log_density = moons_density,
                                       .lean = lean_first,
                                       .header = header_points,
                                       .cells = cells_points};

/* One turn outwards, from .2 to 1.2, an arm a class. */
static void spiral_at(const struct world *w, size_t class, double t, double *c)
{
    double angle = TAU * (t + (double)class / (double)w->classes);

    c[0] = (.2 + t) * cos(angle);
    c[1] = (.2 + t) * sin(angle);
}

static void spirals_draw(const struct world *w, struct rng *rng, size_t class,
                         double *x)
{
    double c[2];

    spiral_at(w, class, rng_uniform(rng), c);
    draw_around(w, rng, c[0], c[1], x);
}

static void *spirals_build(const struct world *w)
{
    return curve_build(w, spiral_at, TAU);
}

static void spirals_density(const struct world *w, const double *x, double *out)
{
    curve_density(w, TAU, x, out);
}

const struct synth_kind synth_spirals = {.name = "spirals",
                                         .noise_means = "standard deviation",
                                         .usual = {3, 2, .08, NULL},
                                         .least_classes = 2,
                                         .most_classes = 20,
                                         .least_size = 2,
                                         .most_size = 2,
                                         .most_noise = 10,
                                         .draws = 40000,
                                         .build = spirals_build,
                                         .width = width_plane,
                                         .draw = spirals_draw,
                                         .log_density = spirals_density,
                                         .lean = lean_first,
                                         .header = header_points,
                                         .cells = cells_points};
