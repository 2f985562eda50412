#include "stats/near_rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "stats/coincidence.h"

enum { AT_ONCE = 64, AHEAD = 4, MOST_APART = 2, MANY_COLUMNS = 16 };

static const double TELLING = .1;

/* How many cells differ, as far as MOST_APART + 1; which, if at most that. */
static size_t count_apart(const struct near_shape *s, const float *a,
                          const float *b, size_t which[MOST_APART + 1])
{
    size_t apart = 0;

    for (size_t c = 0; c < s->columns; c++)
        if (!(fabsf(a[c] - b[c]) <= s->tolerance[c])) {
            which[apart++] = c;
            if (apart > MOST_APART)
                break;
        }
    return apart;
}

static void compare(const struct near_shape *s, const float *a, const float *b,
                    struct near_row *row, struct near_pairs *pairs)
{
    size_t which[MOST_APART + 1];

    switch (count_apart(s, a, b, which)) {
    case 0:
        if (memcmp(a, b, s->columns * sizeof(*a)) == 0) {
            row->same = 1;
        } else {
            row->close = 1;
            pairs->none++;
        }
        break;
    case 1:
        row->but_for |= (uint64_t)1 << which[0];
        pairs->one[which[0]]++;
        break;
    case 2:
        pairs->two[which[0]][which[1]]++;
        break;
    default:
        break;
    }
}

static void add_pairs(struct near_pairs *to, const struct near_pairs *from)
{
    to->none += from->none;
    for (size_t c = 0; c < NEAR_COLUMNS; c++) {
        to->one[c] += from->one[c];
        for (size_t d = 0; d < NEAR_COLUMNS; d++)
            to->two[c][d] += from->two[c][d];
    }
}

/* AT_ONCE rows of a, column by column as far as AHEAD. */
struct ahead {
    size_t columns;
    float cell[AHEAD][AT_ONCE];
};

static void fill_ahead(struct ahead *ahead, const struct near_shape *s,
                       const float *a, size_t n)
{
    memset(ahead, 0, sizeof(*ahead));
    ahead->columns = s->columns < AHEAD ? s->columns : AHEAD;
    for (size_t c = 0; c < ahead->columns; c++)
        for (size_t i = 0; i < n; i++)
            ahead->cell[c][i] = a[i * s->columns + c];
}

/* In how many of the first columns each row differs from b. */
SIMD_CLONES static void apart_ahead(const struct ahead *ahead,
                                    const struct near_shape *s, const float *b,
                                    int apart[AT_ONCE])
{
    memset(apart, 0, AT_ONCE * sizeof(*apart));
    for (size_t c = 0; c < ahead->columns; c++) {
        float value = b[c], within = s->tolerance[c];
#pragma omp simd
        for (size_t i = 0; i < AT_ONCE; i++)
            apart[i] += !(fabsf(ahead->cell[c][i] - value) <= within);
    }
}

static void compare_block(const struct near_shape *s, const float *a, size_t n,
                          const float *b, size_t m, const size_t *self,
                          struct near_row *row, struct near_pairs *pairs)
{
    struct ahead ahead;
    int apart[AT_ONCE];

    fill_ahead(&ahead, s, a, n);
    for (size_t j = 0; j < m; j++) {
        apart_ahead(&ahead, s, b + j * s->columns, apart);
        for (size_t i = 0; i < n; i++)
            if (apart[i] <= MOST_APART && (!self || self[i] != j))
                compare(s, a + i * s->columns, b + j * s->columns, &row[i],
                        pairs);
    }
}

/* Counts are whole numbers: their order does not matter. */
void near_rows_find(const struct near_shape *s, const float *a, size_t n,
                    const float *b, size_t m, const size_t *self,
                    struct near_row *row, struct near_pairs *pairs)
{
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < n; i += AT_ONCE) {
        struct near_pairs *here = mem_zalloc(1, sizeof(*here));
        compare_block(s, a + i * s->columns, n - i < AT_ONCE ? n - i : AT_ONCE,
                      b, m, self ? self + i : NULL, row + i, here);
#pragma omp critical(near_pairs)
        add_pairs(pairs, here);
        free(here);
    }
}

/* ---- chance ---- */

/* May pairs that differ in c alone be chance by another column? */
static bool one_by_chance(const struct near_shape *s,
                          const struct near_pairs *p, size_t c)
{
    bool telling = false;

    for (size_t d = 0; d < s->columns; d++) {
        double two = c < d ? p->two[c][d] : p->two[d][c];
        if (d == c || s->agree[d] >= TELLING)
            continue;
        telling = true;
        if (is_coincidence(p->one[c], p->one[c] + two, s->agree[d]))
            return true;
    }
    return !telling;
}

static bool none_by_chance(const struct near_shape *s,
                           const struct near_pairs *p)
{
    for (size_t c = 0; c < s->columns && s->agree[c] < TELLING; c++)
        if (is_coincidence(p->none, p->none + p->one[c], s->agree[c]))
            return true;
    return false;
}

/* Chance makes more pairs that differ in more columns. */
static uint64_t copies_of_many(const struct near_shape *s,
                               const struct near_pairs *p, bool *close)
{
    double one = 0, two = 0;

    for (size_t c = 0; c < s->columns; c++) {
        one += p->one[c];
        for (size_t d = c + 1; d < s->columns; d++)
            two += p->two[c][d];
    }
    *close = p->none > one;
    return one > two ? UINT64_MAX : 0;
}

uint64_t near_rows_copies(const struct near_shape *s,
                          const struct near_pairs *p, bool *close)
{
    bool telling = s->columns && s->agree[0] < TELLING;
    uint64_t copies = 0;

    if (!telling && s->columns >= MANY_COLUMNS)
        return copies_of_many(s, p, close);
    *close = telling && p->none > 0 && !none_by_chance(s, p);
    for (size_t c = 0; c < s->columns; c++)
        if (p->one[c] > 0 && !one_by_chance(s, p, c))
            copies |= (uint64_t)1 << c;
    return copies;
}
