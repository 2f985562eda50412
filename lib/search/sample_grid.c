#include "search/methods.h"

/* placeholder, being written */
static void propose(struct search_sampler *s, const struct history *history,
                    size_t number, double *value)
{
    method_random.propose(s, history, number, value);
}

const struct method method_grid = {.propose = propose};
