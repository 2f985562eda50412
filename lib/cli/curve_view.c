#include "cli/curve_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"

enum { WIDTH = 40, MOST_LINES = 10 };

/* The rows, and the models they are of: group[row] is a number in groups. */
struct curves {
    const struct rows *rows;
    struct dict splits, groups;
    size_t *group;
    size_t models; /* of which the groups are made */
    size_t epochs; /* the most of a model */
};

static size_t epoch_of(const struct rows *rows, size_t row)
{
    return (size_t)rows_value(rows, row, "epoch");
}

/* ---- models ---- */

static void add_word(struct buf *name, const char *word, const char *value,
                     const char *unit)
{
    if (*value)
        buf_printf(name, "%s%s%s%s", name->len ? "  " : "", word, value, unit);
}

/* "fold 2  replica 1  500 rows"; of a mean, only the size. */
static void name_model(struct buf *name, const struct rows *rows, size_t row,
                       bool mean)
{
    buf_clear(name);
    buf_add_text(name, "");
    if (!mean) {
        add_word(name, "fold ", rows_named(rows, row, "fold"), "");
        add_word(name, "replica ", rows_named(rows, row, "replica"), "");
    }
    add_word(name, "", rows_named(rows, row, "train_size"), " rows");
}

static void group_rows(struct curves *c, bool mean)
{
    struct buf name = {0};

    dict_release(&c->groups);
    for (size_t r = 0; r < rows_n(c->rows); r++) {
        name_model(&name, c->rows, r, mean);
        c->group[r] = dict_add(&c->groups, name.data, name.len);
    }
    buf_release(&name);
}

static void curves_init(struct curves *c, const struct rows *rows)
{
    memset(c, 0, sizeof(*c));
    c->rows = rows;
    c->group = mem_alloc(rows_n(rows), sizeof(*c->group));
    for (size_t r = 0; r < rows_n(rows); r++) {
        const char *split = rows_named(rows, r, "split");
        size_t epoch = epoch_of(rows, r);
        dict_add(&c->splits, split, strlen(split));
        c->epochs = epoch > c->epochs ? epoch : c->epochs;
    }
    group_rows(c, false);
    c->models = c->groups.count;
    if (c->models > MOST_LINES)
        group_rows(c, true);
}

static void curves_release(struct curves *c)
{
    dict_release(&c->splits);
    dict_release(&c->groups);
    free(c->group);
}

/* ---- lines ---- */

/* Models stop when they like: a mean of those that go on would jump. */
static void finish_means(double *sum, const size_t *n, size_t epochs)
{
    for (size_t e = 0; e < epochs; e++)
        sum[e] = n[e] && n[e] == n[0] ? sum[e] / (double)n[e] : NAN;
}

/* Mean values of a column by epoch, of a split and group; NaN: not of all. */
static double *means(const struct curves *c, const char *split, size_t group,
                     const char *column)
{
    double *sum = mem_zalloc(c->epochs, sizeof(*sum));
    size_t *n = mem_zalloc(c->epochs, sizeof(*n));

    for (size_t r = 0; r < rows_n(c->rows); r++) {
        double value = rows_value(c->rows, r, column);
        size_t epoch = epoch_of(c->rows, r);
        if (c->group[r] != group || isnan(value) || epoch < 1 ||
            strcmp(rows_named(c->rows, r, "split"), split) != 0)
            continue;
        sum[epoch - 1] += value;
        n[epoch - 1]++;
    }
    finish_means(sum, n, c->epochs);
    free(n);
    return sum;
}

static void draw(struct view *view, const struct curves *c, const char *split,
                 size_t group, const char *column, const char *caption)
{
    double *values = means(c, split, group, column);
    size_t n = c->epochs;

    while (n && isnan(values[n - 1]))
        n--;
    if (n)
        view_sparkline(view, values, n, WIDTH, caption);
    free(values);
}

static void draw_splits(struct view *view, const struct curves *c)
{
    static const char *const columns[] = {"loss", "error"};
    char caption[64];

    for (size_t i = 0; i < c->splits.count; i++)
        for (int k = 0; k < 2; k++) {
            const char *split = c->splits.text[i];
            snprintf(caption, sizeof(caption), "%-8s %-6s", split, columns[k]);
            draw(view, c, split, 0, columns[k], caption);
        }
}

static void draw_line(struct view *view, const char *text)
{
    struct buf line = {0};

    line_bold(&line, view);
    line_cut(&line, text, line_columns(view), view->utf8);
    line_plain(&line, view);
    line_end(&line, view);
    buf_release(&line);
}

static void draw_models(struct view *view, const struct curves *c)
{
    const char *split = c->splits.text[c->splits.count - 1];
    char title[96], caption[64];
    size_t width = 0;

    if (c->models > c->groups.count)
        snprintf(title, sizeof(title),
                 "%s loss, means of %zu models until one stops", split,
                 c->models);
    else
        snprintf(title, sizeof(title), "%s loss", split);
    draw_line(view, title);
    for (size_t g = 0; g < c->groups.count; g++)
        width = c->groups.len[g] > width ? c->groups.len[g] : width;
    for (size_t g = 0; g < c->groups.count; g++) {
        snprintf(caption, sizeof(caption), "%-*s", (int)width,
                 c->groups.text[g]);
        draw(view, c, split, g, "loss", caption);
    }
}

void curve_view(struct view *view, const struct rows *curve)
{
    char title[64];
    struct curves c;

    curves_init(&c, curve);
    if (c.groups.count > 1) {
        draw_models(view, &c);
    } else if (c.groups.count == 1) {
        snprintf(title, sizeof(title), "means of %zu models until one stops",
                 c.models);
        if (c.models > 1)
            draw_line(view, title);
        draw_splits(view, &c);
    }
    curves_release(&c);
}

void range_view(struct view *view, const struct rows *curve)
{
    size_t n = rows_n(curve), least = 0;
    double *loss = mem_alloc(n, sizeof(*loss));
    char words[128];

    for (size_t r = 0; r < n; r++) {
        loss[r] = rows_value(curve, r, "loss");
        least = loss[r] < loss[least] ? r : least;
    }
    view_sparkline(view, loss, n, WIDTH, "loss         ");
    if (n) {
        struct buf line = {0};
        snprintf(words, sizeof(words),
                 "learning rate  %.3g to %.3g, lowest loss at %.3g",
                 rows_value(curve, 0, "learning_rate"),
                 rows_value(curve, n - 1, "learning_rate"),
                 rows_value(curve, least, "learning_rate"));
        line_cut(&line, words, line_columns(view), view->utf8);
        line_end(&line, view);
        buf_release(&line);
    }
    free(loss);
}
