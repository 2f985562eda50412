#include "stats/seriation.h"

#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MOST_PASSES = 100 };

static const double FAINT = 1e-6, BETTER = 1e-9;

static double pair(const double *weight, size_t n, size_t i, size_t j)
{
    return weight[i * n + j] + weight[j * n + i];
}

double seriation_cost(const double *weight, size_t n, const size_t *order)
{
    double sum = 0;

    for (size_t a = 0; a < n; a++)
        for (size_t b = a + 1; b < n; b++)
            sum += pair(weight, n, order[a], order[b]) * (double)(b - a);
    return sum;
}

/* ---- the start ---- */

static gsl_matrix *laplacian(const double *weight, size_t n)
{
    gsl_matrix *l = gsl_matrix_calloc(n, n);
    double all = 0, faint;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            all += pair(weight, n, i, j);
    faint = FAINT * all / (double)(n * n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double w = i == j ? 0 : pair(weight, n, i, j) + faint;
            gsl_matrix_set(l, i, j, gsl_matrix_get(l, i, j) - w);
            gsl_matrix_set(l, i, i, gsl_matrix_get(l, i, i) + w);
        }
    }
    return l;
}

struct placed {
    double at;
    size_t item;
};

static int by_place(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static void by_fiedler(const double *weight, size_t n, size_t *order)
{
    gsl_eigen_symmv_workspace *room = gsl_eigen_symmv_alloc(n);
    gsl_matrix *l = laplacian(weight, n), *vectors = gsl_matrix_alloc(n, n);
    struct placed *placed = mem_alloc(n, sizeof(*placed));
    gsl_vector *values = gsl_vector_alloc(n);

    gsl_eigen_symmv(l, values, vectors, room);
    gsl_eigen_symmv_sort(values, vectors, GSL_EIGEN_SORT_VAL_ASC);
    for (size_t i = 0; i < n; i++)
        placed[i] = (struct placed){gsl_matrix_get(vectors, i, 1), i};
    qsort(placed, n, sizeof(*placed), by_place);
    for (size_t i = 0; i < n; i++)
        order[i] = placed[i].item;
    gsl_vector_free(values);
    free(placed);
    gsl_matrix_free(vectors);
    gsl_matrix_free(l);
    gsl_eigen_symmv_free(room);
}

/* ---- moves ---- */

/* Of order[0 .. n) without order[out]: the weights of the item at each place
 * to those before it less to those behind it. */
static void lean(const double *weight, size_t n, const size_t *order,
                 size_t out, double *balance)
{
    for (size_t a = 0; a < n; a++) {
        balance[a] = 0;
        for (size_t b = 0; b < n; b++)
            if (a != out && b != a && b != out)
                balance[a] += (b < a ? 1 : -1) *
                              pair(weight, n, order[a], order[b]);
    }
}

/*
 * The place for order[out] at which the sum is smallest: as it goes past
 * another item, its own distance to all before that grows by one, and to all
 * behind it shrinks; and the other comes nearer to those before it.
 */
static size_t best_place(const double *weight, size_t n, const size_t *order,
                         size_t out, const double *balance)
{
    double before = 0, behind = 0, change = 0, least = 0, here = 0;
    size_t place = 0, passed = 0;

    for (size_t a = 0; a < n; a++)
        behind += a == out ? 0 : pair(weight, n, order[out], order[a]);
    for (size_t a = 0; a < n; a++) {
        double w;
        if (a == out) {
            here = change;
            continue;
        }
        w = pair(weight, n, order[out], order[a]);
        behind -= w;
        change += before - behind - balance[a];
        before += w;
        passed++;
        if (change < least - BETTER) {
            least = change;
            place = passed;
        }
    }
    return least < here - BETTER * (1 + fabs(here)) ? place : out;
}

static void move(size_t *order, size_t from, size_t to)
{
    size_t item = order[from];

    if (from < to)
        memmove(order + from, order + from + 1, (to - from) * sizeof(*order));
    else
        memmove(order + to + 1, order + to, (from - to) * sizeof(*order));
    order[to] = item;
}

static size_t place_of(const size_t *order, size_t item)
{
    size_t at = 0;

    while (order[at] != item)
        at++;
    return at;
}

static void improve(const double *weight, size_t n, size_t *order)
{
    double *balance = mem_alloc(n, sizeof(*balance));
    bool moved = true;

    for (int pass = 0; moved && pass < MOST_PASSES; pass++) {
        moved = false;
        for (size_t item = 0; item < n; item++) {
            size_t from = place_of(order, item), to;
            lean(weight, n, order, from, balance);
            to = best_place(weight, n, order, from, balance);
            if (to != from)
                move(order, from, to);
            moved |= to != from;
        }
    }
    free(balance);
}

static void take_given(size_t n, size_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = i;
}

static void turn(size_t n, size_t *order)
{
    for (size_t i = 0; i < n / 2; i++) {
        size_t kept = order[i];
        order[i] = order[n - 1 - i];
        order[n - 1 - i] = kept;
    }
}

void seriation_order(const double *weight, size_t n, size_t *order)
{
    size_t *other;
    double given;

    take_given(n, order);
    if (n < 3 || n > SERIATION_MOST)
        return;
    given = seriation_cost(weight, n, order);
    other = mem_alloc(n, sizeof(*other));
    take_given(n, other);
    improve(weight, n, other);
    by_fiedler(weight, n, order);
    improve(weight, n, order);
    if (seriation_cost(weight, n, other) <= seriation_cost(weight, n, order))
        memcpy(order, other, n * sizeof(*order));
    free(other);
    if (seriation_cost(weight, n, order) >= given * (1 - BETTER))
        take_given(n, order);
    if (order[0] > order[n - 1])
        turn(n, order);
}
