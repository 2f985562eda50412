/*
 * sequence_traits: what is measured of a channel of a sequence.
 *
 * The mean, the deviation, the first and the last value, the mean absolute
 * step, drift (covariance with time) and echo (covariance with the step
 * before).
 */
#ifndef ANALYSIS_SEQUENCE_TRAITS_H
#define ANALYSIS_SEQUENCE_TRAITS_H

#include <stddef.h>

enum {
    TRAIT_MEAN,
    TRAIT_SPREAD,
    TRAIT_FIRST,
    TRAIT_LAST,
    TRAIT_STEP,
    TRAIT_DRIFT,
    TRAIT_ECHO,
    SEQUENCE_TRAITS
};

/* Channel c of steps step[n], n >= 1. */
void sequence_traits(const float *const *step, size_t n, size_t c,
                     double out[SEQUENCE_TRAITS]);

#endif
