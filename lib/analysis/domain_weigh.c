/* Importance weights of the first of two sets. */
#include <math.h>
#include <stdlib.h>

#include "analysis/domain.h"
#include "analysis/domain_sets.h"
#include "base/mem.h"
#include "stats/auroc.h"
#include "stats/domain_ratio.h"

enum { STEPS = 60 };

static const double RIDGES[] = {.3, .03, .003};

static double auroc_of(const struct domain_sets *s, const float *score)
{
    float *copy = mem_alloc(s->n, sizeof(*copy));
    struct auroc area = {.area = NAN};

    for (size_t i = 0; i < s->n; i++)
        copy[i] = score[i];
    (void)auroc_delong(copy + s->count[0], s->count[1], copy, s->count[0],
                       &area);
    free(copy);
    return area.area;
}

/* The classifier whose calibrated scores of rows left out fit best. */
static struct domain_ratio fit(const struct domain_sets *s, uint64_t seed,
                               const struct domain_shape *by_chance,
                               struct domain_classifier *best)
{
    struct domain_ratio ratio = {.log_loss = INFINITY};

    *best = (struct domain_classifier){0};
    for (size_t k = 0; k < sizeof(RIDGES) / sizeof(*RIDGES); k++) {
        struct domain_fit options = {RIDGES[k], by_chance, STEPS, seed};
        struct domain_classifier c;
        struct domain_ratio r;
        domain_classify(&s->rows, &options, &c);
        r = domain_ratio_fit(c.score, s->current, s->n);
        if (r.log_loss < ratio.log_loss) {
            domain_classifier_release(best);
            *best = c;
            ratio = r;
        } else {
            domain_classifier_release(&c);
        }
    }
    return ratio;
}

/* Rows of too small a set, or without a column to tell by, all count 1. */
static void weigh_alike(size_t n, struct domain_weights *out)
{
    out->weight = mem_alloc(n, sizeof(*out->weight));
    for (size_t i = 0; i < n; i++)
        out->weight[i] = 1;
    out->effective = (double)n;
    out->clip = 1;
    out->auroc = out->p = out->covered = NAN;
}

void domain_weigh(const struct table *table, const struct row_set *reference,
                  const struct row_set *current, uint64_t seed,
                  struct domain_weights *out)
{
    struct domain_sets s = {0};
    struct domain_permutation evidence;
    struct domain_classifier c;
    struct domain_ratio ratio;
    struct domain_clip clip;

    *out = (struct domain_weights){0};
    if (reference->n >= DOMAIN_LEAST && current->n >= DOMAIN_LEAST)
        domain_sets_init(&s, table, reference, current, DOMAIN_ALL, seed);
    if (s.rows.width == 0) {
        weigh_alike(reference->n, out);
        domain_sets_release(&s);
        return;
    }
    evidence = domain_permute(&s.rows, seed);
    ratio = fit(&s, seed, evidence.by_chance, &c);
    out->p = evidence.p;
    out->auroc = auroc_of(&s, c.score);
    out->weight = domain_sets_scores(&s, &c, reference, NULL);
    clip = domain_ratio_weights(&ratio, out->weight, reference->n, out->weight);
    out->effective = clip.effective;
    out->clip = clip.clip;
    out->covered = clip.covered;
    out->clipped = clip.clipped;
    domain_classifier_release(&c);
    domain_sets_release(&s);
}

void domain_weights_release(struct domain_weights *weights)
{
    free(weights->weight);
    *weights = (struct domain_weights){0};
}
