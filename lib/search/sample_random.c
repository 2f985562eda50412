#include "search/methods.h"

static void propose(struct search_sampler *s, const struct history *history,
                    size_t number, double *value)
{
    struct rng rng;

    (void)history;
    sampler_stream(s, number, &rng);
    sample_uniform(s->space, &rng, value);
}

const struct method method_random = {.propose = propose};
