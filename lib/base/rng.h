/*
 * rng: seeded streams of random numbers, the same on every machine.
 *
 * Generator: xoshiro256** (Blackman & Vigna 2018), state filled by splitmix64.
 * A stream is named by (seed, stream): independent uses of one --seed take
 * different stream numbers, so that adding one does not shift another.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state[4];
};

/* What the streams of one seed are for; add at the end. */
enum rng_stream {
    RNG_PARTITION = 1,
    RNG_FOLDS,
    RNG_STOP,
    RNG_INIT,
    RNG_SHUFFLE,
    RNG_DROPOUT,
    RNG_BOOTSTRAP,
    RNG_AUGMENT,
    RNG_SAMPLER,
    RNG_MIXUP,
    RNG_REPLICA,
    RNG_SIZES,
    RNG_PERMUTATION,
    RNG_EXCHANGE,
    RNG_SYNTH,
    RNG_FEATURES,
    RNG_DEPENDENCE,
    RNG_SEARCH,
    RNG_SEARCH_TRIAL,
    RNG_IMPORTANCE,
    RNG_TARGET,
    RNG_COLLECT
};

void rng_init(struct rng *rng, uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *rng);              /* 64 random bits */
uint64_t rng_below(struct rng *rng, uint64_t n); /* uniform on [0, n) */
double rng_uniform(struct rng *rng);             /* uniform on [0, 1) */
double rng_normal(struct rng *rng);              /* mean 0, variance 1 */
void rng_shuffle(struct rng *rng, size_t *items, size_t n); /* Fisher-Yates */

#endif
