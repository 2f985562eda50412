/*
 * A table of objects: two sizes, a year, a material, a place and a price that
 * is sometimes missing.
 *
 * Each object is of one of two styles, which is not told but can be guessed
 * from year and material; in one style wide objects are of another class than
 * in the other, so that no column and no sum of columns will do.  A missing
 * price says something about the class.
 */
#include <math.h>

#include "synth/kind.h"

enum { WIDTH_MM, HEIGHT_MM, YEAR, MATERIAL, PLACE, PRICE, CELLS };
enum { STYLES = 2, MATERIALS = 5, PLACES = 8 };

static const double TAU = 6.283185307179586;

static const char *const materials[MATERIALS] = {"paper", "oak", "copper",
                                                 "linen", "clay"};
static const char *const places[PLACES] = {"Bath", "Delft", "Lyon", "Kyoto",
                                           "Lima", "Cairo", "Riga", "Accra"};

static double angle(const struct world *w, size_t class)
{
    return TAU * (double)class / (double)w->classes;
}

static double mean_width(const struct world *w, size_t class, size_t style)
{
    return 200 + (style ? -60 : 60) * cos(angle(w, class));
}

static double mean_height(const struct world *w, size_t class)
{
    return 250 + 50 * sin(angle(w, class));
}

static double mean_year(size_t style)
{
    return style ? 1880 : 1820;
}

static double p_material(size_t level, size_t style)
{
    double sum = 0, weight[MATERIALS];

    for (size_t i = 0; i < MATERIALS; i++) {
        weight[i] =
            exp(cos(TAU * ((double)i / MATERIALS - .5 * (double)style)));
        sum += weight[i];
    }
    return weight[level] / sum;
}

static double p_place(const struct world *w, size_t level, size_t class)
{
    double sum = 0, weight[PLACES];

    for (size_t i = 0; i < PLACES; i++) {
        weight[i] = exp(.5 * cos(TAU * (double)i / PLACES - angle(w, class)));
        sum += weight[i];
    }
    return weight[level] / sum;
}

static double p_missing(size_t class)
{
    return class % 2 ? .25 : .1;
}

static size_t tabular_width(const struct world *w)
{
    (void)w;
    return CELLS;
}

static void tabular_draw(const struct world *w, struct rng *rng, size_t class,
                         double *x)
{
    size_t style = rng_below(rng, STYLES), level = 0;
    double at = rng_uniform(rng);

    while (level + 1 < MATERIALS && (at -= p_material(level, style)) >= 0)
        level++;
    x[MATERIAL] = (double)level;
    at = rng_uniform(rng);
    level = 0;
    while (level + 1 < PLACES && (at -= p_place(w, level, class)) >= 0)
        level++;
    x[PLACE] = (double)level;
    x[WIDTH_MM] = mean_width(w, class, style) + 60 * w->noise * rng_normal(rng);
    x[HEIGHT_MM] = mean_height(w, class) + 50 * w->noise * rng_normal(rng);
    x[YEAR] = mean_year(style) + 20 * rng_normal(rng);
    x[PRICE] = exp(3 + rng_normal(rng));
    if (rng_uniform(rng) < p_missing(class))
        x[PRICE] = NAN;
}

static double log_normal(double x, double mean, double sd)
{
    return -(x - mean) * (x - mean) / (2 * sd * sd);
}

static void tabular_density(const struct world *w, const double *x, double *out)
{
    for (size_t k = 0; k < w->classes; k++) {
        double by_style[STYLES];
        for (size_t z = 0; z < STYLES; z++)
            by_style[z] =
                log_normal(x[WIDTH_MM], mean_width(w, k, z), 60 * w->noise) +
                log_normal(x[YEAR], mean_year(z), 20) +
                log(p_material((size_t)x[MATERIAL], z));
        out[k] = log_add(by_style[0], by_style[1]) +
                 log_normal(x[HEIGHT_MM], mean_height(w, k), 50 * w->noise) +
                 log(p_place(w, (size_t)x[PLACE], k)) +
                 log(isnan(x[PRICE]) ? p_missing(k) : 1 - p_missing(k));
    }
}

static double tabular_lean(const struct world *w, const double *x)
{
    (void)w;
    return (x[YEAR] - 1850) / 35;
}

static void tabular_header(const struct world *w, struct csv_writer *out)
{
    static const char *const names[CELLS] = {"width_mm", "height_mm", "year",
                                             "material", "place",     "price"};

    (void)w;
    for (size_t i = 0; i < CELLS; i++)
        csv_writer_text(out, names[i]);
}

static void tabular_cells(const struct world *w, const double *x,
                          struct csv_writer *out)
{
    (void)w;
    synth_number(out, x[WIDTH_MM]);
    synth_number(out, x[HEIGHT_MM]);
    synth_number(out, round(x[YEAR]));
    csv_writer_text(out, materials[(size_t)x[MATERIAL]]);
    csv_writer_text(out, places[(size_t)x[PLACE]]);
    if (isnan(x[PRICE]))
        csv_writer_text(out, "");
    else
        synth_number(out, x[PRICE]);
}

const struct synth_kind synth_tabular = {
    .name = "tabular",
    .noise_means = "spread of the two sizes",
    .usual = {3, CELLS, .5, NULL},
    .least_classes = 2,
    .most_classes = 20,
    .least_size = CELLS,
    .most_size = CELLS,
    .most_noise = 100,
    .draws = 40000,
    .width = tabular_width,
    .draw = tabular_draw,
    .log_density = tabular_density,
    .lean = tabular_lean,
    .header = tabular_header,
    .cells = tabular_cells};
