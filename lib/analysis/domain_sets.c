#include "analysis/domain_sets.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The k-th of the rows that are looked at. */
static size_t taken(const struct row_set *set, size_t count, size_t k)
{
    return (size_t)((unsigned __int128)k * set->n / count);
}

static size_t take_rows(const struct row_set *set, size_t *row)
{
    size_t count = set->n < DOMAIN_ROWS ? set->n : DOMAIN_ROWS;

    for (size_t k = 0; k < count; k++)
        row[k] = set->row[taken(set, count, k)];
    return count;
}

static void take_features(struct domain_sets *s, size_t only, uint64_t seed)
{
    size_t width;

    s->features = domain_features_new(s->table, s->row, s->n, only, seed);
    width = domain_features_width(s->features);
    s->x = mem_alloc(s->n * width, sizeof(*s->x));
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < s->n; i++)
        domain_features_mixed(s->features, i, SIZE_MAX, 0, s->x + i * width);
    s->rows = (struct domain_rows){
        s->x, s->n, width, domain_features_first(s->features), s->current};
}

void domain_sets_init(struct domain_sets *s, const struct table *table,
                      const struct row_set *reference,
                      const struct row_set *current, size_t only, uint64_t seed)
{
    *s = (struct domain_sets){.table = table};
    s->row = mem_alloc(2 * DOMAIN_ROWS, sizeof(*s->row));
    s->count[0] = take_rows(reference, s->row);
    s->count[1] = take_rows(current, s->row + s->count[0]);
    s->n = s->count[0] + s->count[1];
    s->current = mem_alloc(s->n, sizeof(*s->current));
    for (size_t i = 0; i < s->n; i++)
        s->current[i] = i >= s->count[0];
    take_features(s, only, seed);
}

void domain_sets_release(struct domain_sets *s)
{
    domain_features_free(s->features);
    free(s->row);
    free(s->current);
    free(s->x);
}

/* Of a set whose looked-at rows begin at `first`. */
static void score_set(const struct domain_sets *s,
                      const struct domain_classifier *c,
                      const struct row_set *set, size_t first, size_t count,
                      float *score)
{
    size_t width = s->rows.width;

    if (count < set->n) {
#pragma omp parallel
        {
            float *x = mem_alloc(width, sizeof(*x));
#pragma omp for schedule(static)
            for (size_t i = 0; i < set->n; i++) {
                domain_features_of(s->features, set->row[i], x);
                score[i] = domain_score(c, DOMAIN_FOLDS, x);
            }
            free(x);
        }
    }
    for (size_t k = 0; k < count; k++)
        score[taken(set, count, k)] = c->score[first + k];
}

float *domain_sets_scores(const struct domain_sets *s,
                          const struct domain_classifier *c,
                          const struct row_set *reference,
                          const struct row_set *current)
{
    size_t n = reference->n + (current ? current->n : 0);
    float *score = mem_alloc(n, sizeof(*score));

    score_set(s, c, reference, 0, s->count[0], score);
    if (current)
        score_set(s, c, current, s->count[0], s->count[1],
                  score + reference->n);
    return score;
}
