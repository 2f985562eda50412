#include "search/methods.h"

struct sobol *sampler_sobol(const struct search_sampler *s)
{
    struct rng rng;

    sampler_stream(s, SIZE_MAX, &rng); /* that of no trial */
    return sobol_new(s->space->n, &rng);
}

static int start(struct search_sampler *s, struct err *err)
{
    (void)err;
    s->state = sampler_sobol(s);
    return 0;
}

static void propose(struct search_sampler *s, const struct history *history,
                    size_t number, double *value)
{
    double unit[SPACE_MOST];

    (void)history;
    sobol_point(s->state, number, unit);
    space_from_unit(s->space, unit, value);
}

static void release(struct search_sampler *s)
{
    sobol_free(s->state);
}

const struct method method_sobol = {start, propose, release};
