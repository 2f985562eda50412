/*
 * simd: loops for the vectors a processor has.
 *
 * A function marked SIMD_CLONES is compiled for AVX-512, for AVX2 with fused
 * multiply-add and for any x86-64, and the loader picks one of them.  Its loops
 * are written in plain C, with `#pragma omp simd` where the compiler is to take
 * their steps as independent; what it calls must be inline to be compiled with
 * it.  Built with -DSIMD_PLAIN, for other processors, or by clang (other files
 * do not find what its version 14 makes of it), there is one version.
 */
#ifndef BASE_SIMD_H
#define BASE_SIMD_H

#include <stdbool.h>

#if defined(__x86_64__) && !defined(SIMD_PLAIN) && !defined(__clang__)
#define SIMD_CLONES \
    __attribute__(( \
        target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#define SIMD_CLONED 1
#else
#define SIMD_CLONES
#define SIMD_CLONED 0
#endif

/* Whether the clones that run are those for AVX-512. */
static inline bool simd_is_wide(void)
{
#if SIMD_CLONED
    return __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq");
#else
    return false;
#endif
}

#endif
