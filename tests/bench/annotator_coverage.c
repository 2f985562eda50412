/*
 * How often the interval of a person's error, estimated from the judgements of
 * several, holds the true one.
 *
 *     annotator_coverage RUNS
 *
 * Writes persons,rows,error,classes,kind,judged,mean,coverage,below,above.
 * kind: `alike` (all persons are wrong equally often and name any other class),
 * `unequal` (.4 to 1.6 times the error), `confused` (.4 to 1.6 times the error
 * by class, always the next class).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/annotators.h"

enum kind { ALIKE, UNEQUAL, CONFUSED, KINDS };
enum { BLOCKS = 64, MOST_PERSONS = 10 };

static const char *const kind_names[KINDS] = {"alike", "unequal", "confused"};

struct scene {
    size_t persons, rows, classes;
    double error, judged; /* the share of rows each person judges */
    enum kind kind;
};

struct outcome {
    double mean;
    struct interval ci;
};

static size_t judge(const struct scene *s, struct rng *rng, size_t person,
                    size_t truth)
{
    double at = s->kind == UNEQUAL ? (double)person / (double)(s->persons - 1)
                                   : (double)truth / (double)(s->classes - 1);
    double error = s->error * (s->kind == ALIKE ? 1 : .4 + 1.2 * at);
    size_t other;

    if (rng_uniform(rng) >= s->judged)
        return JUDGED_NONE;
    if (rng_uniform(rng) >= error)
        return truth;
    other = rng_below(rng, s->classes - 1);
    return s->kind == CONFUSED ? (truth + 1) % s->classes
                               : other + (other >= truth);
}

/* As the tool has it: two persons by their disagreement. */
static struct outcome estimate(const struct judgements *j, size_t classes)
{
    struct annotators_options options = annotators_defaults();
    struct judgement_counts n = judgements_count(j);
    struct annotators *fit;
    struct interval ci;
    struct outcome out;

    if (j->n_persons == 2) {
        ci = wilson(n.disputed, n.rows);
        out.mean = error_of_disagreement(n.disputed / n.rows, classes);
        out.ci.low = error_of_disagreement(ci.low, classes);
        out.ci.high = error_of_disagreement(ci.high, classes);
        return out;
    }
    fit = annotators_fit(j, classes, &options);
    out.mean = fit->mean_error;
    out.ci = annotators_interval(j, fit, &options, 1);
    annotators_free(fit);
    return out;
}

static struct outcome run(const struct scene *s, uint64_t seed)
{
    struct judgements *j = judgements_new(s->persons, BLOCKS);
    size_t said[MOST_PERSONS];
    struct outcome out;
    struct rng rng;

    rng_init(&rng, seed, 1);
    for (size_t i = 0; i < s->rows; i++) {
        size_t truth = rng_below(&rng, s->classes);
        for (size_t a = 0; a < s->persons; a++)
            said[a] = judge(s, &rng, a, truth);
        judgements_add(j, said, 1, i % BLOCKS);
    }
    out = estimate(j, s->classes);
    judgements_free(j);
    return out;
}

static void show(const struct scene *s, size_t runs)
{
    struct outcome *out = malloc(runs * sizeof(*out));
    double mean = 0, below = 0, above = 0, n = (double)runs;

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < runs; i++)
        out[i] = run(s, i + 1);
    for (size_t i = 0; i < runs; i++) {
        mean += out[i].mean / n;
        below += (out[i].ci.high < s->error) / n;
        above += (out[i].ci.low > s->error) / n;
    }
    printf("%zu,%zu,%g,%zu,%s,%g,%.4f,%.3f,%.3f,%.3f\n", s->persons, s->rows,
           s->error, s->classes, kind_names[s->kind], s->judged, mean,
           1 - below - above, below, above);
    fflush(stdout);
    free(out);
}

static void show_rows(struct scene s, size_t runs)
{
    static const size_t rows[] = {50, 200, 1000}, classes[] = {2, 5};
    static const double errors[] = {.02, .05, .2};

    for (int k = 0; k < 2; k++)
        for (int n = 0; n < 3; n++)
            for (int e = 0; e < 3; e++) {
                s.classes = classes[k];
                s.rows = rows[n];
                s.error = errors[e];
                show(&s, runs);
            }
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;

    parallel_set_threads(0);
    puts("persons,rows,error,classes,kind,judged,mean,coverage,below,above");
    show_rows((struct scene){.persons = 2, .judged = 1, .kind = ALIKE}, runs);
    for (enum kind kind = ALIKE; kind < KINDS; kind++)
        show_rows((struct scene){.persons = 3, .judged = 1, .kind = kind},
                  runs);
    show_rows((struct scene){.persons = 5, .judged = 1, .kind = ALIKE}, runs);
    show_rows((struct scene){.persons = 5, .judged = .6, .kind = UNEQUAL},
              runs);
    return 0;
}
