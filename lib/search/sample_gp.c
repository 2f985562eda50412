#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/gp_moves.h"
#include "search/methods.h"
#include "stats/gaussian_process.h"
#include "stats/yeo_johnson.h"

_Static_assert((int)SPACE_MOST <= (int)GP_DIMENSIONS,
               "a space is more than gp takes");

/* Trials: of the start; that hyperparameters are fitted to, which is once for
 * every one and a tenth more; by which the objective is scaled. */
enum { START_LEAST = 6, START_MOST = 30 };
enum { FIT_LEAST = 4, FIT_MOST = 400, FIT_GROWTH = 10 };
enum { BENT_BY = 10 };

/* What is known of a search. */
struct facts {
    const struct space *space;
    enum gp_kind kind[SPACE_MOST];
    size_t n, over;    /* trials, and those of them that do not run, which are
                          first */
    double *x;         /* [n][space->n] */
    double *objective; /* [n] */
    double *y;         /* [n] */
};

/* The last fit, and what it was of: the same facts give the same fit. */
struct fit {
    size_t n;
    double *x, *objective;
    struct gp_hyper hyper;
    struct yeo_johnson bend;
};

static int start(struct search_sampler *s, struct err *err)
{
    (void)err;
    s->state = mem_zalloc(1, sizeof(struct fit));
    return 0;
}

static void release(struct search_sampler *s)
{
    struct fit *fit = s->state;

    free(fit->x);
    free(fit->objective);
    free(fit);
}

/* ---- the start: a Latin hypercube ---- */

static size_t start_size(const struct space *space)
{
    size_t n = 2;

    for (size_t i = 0; i < space->n; i++)
        n += dimension_count(&space->items[i]) == 1 ? 0 : 2;
    return n < START_LEAST ? START_LEAST : n > START_MOST ? START_MOST : n;
}

static void start_point(const struct search_sampler *s, size_t number,
                        size_t most, double *value)
{
    size_t place[START_MOST];
    double unit[SPACE_MOST];
    struct rng rng;

    sampler_stream(s, 0, &rng);
    for (size_t i = 0; i < s->space->n; i++) {
        for (size_t j = 0; j < most; j++)
            place[j] = j;
        rng_shuffle(&rng, place, most);
        for (size_t j = 0; j < most; j++) {
            double u = ((double)place[j] + rng_uniform(&rng)) / (double)most;
            if (j == number)
                unit[i] = u;
        }
    }
    space_from_unit(s->space, unit, value);
}

/* ---- facts ---- */

static void facts_init(struct facts *f, const struct space *space,
                       const struct history *history)
{
    size_t d = space->n, at = 0;

    f->space = space;
    f->n = history->n;
    f->over = 0;
    gp_kinds(space, f->kind);
    f->x = mem_alloc(f->n * d + 1, sizeof(*f->x));
    f->objective = mem_alloc(f->n + 1, sizeof(*f->objective));
    f->y = mem_alloc(f->n + 1, sizeof(*f->y));
    for (size_t i = 0; i < f->n; i++)
        f->over += isnan(history->objective[i]) ? 0 : 1;
    for (int runs = 0; runs <= 1; runs++)
        for (size_t i = 0; i < f->n; i++) {
            if (isnan(history->objective[i]) != runs)
                continue;
            gp_place(space, history_value(history, i), f->x + at * d);
            f->objective[at++] = history->objective[i];
        }
}

static void facts_release(struct facts *f)
{
    free(f->x);
    free(f->objective);
    free(f->y);
}

/* A trial that failed is as bad as the worst of the others. */
static void facts_bend(struct facts *f, const struct yeo_johnson *bend,
                       size_t n)
{
    double worst = 0;

    for (size_t i = 0; i < n; i++)
        if (isfinite(f->objective[i])) {
            f->y[i] = yeo_johnson_at(bend, f->objective[i]);
            worst = fmax(worst, f->y[i]);
        }
    for (size_t i = 0; i < n; i++)
        if (!isfinite(f->objective[i]))
            f->y[i] = worst;
}

/* ---- the fit ---- */

/* Not at every trial: the first 4, 5, 6, … 20, 23, … that are there; and not
 * beyond what tells enough. */
static size_t fitted_on(size_t over)
{
    size_t n = over, next = FIT_LEAST;

    while (next <= over && next <= FIT_MOST) {
        n = next;
        next += 1 + n / FIT_GROWTH;
    }
    return n;
}

/* By the first trials, which are all over the space: a search that has found a
 * valley would take what is in there for all there is. */
static struct yeo_johnson bend_of(const double *objective, size_t n)
{
    double finite[BENT_BY];
    size_t count = 0;

    for (size_t i = 0; i < n && count < BENT_BY; i++)
        if (isfinite(objective[i]))
            finite[count++] = objective[i];
    return yeo_johnson_fit(finite, count);
}

static int same(const void *a, const void *b, size_t count)
{
    return count == 0 || memcmp(a, b, count * sizeof(double)) == 0;
}

static void *copy(void *old, const double *value, size_t count)
{
    double *own = mem_resize(old, count + 1, sizeof(*own));

    memcpy(own, value, count * sizeof(*own));
    return own;
}

static const struct fit *fit_to(struct fit *fit, struct facts *f)
{
    size_t n = fitted_on(f->over), d = f->space->n;

    if (fit->objective && fit->n == n &&
        same(fit->objective, f->objective, n) && same(fit->x, f->x, n * d))
        return fit;
    fit->n = n;
    fit->objective = copy(fit->objective, f->objective, n);
    fit->x = copy(fit->x, f->x, n * d);
    fit->bend = bend_of(f->objective, n);
    facts_bend(f, &fit->bend, n);
    gp_fit(&(struct gp_data){f->kind, d, n, f->x, f->y}, &fit->hyper);
    return fit;
}

/* ---- the proposal ---- */

/* A trial that runs is taken to give what is expected of it. */
static struct gp *know(const struct facts *f, const struct gp_hyper *hyper)
{
    size_t d = f->space->n;
    struct gp *gp = gp_new(f->kind, d, hyper, f->n);

    for (size_t i = 0; i < f->n; i++) {
        const double *x = f->x + i * d;
        gp_add(gp, x, i < f->over ? f->y[i] : gp_predict(gp, x).mean);
    }
    return gp;
}

static void propose_best(struct search_sampler *s,
                         const struct history *history, size_t number,
                         double *value)
{
    struct facts f;
    const struct fit *fit;
    struct gp *gp;
    struct rng rng;

    facts_init(&f, s->space, history);
    fit = fit_to(s->state, &f);
    facts_bend(&f, &fit->bend, f.over);
    gp = know(&f, &fit->hyper);
    sampler_stream(s, number, &rng);
    gp_search(s->space, gp, f.x, f.n, &rng, value);
    gp_free(gp);
    facts_release(&f);
}

static void propose(struct search_sampler *s, const struct history *history,
                    size_t number, double *value)
{
    size_t most = start_size(s->space);

    if (number < most)
        start_point(s, number, most, value);
    else if (s->space->n == 0 || history_done(history) < 2)
        method_random.propose(s, history, number, value);
    else
        propose_best(s, history, number, value);
}

const struct method method_gp = {start, propose, release};
