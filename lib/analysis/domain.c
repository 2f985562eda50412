#include "analysis/domain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/domain_sets.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stats/auroc.h"
#include "stats/auroc_drop.h"

enum { SHUFFLED_ROWS = 4000, MOST_SHUFFLES = 8 };

/* What shuffling columns may cost, in features. */
static const double SHUFFLED_FEATURES = 4e7;

/* ---- how well ---- */

/* Of scores of the sets; a share of either is told right by its log odds. */
static void take_auroc(const struct domain_sets *s, const float *score,
                       double noise, struct domain_test *test)
{
    float *of = mem_alloc(s->n, sizeof(*of));
    size_t at[2] = {0, s->count[0]}, right[2] = {0};
    struct auroc area;

    for (size_t i = 0; i < s->n; i++) {
        of[at[s->current[i]]++] = score[i];
        right[s->current[i]] += (score[i] > 0) == s->current[i];
    }
    if (auroc_delong(of + s->count[0], s->count[1], of, s->count[0], &area) ==
        0) {
        test->auroc = area.area;
        test->auroc_ci =
            area.variance > 0 && area.area > 0 && area.area < 1
                ? auroc_interval_fitted(area.area, area.variance, noise)
                : area.ci;
    }
    test->accuracy = (double)right[0] / (double)s->count[0] / 2 +
                     (double)right[1] / (double)s->count[1] / 2;
    free(of);
}

/* ---- which columns ---- */

/* Rows of the sets by turns, so that each has its share. */
struct shuffled {
    const struct domain_sets *sets;
    const struct domain_classifier *classifier;
    size_t n, shuffles;
    size_t *row;   /* [n] of the sets */
    size_t *other; /* [shuffles][n] … whose cells they get */
    bool *current; /* [n] */
    double *place; /* [n] as they are */
};

static void choose_rows(struct shuffled *s, size_t columns, uint64_t seed)
{
    const struct domain_sets *sets = s->sets;
    size_t width = domain_features_width(sets->features);
    double afford = SHUFFLED_FEATURES / (double)(columns * (width + 400));
    struct rng rng;

    s->n = sets->n < SHUFFLED_ROWS ? sets->n : SHUFFLED_ROWS;
    s->n = (double)s->n > afford ? (size_t)fmax(afford, 200) : s->n;
    s->n = s->n < sets->n ? s->n : sets->n;
    s->shuffles = SHUFFLED_ROWS / s->n;
    s->shuffles = s->shuffles < MOST_SHUFFLES ? s->shuffles : MOST_SHUFFLES;
    s->shuffles = (double)(s->n * s->shuffles) > afford ? 1 : s->shuffles;
    s->row = mem_alloc(s->n, sizeof(*s->row));
    s->current = mem_alloc(s->n, sizeof(*s->current));
    s->other = mem_alloc(s->n * s->shuffles, sizeof(*s->other));
    rng_init(&rng, seed, RNG_PERMUTATION);
    for (size_t i = 0; i < s->n; i++) {
        s->row[i] = i * sets->n / s->n;
        s->current[i] = sets->current[s->row[i]];
    }
    for (size_t k = 0; k < s->shuffles; k++) {
        memcpy(s->other + k * s->n, s->row, s->n * sizeof(*s->row));
        rng_shuffle(&rng, s->other + k * s->n, s->n);
    }
}

/* Placements with a column shuffled, on average of the shuffles. */
static void shuffled_places(const struct shuffled *s, size_t column,
                            double *place)
{
    size_t width = domain_features_width(s->sets->features);
    float *x = mem_alloc(width, sizeof(*x));
    float *score = mem_alloc(s->n, sizeof(*score));

    for (size_t k = 0; k < s->shuffles; k++) {
        for (size_t i = 0; i < s->n; i++) {
            size_t row = s->row[i];
            domain_features_mixed(s->sets->features, row, column,
                                  s->other[k * s->n + i], x);
            score[i] = domain_score(s->classifier, s->classifier->fold[row], x);
        }
        auroc_placements(score, s->current, s->n, 1 / (double)s->shuffles,
                         place);
    }
    free(x);
    free(score);
}

static int by_drop(const void *a, const void *b)
{
    const struct domain_column *x = a, *y = b;

    if (x->drop != y->drop)
        return x->drop < y->drop ? 1 : -1;
    return x->column < y->column ? -1 : 1;
}

static void take_places(struct shuffled *s)
{
    float *score = mem_alloc(s->n, sizeof(*score));

    for (size_t i = 0; i < s->n; i++)
        score[i] = s->classifier->score[s->row[i]];
    s->place = mem_zalloc(s->n, sizeof(*s->place));
    auroc_placements(score, s->current, s->n, 1, s->place);
    free(score);
}

static void take_columns(const struct domain_sets *sets,
                         const struct domain_classifier *c, uint64_t seed,
                         struct domain_test *test)
{
    struct shuffled s = {.sets = sets, .classifier = c};
    size_t all = sets->table->schema->n;

    test->columns = mem_alloc(all, sizeof(*test->columns));
    for (size_t i = 0; i < all; i++)
        if (domain_features_has(sets->features, i))
            test->columns[test->n_columns++].column = i;
    choose_rows(&s, test->n_columns, seed);
    take_places(&s);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < test->n_columns; i++) {
        struct domain_column *column = &test->columns[i];
        double *place = mem_zalloc(s.n, sizeof(*place));
        shuffled_places(&s, column->column, place);
        column->drop = auroc_drop(s.place, place, s.current, s.n, &column->ci);
        free(place);
    }
    qsort(test->columns, test->n_columns, sizeof(*test->columns), by_drop);
    free(s.row);
    free(s.other);
    free(s.current);
    free(s.place);
}

/* ---- all ---- */

void domain_compare(const struct table *table, const struct row_set *reference,
                    const struct row_set *current, size_t only, uint64_t seed,
                    struct domain_test *test)
{
    struct domain_sets sets;
    struct domain_permutation evidence;
    struct domain_classifier c;

    *test = (struct domain_test){
        .auroc = NAN, .accuracy = NAN, .p = NAN, .detectable = NAN};
    test->auroc_ci = interval_unknown();
    if (reference->n < DOMAIN_LEAST || current->n < DOMAIN_LEAST)
        return;
    domain_sets_init(&sets, table, reference, current, only, seed);
    if (sets.rows.width > 0) {
        evidence = domain_permute(&sets.rows, seed);
        test->p = evidence.p;
        test->detectable = evidence.detectable;
        test->test = "linear classifier of the sets, by permutation";
        domain_classify(&sets.rows,
                        &(struct domain_fit){.ridge = DOMAIN_RIDGE,
                                             .by_chance = evidence.by_chance,
                                             .steps = 5,
                                             .seed = seed},
                        &c);
        take_auroc(&sets, c.score, evidence.noise, test);
        take_columns(&sets, &c, seed, test);
        test->score = domain_sets_scores(&sets, &c, reference, current);
        domain_classifier_release(&c);
    }
    domain_sets_release(&sets);
}

void domain_test_release(struct domain_test *test)
{
    free(test->score);
    free(test->columns);
    *test = (struct domain_test){0};
}
