#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/contingency.h"
#include "stats/interval.h"

enum { DRAWS = 20000, FEW_ROWS = 10 };

static const double FAILS = .001, WARNS = .01, SAME_MIX = .1, MOST_SHARE = .9,
                    MOST_RATIO = 20;

/* count[parts][classes] of the rows with a label. */
static double *count_classes(const struct table *t)
{
    size_t n = t->labels.count;
    double *count = mem_zalloc(t->parts.count * n + 1, sizeof(*count));

    for (size_t i = 0; i < t->n; i++)
        if (t->labelled[i] && t->label[i] != LABEL_NONE)
            count[t->part[i] * n + t->label[i]]++;
    return count;
}

static double of_class(const struct table *t, const double *count, size_t class)
{
    double sum = 0;

    for (size_t p = 0; p < t->parts.count; p++)
        sum += count[p * t->labels.count + class];
    return sum;
}

static double of_part(const struct table *t, const double *count, size_t part)
{
    double sum = 0;

    for (size_t k = 0; k < t->labels.count; k++)
        sum += count[part * t->labels.count + k];
    return sum;
}

static void check_unlabelled(const struct table *t, struct findings *findings)
{
    struct finding f = finding_of("labels", "all rows", FINDING_OK);
    size_t missing = 0;

    for (size_t i = 0; i < t->n; i++)
        missing += !t->labelled[i];
    f.value = (double)missing;
    f.effect = t->n ? (double)missing / (double)t->n : 0;
    f.n_current = (double)t->n;
    f.test = "rows without a label";
    if (missing) {
        f.status = FINDING_WARN;
        f.advice = "train leaves them out; eval predicts them";
    }
    findings_add(findings, &f);
}

static void check_smallest(const struct table *t, const double *count,
                           struct findings *findings)
{
    struct finding f = finding_of("classes", "", FINDING_OK);
    size_t least = 0;
    double most = 0;

    for (size_t k = 0; k < t->labels.count; k++) {
        if (of_class(t, count, k) < of_class(t, count, least))
            least = k;
        most = fmax(most, of_class(t, count, k));
    }
    f.subject = t->labels.text[least];
    f.value = of_class(t, count, least);
    f.limit = FEW_ROWS;
    f.effect = f.value > 0 ? most / f.value : INFINITY;
    f.n_current = (double)t->labels.count;
    f.test = "rows of the smallest class; effect: times fewer than the largest";
    if (f.value < FEW_ROWS) {
        f.status = FINDING_WARN;
        f.advice = "label more, leave the class out (assay split "
                   "--max-classes), or merge it (assay split --recode)";
    }
    findings_add(findings, &f);
}

/* Of the classes that are not too small to count at all. */
static void check_imbalance(const struct table *t, const double *count,
                            struct findings *findings)
{
    struct finding f = finding_of("imbalance", "", FINDING_OK);
    double n = 0, most = 0, least = INFINITY;

    for (size_t k = 0; k < t->labels.count; k++) {
        double rows = of_class(t, count, k);
        n += rows;
        if (rows > most) {
            most = rows;
            f.subject = t->labels.text[k];
        }
        if (rows >= FEW_ROWS)
            least = fmin(least, rows);
    }
    if (t->labels.count < 2 || !(n > 0))
        return;
    f.value = most / n;
    f.limit = MOST_SHARE;
    f.effect = isinf(least) ? NAN : most / least;
    f.n_current = n;
    f.test = "share of the largest class; effect: times the smallest of ten "
             "rows or more";
    if (f.value >= MOST_SHARE || f.effect >= MOST_RATIO) {
        f.status = FINDING_WARN;
        f.advice = "its error says little of the small classes: look at "
                   "balanced_error and macro_f1 (assay eval --metrics); "
                   "assay split --balance evens them out";
    }
    findings_add(findings, &f);
}

/* Classes without a row in a part that has rows with a label. */
static void check_absent(const struct table *t, const double *count,
                         struct findings *findings)
{
    struct findings found = {0};

    for (size_t p = 0; p < t->parts.count; p++)
        for (size_t k = 0; k < t->labels.count; k++) {
            struct buf subject = {0};
            struct finding f = finding_of("absent", "", FINDING_WARN);
            if (count[p * t->labels.count + k] > 0 ||
                !(of_part(t, count, p) > 0) || !(of_class(t, count, k) > 0))
                continue;
            buf_printf(&subject, "%s: %s", t->parts.text[p], t->labels.text[k]);
            f.subject = subject.data;
            f.value = 0;
            f.n_reference = of_class(t, count, k);
            f.n_current = of_part(t, count, p);
            f.test = "rows of the class in the part";
            f.advice = "divide the data with equal shares: assay split "
                       "--replace --label COLUMN";
            findings_add(&found, &f);
            buf_release(&subject);
        }
    findings_add_worst(findings, &found, "classes", NULL);
}

static void check_prior(const struct table *t, const double *count,
                        uint64_t seed, struct findings *findings)
{
    size_t n = t->labels.count;
    struct finding f = finding_of("prior", "all parts", FINDING_OK);
    struct homogeneity h;

    if (t->parts.count < 2 || n < 2)
        return;
    h = homogeneity_test(count, t->parts.count, n, DRAWS, seed);
    f.value = h.chi2;
    f.p = h.p;
    f.effect = h.cramers_v;
    f.limit = FAILS;
    f.test = h.permuted ? "homogeneity, permutation; effect: Cramer's V"
                        : "homogeneity, chi-square; effect: Cramer's V";
    for (size_t k = 0; k < n; k++)
        f.n_current = (isnan(f.n_current) ? 0 : f.n_current) +
                      of_class(t, count, k);
    if (h.p < WARNS)
        f.status = h.p < FAILS && h.cramers_v >= SAME_MIX ? FINDING_FAIL
                                                          : FINDING_WARN;
    if (f.status != FINDING_OK)
        f.advice = "the parts have other shares of the classes: meant so "
                   "(time, groups)? else assay split --replace --label COLUMN";
    findings_add(findings, &f);
}

/*
 * Neighbours with the same label, against rows in random order: mean and
 * variance of the number of runs (Wald & Wolfowitz 1940; several classes:
 * Mood 1940, Annals of Mathematical Statistics 11:367).
 */
static void check_sorted(const struct table *t, struct findings *findings)
{
    struct finding f = finding_of("sorted", "all rows", FINDING_OK);
    double *n_of = mem_zalloc(t->labels.count + 1, sizeof(*n_of));
    double n = 0, runs = 0, p2 = 0, p3 = 0, mean, variance;
    uint32_t last = LABEL_NONE;

    for (size_t i = 0; i < t->n; i++) {
        if (!t->labelled[i] || t->label[i] == LABEL_NONE)
            continue;
        n++;
        n_of[t->label[i]]++;
        runs += t->label[i] != last;
        last = t->label[i];
    }
    for (size_t k = 0; k < t->labels.count; k++) {
        double p = n > 0 ? n_of[k] / n : 0;
        p2 += p * p;
        p3 += p * p * p;
    }
    free(n_of);
    mean = n * (1 - p2) + p2;
    variance = n * (p2 - 2 * p3 + p2 * p2);
    if (!(variance > 0) || n < 40)
        return;
    f.value = runs;
    f.limit = mean;
    f.p = normal_upper_tail((mean - runs) / sqrt(variance));
    f.effect = runs / mean;
    f.n_current = n;
    f.test = "runs of equal labels, normal limit; effect: of those expected";
    if (f.p < FAILS && f.effect < .5) {
        f.status = FINDING_WARN;
        f.advice = "rows stand in the order of their labels: split and train "
                   "shuffle; whoever takes the first rows does not";
    }
    findings_add(findings, &f);
}

void check_labels(const struct table *t, uint64_t seed,
                  struct findings *findings)
{
    double *count = count_classes(t);

    check_unlabelled(t, findings);
    if (t->labels.count)
        check_smallest(t, count, findings);
    check_imbalance(t, count, findings);
    check_absent(t, count, findings);
    check_prior(t, count, seed, findings);
    check_sorted(t, findings);
    free(count);
}
