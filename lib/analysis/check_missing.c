#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/features.h"
#include "base/mem.h"
#include "stats/contingency.h"
#include "stats/multiplicity.h"

enum { DRAWS = 20000 };

static const double FAILS = .001, WARNS = .01, MOST_MISSING = .5, TELLS = .3,
                    DETERMINES = .9, PARTS_DIFFER = .1;

/* Of one column: missing or not, by part and by class. */
struct gaps_of {
    double missing, rows, labelled;
    struct homogeneity parts, classes;
    double apart; /* the largest difference of two parts' shares */
};

/* count[2][levels]: cells that are missing, and the others. */
static void count_gaps(const struct table *t, const struct feature *f,
                       const uint32_t *of, size_t levels, double *count)
{
    for (size_t i = 0; i < 2 * levels; i++)
        count[i] = 0;
    for (size_t i = 0; i < t->n; i++)
        if (of[i] != LABEL_NONE)
            count[(feature_missing(t, f, i) ? 0 : levels) + of[i]]++;
}

static double largest_difference_of(const double *count, size_t levels)
{
    double least = 1, most = 0;

    for (size_t i = 0; i < levels; i++) {
        double n = count[i] + count[levels + i], share = count[i] / n;
        if (!(n > 0))
            continue;
        least = fmin(least, share);
        most = fmax(most, share);
    }
    return fmax(most - least, 0);
}

static void measure(const struct table *t, const struct feature *f,
                    uint64_t seed, double *count, struct gaps_of *g)
{
    count_gaps(t, f, t->part, t->parts.count, count);
    for (size_t p = 0; p < t->parts.count; p++) {
        g->missing += count[p];
        g->rows += count[p] + count[t->parts.count + p];
    }
    g->parts.p = g->classes.p = NAN;
    if (!(g->missing > 0) || !(g->missing < g->rows))
        return;
    g->apart = largest_difference_of(count, t->parts.count);
    if (t->parts.count > 1)
        g->parts = homogeneity_test(count, 2, t->parts.count, DRAWS, seed);
    count_gaps(t, f, t->label, t->labels.count, count);
    for (size_t i = 0; i < 2 * t->labels.count; i++)
        g->labelled += count[i];
    if (t->labels.count > 1)
        g->classes = homogeneity_test(count, 2, t->labels.count, DRAWS, seed);
}

static void add_missing(const struct column *c, const struct gaps_of *g,
                        double p, struct findings *found)
{
    bool differ = p < WARNS && g->apart >= PARTS_DIFFER;
    struct finding f = finding_of("missing", c->name, FINDING_WARN);

    if (!differ && !(g->missing > MOST_MISSING * g->rows))
        return;
    f.value = g->missing;
    f.limit = differ ? NAN : MOST_MISSING * g->rows;
    f.p = differ ? g->parts.p : NAN;
    f.p_adjusted = differ ? p : NAN;
    f.effect = differ ? g->apart : g->missing / g->rows;
    f.n_current = g->rows;
    f.test = !differ ? "missing cells; effect: their share"
             : g->parts.permuted
                 ? "missing by part, permutation; effect: the largest "
                   "difference of their shares"
                 : "missing by part, chi-square; effect: the largest "
                   "difference of their shares";
    f.advice = differ ? "was it filled in later, or from another source? look "
                        "at it by part: assay shift --by split"
                      : "more than half are missing: is it worth a column? "
                        "else --exclude it";
    findings_add(found, &f);
}

/* As of a correlation, which Cramer's V is with two classes. */
static struct interval v_interval(double v, double n)
{
    double half = normal_quantile(.975) * (1 - v * v) / sqrt(n);

    return (struct interval){fmax(v - half, 0), fmin(v + half, 1)};
}

static void add_missingness(const struct column *c, const struct gaps_of *g,
                            double p, struct findings *found)
{
    struct interval v = v_interval(g->classes.cramers_v, g->labelled);
    bool fails = p < FAILS && v.low >= DETERMINES;
    struct finding f =
        finding_of("missingness", c->name, fails ? FINDING_FAIL : FINDING_WARN);

    if (!(p < WARNS) || v.low < TELLS)
        return;
    f.value = g->missing;
    f.limit = TELLS;
    f.p = g->classes.p;
    f.p_adjusted = p;
    f.effect = g->classes.cramers_v;
    f.ci = v;
    f.n_current = g->labelled;
    f.test = g->classes.permuted
                 ? "missing by label, permutation; effect: Cramer's V"
                 : "missing by label, chi-square; effect: Cramer's V";
    f.advice = fails ? "whether it is filled in all but names the label: was "
                       "it filled in after the label was known? --exclude it"
                     : "a gap says something of the label: if it will at "
                       "prediction too, fine; if it was filled in after the "
                       "label was known, --exclude it";
    findings_add(found, &f);
}

static struct finding all_ok(const char *check, const struct table *t)
{
    struct finding ok = finding_of(check, "all columns", FINDING_OK);

    ok.value = 0;
    ok.n_current = (double)t->n;
    return ok;
}

static void judge(const struct table *t, const struct features *all,
                  const struct gaps_of *gaps, struct findings *findings)
{
    double *p = mem_alloc(2 * all->n, sizeof(*p)), *q = p + all->n;
    struct findings missing = {0}, missingness = {0};
    struct finding few = all_ok("missing", t), none = all_ok("missingness", t);

    for (size_t i = 0; i < all->n; i++) {
        p[i] = gaps[i].parts.p;
        q[i] = gaps[i].classes.p;
        few.value = fmax(few.value, gaps[i].missing);
        none.effect = fmax(none.effect, gaps[i].classes.cramers_v);
    }
    benjamini_hochberg(p, all->n, p);
    benjamini_hochberg(q, all->n, q);
    for (size_t i = 0; i < all->n; i++) {
        add_missing(all->at[i].column, &gaps[i], p[i], &missing);
        add_missingness(all->at[i].column, &gaps[i], q[i], &missingness);
    }
    few.effect = t->n ? few.value / (double)t->n : 0;
    few.test = "missing cells of the column with most; effect: their share";
    none.test = "missing by label; effect: the largest Cramer's V";
    none.limit = TELLS;
    findings_add_worst(findings, &missingness, "columns", &none);
    findings_add_worst(findings, &missing, "columns", &few);
    free(p);
}

void check_missing(const struct table *t, uint64_t seed,
                   struct findings *findings)
{
    size_t levels = t->labels.count > t->parts.count ? t->labels.count
                                                     : t->parts.count;
    struct gaps_of *gaps;
    struct features all;
    double *count;

    features_init(&all, t);
    if (all.n) {
        gaps = mem_zalloc(all.n, sizeof(*gaps));
        count = mem_alloc(2 * levels + 1, sizeof(*count));
        for (size_t i = 0; i < all.n; i++)
            measure(t, &all.at[i], seed, count, &gaps[i]);
        judge(t, &all, gaps, findings);
        free(gaps);
        free(count);
    }
    features_release(&all);
}
