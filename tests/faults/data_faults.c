/*
 * Faults of a table, each of one thing.  What check does not claim to tell is
 * none of them: labels that are wrong here and there, columns in units of their
 * own (inputs are standardised), parts of a few rows (it says `undecided`).
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "csv/reader.h"
#include "fault.h"

/* ---- what is there ---- */

enum { FEW = 12 }; /* values that a column of numbers has at least */

static bool is_part(const struct grid *g, const struct sample *s, size_t row,
                    const char *part)
{
    return strcmp(grid_at(g, row, s->split), part) == 0;
}

static bool is_train(const struct grid *g, const struct sample *s, size_t row)
{
    return is_part(g, s, row, "train");
}

static size_t levels_of(const struct grid *g, size_t column,
                        struct dict *levels)
{
    for (size_t r = 0; r < g->n; r++)
        if (*grid_at(g, r, column))
            dict_add(levels, grid_at(g, r, column),
                     strlen(grid_at(g, r, column)));
    return levels->count;
}

static size_t count_levels(const struct grid *g, size_t column)
{
    struct dict levels = {0};
    size_t n = levels_of(g, column, &levels);

    dict_release(&levels);
    return n;
}

static bool is_number(const struct grid *g, size_t column)
{
    struct grid_column c = grid_describe(g, column);

    return !c.others && 4 * c.empty < g->n && count_levels(g, column) >= FEW;
}

static bool is_category(const struct grid *g, size_t column)
{
    size_t n = count_levels(g, column);

    return grid_describe(g, column).others > g->n / 2 && n >= 3 && n <= 50;
}

/* One of the features that are so; CSV_NONE: there is none. */
static size_t some_column(const struct grid *g, const struct sample *s,
                          struct rng *rng,
                          bool (*fits)(const struct grid *, size_t))
{
    size_t *all = mem_alloc(g->width, sizeof(*all)), n = 0, chosen;

    for (size_t i = 0; i < g->width; i++)
        if (s->set->form == ROWS && sample_feature(s, i) && fits(g, i))
            all[n++] = i;
    chosen = n ? all[rng_below(rng, n)] : CSV_NONE;
    free(all);
    return chosen;
}

/* Rows of images and sequences take no further column. */
static bool takes_columns(const struct sample *s)
{
    return s->set->form == ROWS || s->set->form == TEXT;
}

/* ---- labels beside other rows ---- */

/* From row `begin` on, row i gets the label of row begin + from[i - begin]. */
static void relabel(struct grid *g, const struct sample *s, size_t begin,
                    const size_t *from)
{
    struct grid old;

    grid_copy(&old, g);
    for (size_t r = begin; r < g->n; r++)
        grid_set(g, r, s->label,
                 grid_at(&old, begin + from[r - begin], s->label));
    grid_release(&old);
}

static void shift_from(struct grid *g, const struct sample *s, size_t begin,
                       struct rng *rng)
{
    size_t n = g->n - begin, by = 1 + (size_t)rng_below(rng, 5);
    size_t *from = mem_alloc(n, sizeof(*from));

    if (rng_below(rng, 2))
        by = n - by;
    for (size_t i = 0; i < n; i++)
        from[i] = (i + by) % n;
    relabel(g, s, begin, from);
    free(from);
}

static void shuffle_from(struct grid *g, const struct sample *s, size_t begin,
                         struct rng *rng)
{
    size_t *from = grid_shuffled(g, rng), kept = 0;

    for (size_t i = 0; i < g->n; i++)
        if (from[i] >= begin)
            from[kept++] = from[i] - begin;
    relabel(g, s, begin, from);
    free(from);
}

static bool spoil_shift(struct grid *g, const struct sample *s, struct rng *rng)
{
    shift_from(g, s, 0, rng);
    return true;
}

static bool spoil_shuffle(struct grid *g, const struct sample *s,
                          struct rng *rng)
{
    shuffle_from(g, s, 0, rng);
    return true;
}

/* A quarter of fewer than 100 rows tells too little. */
static bool spoil_quarter_shift(struct grid *g, const struct sample *s,
                                struct rng *rng)
{
    shift_from(g, s, g->n * 3 / 4, rng);
    return g->n >= 400;
}

static bool spoil_quarter_shuffle(struct grid *g, const struct sample *s,
                                  struct rng *rng)
{
    shuffle_from(g, s, g->n * 3 / 4, rng);
    return g->n >= 400;
}

static bool spoil_reverse(struct grid *g, const struct sample *s,
                          struct rng *rng)
{
    size_t *from = mem_alloc(g->n, sizeof(*from));

    (void)rng;
    for (size_t i = 0; i < g->n; i++)
        from[i] = g->n - 1 - i;
    relabel(g, s, 0, from);
    free(from);
    return true;
}

struct keyed {
    const char *key;
    size_t row;
};

static int by_key(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = strcmp(x->key, y->key);

    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Rows in the order of their labels. */
static size_t *rows_by_label(const struct grid *g, const struct sample *s)
{
    struct keyed *keyed = mem_alloc(g->n, sizeof(*keyed));
    size_t *rows = mem_alloc(g->n, sizeof(*rows));

    for (size_t r = 0; r < g->n; r++)
        keyed[r] = (struct keyed){grid_at(g, r, s->label), r};
    qsort(keyed, g->n, sizeof(*keyed), by_key);
    for (size_t r = 0; r < g->n; r++)
        rows[r] = keyed[r].row;
    free(keyed);
    return rows;
}

static bool spoil_sorted_apart(struct grid *g, const struct sample *s,
                               struct rng *rng)
{
    size_t *from = rows_by_label(g, s);

    (void)rng;
    relabel(g, s, 0, from);
    free(from);
    return true;
}

/* ---- rows ---- */

static void copy_row(struct grid *g, const struct sample *s, size_t to,
                     size_t from)
{
    for (size_t i = 0; i < g->width; i++)
        if (i != s->split)
            grid_set(g, to, i, grid_at(g, from, i));
}

static size_t some_train_row(const struct grid *g, const struct sample *s,
                             struct rng *rng)
{
    size_t row;

    do
        row = rng_below(rng, g->n);
    while (!is_train(g, s, row));
    return row;
}

/* Each such row, with this probability, becomes a copy of one in train. */
static void copy_some(struct grid *g, const struct sample *s, struct rng *rng,
                      const char *part, double share)
{
    for (size_t r = 0; r < g->n; r++)
        if (is_part(g, s, r, part) && rng_uniform(rng) < share)
            copy_row(g, s, r, some_train_row(g, s, rng));
}

static bool spoil_duplicates(struct grid *g, const struct sample *s,
                             struct rng *rng)
{
    copy_some(g, s, rng, "train", .25);
    return true;
}

static bool spoil_leak(struct grid *g, const struct sample *s, struct rng *rng)
{
    copy_some(g, s, rng, "test", .3);
    return true;
}

static bool spoil_conflicts(struct grid *g, const struct sample *s,
                            struct rng *rng)
{
    for (size_t r = 0; r < g->n; r++) {
        size_t from, other = rng_below(rng, g->n);
        if (!is_train(g, s, r) || rng_uniform(rng) >= .1)
            continue;
        from = some_train_row(g, s, rng);
        while (strcmp(grid_at(g, other, s->label),
                      grid_at(g, from, s->label)) == 0)
            other = rng_below(rng, g->n);
        copy_row(g, s, r, from);
        grid_set(g, r, s->label, grid_at(g, other, s->label));
    }
    return true;
}

/* A word more, or the last digits of a number changed. */
static void change_a_little(struct grid *g, const struct sample *s, size_t row,
                            struct rng *rng)
{
    struct buf text = {0};
    size_t i = some_column(g, s, rng, is_number);

    if (s->set->form == ROWS && i != CSV_NONE) {
        double by = grid_describe(g, i).deviation * 1e-3;
        grid_set_number(g, row, i, grid_number(g, row, i) + by);
        return;
    }
    for (i = 0; i < g->width && !sample_feature(s, i); i++)
        ;
    buf_printf(&text, "%s.", grid_at(g, row, i));
    grid_set(g, row, i, text.data);
    buf_release(&text);
}

static bool spoil_near_leak(struct grid *g, const struct sample *s,
                            struct rng *rng)
{
    for (size_t r = 0; r < g->n; r++)
        if (is_part(g, s, r, "test") && rng_uniform(rng) < .3) {
            copy_row(g, s, r, some_train_row(g, s, rng));
            change_a_little(g, s, r, rng);
        }
    return s->set->form == TEXT;
}

/* ---- classes and parts ---- */

static bool spoil_sorted(struct grid *g, const struct sample *s,
                         struct rng *rng)
{
    size_t *rows = rows_by_label(g, s);

    (void)rng;
    grid_take(g, rows, g->n);
    free(rows);
    return true;
}

static bool spoil_sorted_split(struct grid *g, const struct sample *s,
                               struct rng *rng)
{
    spoil_sorted(g, s, rng);
    for (size_t r = 0; r < g->n; r++)
        grid_set(g, r, s->split,
                 r < g->n * 7 / 10     ? "train"
                 : r < g->n * 85 / 100 ? "val"
                                       : "test");
    return true;
}

/* The rows for which keep says yes. */
static void keep_rows(struct grid *g, const bool *keep)
{
    size_t *rows = mem_alloc(g->n + 1, sizeof(*rows)), n = 0;

    for (size_t r = 0; r < g->n; r++)
        if (keep[r])
            rows[n++] = r;
    grid_take(g, rows, n);
    free(rows);
}

/* The class with the most (or the fewest) rows. */
static const char *class_by_size(const struct grid *g, const struct sample *s,
                                 struct dict *levels, bool most)
{
    size_t n = levels_of(g, s->label, levels), best = 0;
    size_t *count = mem_zalloc(n, sizeof(*count));

    for (size_t r = 0; r < g->n; r++)
        count[dict_find(levels, grid_at(g, r, s->label),
                        strlen(grid_at(g, r, s->label)))]++;
    for (size_t k = 1; k < n; k++)
        if (most ? count[k] > count[best] : count[k] < count[best])
            best = k;
    free(count);
    return levels->text[best];
}

/* Four fifths of the largest class's rows are not in the test part. */
static bool spoil_prior(struct grid *g, const struct sample *s, struct rng *rng)
{
    bool *keep = mem_alloc(g->n, sizeof(*keep));
    struct dict levels = {0};
    const char *class = class_by_size(g, s, &levels, true);
    size_t gone = 0;

    for (size_t r = 0; r < g->n; r++) {
        keep[r] = !is_part(g, s, r, "test") ||
                  strcmp(grid_at(g, r, s->label), class) != 0 ||
                  rng_uniform(rng) >= .8;
        gone += !keep[r];
    }
    keep_rows(g, keep);
    dict_release(&levels);
    free(keep);
    return gone >= 20;
}

/* Rows of the smallest class stand in test only. */
static bool spoil_absent(struct grid *g, const struct sample *s,
                         struct rng *rng)
{
    struct dict levels = {0};
    const char *class = class_by_size(g, s, &levels, false);

    (void)rng;
    for (size_t r = 0; r < g->n; r++)
        if (strcmp(grid_at(g, r, s->label), class) == 0)
            grid_set(g, r, s->split, "test");
    dict_release(&levels);
    return true;
}

/* Three rows are left of the smallest class. */
static bool spoil_rare(struct grid *g, const struct sample *s, struct rng *rng)
{
    bool *keep = mem_alloc(g->n, sizeof(*keep));
    struct dict levels = {0};
    const char *class = class_by_size(g, s, &levels, false);
    size_t left = 3;

    (void)rng;
    for (size_t r = 0; r < g->n; r++)
        keep[r] = strcmp(grid_at(g, r, s->label), class) != 0 ||
                  (left && left--);
    keep_rows(g, keep);
    dict_release(&levels);
    free(keep);
    return true;
}

/* Trained on test, tested on train. */
static bool spoil_swapped(struct grid *g, const struct sample *s,
                          struct rng *rng)
{
    (void)rng;
    for (size_t r = 0; r < g->n; r++) {
        if (is_part(g, s, r, "test"))
            grid_set(g, r, s->split, "train");
        else if (is_train(g, s, r))
            grid_set(g, r, s->split, "test");
    }
    return true;
}

static bool spoil_unlabelled(struct grid *g, const struct sample *s,
                             struct rng *rng)
{
    for (size_t r = 0; r < g->n; r++)
        if (rng_uniform(rng) < .3)
            grid_set(g, r, s->label, "");
    return true;
}

/* "Fiction" and "fiction ", "2" and "2 ". */
static void respell(struct grid *g, size_t row, size_t column)
{
    struct buf text = {0};

    buf_printf(&text, "%s ", grid_at(g, row, column));
    text.data[0] = (char)(isupper((unsigned char)text.data[0])
                              ? tolower((unsigned char)text.data[0])
                              : toupper((unsigned char)text.data[0]));
    grid_set(g, row, column, text.data);
    buf_release(&text);
}

static bool spoil_label_spellings(struct grid *g, const struct sample *s,
                                  struct rng *rng)
{
    for (size_t r = 0; r < g->n; r++)
        if (rng_uniform(rng) < .1)
            respell(g, r, s->label);
    return true;
}

/* Five rows that stand together are a group, whatever their parts. */
static bool spoil_groups(struct grid *g, const struct sample *s,
                         struct rng *rng)
{
    size_t column = grid_add_column(g, "group");
    char text[32];

    (void)rng;
    for (size_t r = 0; r < g->n; r++) {
        snprintf(text, sizeof(text), "g%zu", r / 5);
        grid_set(g, r, column, text);
    }
    return takes_columns(s);
}

/* Divided by time, but for one row in ten. */
static bool spoil_time(struct grid *g, const struct sample *s, struct rng *rng)
{
    size_t column = grid_add_column(g, "time");
    char text[32];

    for (size_t r = 0; r < g->n; r++) {
        double at = rng_uniform(rng) < .1 ? rng_uniform(rng)
                                          : (double)r / (double)g->n;
        snprintf(text, sizeof(text), "%zu-%02zu-%02zu", 1990 + r / 336,
                 1 + r / 28 % 12, 1 + r % 28);
        grid_set(g, r, column, text);
        grid_set(g, r, s->split, at < .7 ? "train" : at < .85 ? "val" : "test");
    }
    return takes_columns(s);
}

/* ---- new columns ---- */

static bool spoil_giveaway(struct grid *g, const struct sample *s,
                           struct rng *rng)
{
    size_t column = grid_add_column(g, "code");
    struct dict levels = {0};
    size_t classes = levels_of(g, s->label, &levels);
    bool number = rng_below(rng, 2);
    char text[32];

    for (size_t r = 0; r < g->n; r++) {
        size_t k = dict_find(&levels, grid_at(g, r, s->label),
                             strlen(grid_at(g, r, s->label)));
        if (rng_uniform(rng) < .02)
            k = rng_below(rng, classes);
        snprintf(text, sizeof(text), number ? "%zu.%03zu" : "s%zu", k,
                 (size_t)rng_below(rng, 300));
        grid_set(g, r, column, text);
    }
    dict_release(&levels);
    return takes_columns(s);
}

static bool spoil_constant(struct grid *g, const struct sample *s,
                           struct rng *rng)
{
    size_t column = grid_add_column(g, "source");
    const char *value = rng_below(rng, 2) ? "1" : "batch 7";

    for (size_t r = 0; r < g->n; r++)
        grid_set(g, r, column, value);
    return takes_columns(s);
}

static bool spoil_empty(struct grid *g, const struct sample *s, struct rng *rng)
{
    (void)rng;
    grid_add_column(g, "remark");
    return takes_columns(s);
}

static bool spoil_identifier(struct grid *g, const struct sample *s,
                             struct rng *rng)
{
    size_t column = grid_add_column(g, "record");
    char text[32];

    for (size_t r = 0; r < g->n; r++) {
        snprintf(text, sizeof(text), "K%05zu%02zu",
                 (size_t)rng_below(rng, 1000), r % 100 + 100 * (r / 100));
        grid_set(g, r, column, text);
    }
    return takes_columns(s);
}

/* ---- cells of a column ---- */

static bool spoil_missing(struct grid *g, const struct sample *s,
                          struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);

    if (column == CSV_NONE)
        return false;
    for (size_t r = 0; r < g->n; r++)
        if (rng_uniform(rng) < .6)
            grid_set(g, r, column, "");
    return true;
}

/* Half of the cells are missing in the largest class, and in no other. */
static bool spoil_missingness(struct grid *g, const struct sample *s,
                              struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    struct dict levels = {0};
    const char *class = class_by_size(g, s, &levels, true);

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++)
        if (strcmp(grid_at(g, r, s->label), class) == 0 &&
            rng_uniform(rng) < .5)
            grid_set(g, r, column, "");
    dict_release(&levels);
    return column != CSV_NONE;
}

/* "not known", written as a number far off. */
static bool spoil_sentinel(struct grid *g, const struct sample *s,
                           struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    struct grid_column c;
    double value = -999;

    if (column == CSV_NONE)
        return false;
    c = grid_describe(g, column);
    while (fabs(value) < fabs(c.low) + fabs(c.high) + 10 * c.deviation)
        value = value * 10 - 9;
    for (size_t r = 0; r < g->n; r++)
        if (rng_uniform(rng) < .05)
            grid_set_number(g, r, column, value);
    return true;
}

static bool spoil_outliers(struct grid *g, const struct sample *s,
                           struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    struct grid_column c;

    if (column == CSV_NONE)
        return false;
    c = grid_describe(g, column);
    for (size_t i = 0; i < 3; i++)
        grid_set_number(g, rng_below(rng, g->n), column,
                        c.mean + 1e4 * c.deviation * (1 + rng_uniform(rng)));
    return true;
}

/* Three rows in a hundred are in another unit. */
static bool spoil_units(struct grid *g, const struct sample *s, struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++)
        if (*grid_at(g, r, column) && rng_uniform(rng) < .03)
            grid_set_number(g, r, column, 1000 * grid_number(g, r, column));
    return column != CSV_NONE;
}

static bool spoil_text_numbers(struct grid *g, const struct sample *s,
                               struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    struct buf text = {0};

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++) {
        buf_clear(&text);
        buf_printf(&text, "%s mm", grid_at(g, r, column));
        if (*grid_at(g, r, column))
            grid_set(g, r, column, text.data);
    }
    buf_release(&text);
    return column != CSV_NONE;
}

static bool spoil_mixed(struct grid *g, const struct sample *s, struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    static const char *const words[] = {"unknown", "n/a", "see notes"};

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++)
        if (rng_uniform(rng) < .1)
            grid_set(g, r, column, words[rng_below(rng, 3)]);
    return column != CSV_NONE;
}

static bool spoil_level_spellings(struct grid *g, const struct sample *s,
                                  struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_category);

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++)
        if (*grid_at(g, r, column) && rng_uniform(rng) < .1)
            respell(g, r, column);
    return column != CSV_NONE;
}

/* ---- cells of the test part ---- */

static bool spoil_covariate(struct grid *g, const struct sample *s,
                            struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_number);
    double by = column != CSV_NONE ? 2 * grid_describe(g, column).deviation : 0;

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++)
        if (is_part(g, s, r, "test") && *grid_at(g, r, column))
            grid_set_number(g, r, column, grid_number(g, r, column) + by);
    return column != CSV_NONE;
}

/* Half of the levels have another name in test. */
static bool spoil_levels(struct grid *g, const struct sample *s,
                         struct rng *rng)
{
    size_t column = some_column(g, s, rng, is_category);
    struct buf text = {0};

    for (size_t r = 0; column != CSV_NONE && r < g->n; r++) {
        buf_clear(&text);
        buf_printf(&text, "%zu", strlen(grid_at(g, r, column)) * 7 + 3);
        if (is_part(g, s, r, "test") && *grid_at(g, r, column) &&
            rng_uniform(rng) < .5)
            grid_set(g, r, column, text.data);
    }
    buf_release(&text);
    return column != CSV_NONE;
}

#define FAULT(word, checks, function)                           \
    {                                                           \
        .name = (word), .kind = FAULT_DATA, .causes = (checks), \
        .spoil = (function)                                     \
    }

const struct fault data_faults[] = {
    FAULT("labels_offset", "alignment", spoil_shift),
    FAULT("labels_shuffled", "alignment", spoil_shuffle),
    FAULT("labels_sorted", "alignment", spoil_sorted_apart),
    FAULT("labels_reversed", "alignment", spoil_reverse),
    FAULT("quarter_offset", "alignment", spoil_quarter_shift),
    FAULT("quarter_shuffled", "alignment", spoil_quarter_shuffle),
    FAULT("duplicates", "duplicates", spoil_duplicates),
    FAULT("leak", "leak", spoil_leak),
    FAULT("near_leak", "near_leak", spoil_near_leak),
    FAULT("conflicts", "conflicts", spoil_conflicts),
    FAULT("sorted", "sorted", spoil_sorted),
    FAULT("sorted_split", "sorted absent prior sizes order",
          spoil_sorted_split),
    FAULT("prior", "prior", spoil_prior),
    FAULT("absent", "absent prior sizes", spoil_absent),
    FAULT("rare_class", "classes imbalance absent sizes", spoil_rare),
    FAULT("swapped_parts", "sizes", spoil_swapped),
    FAULT("unlabelled", "labels", spoil_unlabelled),
    FAULT("label_spellings", "spellings", spoil_label_spellings),
    FAULT("groups", "groups", spoil_groups),
    FAULT("time", "time", spoil_time),
    FAULT("giveaway", "giveaway", spoil_giveaway),
    FAULT("constant", "constant", spoil_constant),
    FAULT("empty", "empty", spoil_empty),
    FAULT("identifier", "identifier", spoil_identifier),
    FAULT("missing", "missing", spoil_missing),
    FAULT("missingness", "missingness", spoil_missingness),
    FAULT("sentinel", "outliers", spoil_sentinel),
    FAULT("outliers", "outliers", spoil_outliers),
    FAULT("units", "outliers", spoil_units),
    FAULT("text_numbers", "text_numbers", spoil_text_numbers),
    FAULT("mixed", "mixed text_numbers", spoil_mixed),
    FAULT("level_spellings", "spellings", spoil_level_spellings),
    FAULT("covariate", "columns", spoil_covariate),
    FAULT("levels", "levels columns", spoil_levels),
    {.name = NULL}};
