#include "stats/winner.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/winner_parts.h"

static const char *const names[] = {"none",        "seeds", "rates",
                                    "rates+seeds", "rows",  "rows+seeds"};

const char *winner_method_name(enum winner_method method)
{
    return names[method];
}

/* ---- order ---- */

struct ranked {
    double mean;
    size_t config;
};

static int by_mean(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->mean != y->mean)
        return x->mean < y->mean ? -1 : 1;
    return (x->config > y->config) - (x->config < y->config);
}

static void summarise(const struct contest *c, struct standing *standing)
{
    for (size_t k = 0; k < c->n_configs; k++)
        standing[k] = (struct standing){.p_value = NAN,
                                        .ci = interval_unknown(),
                                        .run = interval_unknown()};
    for (size_t i = 0; i < c->n; i++) {
        struct standing *s = &standing[c->config[i]];
        s->runs++;
        s->mean += (c->objective[i] - s->mean) / (double)s->runs;
    }
}

static void rank(const struct contest *c, const struct standing *standing,
                 struct ranking *r)
{
    struct ranked *sorted = mem_alloc(c->n_configs, sizeof(*sorted));
    size_t *next = mem_alloc(c->n_configs, sizeof(*next));

    r->order = mem_alloc(c->n_configs, sizeof(*r->order));
    r->first = mem_zalloc(c->n_configs + 1, sizeof(*r->first));
    r->trial = mem_alloc(c->n, sizeof(*r->trial));
    for (size_t k = 0; k < c->n_configs; k++) {
        sorted[k] = (struct ranked){standing[k].mean, k};
        next[k] = r->first[k];
        r->first[k + 1] = r->first[k] + standing[k].runs;
    }
    for (size_t i = 0; i < c->n; i++)
        r->trial[next[c->config[i]]++] = i;
    qsort(sorted, c->n_configs, sizeof(*sorted), by_mean);
    for (size_t k = 0; k < c->n_configs; k++)
        r->order[k] = sorted[k].config;
    free(sorted);
    free(next);
}

static void pack(const struct contest *c, struct ranking *r)
{
    r->rows = c->n_rows;
    r->words = (c->n_rows + 63) / 64;
    r->bits = mem_zalloc(c->n * r->words, sizeof(*r->bits));
    for (size_t t = 0; t < c->n; t++)
        for (size_t i = 0; i < c->n_rows; i++)
            if (c->wrong[t][i] == '1')
                r->bits[t * r->words + i / 64] |= (uint64_t)1 << i % 64;
}

static void ranking_release(struct ranking *r)
{
    free(r->order);
    free(r->first);
    free(r->trial);
    free(r->bits);
}

/* ---- all of it ---- */

/* The best score, where there are repeats of a configuration that has some. */
static size_t best_of(const struct contest *c, const struct ranking *r,
                      const struct standing *standing)
{
    size_t best = r->order[0], runs = 0;

    for (size_t i = 0; i < c->n_configs; i++) {
        const struct standing *s = &standing[r->order[i]];
        bool confirmed = s->runs > 1;
        if ((c->out && c->out[r->order[i]]) || (runs > 1 && !confirmed))
            continue;
        if (!runs || (runs < 2 && confirmed) || s->score < standing[best].score)
            best = r->order[i];
        runs = standing[best].runs;
    }
    return best;
}

void winner_find(const struct contest *contest, uint64_t seed,
                 struct standing *standing, struct winner *winner)
{
    struct ranking ranking = {0};

    *winner = (struct winner){0};
    if (contest->n == 0)
        return;
    summarise(contest, standing);
    rank(contest, standing, &ranking);
    if (contest->wrong)
        pack(contest, &ranking);
    winner_noise(contest, &ranking, standing, winner);
    winner_scores(contest, winner, &ranking, standing);
    winner_tests(contest, winner, &ranking, seed, standing);
    winner->best = best_of(contest, &ranking, standing);
    ranking_release(&ranking);
}
