/*
 * Numbers and hashes made many at a time, against those made one by one.
 * NUM_PARSE_TESTS=10000000 tries so many numbers, in place of 200,000.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/decimal.h"
#include "base/hash.h"
#include "base/hash_count.h"
#include "base/hash_rows.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/small.h"

enum { TRIES = 200000, TEXT = 400 };

/* ---- numbers ---- */

static int below(struct rng *rng, int n)
{
    return (int)rng_below(rng, (uint64_t)n);
}

static void random_number(char text[TEXT], struct rng *rng)
{
    uint64_t bits = rng_next(rng), few = bits >> below(rng, 64);
    double value;

    memcpy(&value, &bits, sizeof(value));
    switch (below(rng, 8)) {
    case 0: /* any double, in any number of digits */
        snprintf(text, TEXT, "%.*g", below(rng, 21), value);
        break;
    case 1: /* as programs write those between 0 and 1 */
        snprintf(text, TEXT, "%.17g", rng_uniform(rng));
        break;
    case 2:
        snprintf(text, TEXT, "%s%.*f", bits & 1 ? "-" : "", below(rng, 20),
                 fabs(rng_normal(rng)) * 100);
        break;
    case 3: /* a point among digits */
        snprintf(text, TEXT, "%d.%llu", below(rng, 1000),
                 (unsigned long long)few);
        break;
    case 4: /* powers of ten, in and out of the range */
        snprintf(text, TEXT, "%llue%d", (unsigned long long)few,
                 below(rng, 700) - 350);
        break;
    case 5: /* halfway between two doubles, or nearly so */
        snprintf(text, TEXT, "%llu%s",
                 (unsigned long long)((bits >> 11 | 1ull << 52) * 2 + 1)
                     << below(rng, 10),
                 bits & 1 ? "" : ".0000001");
        break;
    case 6: /* zeros before, between and behind */
        snprintf(text, TEXT, "000%d.%0*d%0*dE-%d", below(rng, 3), below(rng, 9),
                 below(rng, 1000), 1 + below(rng, 9), 0, below(rng, 30));
        break;
    default:
        snprintf(text, TEXT, "%llu.%012llue%d", (unsigned long long)few >> 40,
                 (unsigned long long)bits >> 50, below(rng, 50) - 25);
    }
}

/* The double, and the float that is made of it, to the bit. */
static void assert_as_strtod(const char *text)
{
    char *end;
    double wanted = strtod(text, &end), value = -1;
    bool good = num_parse(text, strlen(text), &value);

    if (*end)
        fail_msg("'%s' is none for strtod", text);
    if (good != (bool)isfinite(wanted))
        fail_msg("'%s' is%s a number", text, good ? "" : " not");
    if (good && memcmp(&value, &wanted, sizeof(value)) != 0)
        fail_msg("'%s' is read as %.17g, not %.17g", text, value, wanted);
    if (good && decimal_parse(text, strlen(text), &value) &&
        memcmp(&value, &wanted, sizeof(value)) != 0)
        fail_msg("'%s' is read as %.17g, not %.17g", text, value, wanted);
}

static void num_parse__as_strtod(void **state)
{
    const char *wish = getenv("NUM_PARSE_TESTS");
    long n = wish ? strtol(wish, NULL, 10) : TRIES, direct = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 5);
    for (long i = 0; i < n; i++) {
        char text[TEXT];
        double value;
        random_number(text, &rng);
        if (strchr("in", text[text[0] == '-']))
            continue; /* inf, nan */
        assert_as_strtod(text);
        direct += decimal_parse(text, strlen(text), &value);
    }
    assert_true(direct > n / 2);
}

static void num_parse__corners(void **state)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "0.0",
                                        "-0e5",
                                        "00000000000000000000000000000",
                                        "0.00000000000000000000000000001",
                                        "9007199254740992",
                                        "9007199254740993",
                                        "9007199254740995",
                                        "-9007199254740993",
                                        "9999999999999999999",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "99999999999999999999",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1e-23",
                                        "12345678.12345678",
                                        "1234567812345678",
                                        "12345678123456789",
                                        "0.1234567812345678",
                                        "123456789012345678e-64",
                                        "1e64",
                                        "1e65",
                                        "1e-64",
                                        "1e-65",
                                        "1e308",
                                        "1.7976931348623157e308",
                                        "4.9e-324",
                                        "2.2250738585072011e-308",
                                        "5.",
                                        ".5",
                                        "+.5e+05",
                                        "1.e3",
                                        "1E5"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_as_strtod(texts[i]);
}

static void num_parse__no_numbers(void **state)
{
    static const char *const texts[] = {
        "",          ".",         "+",     "-",         "-.",
        "e5",        "1e",        "1e+",   "1e5x",      "1.2.3",
        "--1",       "+-1",       "1 2",   "12345678x", "123456781234567x",
        "0x10",      "1_000",     "1,5",   ".e5",       "1e5.0",
        "inf",       "nan",       "1e999", "1234567/",  "1234567:",
        "12345678/", "12345678:1"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        double value = 7;
        if (num_parse(texts[i], strlen(texts[i]), &value))
            fail_msg("'%s' is read as %g", texts[i], value);
        assert_true(value == 7);
    }
}

/* ---- small numbers ---- */

static void assert_small(const char *text, unsigned wanted)
{
    char padded[16] = {0};

    memcpy(padded, text, strlen(text));
    if (small_number(padded, strlen(text)) != wanted)
        fail_msg("'%s' is %u", text, small_number(padded, strlen(text)));
}

static void small_number__all(void **state)
{
    static const char *const others[] = {
        "",   "00", "01", "007", "1000", "-1",  "+1", "1.",  " 1",
        "1 ", "1a", "a1", "/1",  ":1",   "1/2", "9:", "99/", "1e2"};
    char text[8];

    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "%u", i);
        assert_small(text, i);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_small(others[i], SMALL_NUMBERS);
}

/* Three bytes of any kind, so many at a time. */
static void small_numbers__as_one_by_one(void **state)
{
    enum { MOST = 70 };
    static const char bytes[] = "0123456789/: .-x";
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 6);
    for (int round = 0; round < 3000; round++) {
        char text[MOST * 6 + 64] = {0};
        uint32_t start[MOST + 1] = {0};
        uint16_t value[MOST + 1];
        size_t n = (size_t)below(&rng, MOST + 1);
        bool all = true;
        for (size_t i = 0; i < n; i++) {
            size_t len = (size_t)below(&rng, 5);
            for (size_t k = 0; k < len; k++)
                text[start[i] + k] = bytes[below(&rng, round % 2 ? 16 : 10)];
            start[i + 1] = start[i] + (uint32_t)len + 1;
        }
        value[n] = 4711;
        for (size_t i = 0; i < n; i++)
            all = all && small_number(text + start[i], start[i + 1] - start[i] -
                                                           1) < SMALL_NUMBERS;
        assert_int_equal(small_numbers(text, start, n, value), all);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(
                value[i],
                small_number(text + start[i], start[i + 1] - start[i] - 1));
        assert_int_equal(value[n], 4711);
    }
}

/* ---- hashes ---- */

static void hash_rows_add__as_hash_add(void **state)
{
    char text[400];
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 7);
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)rng_next(&rng);
    for (int round = 0; round < 200; round++) {
        uint64_t state_of[HASH_ROWS], wanted[HASH_ROWS];
        const char *bytes[HASH_ROWS];
        size_t len[HASH_ROWS];
        for (size_t i = 0; i < HASH_ROWS; i++) {
            bytes[i] = text + below(&rng, 100);
            len[i] = (size_t)below(&rng, 300);
            state_of[i] = rng_next(&rng);
            wanted[i] = hash_add(state_of[i], bytes[i], len[i]);
        }
        hash_rows_add(state_of, bytes, len);
        assert_memory_equal(state_of, wanted, sizeof(wanted));
    }
}

static void hash_count__distinct(void **state)
{
    static const size_t sizes[] = {0, 1, 127, 128, 129, 255, 256, 5000, 300000};

    (void)state;
    for (size_t k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
        struct hash_count count = {0};
        for (int twice = 0; twice < 2; twice++)
            for (size_t i = 0; i < sizes[k]; i++)
                hash_count_add(&count, hash_quick(&i, sizeof(i)));
        hash_count_flush(&count);
        assert_int_equal(hash_count_of(&count), sizes[k]);
        hash_count_release(&count);
    }
}

/* Every byte and every length counts. */
static void hash_quick__lengths(void **state)
{
    char text[64] = {0};
    uint64_t seen[64 * 9];
    size_t n = 0;

    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        seen[n++] = hash_quick(text, len);
        for (size_t i = 0; i < len; i += len / 8 + 1) {
            text[i] = 1;
            seen[n++] = hash_quick(text, len);
            text[i] = 0;
        }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(seen[i] != seen[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(num_parse__as_strtod),
        cmocka_unit_test(num_parse__corners),
        cmocka_unit_test(num_parse__no_numbers),
        cmocka_unit_test(small_number__all),
        cmocka_unit_test(small_numbers__as_one_by_one),
        cmocka_unit_test(hash_rows_add__as_hash_add),
        cmocka_unit_test(hash_count__distinct),
        cmocka_unit_test(hash_quick__lengths),
    };

    return cmocka_run_group_tests_name("base_decimal", tests, NULL, NULL);
}
