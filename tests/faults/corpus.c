#include "corpus.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "nn/initialise.h"
#include "synth/maker.h"
#include "table/splitter.h"

#define FOLDER "tests/faults/data/"

const struct data_set corpus[] = {
    {.name = "blobs", .half = 'A', .kind = &synth_blobs, .rows = 200},
    {.name = "moons",
     .half = 'A',
     .kind = &synth_moons,
     .curved = true,
     .rows = 250},
    {.name = "tabular",
     .half = 'A',
     .kind = &synth_tabular,
     .curved = true,
     .rows = 300},
    {.name = "glyphs",
     .half = 'A',
     .kind = &synth_glyphs,
     .form = IMAGE,
     .rows = 500},
    {.name = "order",
     .half = 'A',
     .kind = &synth_order,
     .form = STEPS,
     .rows = 300},
    {.name = "titles",
     .half = 'A',
     .kind = &synth_titles,
     .form = TEXT,
     .rows = 300},
    {.name = "iris", .half = 'A', .file = FOLDER "iris.csv.gz"},
    {.name = "cells", .half = 'A', .file = FOLDER "cells.csv.gz"},
    {.name = "messages",
     .half = 'A',
     .file = FOLDER "messages.csv.gz",
     .form = TEXT},
    {.name = "clouds", .half = 'B', .kind = &synth_blobs, .rows = 400},
    {.name = "xor",
     .half = 'B',
     .kind = &synth_xor,
     .curved = true,
     .rows = 250},
    {.name = "spirals",
     .half = 'B',
     .kind = &synth_spirals,
     .curved = true,
     .rows = 400},
    {.name = "wine", .half = 'B', .file = FOLDER "wine.csv.gz"},
    {.name = "census", .half = 'B', .file = FOLDER "census.csv.gz"},
    {.name = "digits",
     .half = 'B',
     .file = FOLDER "digits.csv.gz",
     .form = IMAGE,
     .image = 8},
    {.name = "vowels",
     .half = 'B',
     .file = FOLDER "vowels.csv.gz",
     .form = STEPS},
    {.name = "books", .half = 'B', .file = FOLDER "books.csv.gz", .form = TEXT},
    {.name = NULL}};

/* ---- drawing ---- */

static double between(struct rng *rng, double low, double high)
{
    return low + (high - low) * rng_uniform(rng);
}

/* Evenly in the logarithm. */
static double log_between(struct rng *rng, double low, double high)
{
    return exp(between(rng, log(low), log(high)));
}

static bool chance(struct rng *rng, double p)
{
    return rng_uniform(rng) < p;
}

static size_t one_of(struct rng *rng, size_t low, size_t high)
{
    return low + (size_t)rng_below(rng, high - low + 1);
}

/* ---- made data ---- */

/* Classes, size and noise around what is usual for the kind. */
static struct world draw_world(const struct data_set *set, struct rng *rng)
{
    struct world w = set->kind->usual;

    if (set->kind == &synth_blobs) {
        w.classes = set->half == 'A' ? one_of(rng, 2, 5) : one_of(rng, 5, 8);
        w.size = set->half == 'A' ? one_of(rng, 2, 6) : one_of(rng, 8, 12);
    } else if (set->kind == &synth_glyphs) {
        w.classes = one_of(rng, 4, 10);
        w.size = 2 * one_of(rng, 4, 6);
        w.noise = .1;
    } else if (set->kind == &synth_spirals || set->kind == &synth_titles) {
        w.classes = one_of(rng, 2, 3);
    } else if (set->kind == &synth_order) {
        w.size = one_of(rng, 8, 12);
    }
    w.noise *= between(rng, .6, 1.1);
    return w;
}

static int make_grid(struct sample *s, struct rng *rng, const char *scratch,
                     struct err *err)
{
    struct synth_options o = {
        .kind = s->set->kind,
        .world = draw_world(s->set, rng),
        .rows = (size_t)log_between(rng, (double)s->set->rows, 1500),
        .imbalance = chance(rng, .4) ? log_between(rng, 2, 8) : 1,
        .seed = s->seed};
    struct maker *maker = maker_new(&o);
    struct output *out = output_open(scratch, err);
    struct csv_writer w;
    int status = out ? 0 : -1;

    csv_writer_init(&w, out);
    maker_header(maker, &w);
    status = status == 0 ? csv_writer_end(&w, err) : -1;
    for (size_t i = 0; i < o.rows && status == 0; i++) {
        maker_row(maker, i, &w);
        status = csv_writer_end(&w, err);
    }
    csv_writer_release(&w);
    maker_free(maker);
    if (out && output_commit(out, err) != 0)
        status = -1;
    if (s->set->form == IMAGE)
        s->shape[0] = s->shape[1] = o.world.size;
    return status == 0 ? grid_read(&s->grid, scratch, err) : -1;
}

/* Nine of ten rows of a file, in random order. */
static int read_grid(struct sample *s, struct rng *rng, struct err *err)
{
    size_t *rows;

    if (grid_read(&s->grid, s->set->file, err) != 0)
        return -1;
    rows = grid_shuffled(&s->grid, rng);
    grid_take(&s->grid, rows, s->grid.n * 9 / 10);
    free(rows);
    s->shape[0] = s->shape[1] = (size_t)s->set->image;
    return 0;
}

/* ---- parts ---- */

static int split_rows(struct grid *g, size_t split, struct splitter *s,
                      struct csv_reader *data, struct err *err)
{
    struct split_row row;
    int got = 1, seen;

    while (splitter_next_pass(s)) {
        for (seen = 0; seen == 0;) {
            got = csv_reader_next(data, err);
            seen = got == 1 ? splitter_see(s, data, err) : 1;
        }
        if (got < 0 || seen < 0 || splitter_end_pass(s, err) != 0 ||
            csv_reader_rewind(data, err) != 0)
            return -1;
    }
    for (size_t r = 0; r < g->n; r++) {
        if (csv_reader_next(data, err) != 1 ||
            splitter_row(s, data, &row, err) != 0)
            return -1;
        grid_set(g, r, split, row.part);
    }
    return 0;
}

int corpus_split(struct grid *g, size_t split, uint64_t seed,
                 const char *scratch, struct err *err)
{
    struct splitter_options o = {
        .label = "label", .mode = SPLIT_REPLACE, .seed = seed};
    char *name = mem_strdup(scratch), *const paths[] = {name};
    struct csv_reader *data = NULL;
    struct splitter s;
    int status = -1;

    if (parts_parse(&o.parts, "train=.7,val=.15,test=.15", err) == 0 &&
        grid_write(g, scratch, err) == 0)
        data = csv_reader_open(paths, 1, &(struct csv_options){.reread = true},
                               err);
    if (data && splitter_init(&s, data, &o, err) == 0) {
        status = split_rows(g, split, &s, data, err);
        splitter_release(&s);
    }
    csv_reader_close(data);
    parts_release(&o.parts);
    free(name);
    return status;
}

/* ---- settings ---- */

static void draw_network(const struct sample *s, struct rng *rng,
                         struct hyper *h)
{
    static const enum net_kind kinds[] = {[ROWS] = NET_MLP,
                                          [IMAGE] = NET_LENET,
                                          [STEPS] = NET_LSTM,
                                          [TEXT] = NET_MLP};
    enum net_kind kind = kinds[s->set->form];

    if (s->set->form != STEPS && !s->set->curved && chance(rng, .2))
        kind = NET_LINEAR;
    else if (s->set->form == IMAGE && chance(rng, .2))
        kind = NET_MLP;
    hyper_init(h, kind);
    h->hidden =
        (struct widths){.n = 1, .at = {(size_t)log_between(rng, 32, 256)}};
    if (kind == NET_MLP && chance(rng, .3))
        h->hidden.at[h->hidden.n++] = (size_t)log_between(rng, 32, 128);
    h->kernel = 3;
    if (kind == NET_LSTM)
        h->hidden.at[0] = (size_t)log_between(rng, 32, 64);
    if (kind == NET_MLP || kind == NET_LENET)
        h->norm = chance(rng, .5)   ? NORM_NONE
                  : chance(rng, .5) ? NORM_BATCH
                                    : NORM_LAYER;
    if (kind != NET_LINEAR)
        h->init = (int)(chance(rng, .5)   ? INIT_AUTO
                        : chance(rng, .5) ? INIT_HE_NORMAL
                                          : INIT_GLOROT_UNIFORM);
    if (kind != NET_LINEAR && chance(rng, .5))
        h->dropout = between(rng, .1, .4);
}

/*
 * A rate at which all steps together can get anywhere: those of adam are about
 * as long as it says.  A linear network has to go farther with few weights.
 */
static double least_rate(const struct sample *s, const struct hyper *h)
{
    double steps = (double)h->epochs *
                   ceil(.7 * (double)s->grid.n / (double)h->batch);

    return fmin(h->net == NET_LINEAR ? 5 / steps : .5 / steps,
                h->net == NET_LINEAR ? 1e-2 : 3e-3);
}

static void draw_training(const struct sample *s, struct rng *rng,
                          struct hyper *h)
{
    static const int optimizers[] = {OPTIMIZER_ADAM, OPTIMIZER_ADAMW,
                                     OPTIMIZER_MOMENTUM};

    h->optimizer = optimizers[one_of(rng, 0, 2)];
    h->learning_rate = log_between(rng, 1e-4, 3e-3);
    h->batch = (size_t)16 << one_of(rng, 0, 3);
    h->learning_rate = fmax(h->learning_rate, least_rate(s, h));
    if (h->optimizer == OPTIMIZER_MOMENTUM)
        h->learning_rate *= 10;
    if (chance(rng, .5))
        h->weight_decay = log_between(rng, 1e-5, 1e-3);
    if (s->set->form == IMAGE && chance(rng, .3))
        h->shift = 1;
    if (s->set->form == IMAGE && chance(rng, .3))
        h->noise = .1;
    if (s->doubt > .05 || chance(rng, .5))
        h->output_bias = OUTPUT_BIAS_PRIOR;
}

/* ln K - H, of the classes in the grid. */
static double doubt_of(const struct grid *g, size_t label)
{
    struct dict classes = {0};
    double *n = mem_zalloc(g->n + 1, sizeof(*n)), entropy = 0;
    double all = (double)g->n, doubt;

    for (size_t r = 0; r < g->n; r++)
        n[dict_add(&classes, grid_at(g, r, label),
                   strlen(grid_at(g, r, label)))]++;
    for (size_t k = 0; k < classes.count; k++)
        entropy -= n[k] / all * log(n[k] / all);
    doubt = log((double)classes.count) - entropy;
    dict_release(&classes);
    free(n);
    return doubt;
}

int sample_make(struct sample *s, const struct data_set *set, uint64_t seed,
                const char *scratch, struct err *err)
{
    struct rng rng;

    *s = (struct sample){.set = set, .seed = seed};
    rng_init(&rng, seed, 7000 + (uint64_t)(set - corpus));
    if ((set->kind ? make_grid(s, &rng, scratch, err)
                   : read_grid(s, &rng, err)) != 0)
        return -1;
    s->label = grid_find(&s->grid, "label");
    grid_drop_doubles(&s->grid, s->label);
    if (set->form == IMAGE) {
        s->n_shape = 3;
        s->shape[2] = 1;
    }
    s->split = grid_add_column(&s->grid, "split");
    s->doubt = doubt_of(&s->grid, s->label);
    draw_network(s, &rng, &s->hyper);
    draw_training(s, &rng, &s->hyper);
    return corpus_split(&s->grid, s->split, seed, scratch, err);
}

void sample_release(struct sample *s)
{
    grid_release(&s->grid);
}

bool sample_feature(const struct sample *s, size_t column)
{
    return column != s->label && column != s->split;
}
