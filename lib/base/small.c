#include "base/small.h"

#if defined(__x86_64__) && !defined(SIMD_PLAIN)
#include <immintrin.h>
#define VECTORS 1
#else
#define VECTORS 0
#endif

static bool one_by_one(const char *text, const uint32_t *start, size_t n,
                       uint16_t *value)
{
    unsigned all = 0;

    for (size_t i = 0; i < n; i++) {
        unsigned v =
            small_number(text + start[i], start[i + 1] - start[i] - (size_t)1);
        value[i] = (uint16_t)v;
        all |= v;
    }
    return !(all & SMALL_NUMBERS);
}

#if VECTORS

/* The steps of small_number, 16 texts side by side. */
__attribute__((target("avx512bw,avx512vl"))) static bool
by_sixteens(const char *text, const uint32_t *start, size_t n, uint16_t *value)
{
    const __m512i zeros = _mm512_set1_epi32(0x30303030),
                  most = _mm512_set1_epi32(0x76767676),
                  top = _mm512_set1_epi32((int)0x80808080u),
                  weights = _mm512_set1_epi32(0x010a6400),
                  ones = _mm512_set1_epi16(1), one = _mm512_set1_epi32(1),
                  bits = _mm512_set1_epi32(32),
                  none = _mm512_set1_epi32(SMALL_NUMBERS),
                  least = _mm512_setr_epi32(SMALL_NUMBERS, 0, 10, 100, 0, 0, 0,
                                            0, 0, 0, 0, 0, 0, 0, 0, 0);
    bool all = true;

    for (size_t i = 0; i < n; i += 16) {
        size_t left = n - i;
        __mmask16 here = (__mmask16)(left < 16 ? (1u << left) - 1 : 0xffff);
        __m512i from = _mm512_maskz_loadu_epi32(here, start + i),
                to = _mm512_maskz_loadu_epi32(here, start + i + 1),
                len = _mm512_sub_epi32(_mm512_sub_epi32(to, from), one),
                width = _mm512_slli_epi32(len, 3), digits, values;
        __mmask16 good = _mm512_mask_cmplt_epu32_mask(
            here, _mm512_sub_epi32(len, one), _mm512_set1_epi32(3));
        digits = _mm512_mask_i32gather_epi32(zeros, good, from, text, 1);
        digits = _mm512_or_si512(
            _mm512_sllv_epi32(digits, _mm512_sub_epi32(bits, width)),
            _mm512_srlv_epi32(zeros, width));
        digits = _mm512_xor_si512(digits, zeros);
        values = _mm512_madd_epi16(_mm512_maddubs_epi16(digits, weights), ones);
        good &= _mm512_testn_epi32_mask(
            _mm512_or_si512(_mm512_add_epi32(digits, most), digits), top);
        good &= _mm512_cmpge_epu32_mask(values,
                                        _mm512_permutexvar_epi32(len, least));
        _mm256_mask_storeu_epi16(
            value + i, here,
            _mm512_cvtepi32_epi16(_mm512_mask_mov_epi32(none, good, values)));
        all = all && good == here;
    }
    return all;
}

#endif

bool small_numbers(const char *text, const uint32_t *start, size_t n,
                   uint16_t *value)
{
#if VECTORS
    if (__builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl"))
        return by_sixteens(text, start, n, value);
#endif
    return one_by_one(text, start, n, value);
}
