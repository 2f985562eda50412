#include "stats/wrong_chance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/slices.h"

static const double RATE_ROWS = 2, LIFT_ERRORS = 5;

void wrong_chance_release(struct wrong_chance *c)
{
    free(c->lift);
    memset(c, 0, sizeof(*c));
}

static size_t bin_of(const struct wrong_chance *c, double unsure)
{
    return isnan(unsure) ? WRONG_BINS : slices_bin(c->cuts, c->n_cuts, unsure);
}

static void cut(struct wrong_chance *c, const struct wrong_row *row, size_t n)
{
    double *known = mem_alloc(n, sizeof(*known));
    size_t n_known = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(row[i].unsure))
            known[n_known++] = row[i].unsure;
    c->n_cuts = slices_cut(known, n_known, WRONG_BINS, c->cuts);
    free(known);
}

static void find_rates(struct wrong_chance *c, const struct wrong_row *row,
                       const unsigned char *wrong, size_t n)
{
    double rows[WRONG_BINS + 1] = {0}, errors[WRONG_BINS + 1] = {0}, all = 0,
                             middle;

    for (size_t i = 0; i < n; i++) {
        size_t bin = bin_of(c, row[i].unsure);
        rows[bin]++;
        errors[bin] += wrong[i];
        all += wrong[i];
    }
    middle = (all + 1) / ((double)n + 2);
    for (size_t bin = 0; bin <= WRONG_BINS; bin++)
        c->rate[bin] = (errors[bin] + RATE_ROWS * middle) /
                       (rows[bin] + RATE_ROWS);
}

static void find_lifts(struct wrong_chance *c, const struct wrong_row *row,
                       const unsigned char *wrong, size_t n)
{
    double *expected = mem_zalloc(c->n_groups, sizeof(*expected));

    for (size_t i = 0; i < n; i++) {
        c->lift[row[i].group] += wrong[i];
        expected[row[i].group] += c->rate[bin_of(c, row[i].unsure)];
    }
    for (size_t group = 0; group < c->n_groups; group++)
        c->lift[group] = (c->lift[group] + LIFT_ERRORS) /
                         (expected[group] + LIFT_ERRORS);
    free(expected);
}

void wrong_chance_fit(struct wrong_chance *c, const struct wrong_row *row,
                      const unsigned char *wrong, size_t n, size_t n_groups)
{
    *c = (struct wrong_chance){.n_groups = n_groups};
    c->lift = mem_zalloc(n_groups, sizeof(*c->lift));
    cut(c, row, n);
    find_rates(c, row, wrong, n);
    find_lifts(c, row, wrong, n);
}

double wrong_chance_of(const struct wrong_chance *c,
                       const struct wrong_row *row)
{
    return fmin(1, c->rate[bin_of(c, row->unsure)] * c->lift[row->group]);
}

double unsureness(const float *p, size_t n)
{
    double first = 0, second = 0;

    for (size_t k = 0; k < n; k++) {
        double at = (double)p[k];
        second = fmax(second, fmin(at, first));
        first = fmax(first, at);
    }
    return n > 1 ? 1 - (first - second) : 0;
}
