#include "search/search_sampler.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "search/methods.h"

static const struct {
    const char *name;
    const struct method *method;
} methods[SEARCH_METHODS] = {[METHOD_MANUAL] = {"manual", &method_manual},
                             [METHOD_GRID] = {"grid", &method_grid},
                             [METHOD_RANDOM] = {"random", &method_random},
                             [METHOD_SOBOL] = {"sobol", &method_sobol},
                             [METHOD_COARSE] = {"coarse", &method_coarse},
                             [METHOD_TPE] = {"tpe", &method_tpe},
                             [METHOD_GP] = {"gp", &method_gp}};

const char *search_method_name(enum search_method method)
{
    return methods[method].name;
}

int search_method_parse(const char *word, enum search_method *method)
{
    for (int i = 0; i < SEARCH_METHODS; i++)
        if (strcmp(word, methods[i].name) == 0) {
            *method = (enum search_method)i;
            return 0;
        }
    return -1;
}

struct search_sampler *sampler_new(const struct space *space,
                                   const struct sampler_options *options,
                                   struct err *err)
{
    struct search_sampler *s = mem_zalloc(1, sizeof(*s));

    s->space = space;
    s->options = *options;
    s->method = methods[options->method].method;
    s->most = SIZE_MAX;
    if (s->method->start && s->method->start(s, err) != 0) {
        sampler_free(s);
        return NULL;
    }
    return s;
}

void sampler_free(struct search_sampler *s)
{
    if (s && s->method->release)
        s->method->release(s);
    free(s);
}

size_t sampler_most(const struct search_sampler *s)
{
    return s->most;
}

void sampler_propose(struct search_sampler *s, const struct history *history,
                     size_t number, double *value)
{
    s->method->propose(s, history, number, value);
}

void sampler_stream(const struct search_sampler *s, size_t number,
                    struct rng *rng)
{
    rng_init(rng, s->options.seed, RNG_SEARCH + ((uint64_t)number << 8));
}

void sample_uniform(const struct space *space, struct rng *rng, double *value)
{
    double unit[SPACE_MOST];

    for (size_t i = 0; i < space->n; i++)
        unit[i] = rng_uniform(rng);
    space_from_unit(space, unit, value);
}
