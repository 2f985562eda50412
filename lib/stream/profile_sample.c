#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stream/profile.h"

void profile_row_release(struct profile_row *row, size_t columns)
{
    free(row->id);
    free(row->label);
    free(row->pred);
    for (size_t i = 0; row->cells && i < columns; i++)
        free(row->cells[i]);
    free(row->cells);
    free(row->p);
    memset(row, 0, sizeof(*row));
}

static int compare_cells(char *const *a, char *const *b, size_t columns)
{
    int order = 0;

    for (size_t i = 0; a && b && i < columns && !order; i++)
        order = strcmp(a[i] ? a[i] : "", b[i] ? b[i] : "");
    return order;
}

/* Of equal keys by what else is known, so that merging has one result. */
static int compare(const struct profile_sample *s, const struct profile_row *a,
                   const struct profile_row *b)
{
    int order = (a->key > b->key) - (a->key < b->key);

    if (!order)
        order = strcmp(a->id, b->id);
    if (!order)
        order = strcmp(a->label, b->label);
    if (!order)
        order = strcmp(a->pred, b->pred);
    return order ? order : compare_cells(a->cells, b->cells, s->columns);
}

/* ---- a heap, the largest first, once it is full ---- */

/* row[at] to its place among the first n. */
static void sift(struct profile_sample *s, size_t n, size_t at)
{
    struct profile_row *row = s->row, moved = row[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && compare(s, &row[child], &row[child + 1]) < 0)
            child++;
        if (compare(s, &moved, &row[child]) >= 0)
            break;
        row[at] = row[child];
    }
    row[at] = moved;
}

/* In a heap no row is larger than the first; in one that was settled, and is
 * not all alike, the last is. */
static bool is_heap(const struct profile_sample *s)
{
    return compare(s, &s->row[0], &s->row[s->n - 1]) >= 0;
}

static void make_heap(struct profile_sample *s)
{
    for (size_t i = s->n / 2; i-- > 0;)
        sift(s, s->n, i);
}

bool profile_sample_wants(const struct profile_sample *s, uint64_t key)
{
    if (s->n < s->most)
        return true;
    return s->most && (key <= s->row[0].key || key <= s->row[s->n - 1].key);
}

void profile_sample_add(struct profile_sample *s, struct profile_row *row)
{
    if (s->n < s->most) {
        s->row = mem_grow(s->row, &s->capacity, s->n + 1,
                          sizeof(struct profile_row));
        s->row[s->n++] = *row;
        if (s->n == s->most)
            make_heap(s);
        return;
    }
    if (s->most && !is_heap(s))
        make_heap(s);
    if (!s->most || compare(s, row, &s->row[0]) >= 0) {
        profile_row_release(row, s->columns);
        return;
    }
    profile_row_release(&s->row[0], s->columns);
    s->row[0] = *row;
    sift(s, s->n, 0);
}

void profile_sample_settle(struct profile_sample *s)
{
    make_heap(s);
    for (size_t n = s->n; n-- > 1;) {
        struct profile_row largest = s->row[0];
        s->row[0] = s->row[n];
        s->row[n] = largest;
        sift(s, n, 0);
    }
}
