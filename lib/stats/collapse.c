#include "stats/collapse.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"

#define NO_CLASS SIZE_MAX

/* What a merge takes away and what it loses. */
struct gain {
    double errors, bits;
};

/*
 * Classes that are still apart are alive[n_alive]; a merged one lives on under
 * the name it goes by.  between[a * n + b]: errors of a taken for b or b for a.
 * best[a]: with whom a merge of `a` is best and what it gains, NO_CLASS where
 * it is confused with nobody.
 */
struct apart {
    size_t n, n_alive;
    const size_t *place;
    enum collapse_by by;
    size_t *alive, *best;
    struct gain *gain;
    double *between, *labels, *label_logs; /* n and n log2 n by label */
    double rows;
};

static double x_log_x(double x)
{
    return x > 0 ? x * log2(x) : 0;
}

/* The same bits for (a, b) and (b, a), so that ties are ties. */
static double bits_between(const struct apart *s, size_t a, size_t b)
{
    return (x_log_x(s->labels[a] + s->labels[b]) -
            (s->label_logs[a] + s->label_logs[b])) /
           s->rows;
}

static double between(const struct apart *s, size_t a, size_t b)
{
    return s->between[a * s->n + b];
}

static struct gain gain_of(const struct apart *s, size_t a, size_t b)
{
    return (struct gain){between(s, a, b), bits_between(s, a, b)};
}

/* Above 0 if x is better, below if y is. */
static int compare(enum collapse_by by, struct gain x, struct gain y)
{
    double a = x.errors * y.bits, b = y.errors * x.bits;

    if (by == COLLAPSE_BY_BITS && a != b)
        return a > b ? 1 : -1;
    if (x.errors != y.errors)
        return x.errors > y.errors ? 1 : -1;
    return (x.bits < y.bits) - (x.bits > y.bits);
}

struct places {
    size_t first, last;
};

static struct places places_of(const struct apart *s, size_t a, size_t b)
{
    size_t x = s->place[a], y = s->place[b];

    return x < y ? (struct places){x, y} : (struct places){y, x};
}

/* Whether merging a and b, which gains x, is better than c and d, with y. */
static bool is_better(const struct apart *s, size_t a, size_t b, struct gain x,
                      size_t c, size_t d, struct gain y)
{
    int order = compare(s->by, x, y);
    struct places p, q;

    if (order)
        return order > 0;
    p = places_of(s, a, b);
    q = places_of(s, c, d);
    return p.first != q.first ? p.first < q.first : p.last < q.last;
}

/* Takes b as the best of a, if it is. */
static void offer(struct apart *s, size_t a, size_t b)
{
    struct gain gain;

    if (between(s, a, b) <= 0 ||
        (s->by == COLLAPSE_BY_ERROR && s->best[a] != NO_CLASS &&
         between(s, a, b) < s->gain[a].errors))
        return; /* without a logarithm */
    gain = gain_of(s, a, b);
    if (s->best[a] != NO_CLASS &&
        !is_better(s, a, b, gain, a, s->best[a], s->gain[a]))
        return;
    s->best[a] = b;
    s->gain[a] = gain;
}

static void find_best(struct apart *s, size_t a)
{
    s->best[a] = NO_CLASS;
    for (size_t i = 0; i < s->n_alive; i++)
        if (s->alive[i] != a)
            offer(s, a, s->alive[i]);
}

static void apart_init(struct apart *s, const struct confusion *c,
                       const size_t *place, enum collapse_by by)
{
    size_t n = c->n_classes;

    *s = (struct apart){.n = n, .place = place, .by = by};
    s->gain = mem_alloc(n, sizeof(*s->gain));
    s->alive = mem_alloc(n, sizeof(*s->alive));
    s->best = mem_alloc(n, sizeof(*s->best));
    s->labels = mem_zalloc(n, sizeof(*s->labels));
    s->label_logs = mem_alloc(n, sizeof(*s->label_logs));
    s->between = mem_alloc(n * n, sizeof(*s->between));
    for (size_t a = 0; a < n; a++) {
        double seen = 0;
        for (size_t b = 0; b < n; b++) {
            double count = c->count[a * n + b], back = c->count[b * n + a];
            s->labels[a] += count;
            s->between[a * n + b] = a == b ? 0 : count + back;
            seen += count + back;
        }
        s->label_logs[a] = x_log_x(s->labels[a]);
        s->rows += s->labels[a];
        if (seen > 0)
            s->alive[s->n_alive++] = a;
    }
    for (size_t i = 0; i < s->n_alive; i++)
        find_best(s, s->alive[i]);
}

static void apart_release(struct apart *s)
{
    free(s->alive);
    free(s->best);
    free(s->gain);
    free(s->labels);
    free(s->label_logs);
    free(s->between);
}

/* The class that is best merged, with its best; NO_CLASS: none is confused. */
static size_t next_class(const struct apart *s)
{
    size_t found = NO_CLASS;

    for (size_t i = 0; i < s->n_alive; i++) {
        size_t a = s->alive[i];
        if (s->best[a] != NO_CLASS &&
            (found == NO_CLASS || is_better(s, a, s->best[a], s->gain[a], found,
                                            s->best[found], s->gain[found])))
            found = a;
    }
    return found;
}

static void take_off(struct apart *s, size_t class)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n_alive; i++)
        if (s->alive[i] != class)
            s->alive[n++] = s->alive[i];
    s->n_alive = n;
}

/*
 * After `gone` went into `into`: no other merge of `a` gains more than its best
 * did, so that one is still the best if it gains no less than before.
 */
static void renew_best(struct apart *s, size_t a, size_t gone, size_t into)
{
    struct gain before = s->gain[a];

    if (s->best[a] != gone && s->best[a] != into) {
        offer(s, a, into);
        return;
    }
    s->best[a] = into;
    s->gain[a] = gain_of(s, a, into);
    if (compare(s->by, s->gain[a], before) <= 0)
        find_best(s, a);
}

static void join(struct apart *s, size_t gone, size_t into)
{
    take_off(s, gone);
    s->labels[into] += s->labels[gone];
    s->label_logs[into] = x_log_x(s->labels[into]);
    for (size_t i = 0; i < s->n_alive; i++) {
        size_t a = s->alive[i];
        if (a == into)
            continue;
        s->between[a * s->n + into] += between(s, a, gone);
        s->between[into * s->n + a] = between(s, a, into);
        renew_best(s, a, gone, into);
    }
    find_best(s, into);
}

static bool is_smaller(const struct apart *s, size_t a, size_t b)
{
    if (s->labels[a] != s->labels[b])
        return s->labels[a] < s->labels[b];
    return s->place[a] > s->place[b];
}

size_t collapse_plan(const struct confusion *c, const size_t *place,
                     enum collapse_by by, struct merge *plan)
{
    double errors = 0, bits = 0;
    struct apart s;
    size_t n = 0, a;

    apart_init(&s, c, place, by);
    for (size_t i = 0; i < s.n; i++)
        for (size_t k = 0; k < i; k++)
            errors += between(&s, i, k);
    while (s.n_alive > 2 && (a = next_class(&s)) != NO_CLASS) {
        size_t b = s.best[a], gone = is_smaller(&s, a, b) ? a : b;
        struct merge *m = &plan[n++];
        *m = (struct merge){.class = gone, .into = a + b - gone};
        m->errors_before = errors;
        m->errors_after = errors -= between(&s, a, b);
        m->bits_lost = bits += bits_between(&s, a, b);
        join(&s, m->class, m->into);
    }
    apart_release(&s);
    return n;
}

double collapse_bits(const struct confusion *c)
{
    double n = confusion_total(c), sum = 0;

    for (size_t a = 0; a < c->n_classes; a++) {
        double labels = 0;
        for (size_t b = 0; b < c->n_classes; b++)
            labels += c->count[a * c->n_classes + b];
        sum += x_log_x(labels);
    }
    return n > 0 ? fmax(0, (x_log_x(n) - sum) / n) : 0;
}
