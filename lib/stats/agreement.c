#include "stats/agreement.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const double ORDER_Z = 5, ORDER_GAIN = .03, NAMES_GAIN = .05,
                    NAMES_P = .001, NAMES_RIGHT = .5, NAMES_SKILL = .45,
                    ORDER_SKILL = .4;

struct agreement agreement_of(const uint32_t *label, const uint32_t *pred,
                              size_t n, size_t classes)
{
    double *of = mem_zalloc(2 * classes + 1, sizeof(*of)), *as = of + classes;
    struct agreement a = {.n = (double)n};
    double sum = 0, cubes = 0, variance;

    for (size_t i = 0; i < n; i++) {
        of[label[i]]++;
        as[pred[i]]++;
        a.right += label[i] == pred[i];
    }
    for (size_t k = 0; k < classes; k++) {
        sum += of[k] * as[k];
        cubes += of[k] * as[k] * (of[k] + as[k]);
        a.largest = fmax(a.largest, of[k]);
    }
    free(of);
    a.expected = n ? sum / a.n : NAN;
    variance = (sum * sum + a.n * a.n * sum - a.n * cubes) /
               (a.n * a.n * (a.n - 1));
    a.sd = sqrt(fmax(variance, 0));
    a.z = a.sd > 1e-9 ? (a.right - a.expected) / a.sd : NAN;
    return a;
}

double binomial_at_least(double k, double n, double p)
{
    return k <= 0 ? 1 : gsl_cdf_binomial_Q((unsigned)(k - 1), p, (unsigned)n);
}

double binomial_at_most(double k, double n, double p)
{
    return k >= n ? 1 : gsl_cdf_binomial_P((unsigned)k, p, (unsigned)n);
}

/* The share of the largest label. */
static double largest_share(const uint32_t *label, size_t n, size_t classes)
{
    double *count = mem_zalloc(classes + 1, sizeof(*count)), most = 0;

    for (size_t i = 0; i < n; i++)
        count[label[i]]++;
    for (size_t k = 0; k < classes; k++)
        most = fmax(most, count[k]);
    free(count);
    return most / (double)n;
}

/* How much of the error that naming the largest label would make is gone. */
static double skill_of(double share, double largest)
{
    return largest < 1 ? (share - largest) / (1 - largest) : 0;
}

/* ---- order of rows ---- */

/* The rows [begin, end), whose prediction stands at place(i). */
static void try_order(const uint32_t *label, const uint32_t *pred, size_t n,
                      bool reversed, long offset, struct pred_order *best)
{
    size_t begin = offset < 0 ? (size_t)-offset : 0;
    size_t end = offset > 0 ? n - (size_t)offset : n;
    double only_here = 0, only_there = 0, here = 0, rows, z;

    for (size_t i = begin; i < end; i++) {
        size_t at = reversed ? n - 1 - i : (size_t)((long)i + offset);
        bool a = label[i] == pred[i], b = label[i] == pred[at];
        here += a;
        only_here += a && !b;
        only_there += b && !a;
    }
    rows = (double)(end - begin);
    z = (only_there - only_here) / sqrt(only_there + only_here);
    if (!(z > best->z))
        return;
    *best = (struct pred_order){.reversed = reversed,
                                .offset = offset,
                                .z = z,
                                .n = rows,
                                .share = here / rows,
                                .best = (here + only_there - only_here) / rows};
}

struct pred_order pred_order_find(const uint32_t *label, const uint32_t *pred,
                                  size_t n, size_t classes)
{
    struct pred_order best = {.z = 0, .n = (double)n};
    long far = n / 2 < ORDER_FAR ? (long)(n / 2) : ORDER_FAR;

    for (size_t i = 0; i < n; i++)
        best.share += label[i] == pred[i] ? 1 / best.n : 0;
    best.best = best.share;
    if (n < ORDER_LEAST)
        return best;
    for (long k = 1; k <= far; k++) {
        try_order(label, pred, n, false, k, &best);
        try_order(label, pred, n, false, -k, &best);
    }
    try_order(label, pred, n, true, 0, &best);
    best.found = best.z >= ORDER_Z && best.best >= best.share + ORDER_GAIN &&
                 skill_of(best.best, largest_share(label, n, classes)) >=
                     ORDER_SKILL;
    return best;
}

/* ---- names of classes ---- */

/* State of the method: rows and columns count from 1, 0 is none. */
struct assigning {
    const double *gain;
    size_t n;
    double *u, *v, *least; /* potentials; smallest slack of a column */
    size_t *row_of, *way;
    bool *used;
};

/* Adds columns to the tree of `row` until one is free: that column. */
static size_t grow_tree(struct assigning *a, size_t row)
{
    size_t column = 0;

    a->row_of[0] = row;
    for (size_t j = 0; j <= a->n; j++) {
        a->least[j] = INFINITY;
        a->used[j] = false;
    }
    do {
        size_t i = a->row_of[column], next = 0;
        double delta = INFINITY;
        a->used[column] = true;
        for (size_t j = 1; j <= a->n; j++) {
            double slack;
            if (a->used[j])
                continue;
            slack = -a->gain[(i - 1) * a->n + j - 1] - a->u[i] - a->v[j];
            if (slack < a->least[j]) {
                a->least[j] = slack;
                a->way[j] = column;
            }
            if (a->least[j] < delta) {
                delta = a->least[j];
                next = j;
            }
        }
        for (size_t j = 0; j <= a->n; j++)
            if (a->used[j]) {
                a->u[a->row_of[j]] += delta;
                a->v[j] -= delta;
            } else {
                a->least[j] -= delta;
            }
        column = next;
    } while (a->row_of[column]);
    return column;
}

void best_assignment(const double *gain, size_t n, size_t *to)
{
    struct assigning a = {.gain = gain, .n = n};

    a.u = mem_zalloc(3 * (n + 1), sizeof(*a.u));
    a.v = a.u + n + 1;
    a.least = a.v + n + 1;
    a.row_of = mem_zalloc(2 * (n + 1), sizeof(*a.row_of));
    a.way = a.row_of + n + 1;
    a.used = mem_zalloc(n + 1, sizeof(*a.used));
    for (size_t row = 1; row <= n; row++) {
        size_t column = grow_tree(&a, row);
        for (size_t from; column; column = from) {
            from = a.way[column];
            a.row_of[column] = a.row_of[from];
        }
    }
    for (size_t j = 1; j <= n; j++)
        to[a.row_of[j] - 1] = j - 1;
    free(a.u);
    free(a.row_of);
    free(a.used);
}

/* The names that make most of the even rows right; those that stand are
 * preferred where it is all one. */
static void choose_names(const uint32_t *label, const uint32_t *pred, size_t n,
                         size_t classes, size_t *to)
{
    double *count = mem_zalloc(classes * classes + 1, sizeof(*count));

    for (size_t i = 0; i < n; i += 2)
        count[pred[i] * classes + label[i]]++;
    for (size_t k = 0; k < classes; k++)
        count[k * classes + k] += .5;
    best_assignment(count, classes, to);
    free(count);
}

/* Whether most of the classes that get another name are then mostly right: one
 * that is never predicted would take any name. */
static bool most_are_right(const uint32_t *label, const uint32_t *pred,
                           size_t n, size_t classes, const size_t *to)
{
    double *rows = mem_zalloc(2 * classes, sizeof(*rows)),
           *hits = rows + classes, good = 0, all = 0;

    for (size_t i = 1; i < n; i += 2) {
        rows[label[i]]++;
        hits[label[i]] += label[i] == to[pred[i]];
    }
    for (size_t k = 0; k < classes; k++)
        if (to[k] != k && rows[k] > 0) {
            all++;
            good += hits[k] >= NAMES_RIGHT * rows[k];
        }
    free(rows);
    return good > all / 2;
}

struct pred_names pred_names_find(const uint32_t *label, const uint32_t *pred,
                                  size_t n, size_t classes, size_t *to)
{
    struct pred_names r = {.p = 1};
    double gained = 0, lost = 0, right = 0;

    if (classes < 2 || classes > NAMES_MOST || n < 4)
        return r;
    choose_names(label, pred, n, classes, to);
    for (size_t i = 1; i < n; i += 2) {
        bool here = label[i] == pred[i], there = label[i] == to[pred[i]];
        r.n++;
        right += here;
        gained += there && !here;
        lost += here && !there;
        r.renamed += to[pred[i]] != pred[i];
    }
    r.share = right / r.n;
    r.best = (right + gained - lost) / r.n;
    r.p = binomial_at_least(gained, gained + lost, .5);
    r.found = r.p < NAMES_P && r.best - r.share >= NAMES_GAIN &&
              gained >= NAMES_RIGHT * r.renamed &&
              skill_of(r.best, largest_share(label, n, classes)) >=
                  NAMES_SKILL &&
              most_are_right(label, pred, n, classes, to);
    return r;
}
