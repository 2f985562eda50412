#include "stats/near_rows.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/coincidence.h"

enum { AT_ONCE = 64, MOST_APART = 2 };

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

/* Counts are whole numbers: their order does not matter. */
void near_rows_find(const struct near_shape *s, const float *a, size_t n,
                    const float *b, size_t m, const size_t *self,
                    struct near_row *row, struct near_pairs *pairs)
{
#pragma omp parallel for schedule(dynamic)
    for (size_t first = 0; first < n; first += AT_ONCE) {
        size_t end = first + AT_ONCE < n ? first + AT_ONCE : n;
        struct near_pairs *here = mem_zalloc(1, sizeof(*here));
        for (size_t j = 0; j < m; j++)
            for (size_t i = first; i < end; i++)
                if (!self || self[i] != j)
                    compare(s, a + i * s->columns, b + j * s->columns, &row[i],
                            here);
#pragma omp critical(near_pairs)
        add_pairs(pairs, here);
        free(here);
    }
}

/* ---- chance ---- */

uint64_t near_rows_copies(const struct near_shape *s,
                          const struct near_pairs *p, int *close)
{
    uint64_t copies = 0;
    bool telling = false, chance = false;

    for (size_t c = 0; c < s->columns; c++) {
        bool of_one = !(p->one[c] > 0), any = false;
        for (size_t d = 0; d < s->columns && !of_one; d++) {
            double two = c < d ? p->two[c][d] : p->two[d][c];
            if (d == c || s->agree[d] >= TELLING)
                continue;
            any = true;
            of_one = is_coincidence(p->one[c], p->one[c] + two, s->agree[d]);
        }
        copies |= any && !of_one ? (uint64_t)1 << c : 0;
        if (s->agree[c] >= TELLING)
            continue;
        telling = true;
        chance |= is_coincidence(p->none, p->none + p->one[c], s->agree[c]);
    }
    *close = telling && !chance && p->none > 0;
    return copies;
}
