#include "stats/quantiles.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_sort.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/simd.h"
#include "stats/kll.h"

/* x[n] ascending, but for level 0, which has them as they came. */
struct level {
    float *x;
    size_t n, room, capacity;
};

/*
 * Of level 0 the first `counted` are in the moments and in the range, as is
 * all that went up.  Where all numbers are kept there is level 0 alone, of no
 * capacity, and they are counted when it is in order.
 */
struct quantiles {
    double accuracy;
    uint64_t seed;
    size_t size;
    struct level level[QUANTILES_LEVELS];
    size_t levels, counted;
    struct moments moments;
    double low, high;
    struct run {
        float *x;
        double *weight;
        size_t n;
    } view, spare;
    size_t view_room;
};

static void set_levels(struct quantiles *q, size_t levels)
{
    assert(levels <= QUANTILES_LEVELS);
    q->levels = levels;
    for (size_t h = 0; h < levels && q->accuracy > 0; h++)
        q->level[h].capacity = kll_capacity(q->size, levels - 1, h);
}

struct quantiles *quantiles_new(double accuracy, uint64_t seed)
{
    struct quantiles *q = mem_zalloc(1, sizeof(*q));

    q->accuracy = accuracy;
    q->seed = seed;
    q->size = accuracy > 0 ? kll_size(accuracy) : 0;
    q->low = q->high = NAN;
    set_levels(q, 1);
    return q;
}

static void run_release(struct run *run)
{
    free(run->x);
    free(run->weight);
    *run = (struct run){0};
}

void quantiles_free(struct quantiles *q)
{
    if (!q)
        return;
    for (size_t h = 0; h < QUANTILES_LEVELS; h++)
        free(q->level[h].x);
    run_release(&q->view);
    run_release(&q->spare);
    free(q);
}

/* ---- moments ---- */

enum { LANES = 8 };

static double lanes_sum(const double lane[LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

SIMD_CLONES static double sum_of(const float *x, size_t n)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += (double)x[i + k];
    for (; i < n; i++)
        lane[0] += (double)x[i];
    return lanes_sum(lane);
}

SIMD_CLONES static double squares_of(const float *x, size_t n, double mean)
{
    double lane[LANES] = {0};
    size_t i = 0;

    for (; i + LANES <= n; i += LANES)
        for (size_t k = 0; k < LANES; k++)
            lane[k] += ((double)x[i + k] - mean) * ((double)x[i + k] - mean);
    for (; i < n; i++)
        lane[0] += ((double)x[i] - mean) * ((double)x[i] - mean);
    return lanes_sum(lane);
}

static struct moments moments_of(const float *x, size_t n)
{
    struct moments m = {.n = (double)n};

    if (n > 0) {
        m.mean = sum_of(x, n) / m.n;
        m.m2 = squares_of(x, n, m.mean);
    }
    return m;
}

/* Chan, Golub & LeVeque 1983 (American Statistician 37:242); the same bits
 * whichever of the two comes first. */
static struct moments moments_sum(struct moments a, struct moments b)
{
    double n = a.n + b.n, step = b.mean - a.mean;

    if (a.n == 0 || b.n == 0)
        return a.n == 0 ? b : a;
    return (struct moments){
        .n = n,
        .mean = step == 0 ? a.mean : (a.n * a.mean + b.n * b.mean) / n,
        .m2 = a.m2 + b.m2 + step * step * (a.n / n * b.n)};
}

/* Of NaN and a number, the number. */
static void widen(struct quantiles *q, double low, double high)
{
    q->low = fmin(q->low, low);
    q->high = fmax(q->high, high);
}

/* Those of level 0 that were not yet. */
static struct moments uncounted(const struct quantiles *q)
{
    return moments_of(q->level[0].x + q->counted, q->level[0].n - q->counted);
}

/* ---- levels ---- */

/* For what comes little by little. */
static void make_room(struct level *level, size_t more)
{
    level->x =
        mem_grow(level->x, &level->room, level->n + more, sizeof(*level->x));
}

static void sort_level(struct level *level)
{
    uint32_t *scratch = mem_alloc(level->n, sizeof(*scratch));

    float_sort(level->x, scratch, level->n);
    free(scratch);
}

/* Counts level 0 and puts it in order. */
static void order_level_0(struct quantiles *q)
{
    const struct level *level = &q->level[0];

    if (level->n == 0)
        return;
    q->moments = moments_sum(q->moments, uncounted(q));
    q->counted = level->n;
    sort_level(&q->level[0]);
    widen(q, (double)level->x[0], (double)level->x[level->n - 1]);
}

/*
 * to[n + m] = a[n] and every step-th of b[m step], all ascending.  From both
 * ends at once, as each end waits for what it has just compared, and without a
 * branch that would be guessed wrong half of the time.
 */
static void merge_runs(float *to, const float *a, size_t n, const float *b,
                       size_t m, size_t step)
{
    size_t i = 0, j = 0, low = 0, high = n + m;

    while (n > i + 1 && m > j + 1) {
        float x = a[i], y = b[j * step];
        float u = a[n - 1], v = b[(m - 1) * step];
        to[low++] = x <= y ? x : y;
        i += (size_t)(x <= y);
        j = low - i;
        to[--high] = u > v ? u : v;
        n -= (size_t)(u > v);
        m = high - n;
    }
    while (low < high) {
        bool first = j == m || (i < n && a[i] <= b[j * step]);
        to[low++] = first ? a[i++] : b[step * j++];
    }
}

/* Every step-th of x[n step] into the level. */
static void merge_into(struct level *level, const float *x, size_t n,
                       size_t step)
{
    size_t all = level->n + n;
    float *was = level->x;

    if (n == 0)
        return;
    level->x = mem_alloc(all, sizeof(*level->x));
    merge_runs(level->x, was, level->n, x, n, step);
    free(was);
    level->n = level->room = all;
}

SIMD_CLONES static uint64_t sum_of_bits(const float *x, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], sizeof(bits));
        sum += bits;
    }
    return sum;
}

/* Parts with the same first rows must not toss the same coins later on: hence
 * the numbers themselves; nor numbers that repeat: hence how many there are. */
static size_t toss(const struct quantiles *q, size_t h)
{
    const struct level *level = &q->level[h];
    double all = 0;
    uint64_t key[4];

    for (size_t k = 0; k < q->levels; k++)
        all += ldexp((double)q->level[k].n, (int)k);
    key[0] = q->seed;
    key[1] = h;
    key[2] = (uint64_t)all;
    key[3] = sum_of_bits(level->x, level->n);
    return hash_bytes(key, sizeof(key)) & 1;
}

/* Of an odd number of them the last one stays. */
static void compact(struct quantiles *q, size_t h)
{
    struct level *level = &q->level[h];
    size_t pairs = level->n / 2;

    if (h == 0)
        order_level_0(q);
    if (h + 1 == q->levels)
        set_levels(q, q->levels + 1);
    merge_into(&q->level[h + 1], level->x + toss(q, h), pairs, 2);
    level->x[0] = level->x[level->n - 1];
    level->n %= 2;
    if (h == 0)
        q->counted = level->n;
    else
        level->x = mem_resize(level->x, level->room = 1, sizeof(*level->x));
}

/* A new level makes the capacity of the others smaller. */
static void settle(struct quantiles *q)
{
    size_t levels;

    do {
        levels = q->levels;
        for (size_t h = 0; h < q->levels; h++)
            if (q->level[h].n >= q->level[h].capacity)
                compact(q, h);
    } while (levels < q->levels);
}

/* ---- adding ---- */

/* Whether there was a NaN.  -0 becomes 0, or equal numbers would differ. */
SIMD_CLONES static int copy(float *restrict to, const float *restrict x,
                            size_t n)
{
    int found = 0;

    for (size_t i = 0; i < n; i++) {
        to[i] = x[i] + 0.f;
        found |= x[i] != x[i];
    }
    return found;
}

/* Room is made before. */
static void append(struct level *level, const float *x, size_t n)
{
    size_t from = level->n;

    if (n == 0)
        return;
    level->n += n;
    if (!copy(level->x + from, x, n))
        return;
    level->n = from;
    for (size_t i = from; i < from + n; i++)
        if (!isnan(level->x[i]))
            level->x[level->n++] = level->x[i];
}

void quantiles_add(struct quantiles *q, const float *x, size_t n)
{
    struct level *level = &q->level[0];

    while (n > 0) {
        size_t take = n;
        if (q->accuracy > 0 && level->n >= level->capacity)
            settle(q);
        if (q->accuracy > 0 && take > level->capacity - level->n)
            take = level->capacity - level->n;
        make_room(level, take);
        append(level, x, take);
        x += take;
        n -= take;
    }
}

void quantiles_merge(struct quantiles *q, const struct quantiles *other)
{
    assert(q != other && q->accuracy == other->accuracy);
    if (q->accuracy == 0) {
        quantiles_add(q, other->level[0].x, other->level[0].n);
        return;
    }
    order_level_0(q);
    q->moments =
        moments_sum(q->moments, moments_sum(other->moments, uncounted(other)));
    widen(q, other->low, other->high);
    for (size_t i = other->counted; i < other->level[0].n; i++)
        widen(q, (double)other->level[0].x[i], (double)other->level[0].x[i]);
    if (other->levels > q->levels)
        set_levels(q, other->levels);
    make_room(&q->level[0], other->level[0].n);
    append(&q->level[0], other->level[0].x, other->level[0].n);
    q->counted = q->level[0].n;
    for (size_t h = 1; h < other->levels; h++)
        merge_into(&q->level[h], other->level[h].x, other->level[h].n, 1);
    settle(q);
}

/* ---- looking ---- */

/* to = the run and the level, whose numbers each have this weight */
static void merge_run(struct run *to, const struct run *run,
                      const struct level *level, double weight)
{
    size_t i = 0, j = 0;

    to->n = run->n + level->n;
    for (size_t at = 0; at < to->n; at++) {
        bool first = j == level->n || (i < run->n && run->x[i] <= level->x[j]);
        to->x[at] = first ? run->x[i] : level->x[j];
        to->weight[at] = first ? run->weight[i] : weight;
        i += first;
        j += !first;
    }
}

static void view_room(struct quantiles *q)
{
    size_t n = 0;

    for (size_t h = 0; h < q->levels; h++)
        n += q->level[h].n;
    if (n <= q->view_room)
        return;
    run_release(&q->view);
    run_release(&q->spare);
    q->view = (struct run){mem_alloc(n, sizeof(float)),
                           mem_alloc(n, sizeof(double)), 0};
    q->spare = (struct run){mem_alloc(n, sizeof(float)),
                            mem_alloc(n, sizeof(double)), 0};
    q->view_room = n;
}

static struct distribution view_sketch(struct quantiles *q)
{
    struct distribution all = {.moments = q->moments};

    view_room(q);
    q->view.n = 0;
    for (size_t h = 0; h < q->levels; h++) {
        struct run last = q->view;
        merge_run(&q->spare, &last, &q->level[h], ldexp(1, (int)h));
        q->view = q->spare;
        q->spare = last;
        all.total += ldexp((double)q->level[h].n, (int)h);
    }
    all.x = q->view.x;
    all.weight = q->view.weight;
    all.n = q->view.n;
    all.rank_error =
        fmin(kll_rank_error(q->size, q->levels - 1, all.total), q->accuracy);
    return all;
}

/* In order first, so that the moments do not depend on how they came. */
static void order_all(struct quantiles *q)
{
    const struct level *level = &q->level[0];

    if (q->counted == level->n)
        return;
    sort_level(&q->level[0]);
    q->moments = moments_of(level->x, level->n);
    q->low = (double)level->x[0];
    q->high = (double)level->x[level->n - 1];
    q->counted = level->n;
}

struct distribution quantiles_view(struct quantiles *q)
{
    struct distribution all;

    if (q->accuracy == 0)
        order_all(q);
    else
        order_level_0(q);
    if (q->levels > 1)
        all = view_sketch(q);
    else
        all = (struct distribution){.x = q->level[0].x,
                                    .n = q->level[0].n,
                                    .total = (double)q->level[0].n,
                                    .moments = q->moments};
    all.low = q->low;
    all.high = q->high;
    return all;
}

/* ---- writing down ---- */

double quantiles_accuracy(const struct quantiles *q)
{
    return q->accuracy;
}

size_t quantiles_levels(const struct quantiles *q)
{
    return q->levels;
}

const float *quantiles_level(const struct quantiles *q, size_t h, size_t *n)
{
    *n = q->level[h].n;
    return q->level[h].x;
}

void quantiles_restore(struct quantiles *q, size_t h, const float *x, size_t n)
{
    struct level *level = &q->level[h];

    if (h >= q->levels)
        set_levels(q, h + 1);
    make_room(level, n);
    append(level, x, n);
    sort_level(level);
}

void quantiles_set_exact(struct quantiles *q, const struct moments *moments,
                         double low, double high)
{
    if (q->accuracy == 0)
        return;
    q->moments = *moments;
    q->low = low;
    q->high = high;
    q->counted = q->level[0].n;
}
