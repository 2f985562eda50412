#include "synth/maker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Best errors are summed in so many pieces, whatever the number of threads. */
enum { PIECES = 64 };

struct maker {
    struct synth_options o;
    size_t width;
    double *share; /* [classes] of the classes, label shift included */
    double *x;     /* [rows][width] */
    size_t *label; /* [rows] as written */
    size_t *leak;  /* [rows], where there is such a column */
};

/* ---- one row ---- */

static size_t draw_class(const struct maker *m, struct rng *rng)
{
    double at = rng_uniform(rng);
    size_t k = 0;

    while (k + 1 < m->o.world.classes && (at -= m->share[k]) >= 0)
        k++;
    return k;
}

static double lean(const struct maker *m, const double *x)
{
    return m->o.kind->lean(&m->o.world, x);
}

/* A row of the world after covariate shift, and its class. */
static size_t draw_row(const struct maker *m, struct rng *rng, double *x)
{
    size_t k;

    do {
        k = draw_class(m, rng);
        m->o.kind->draw(&m->o.world, rng, k, x);
    } while (m->o.shift == SHIFT_COVARIATE &&
             rng_uniform(rng) > 1 / (1 + exp(-m->o.shift_by * lean(m, x))));
    return k;
}

/* The share of such rows which are of the next class under concept shift. */
static double moved(const struct maker *m, const double *x)
{
    return m->o.shift == SHIFT_CONCEPT && lean(m, x) > 0 ? m->o.shift_by : 0;
}

static size_t draw_label(const struct maker *m, struct rng *rng, size_t class,
                         const double *x)
{
    size_t n = m->o.world.classes;
    double move = moved(m, x);

    if (move > 0 && rng_uniform(rng) < move)
        class = (class + 1) % n;
    if (m->o.label_noise > 0 && rng_uniform(rng) < m->o.label_noise)
        class = (class + 1 + rng_below(rng, n - 1)) % n;
    return class;
}

/* P(label | row): writes p[classes]. */
static void posterior(const struct maker *m, const double *x, double *p)
{
    size_t n = m->o.world.classes;
    double most = -INFINITY, sum = 0, move = moved(m, x), last;
    double noise = m->o.label_noise, other = noise / (double)(n - 1);

    m->o.kind->log_density(&m->o.world, x, p);
    for (size_t k = 0; k < n; k++)
        most = fmax(most, p[k] += log(m->share[k]));
    for (size_t k = 0; k < n; k++)
        sum += p[k] = exp(p[k] - most);
    last = p[n - 1] / sum;
    for (size_t k = n; k-- > 0;) {
        double before = k ? p[k - 1] / sum : last;
        double q = (1 - move) * (p[k] / sum) + move * before;
        p[k] = (1 - noise) * q + other * (1 - q);
    }
}

void maker_posterior(const struct maker *m, size_t i, double *p)
{
    posterior(m, m->x + i * m->width, p);
}

size_t maker_label(const struct maker *m, size_t i)
{
    return m->label[i];
}

/* ---- all rows ---- */

static void fill_shares(struct maker *m)
{
    size_t n = m->o.world.classes;
    double sum = 0, by = -log(m->o.imbalance);

    if (m->o.shift == SHIFT_LABEL)
        by += m->o.shift_by;
    for (size_t k = 0; k < n; k++)
        sum += m->share[k] = exp(by * (double)k / (double)(n - 1));
    for (size_t k = 0; k < n; k++)
        m->share[k] /= sum;
}

static void fill_rows(struct maker *m, struct rng *rng)
{
    for (size_t i = 0; i < m->o.rows; i++) {
        double *x = m->x + i * m->width;
        if (i && rng_uniform(rng) < m->o.duplicates) {
            size_t from = rng_below(rng, i);
            memcpy(x, m->x + from * m->width, m->width * sizeof(*x));
            m->label[i] = m->label[from];
            continue;
        }
        m->label[i] = draw_label(m, rng, draw_row(m, rng, x), x);
    }
}

static void fill_leak(struct maker *m, struct rng *rng)
{
    for (size_t i = 0; i < m->o.rows; i++)
        m->leak[i] = rng_uniform(rng) < m->o.leak
                         ? m->label[i]
                         : rng_below(rng, m->o.world.classes);
}

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

/* Labels that stand `by` places below their rows, the last ones on top. */
static void rotate(size_t *label, size_t n, long by)
{
    size_t *old = mem_alloc(n, sizeof(*old));
    size_t down = by >= 0 ? (size_t)by % n : n - (size_t)(-by) % n;

    memcpy(old, label, n * sizeof(*old));
    for (size_t i = 0; i < n; i++)
        label[(i + down) % n] = old[i];
    free(old);
}

static void misalign(struct maker *m, struct rng *rng)
{
    size_t begin = (size_t)((double)m->o.rows * m->o.misalign.from);
    size_t *label = m->label + begin, n = m->o.rows - begin;

    switch (m->o.misalign.how) {
    case MISALIGN_NONE:
        break;
    case MISALIGN_BY:
        rotate(label, n, m->o.misalign.by);
        break;
    case MISALIGN_SHUFFLE:
        rng_shuffle(rng, label, n);
        break;
    case MISALIGN_SORT:
        qsort(label, n, sizeof(*label), by_number);
        break;
    case MISALIGN_REVERSE:
        for (size_t i = 0; i < n / 2; i++) {
            size_t kept = label[i];
            label[i] = label[n - 1 - i];
            label[n - 1 - i] = kept;
        }
        break;
    }
}

struct maker *maker_new(const struct synth_options *options)
{
    struct maker *m = mem_zalloc(1, sizeof(*m));
    struct rng rng;

    m->o = *options;
    m->width = m->o.kind->width(&m->o.world);
    m->share = mem_alloc(m->o.world.classes, sizeof(*m->share));
    m->x = mem_alloc(m->o.rows * m->width, sizeof(*m->x));
    m->label = mem_alloc(m->o.rows, sizeof(*m->label));
    m->leak = mem_alloc(m->o.rows, sizeof(*m->leak));
    if (m->o.kind->build)
        m->o.world.tables = m->o.kind->build(&m->o.world);
    fill_shares(m);
    rng_init(&rng, m->o.seed, RNG_SYNTH);
    fill_rows(m, &rng);
    fill_leak(m, &rng);
    misalign(m, &rng);
    return m;
}

void maker_free(struct maker *m)
{
    if (!m)
        return;
    free(m->share);
    free(m->x);
    free(m->label);
    free(m->leak);
    free(m->o.world.tables);
    free(m);
}

/* ---- writing ---- */

void maker_header(const struct maker *m, struct csv_writer *w)
{
    m->o.kind->header(&m->o.world, w);
    csv_writer_text(w, "label");
    if (m->o.leak > 0)
        csv_writer_text(w, "leak");
}

/* a, b, …, z, aa, … */
static void write_class(struct csv_writer *w, size_t class)
{
    char text[16], *first = text + sizeof(text);

    do
        *--first = (char)('a' + class % 26);
    while ((class = class / 26) && class --);
    csv_writer_cell(w, first, (size_t)(text + sizeof(text) - first));
}

void maker_row(const struct maker *m, size_t i, struct csv_writer *w)
{
    m->o.kind->cells(&m->o.world, m->x + i * m->width, w);
    write_class(w, m->label[i]);
    if (m->o.leak > 0)
        write_class(w, m->leak[i]);
}

/* ---- the best error ---- */

struct sums {
    double n, error, square;
};

/* A piece has random numbers of its own. */
static struct sums sum_piece(const struct maker *m, size_t piece)
{
    double *x = mem_alloc(m->width, sizeof(*x));
    double *p = mem_alloc(m->o.world.classes, sizeof(*p));
    struct sums s = {0, 0, 0};
    struct rng rng;

    rng_init(&rng, m->o.seed, RNG_SYNTH + 1000 * (piece + 1));
    for (size_t i = 0; i < m->o.kind->draws / PIECES; i++) {
        double best = 0, error;
        draw_row(m, &rng, x);
        posterior(m, x, p);
        for (size_t k = 0; k < m->o.world.classes; k++)
            best = fmax(best, p[k]);
        error = 1 - best;
        s.n++;
        s.error += error;
        s.square += error * error;
    }
    free(x);
    free(p);
    return s;
}

struct best_error maker_best_error(const struct maker *m)
{
    struct sums piece[PIECES], all = {0, 0, 0};
    double mean, variance;

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < PIECES; i++)
        piece[i] = sum_piece(m, i);
    for (size_t i = 0; i < PIECES; i++) {
        all.n += piece[i].n;
        all.error += piece[i].error;
        all.square += piece[i].square;
    }
    mean = all.error / all.n;
    variance = fmax(all.square / all.n - mean * mean, 0);
    return (struct best_error){mean, sqrt(variance / all.n)};
}

/* ---- truth ---- */

static void add_number(struct rows *rows, const char *name, double value)
{
    rows_text(rows, name);
    rows_number(rows, value);
}

static void add_text(struct rows *rows, const char *name, const char *value)
{
    rows_text(rows, name);
    rows_text(rows, value);
}

const char *synth_shift_name(enum synth_shift shift)
{
    static const char *const names[] = {"none", "covariate", "label",
                                        "concept"};

    return names[shift];
}

static void add_misalign(struct rows *rows, const struct misalign *m)
{
    static const char *const names[] = {"none", "", "shuffle", "sort",
                                        "reverse"};
    char text[32];

    snprintf(text, sizeof(text), "%ld", m->by);
    add_text(rows, "misalign", m->how == MISALIGN_BY ? text : names[m->how]);
    if (m->how != MISALIGN_NONE)
        add_number(rows, "misalign_from", m->from);
}

void maker_truth(const struct maker *m, struct rows *rows)
{
    struct best_error best = maker_best_error(m);

    rows_init(rows, "name,value");
    add_number(rows, "best_error", best.error);
    add_number(rows, "best_error_standard_error", best.standard_error);
    add_text(rows, "kind", m->o.kind->name);
    add_number(rows, "rows", (double)m->o.rows);
    add_number(rows, "classes", (double)m->o.world.classes);
    if (m->o.kind->size_means)
        add_number(rows, "size", (double)m->o.world.size);
    add_number(rows, "noise", m->o.world.noise);
    add_number(rows, "label_noise", m->o.label_noise);
    add_number(rows, "imbalance", m->o.imbalance);
    add_number(rows, "duplicates", m->o.duplicates);
    add_number(rows, "leak", m->o.leak);
    add_text(rows, "shift", synth_shift_name(m->o.shift));
    if (m->o.shift != SHIFT_NONE)
        add_number(rows, "shift_by", m->o.shift_by);
    add_misalign(rows, &m->o.misalign);
    add_number(rows, "seed", (double)m->o.seed);
}
