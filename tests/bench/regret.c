/*
 * How good the samplers are, and what a proposal costs.
 *
 *     regret [SEEDS [METHOD...]]
 *
 * Writes a CSV of a row for each method and function: the regret, the best
 * objective found less the least there is, as median and quartiles over the
 * seeds (50 if not said); within: the share of seeds with a regret of .01 or
 * less; wins: the share in which it is below that of `random`, ties half; ms:
 * the processor's milliseconds a proposal.  `cost200` is hartmann6 with 200
 * trials, and a tenth of the seeds.  A function's number is that of its trials.
 * A grid has no row where it takes more trials.
 *
 * branin and hartmann6 are those of every textbook; mixed has 3 choices, 2
 * numbers that mean something for one of them only, and 3 others, and is like
 * training a network: what is best of one depends on the others.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "search/search_sampler.h"

static const double PI = 3.14159265358979323846;

/* ---- functions ---- */

static double branin(const struct space *space, const double *v)
{
    double bend = v[1] - 5.1 / (4 * PI * PI) * v[0] * v[0] + 5 / PI * v[0] - 6;

    (void)space;
    return bend * bend + 10 * (1 - 1 / (8 * PI)) * cos(v[0]) + 10;
}

static double hartmann6(const struct space *space, const double *v)
{
    static const double height[] = {1, 1.2, 3, 3.2};
    static const double slope[4][6] = {{10, 3, 17, 3.5, 1.7, 8},
                                       {.05, 10, 17, .1, 8, 14},
                                       {3, 3.5, 1.7, 10, 17, 8},
                                       {17, 8, .05, 10, .1, 14}};
    static const double at[4][6] = {{1312, 1696, 5569, 124, 8283, 5886},
                                    {2329, 4135, 8307, 3736, 1004, 9991},
                                    {2348, 1451, 3522, 2883, 3047, 6650},
                                    {4047, 8828, 8732, 5743, 1091, 381}};
    double sum = 0;

    (void)space;
    for (int i = 0; i < 4; i++) {
        double far = 0;
        for (int j = 0; j < 6; j++) {
            double d = v[j] - at[i][j] * 1e-4;
            far += slope[i][j] * d * d;
        }
        sum -= height[i] * exp(-far);
    }
    return sum;
}

static double square(double x)
{
    return x * x;
}

/* The value called `name`; NaN where it means nothing. */
static double named(const struct space *space, const double *v,
                    const char *name)
{
    return v[space_find(space, name)];
}

/*
 * An error rate.  The best learning rate depends on optimizer and activation,
 * and under momentum counts 1 / (1 - momentum) times; the best dropout depends
 * on the activation, the best weight decay on dropout.  Adam is a second, wide
 * valley, .02 above the least, which is 0.
 */
static double mixed(const struct space *space, const double *v)
{
    static const double best_rate[] = {-3, -1, -.6}; /* adam momentum sgd */
    static const double start[] = {.02, 0, .05};
    static const double steep[] = {.03, .08, .05};
    int optimizer = (int)named(space, v, "optimizer");
    int tanh_like = (int)named(space, v, "activation");
    int schedule = (int)named(space, v, "schedule");
    double rate = log10(named(space, v, "learning_rate"));
    double dropout = named(space, v, "dropout");
    double decay = log10(named(space, v, "weight_decay"));
    double y = start[optimizer] + (schedule == 0 ? .03 : 0) +
               (tanh_like ? .02 : 0);

    if (optimizer == 1) {
        double momentum = named(space, v, "momentum");
        rate -= log10(1 - momentum);
        y += .1 * square(momentum - .85);
    }
    if (schedule == 2)
        y += .1 * square(named(space, v, "schedule_factor") - .3);
    else
        y += .01;
    rate -= best_rate[optimizer] + (tanh_like ? .7 : 0);
    y += .9 * (1 - exp(-steep[optimizer] * rate * rate));
    y += .4 * square(dropout - (tanh_like ? .1 : .4));
    return y + .01 * square(decay + 5 - 2.5 * dropout);
}

static const struct function {
    const char *name, *space;
    double (*of)(const struct space *space, const double *value);
    double least;
    size_t trials, share; /* of the seeds: one in so many */
} functions[] = {
    {"branin50", "x=-5..10 y=0..15", branin, .39788735772973816, 50, 1},
    {"hartmann6_100", "a=0..1 b=0..1 c=0..1 d=0..1 e=0..1 f=0..1", hartmann6,
     -3.322368011415515, 100, 1},
    {"mixed60",
     "optimizer=adam,momentum,sgd activation=relu,tanh "
     "schedule=constant,cosine,step learning_rate=log:1e-5..1 "
     "weight_decay=log:1e-7..0.1 dropout=0..0.8 "
     "momentum=0..0.99 if optimizer=momentum "
     "schedule_factor=0.05..0.95 if schedule=step",
     mixed, 0, 60, 1},
    {"cost200", "a=0..1 b=0..1 c=0..1 d=0..1 e=0..1 f=0..1", hartmann6,
     -3.322368011415515, 200, 10}};
enum { FUNCTIONS = sizeof(functions) / sizeof(*functions) };

/* ---- searches ---- */

/* What one search found, and what its proposals cost in seconds. */
static double search(const struct function *f, const struct space *space,
                     enum search_method method, uint64_t seed, double *seconds)
{
    struct sampler_options options = {
        .method = method, .seed = seed, .trials = f->trials};
    struct history history = {.space = space};
    double value[SPACE_MOST], best = INFINITY;
    struct err err = {0};
    clock_t before = clock();
    struct search_sampler *s = sampler_new(space, &options, &err);

    if (!s)
        return NAN;
    for (size_t i = 0; i < f->trials && i < sampler_most(s); i++) {
        double y;
        sampler_propose(s, &history, i, value);
        y = f->of(space, value);
        best = fmin(best, y);
        history_add(&history, value, y);
    }
    *seconds += (double)(clock() - before) / CLOCKS_PER_SEC;
    sampler_free(s);
    history_release(&history);
    return best - f->least;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of sorted values, between two of them where it falls there. */
static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t low = (size_t)at, high = low + 1 < n ? low + 1 : low;

    return sorted[low] + (at - (double)low) * (sorted[high] - sorted[low]);
}

static void write_row(const struct function *f, const char *method,
                      double *regret, const double *random, size_t seeds,
                      double seconds)
{
    double within = 0, wins = 0, n = (double)seeds;

    if (isnan(regret[0]))
        return;
    for (size_t i = 0; i < seeds; i++) {
        within += regret[i] <= .01;
        wins += regret[i] < random[i] ? 1 : regret[i] == random[i] ? .5 : 0;
    }
    qsort(regret, seeds, sizeof(*regret), by_value);
    printf("%s,%s,%zu,%.4f,%.4f,%.4f,%.2f,%.2f,%.4f\n", method, f->name, seeds,
           quantile(regret, seeds, .5), quantile(regret, seeds, .25),
           quantile(regret, seeds, .75), within / n, wins / n,
           seconds * 1000 / (n * (double)f->trials));
    fflush(stdout);
}

static void measure(const struct function *f, const bool *methods, size_t seeds)
{
    double *random = mem_alloc(seeds, sizeof(*random));
    double *regret = mem_alloc(seeds, sizeof(*regret)), unused = 0;
    struct space space;
    struct err err = {0};

    if (space_parse(&space, f->space, &err) != 0) {
        fprintf(stderr, "regret: %s\n", err.message);
        exit(1);
    }
    for (size_t i = 0; i < seeds; i++)
        random[i] = search(f, &space, METHOD_RANDOM, i, &unused);
    for (int m = 0; m < SEARCH_METHODS; m++) {
        double seconds = 0;
        if (!methods[m])
            continue;
        for (size_t i = 0; i < seeds; i++)
            regret[i] = search(f, &space, (enum search_method)m, i, &seconds);
        write_row(f, search_method_name((enum search_method)m), regret, random,
                  seeds, seconds);
    }
    space_release(&space);
    free(random);
    free(regret);
}

int main(int argc, char **argv)
{
    size_t seeds = argc > 1 ? strtoul(argv[1], NULL, 10) : 50;
    bool methods[SEARCH_METHODS] = {false};

    for (int m = METHOD_GRID; argc <= 2 && m < SEARCH_METHODS; m++)
        methods[m] = true;
    for (int i = 2; i < argc; i++) {
        enum search_method m;
        if (search_method_parse(argv[i], &m) != 0 || m == METHOD_MANUAL) {
            fprintf(stderr, "regret: no such method: '%s'\n", argv[i]);
            return 2;
        }
        methods[m] = true;
    }
    puts("method,function,seeds,median,q1,q3,within,wins,ms");
    for (int i = 0; seeds && i < FUNCTIONS; i++)
        measure(&functions[i], methods,
                (seeds + functions[i].share - 1) / functions[i].share);
    return 0;
}
