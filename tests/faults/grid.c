#include "grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "csv/reader.h"
#include "csv/writer.h"

/* ---- files ---- */

static void add_record(struct grid *g, const struct csv_reader *data,
                       size_t *capacity)
{
    g->cell =
        mem_grow(g->cell, capacity, (g->n + 1) * g->width, sizeof(*g->cell));
    for (size_t i = 0; i < g->width; i++)
        g->cell[g->n * g->width + i] =
            mem_strdup(csv_reader_fields(data)[i].text);
    g->n++;
}

int grid_read(struct grid *g, const char *path, struct err *err)
{
    char *name = mem_strdup(path), *const paths[] = {name};
    struct csv_reader *data =
        csv_reader_open(paths, 1, &(struct csv_options){0}, err);
    size_t capacity = 0;
    int got = -1;

    memset(g, 0, sizeof(*g));
    if (data) {
        g->width = csv_reader_width(data);
        g->name = mem_alloc(g->width, sizeof(*g->name));
        for (size_t i = 0; i < g->width; i++)
            g->name[i] = mem_strdup(csv_reader_name(data, i));
        while ((got = csv_reader_next(data, err)) == 1)
            add_record(g, data, &capacity);
    }
    csv_reader_close(data);
    free(name);
    return got;
}

int grid_write(const struct grid *g, const char *path, struct err *err)
{
    struct output *out = output_open(path, err);
    struct csv_writer w;
    int status = 0;

    if (!out)
        return -1;
    csv_writer_init(&w, out);
    for (size_t i = 0; i < g->width; i++)
        csv_writer_text(&w, g->name[i]);
    status = csv_writer_end(&w, err);
    for (size_t r = 0; r < g->n && status == 0; r++) {
        for (size_t i = 0; i < g->width; i++)
            csv_writer_text(&w, grid_at(g, r, i));
        status = csv_writer_end(&w, err);
    }
    csv_writer_release(&w);
    return output_commit(out, err) == 0 ? status : -1;
}

/* ---- memory ---- */

void grid_copy(struct grid *to, const struct grid *from)
{
    *to = (struct grid){.n = from->n, .width = from->width};
    to->name = mem_alloc(to->width, sizeof(*to->name));
    to->cell = mem_alloc(to->n * to->width, sizeof(*to->cell));
    for (size_t i = 0; i < to->width; i++)
        to->name[i] = mem_strdup(from->name[i]);
    for (size_t i = 0; i < to->n * to->width; i++)
        to->cell[i] = mem_strdup(from->cell[i]);
}

void grid_release(struct grid *g)
{
    for (size_t i = 0; i < g->width; i++)
        free(g->name[i]);
    for (size_t i = 0; i < g->n * g->width; i++)
        free(g->cell[i]);
    free(g->name);
    free(g->cell);
    memset(g, 0, sizeof(*g));
}

/* ---- cells ---- */

size_t grid_find(const struct grid *g, const char *name)
{
    for (size_t i = 0; i < g->width; i++)
        if (strcmp(g->name[i], name) == 0)
            return i;
    return CSV_NONE;
}

const char *grid_at(const struct grid *g, size_t row, size_t column)
{
    return g->cell[row * g->width + column];
}

void grid_set(struct grid *g, size_t row, size_t column, const char *text)
{
    char **cell = &g->cell[row * g->width + column];
    char *old = *cell;

    *cell = mem_strdup(text);
    free(old);
}

void grid_set_number(struct grid *g, size_t row, size_t column, double value)
{
    char text[NUM_SIZE];

    num_format(text, value);
    grid_set(g, row, column, text);
}

double grid_number(const struct grid *g, size_t row, size_t column)
{
    const char *text = grid_at(g, row, column);
    double value;

    return num_parse(text, strlen(text), &value) ? value : NAN;
}

struct grid_column grid_describe(const struct grid *g, size_t column)
{
    struct grid_column c = {.low = INFINITY, .high = -INFINITY};
    double sum = 0, square = 0;

    for (size_t r = 0; r < g->n; r++) {
        double x = grid_number(g, r, column);
        if (!*grid_at(g, r, column)) {
            c.empty++;
        } else if (isnan(x)) {
            c.others++;
        } else {
            c.numbers++;
            c.low = fmin(c.low, x);
            c.high = fmax(c.high, x);
            sum += x;
            square += x * x;
        }
    }
    c.mean = sum / (double)c.numbers;
    c.deviation = sqrt(fmax(square / (double)c.numbers - c.mean * c.mean, 0));
    return c;
}

/* ---- columns and rows ---- */

size_t grid_add_column(struct grid *g, const char *name)
{
    size_t width = g->width + 1;
    char **cell = mem_alloc(g->n * width, sizeof(*cell));

    for (size_t r = 0; r < g->n; r++) {
        memcpy(cell + r * width, g->cell + r * g->width,
               g->width * sizeof(*cell));
        cell[r * width + g->width] = mem_strdup("");
    }
    free(g->cell);
    g->cell = cell;
    g->name = mem_resize(g->name, width, sizeof(*g->name));
    g->name[g->width] = mem_strdup(name);
    g->width = width;
    return width - 1;
}

void grid_take(struct grid *g, const size_t *rows, size_t n)
{
    size_t old = g->n * g->width;
    char **cell = mem_alloc(n * g->width + 1, sizeof(*cell));

    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < g->width; i++)
            cell[r * g->width + i] = mem_strdup(grid_at(g, rows[r], i));
    for (size_t i = 0; i < old; i++)
        free(g->cell[i]);
    free(g->cell);
    g->cell = cell;
    g->n = n;
}

void grid_drop_doubles(struct grid *g, size_t label)
{
    size_t *rows = mem_alloc(g->n + 1, sizeof(*rows)), n = 0;
    struct dict seen = {0};
    struct buf key = {0};

    for (size_t r = 0; r < g->n; r++) {
        size_t before = seen.count;
        buf_clear(&key);
        for (size_t i = 0; i < g->width; i++)
            if (i != label)
                buf_printf(&key, "%s\n", grid_at(g, r, i));
        if (dict_add(&seen, key.data, key.len) == before)
            rows[n++] = r;
    }
    grid_take(g, rows, n);
    dict_release(&seen);
    buf_release(&key);
    free(rows);
}

size_t *grid_shuffled(const struct grid *g, struct rng *rng)
{
    size_t *rows = mem_alloc(g->n + 1, sizeof(*rows));

    for (size_t r = 0; r < g->n; r++)
        rows[r] = r;
    rng_shuffle(rng, rows, g->n);
    return rows;
}
