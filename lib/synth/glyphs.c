/*
 * Images of digits as a scanner of black and white gives them: strokes, moved
 * by up to two pixels and turned by up to twelve degrees, and pixels that have
 * the wrong colour.  Where a digit stands is one of 75 places, so that how
 * likely an image is can be summed.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/mem.h"
#include "synth/kind.h"

enum { DIGITS = 10, MOST_POINTS = 14, SHIFTS = 5, TURNS = 3 };
enum { PLACES = SHIFTS * SHIFTS * TURNS };

/* Points in the unit square, x to the right, y down; -1 lifts the pen. */
static const double strokes[DIGITS][MOST_POINTS][2] = {
    {{.5, .12},
     {.3, .25},
     {.27, .5},
     {.3, .75},
     {.5, .88},
     {.7, .75},
     {.73, .5},
     {.7, .25},
     {.5, .12},
     {-1, 0}},
    {{.35, .27}, {.52, .12}, {.52, .88}, {-1, 0}},
    {{.3, .28},
     {.42, .13},
     {.6, .13},
     {.7, .3},
     {.6, .48},
     {.3, .87},
     {.72, .87},
     {-1, 0}},
    {{.3, .17},
     {.55, .12},
     {.68, .28},
     {.5, .47},
     {.7, .66},
     {.55, .87},
     {.28, .82},
     {-1, 0}},
    {{.6, .88}, {.6, .12}, {.28, .62}, {.74, .62}, {-1, 0}},
    {{.68, .13},
     {.35, .13},
     {.32, .46},
     {.56, .42},
     {.7, .62},
     {.56, .86},
     {.3, .84},
     {-1, 0}},
    {{.63, .13},
     {.38, .36},
     {.3, .65},
     {.46, .88},
     {.66, .78},
     {.66, .58},
     {.48, .49},
     {.33, .6},
     {-1, 0}},
    {{.28, .13}, {.72, .13}, {.45, .88}, {-1, 0}},
    {{.5, .48},
     {.33, .32},
     {.42, .13},
     {.58, .13},
     {.67, .32},
     {.5, .48},
     {.3, .68},
     {.4, .87},
     {.6, .87},
     {.7, .68},
     {.5, .48},
     {-1, 0}},
    {{.67, .4},
     {.52, .51},
     {.34, .42},
     {.34, .22},
     {.54, .12},
     {.67, .25},
     {.67, .4},
     {.62, .66},
     {.45, .88},
     {-1, 0}}};

/* From a point to the segment a-b. */
static double distance(double x, double y, const double *a, const double *b)
{
    double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - a[0]) * dx + (y - a[1]) * dy) / length : 0;

    t = fmin(fmax(t, 0), 1);
    return hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

/* Whether there is ink at a point of the unit square. */
static bool ink(size_t digit, double x, double y)
{
    static const double HALF_WIDTH = .06;

    for (size_t i = 1; strokes[digit][i][0] >= 0; i++)
        if (distance(x, y, strokes[digit][i - 1], strokes[digit][i]) <=
            HALF_WIDTH)
            return true;
    return false;
}

/* The digit at one of the places, all pixels right: writes image[size²]. */
static void render(const struct world *w, size_t digit, size_t place,
                   uint8_t *image)
{
    double pixel = 1 / (double)w->size, turn = .21;
    double dx = pixel * ((double)(place % SHIFTS) - 2);
    double dy = pixel * ((double)(place / SHIFTS % SHIFTS) - 2);
    double angle = turn * ((double)(place / SHIFTS / SHIFTS) - 1);

    for (size_t i = 0; i < w->size * w->size; i++) {
        double x = pixel * ((double)(i % w->size) + .5) - .5 - dx;
        double y = pixel * ((double)(i / w->size) + .5) - .5 - dy;
        image[i] = ink(digit, .5 + x * cos(angle) - y * sin(angle),
                       .5 + x * sin(angle) + y * cos(angle));
    }
}

/* [classes][PLACES][size²] */
static void *glyphs_build(const struct world *w)
{
    size_t pixels = w->size * w->size;
    uint8_t *images = mem_alloc(w->classes * PLACES, pixels);

    for (size_t i = 0; i < w->classes * PLACES; i++)
        render(w, i / PLACES, i % PLACES, images + i * pixels);
    return images;
}

static size_t glyphs_width(const struct world *w)
{
    return w->size * w->size;
}

static const uint8_t *image_of(const struct world *w, size_t class,
                               size_t place)
{
    return (const uint8_t *)w->tables +
           (class * PLACES + place) * w->size * w->size;
}

static void glyphs_draw(const struct world *w, struct rng *rng, size_t class,
                        double *x)
{
    const uint8_t *image = image_of(w, class, rng_below(rng, PLACES));

    for (size_t i = 0; i < w->size * w->size; i++)
        x[i] = rng_uniform(rng) < w->noise ? 1 - image[i] : image[i];
}

static size_t pixels_apart(const uint8_t *image, const double *x, size_t n)
{
    size_t apart = 0;

    for (size_t i = 0; i < n; i++)
        apart += (x[i] > .5) != image[i];
    return apart;
}

/* With d of n pixels wrong, noise^d (1 - noise)^(n - d): the mean of places. */
static void glyphs_density(const struct world *w, const double *x, double *out)
{
    double odds = log(w->noise) - log1p(-w->noise);

    for (size_t k = 0; k < w->classes; k++) {
        out[k] = -INFINITY;
        for (size_t place = 0; place < PLACES; place++)
            out[k] = log_add(out[k],
                             odds * (double)pixels_apart(image_of(w, k, place),
                                                         x, w->size * w->size));
    }
}

/* How far to the right the ink stands. */
static double glyphs_lean(const struct world *w, const double *x)
{
    double sum = 0, at = 0;

    for (size_t i = 0; i < w->size * w->size; i++) {
        sum += x[i];
        at += x[i] * (double)(i % w->size);
    }
    return sum > 0 ? at / sum - (double)(w->size - 1) / 2 : 0;
}

static void glyphs_header(const struct world *w, struct csv_writer *out)
{
    char name[24];

    for (size_t i = 1; i <= w->size * w->size; i++) {
        snprintf(name, sizeof(name), "px%zu", i);
        csv_writer_text(out, name);
    }
}

/* Grey levels as scans have them: ink is 0, paper 255. */
static void glyphs_cells(const struct world *w, const double *x,
                         struct csv_writer *out)
{
    for (size_t i = 0; i < w->size * w->size; i++)
        csv_writer_text(out, x[i] > .5 ? "0" : "255");
}

const struct synth_kind synth_glyphs = {.name = "glyphs",
                                        .size_means = "pixels a side",
                                        .noise_means = "probability of a pixel "
                                                       "of the wrong colour",
                                        .usual = {DIGITS, 16, .2, NULL},
                                        .least_classes = 2,
                                        .most_classes = DIGITS,
                                        .least_size = 8,
                                        .most_size = 64,
                                        .most_noise = .5,
                                        .draws = 4000,
                                        .build = glyphs_build,
                                        .width = glyphs_width,
                                        .draw = glyphs_draw,
                                        .log_density = glyphs_density,
                                        .lean = glyphs_lean,
                                        .header = glyphs_header,
                                        .cells = glyphs_cells};
