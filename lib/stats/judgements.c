#include "stats/judgements.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

struct judgements *judgements_new(size_t n_persons, size_t n_blocks)
{
    struct judgements *j = mem_zalloc(1, sizeof(*j));

    j->n_persons = n_persons;
    j->n_blocks = n_blocks;
    j->row = mem_zalloc(n_persons, sizeof(*j->row));
    return j;
}

void judgements_free(struct judgements *j)
{
    if (!j)
        return;
    for (size_t i = 0; i < j->n; i++)
        free(j->patterns[i].shares);
    free(j->patterns);
    dict_release(&j->keys);
    free(j->row);
    free(j);
}

static struct judged_pattern *pattern_of(struct judgements *j, size_t n)
{
    size_t at = dict_add(&j->keys, (const char *)j->row, n * sizeof(*j->row));

    j->patterns =
        mem_grow(j->patterns, &j->capacity, at + 1, sizeof(*j->patterns));
    if (at == j->n)
        j->patterns[j->n++] = (struct judged_pattern){0};
    return &j->patterns[at];
}

static void add_share(struct judged_pattern *p, double weight, size_t block)
{
    p->weight += weight;
    p->squares += weight * weight;
    for (size_t i = 0; i < p->n_shares; i++)
        if (p->shares[i].block == block) {
            p->shares[i].weight += weight;
            return;
        }
    p->shares =
        mem_grow(p->shares, &p->capacity, p->n_shares + 1, sizeof(*p->shares));
    p->shares[p->n_shares++] = (struct judged_share){block, weight};
}

size_t judgements_add(struct judgements *j, const size_t *class, double weight,
                      size_t block)
{
    struct judged_pattern *pattern;
    size_t n = 0;

    for (size_t a = 0; a < j->n_persons; a++)
        if (class[a] != JUDGED_NONE)
            j->row[n++] = (struct judgement){(uint32_t)a, (uint32_t) class[a]};
    if (!n)
        return SIZE_MAX;
    pattern = pattern_of(j, n);
    add_share(pattern, weight, block);
    j->n_rows++;
    return (size_t)(pattern - j->patterns);
}

size_t judgements_row(const struct judgements *j, size_t pattern,
                      const struct judgement **row)
{
    *row = (const struct judgement *)(const void *)j->keys.text[pattern];
    return j->keys.len[pattern] / sizeof(**row);
}

static bool is_disputed(const struct judgement *row, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (row[i].class != row[0].class)
            return true;
    return false;
}

struct judgement_counts judgements_count(const struct judgements *j)
{
    bool *seen = mem_zalloc(j->n_persons, sizeof(*seen));
    struct judgement_counts counts = {0};
    const struct judgement *row;

    for (size_t i = 0; i < j->n; i++) {
        size_t n = judgements_row(j, i, &row);
        double weight = j->patterns[i].weight;
        counts.rows += weight;
        counts.squares += j->patterns[i].squares;
        counts.judgements += weight * (double)n;
        counts.disputed += is_disputed(row, n) ? weight : 0;
        for (size_t a = 0; a < n; a++) {
            counts.persons += !seen[row[a].person];
            seen[row[a].person] = true;
        }
    }
    free(seen);
    return counts;
}
