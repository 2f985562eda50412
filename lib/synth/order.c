/* Sequences: what counts is all of them (parity), or where things are. */
#include <math.h>

#include "synth/kind.h"

static void header_sequence(const struct world *w, struct csv_writer *out)
{
    (void)w;
    csv_writer_text(out, "sequence");
}

/* Steps parted by semicolons, the values of a step by blanks. */
static void cells_of(size_t steps, size_t values, const double *x,
                     struct csv_writer *out)
{
    struct buf cell = {0};

    for (size_t i = 0; i < steps * values; i++) {
        if (i)
            buf_add_char(&cell, i % values ? ' ' : ';');
        buf_printf(&cell, "%.4g", x[i]);
    }
    csv_writer_cell(out, cell.data, cell.len);
    buf_release(&cell);
}

/* ---- parity: is the number of ones odd?  Bits are read wrong at times ---- */

static size_t parity_width(const struct world *w)
{
    return w->size;
}

static void parity_draw(const struct world *w, struct rng *rng, size_t class,
                        double *x)
{
    size_t ones = 0;

    for (size_t i = 0; i < w->size; i++) {
        size_t bit = i + 1 < w->size ? rng_below(rng, 2) : (ones + class) % 2;
        ones += bit;
        x[i] = (double)(rng_uniform(rng) < w->noise ? 1 - bit : bit);
    }
}

static size_t ones_of(const struct world *w, const double *x)
{
    size_t ones = 0;

    for (size_t i = 0; i < w->size; i++)
        ones += x[i] > 0;
    return ones;
}

/*
 * Of n bits that are each read wrong with probability f an even number is
 * wrong with probability (1 + (1 - 2 f)^n) / 2.
 */
static void parity_density(const struct world *w, const double *x, double *out)
{
    double left = pow(1 - 2 * w->noise, (double)w->size);
    size_t seen = ones_of(w, x) % 2;

    out[seen] = log((1 + left) / 2);
    out[1 - seen] = log((1 - left) / 2);
}

static double parity_lean(const struct world *w, const double *x)
{
    double n = (double)w->size;

    return ((double)ones_of(w, x) - n / 2) / sqrt(n / 4);
}

static void parity_cells(const struct world *w, const double *x,
                         struct csv_writer *out)
{
    cells_of(w->size, 1, x, out);
}

const struct synth_kind synth_parity = {
    .name = "parity",
    .size_means = "steps",
    .noise_means = "probability of a wrong bit",
    .usual = {2, 8, .001, NULL},
    .least_classes = 2,
    .most_classes = 2,
    .least_size = 2,
    .most_size = 1000,
    .most_noise = .5,
    .draws = 20000,
    .width = parity_width,
    .draw = parity_draw,
    .log_density = parity_density,
    .lean = parity_lean,
    .header = header_sequence,
    .cells = parity_cells};

/* ---- order: which of two marks comes first?  Two channels, with noise ---- */

static size_t order_width(const struct world *w)
{
    return 2 * w->size;
}

static void order_draw(const struct world *w, struct rng *rng, size_t class,
                       double *x)
{
    size_t a = rng_below(rng, w->size), b = rng_below(rng, w->size - 1);
    size_t first, second;

    b += b >= a;
    first = a < b ? a : b;
    second = a < b ? b : a;
    for (size_t i = 0; i < 2 * w->size; i++)
        x[i] = w->noise * rng_normal(rng);
    x[2 * first + class] += 1;
    x[2 * second + 1 - class] += 1;
}

/*
 * A mark at step i of a channel makes its row likelier by exp((x - 1/2) /
 * noise²); the density is the mean over all pairs of steps.
 */
static void order_density(const struct world *w, const double *x, double *out)
{
    double unit = 1 / (w->noise * w->noise);

    for (size_t k = 0; k < 2; k++) {
        double earlier = -INFINITY, sum = -INFINITY;
        for (size_t i = 0; i < w->size; i++) {
            sum = log_add(sum, earlier + (x[2 * i + 1 - k] - .5) * unit);
            earlier = log_add(earlier, (x[2 * i + k] - .5) * unit);
        }
        out[k] = sum;
    }
}

/* The mean place of what is high. */
static double order_lean(const struct world *w, const double *x)
{
    double sum = 0, middle = (double)(w->size - 1) / 2;

    for (size_t i = 0; i < w->size; i++)
        sum += (x[2 * i] + x[2 * i + 1]) * ((double)i - middle);
    return sum / middle;
}

static void order_cells(const struct world *w, const double *x,
                        struct csv_writer *out)
{
    cells_of(w->size, 2, x, out);
}

const struct synth_kind synth_order = {.name = "order",
                                       .size_means = "steps",
                                       .noise_means = "standard deviation",
                                       .usual = {2, 20, .2, NULL},
                                       .least_classes = 2,
                                       .most_classes = 2,
                                       .least_size = 2,
                                       .most_size = 10000,
                                       .most_noise = 10,
                                       .draws = 40000,
                                       .width = order_width,
                                       .draw = order_draw,
                                       .log_density = order_density,
                                       .lean = order_lean,
                                       .header = header_sequence,
                                       .cells = order_cells};
