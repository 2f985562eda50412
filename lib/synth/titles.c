/*
 * Titles of books from a small grammar: a pattern and the words in it.
 *
 * Each genre has its own liking for the words of a list; with probability
 * `noise` a word is drawn evenly instead.  A title can be read in one way only,
 * so that its probability is a product.
 */
#include <math.h>

#include "synth/kind.h"

enum { PATTERN, ADJECTIVE, NOUN, PLACE, SLOTS };
enum { MOST_WORDS = 10 };

static const double TAU = 6.283185307179586;

/* How strongly a genre likes some words. */
static const double LIKING = 1.6;

static const struct slot {
    size_t n;
    const char *words[MOST_WORDS];
} slots[SLOTS] = {
    [PATTERN] = {3, {0}},
    [ADJECTIVE] = {8,
                   {"lost", "new", "complete", "secret", "old", "royal",
                    "quiet", "general"}},
    [NOUN] = {10,
              {"daughter", "history", "voyage", "garden", "treatise", "ballad",
               "heir", "survey", "letter", "song"}},
    [PLACE] = {8,
               {"Wales", "the Nile", "Ulster", "Bengal", "Peru", "the Rhine",
                "Norfolk", "Crete"}},
};

static bool is_said(const double *x, size_t slot)
{
    return slot != ADJECTIVE || x[PATTERN] != 2;
}

static double probability(const struct world *w, size_t slot, size_t word,
                          size_t class)
{
    double n = (double)slots[slot].n, sum = 0, weight[MOST_WORDS];
    double at = (double)class / (double)w->classes;

    for (size_t i = 0; i < slots[slot].n; i++) {
        weight[i] = exp(LIKING * cos(TAU * ((double)i / n - at)));
        sum += weight[i];
    }
    return (1 - w->noise) * weight[word] / sum + w->noise / n;
}

static size_t titles_width(const struct world *w)
{
    (void)w;
    return SLOTS;
}

static void titles_draw(const struct world *w, struct rng *rng, size_t class,
                        double *x)
{
    for (size_t slot = 0; slot < SLOTS; slot++) {
        double at = rng_uniform(rng);
        size_t word = 0;
        while (word + 1 < slots[slot].n &&
               (at -= probability(w, slot, word, class)) >= 0)
            word++;
        x[slot] = (double)word;
    }
}

static void titles_density(const struct world *w, const double *x, double *out)
{
    for (size_t k = 0; k < w->classes; k++) {
        out[k] = 0;
        for (size_t slot = 0; slot < SLOTS; slot++)
            if (is_said(x, slot))
                out[k] += log(probability(w, slot, (size_t)x[slot], k));
    }
}

static double titles_lean(const struct world *w, const double *x)
{
    (void)w;
    return x[PATTERN] - 1;
}

static void titles_header(const struct world *w, struct csv_writer *out)
{
    (void)w;
    csv_writer_text(out, "title");
}

static void titles_cells(const struct world *w, const double *x,
                         struct csv_writer *out)
{
    const char *adjective = slots[ADJECTIVE].words[(size_t)x[ADJECTIVE]];
    const char *noun = slots[NOUN].words[(size_t)x[NOUN]];
    const char *place = slots[PLACE].words[(size_t)x[PLACE]];
    struct buf cell = {0};

    (void)w;
    if (x[PATTERN] == 0)
        buf_printf(&cell, "The %s %s of %s", adjective, noun, place);
    else if (x[PATTERN] == 1)
        buf_printf(&cell, "My %s %s: sketches from %s", adjective, noun, place);
    else
        buf_printf(&cell, "A %s in %s, by a Lady", noun, place);
    csv_writer_cell(out, cell.data, cell.len);
    buf_release(&cell);
}

const struct synth_kind synth_titles = {.name = "titles",
                                        .noise_means = "probability of a word "
                                                       "that says nothing",
                                        .usual = {3, SLOTS, .2, NULL},
                                        .least_classes = 2,
                                        .most_classes = 8,
                                        .least_size = SLOTS,
                                        .most_size = SLOTS,
                                        .most_noise = 1,
                                        .draws = 40000,
                                        .width = titles_width,
                                        .draw = titles_draw,
                                        .log_density = titles_density,
                                        .lean = titles_lean,
                                        .header = titles_header,
                                        .cells = titles_cells};
