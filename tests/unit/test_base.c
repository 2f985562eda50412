#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include "base/buf.h"
#include "base/dict.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/text.h"

/* ---- num ---- */

static void assert_parses(const char *text, double value)
{
    double got = -1;

    if (!num_parse(text, strlen(text), &got))
        fail_msg("'%s' is refused", text);
    if (memcmp(&got, &value, sizeof(got)) != 0)
        fail_msg("'%s' is %.17g", text, got);
}

static void assert_refused(const char *text, size_t len)
{
    double got = 77;

    if (num_parse(text, len, &got))
        fail_msg("'%s' is taken for %.17g", text, got);
    assert_true(got == 77);
}

static void num_parse__accepts(void **state)
{
    (void)state;
    assert_parses("0", 0);
    assert_parses("-0", -0.0);
    assert_parses("17", 17);
    assert_parses("+5", 5);
    assert_parses(".5", .5);
    assert_parses("5.", 5);
    assert_parses("-1.25e-3", -1.25e-3);
    assert_parses("1E+5", 1e5);
    assert_parses("  3.5\t", 3.5);
    assert_parses("1.7976931348623157e308", 1.7976931348623157e308);
    assert_parses("5e-324", 5e-324);
    assert_parses("0.1", .1);
    assert_parses("007", 7);
}

/* Numbers of up to 17 digits, with the point anywhere. */
static void num_parse__rounds_as_strtod(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 1);
    for (int i = 0; i < 1000000; i++) {
        char text[24];
        size_t n = 1 + rng_below(&rng, 17), point = rng_below(&rng, n + 3),
               len = 0;
        if (rng_below(&rng, 2))
            text[len++] = '-';
        for (size_t k = 0; k < n; k++) {
            if (k == point)
                text[len++] = '.';
            text[len++] = (char)('0' + rng_below(&rng, 10));
        }
        text[len] = '\0';
        assert_parses(text, strtod(text, NULL));
    }
}

static void num_parse__refuses(void **state)
{
    static const char *const bad[] = {
        "",         " ",   "\t ", "0x10",  "0X1p3", "inf",          "-inf",
        "Infinity", "nan", "NaN", "1e400", "1,5",   "1.5,",         "1 2",
        "- 1",      "--1", "1e",  "e5",    ".",     "1e+",          "12a",
        "1.2.3",    "1_0", "\n1", "1\n",   "1e5.5", "\xc2\xa0\x31", "1-2",
        "+",        "1d5", "1f",  "$1"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_refused(bad[i], strlen(bad[i]));
    assert_refused("1\0002", 3);
    assert_refused("1\0", 2);
}

static void num_parse__reads_len_bytes_only(void **state)
{
    double value;

    (void)state;
    assert_true(num_parse("123456", 3, &value));
    assert_true(value == 123);
}

static void num_parse_any__words(void **state)
{
    double value;

    (void)state;
    assert_true(num_parse_any("inf", 3, &value) && value == INFINITY);
    assert_true(num_parse_any("-inf", 4, &value) && value == -INFINITY);
    assert_true(num_parse_any("nan", 3, &value) && isnan(value));
    assert_true(num_parse_any(" inf ", 5, &value) && value == INFINITY);
    assert_true(num_parse_any("2.5", 3, &value) && value == 2.5);
    assert_false(num_parse_any("infinity", 8, &value));
    assert_false(num_parse_any("", 0, &value));
    assert_false(num_parse_any("1e400", 5, &value));
}

static void num_parse_long__range_and_rest(void **state)
{
    long value = 0;

    (void)state;
    assert_true(num_parse_long("12", 1, 12, &value) && value == 12);
    assert_true(num_parse_long("-3", -3, 0, &value) && value == -3);
    assert_false(num_parse_long("13", 1, 12, &value));
    assert_false(num_parse_long("0", 1, 12, &value));
    assert_false(num_parse_long("1.0", 1, 12, &value));
    assert_false(num_parse_long("1 ", 1, 12, &value));
    assert_false(num_parse_long("", 0, 12, &value));
    assert_false(num_parse_long("99999999999999999999", 0, 1L << 62, &value));
    assert_int_equal(value, -3);
}

/* Random bit patterns: all exponents alike, subnormal numbers too. */
static void num_format__round_trip(void **state)
{
    struct rng rng;
    char text[NUM_SIZE], shorter[NUM_SIZE];

    (void)state;
    rng_init(&rng, 1, 99);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = rng_next(&rng);
        double value, back = 0;
        size_t len;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        len = num_format(text, value);
        assert_int_equal(len, strlen(text));
        assert_true(num_parse(text, len, &back));
        assert_memory_equal(&back, &value, sizeof(value));
        snprintf(shorter, sizeof(shorter), "%.15g", value);
        if (strtod(shorter, NULL) == value)
            assert_string_equal(text, shorter);
    }
}

static void num_format_float__round_trip(void **state)
{
    struct rng rng;
    char text[NUM_SIZE], shorter[NUM_SIZE];

    (void)state;
    rng_init(&rng, 2, 99);
    for (int i = 0; i < 100000; i++) {
        uint32_t bits = (uint32_t)rng_next(&rng);
        float value, back;
        size_t len;
        memcpy(&value, &bits, sizeof(value));
        if (!isfinite(value))
            continue;
        len = num_format_float(text, value);
        assert_int_equal(len, strlen(text));
        back = strtof(text, NULL);
        assert_memory_equal(&back, &value, sizeof(value));
        snprintf(shorter, sizeof(shorter), "%.6g", (double)value);
        if (strtof(shorter, NULL) == value)
            assert_string_equal(text, shorter);
    }
}

static void assert_formats(double value, const char *expected_text)
{
    char text[NUM_SIZE];
    size_t len = num_format(text, value);

    assert_string_equal(text, expected_text);
    assert_int_equal(len, strlen(expected_text));
}

/* Over all powers of ten no more digits than asked for, and the nearest. */
static void num_round__digits(void **state)
{
    (void)state;
    for (int power = -307; power <= 307; power++) {
        double value = 3.05098765432 * pow(10, power);
        char text[NUM_SIZE];
        size_t digits = 0;
        num_format(text, num_round(value, 6));
        for (const char *c = text; *c && *c != 'e'; c++)
            digits += *c >= '1' && *c <= '9';
        assert_true(digits <= 6);
        assert_true(fabs(num_round(value, 6) - value) <= 1e-6 * value);
    }
    assert_true(num_round(57739599.99999, 6) == 57739600);
    assert_true(num_round(1.4633899999999999e35, 6) == 1.46339e35);
    assert_true(num_round(-.123456789, 3) == -.123);
    assert_true(num_round(0, 6) == 0);
    assert_true(isnan(num_round(NAN, 6)));
    assert_true(num_round(INFINITY, 6) == INFINITY);
}

static void num_format__shortest(void **state)
{
    char text[NUM_SIZE];

    (void)state;
    assert_formats(.1, "0.1");
    assert_formats(1. / 3, "0.3333333333333333");
    assert_formats(.1 + .2, "0.30000000000000004");
    assert_formats(1e22, "1e+22");
    assert_formats(-2.5, "-2.5");
    assert_formats(123456789012., "123456789012");
    assert_formats(INFINITY, "inf");
    assert_formats(-INFINITY, "-inf");
    assert_formats(NAN, "nan");
    num_format_float(text, .1f);
    assert_string_equal(text, "0.1");
    num_format_float(text, 16777216.f);
    assert_string_equal(text, "16777216");
    num_format_float(text, -INFINITY);
    assert_string_equal(text, "-inf");
}

static bool use_comma_locale(void)
{
    static const char *const names[] = {
        "de_DE.UTF-8", "de_DE.utf8",  "de_DE",      "fr_FR.UTF-8",
        "fr_FR.utf8",  "nl_NL.UTF-8", "ru_RU.UTF-8"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (setlocale(LC_NUMERIC, names[i]) &&
            strcmp(localeconv()->decimal_point, ",") == 0)
            return true;
    return false;
}

static void num__decimal_comma_locale(void **state)
{
    char text[NUM_SIZE], real[NUM_SIZE];
    double value = 0;
    bool good;

    (void)state;
    if (!use_comma_locale())
        skip();
    good = num_parse("1.5", 3, &value);
    num_format(text, 2.5);
    num_format_float(real, 2.5f);
    setlocale(LC_NUMERIC, "C");
    assert_true(good && value == 1.5);
    assert_string_equal(text, "2.5");
    assert_string_equal(real, "2.5");
}

/* ---- text ---- */

static void assert_folds(const char *text, const char *expected_text)
{
    struct buf out = {0};

    text_fold(&out, text, strlen(text));
    assert_string_equal(out.len ? out.data : "", expected_text);
    buf_release(&out);
}

static void text_fold__equal_forms(void **state)
{
    (void)state;
    assert_folds("\xc3\x89t\xc3\xa9", "\xc3\xa9t\xc3\xa9"); /* Été */
    assert_folds("E\xcc\x81te\xcc\x81", "\xc3\xa9t\xc3\xa9");
    assert_folds("Stra\xc3\x9f"
                 "e",
                 "strasse");
    assert_folds("STRASSE", "strasse");
    assert_folds("\xef\xbc\xa1\xef\xbd\x82\xef\xbc\x91", "ab1"); /* Ａｂ１ */
    assert_folds("\xef\xac\x81", "fi");                          /* ligature */
    assert_folds("\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83");        /* Σς */
    assert_folds("", "");
    assert_folds("Plain 1-2.", "plain 1-2.");
}

static void text_fold__appends(void **state)
{
    struct buf out = {0};

    (void)state;
    buf_add_text(&out, "x");
    text_fold(&out, "Yz", 1);
    assert_string_equal(out.data, "xy");
    text_fold(&out, "\xff", 1);
    assert_string_equal(out.data, "xy\xff");
    buf_release(&out);
}

/* Words as "word|word|", symbols in brackets. */
static void assert_words(const char *text, const char *expected_text)
{
    const char *at = text, *end = text + strlen(text);
    struct text_word word;
    struct buf out = {0};

    buf_add_text(&out, "");
    while (text_next_word(&at, end, &word))
        buf_printf(&out, word.symbol ? "[%.*s]" : "%.*s|", (int)word.len,
                   word.start);
    assert_ptr_equal(at, end);
    assert_string_equal(out.data, expected_text);
    buf_release(&out);
}

static void text_next_word__cuts(void **state)
{
    (void)state;
    assert_words("", "");
    assert_words(" \t\n", "");
    assert_words("ab cd", "ab|cd|");
    assert_words("  don't 3.5% ", "don|[']t|3|[.]5|[%]");
    assert_words("x!!y", "x|[!][!]y|");
    assert_words("e\xcc\x81t\xc3\xa9", "e\xcc\x81t\xc3\xa9|");
    assert_words("a\xc2\xa0"
                 "b",
                 "a|b|"); /* no-break space */
    assert_words("\xe2\x82\xac"
                 "5",
                 "[\xe2\x82\xac]5|"); /* € */
    assert_words("\xe6\xb5\xb7\xe5\xb2\xb8", "\xe6\xb5\xb7\xe5\xb2\xb8|");
    assert_words("\xd9\xa3 \xe2\x85\xa3", "\xd9\xa3|\xe2\x85\xa3|");
}

static void text_next_word__stops_at_the_end(void **state)
{
    const char *text = "abcdef", *at = text;
    struct text_word word;

    (void)state;
    assert_true(text_next_word(&at, text + 3, &word));
    assert_int_equal(word.len, 3);
    assert_false(text_next_word(&at, text + 3, &word));
}

static void assert_invalid_at(const char *text, size_t len, size_t at)
{
    if (text_utf8_valid(text, len) != at)
        fail_msg("valid up to %zu, expected %zu", text_utf8_valid(text, len),
                 at);
}

static void text_utf8_valid__refuses(void **state)
{
    (void)state;
    assert_invalid_at("ab\xc0\xaf", 4, 2);           /* overlong / */
    assert_invalid_at("\xe0\x80\xaf", 3, 0);         /* overlong */
    assert_invalid_at("\xf0\x80\x80\xaf", 4, 0);     /* overlong */
    assert_invalid_at("\xed\xa0\x80", 3, 0);         /* surrogate */
    assert_invalid_at("\xed\xbf\xbf", 3, 0);         /* surrogate */
    assert_invalid_at("\xf4\x90\x80\x80", 4, 0);     /* above 10FFFF */
    assert_invalid_at("\xf8\x88\x80\x80\x80", 5, 0); /* five bytes */
    assert_invalid_at("a\xc3", 2, 1);                /* truncated */
    assert_invalid_at("a\xe2\x82", 3, 1);            /* truncated */
    assert_invalid_at("a\xf0\x9f\x98", 4, 1);        /* truncated */
    assert_invalid_at("a\x80", 2, 1);                /* lone continuation */
    assert_invalid_at("\xc3\xa9\xff", 3, 2);         /* never a byte */
    assert_invalid_at("12345678\xe9"
                      "123456789",
                      18, 8); /* latin1 */
    assert_invalid_at("1234567\xe9", 8, 7);
}

static void text_utf8_valid__accepts(void **state)
{
    static const char text[] = "12345678\xc3\xa9\xed\x9f\xbf\xee\x80\x80"
                               "\xf4\x8f\xbf\xbf\xf0\x90\x80\x80\x7f";

    (void)state;
    for (size_t cut = 0; cut < 9; cut++)
        assert_invalid_at(text + cut, sizeof(text) - 1 - cut,
                          sizeof(text) - 1 - cut);
    assert_invalid_at("", 0, 0);
    assert_int_equal(text_utf8_length("\xf0\x9f\x98\x80", 4), 4);
    assert_int_equal(text_utf8_length("\xf0\x9f\x98\x80", 3), 0);
    assert_int_equal(text_utf8_length("a", 1), 1);
    assert_int_equal(text_utf8_length("", 0), 0);
}

static void text_width__wide_and_combining(void **state)
{
    static const char sea[] = "\xe6\xb5\xb7\xe5\xb2\xb8"; /* 海岸 */

    (void)state;
    assert_int_equal(text_width("abc", 3), 3);
    assert_int_equal(text_width(sea, 6), 4);
    assert_int_equal(text_width("e\xcc\x81", 3), 1);
    assert_int_equal(text_width("\xef\xbc\xa1", 3), 2); /* full-width A */
    assert_int_equal(text_width("", 0), 0);
    assert_int_equal(text_prefix(sea, 6, 3), 3);
    assert_int_equal(text_prefix(sea, 6, 4), 6);
    assert_int_equal(text_prefix("e\xcc\x81z", 4, 1), 3);
    assert_int_equal(text_prefix("abc", 3, 0), 0);
    assert_int_equal(text_prefix("abc", 3, 9), 3);
}

/* ---- rng ---- */

static void rng_next__reference(void **state)
{
    struct rng rng = {{1, 2, 3, 4}};
    char name[64];

    (void)state;
    for (int i = 0; i < 10; i++) {
        snprintf(name, sizeof(name), "rng.state1234.%d", i);
        assert_int_equal(rng_next(&rng), whole_of(name));
    }
}

static void rng_init__reference(void **state)
{
    static const uint64_t named[][2] = {
        {1, 1}, {1, 2}, {2, 1}, {UINT64_MAX, 7}};
    struct rng rng;
    char name[100];

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        rng_init(&rng, named[k][0], named[k][1]);
        for (int i = 0; i < 3; i++) {
            snprintf(name, sizeof(name), "rng.%" PRIu64 ".%" PRIu64 ".%d",
                     named[k][0], named[k][1], i);
            assert_int_equal(rng_next(&rng), whole_of(name));
        }
    }
}

static void rng_uniform__reference(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 42, 3);
    assert_true(rng_uniform(&rng) == number_of("rng.uniform"));
    assert_near(rng_normal(&rng), number_of("rng.normal"), 1e-14);
}

/* Chi-square with 6 degrees of freedom: 22.46 has a p-value of .001. */
static void rng_below__uniform(void **state)
{
    enum { N = 7, DRAWS = 70000 };
    double count[N] = {0}, square = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 3, 1);
    for (int i = 0; i < DRAWS; i++) {
        uint64_t k = rng_below(&rng, N);
        assert_true(k < N);
        count[k]++;
    }
    for (int k = 0; k < N; k++)
        square += (count[k] - 1e4) * (count[k] - 1e4) / 1e4;
    assert_true(square < 22.46 && square > .38);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rng_below(&rng, 1), 0);
}

/* With plain remainders 2/3 of the numbers would fall below the middle. */
static void rng_below__no_remainder_bias(void **state)
{
    uint64_t n = UINT64_MAX / 4 * 3;
    struct rng rng;
    int low = 0;

    (void)state;
    rng_init(&rng, 5, 1);
    for (int i = 0; i < 10000; i++)
        low += rng_below(&rng, n) < n / 2;
    assert_between(low, 4800, 5200);
}

static void rng_normal__moments(void **state)
{
    double sum = 0, square = 0, fourth = 0;
    struct rng rng;
    int n = 100000;

    (void)state;
    rng_init(&rng, 6, 1);
    for (int i = 0; i < n; i++) {
        double x = rng_normal(&rng);
        assert_true(isfinite(x));
        sum += x;
        square += x * x;
        fourth += x * x * x * x;
    }
    assert_between(sum / n, -.015, .015);
    assert_between(square / n, .98, 1.02);
    assert_between(fourth / n, 2.8, 3.2);
}

/* Six orders of three items, 1000 each: chi-square, 5 degrees. */
static void rng_shuffle__all_orders(void **state)
{
    double count[27] = {0}, square = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 7, 1);
    for (int i = 0; i < 6000; i++) {
        size_t item[3] = {0, 1, 2};
        rng_shuffle(&rng, item, 3);
        assert_int_equal((1u << item[0]) | (1u << item[1]) | (1u << item[2]),
                         7);
        count[item[0] * 9 + item[1] * 3 + item[2]]++;
    }
    for (int k = 0; k < 27; k++)
        square += count[k] > 0 ? (count[k] - 1e3) * (count[k] - 1e3) / 1e3 : 0;
    assert_true(square < 20.5);
    rng_shuffle(&rng, NULL, 0);
}

/* ---- hash, dict ---- */

static void hash__pinned(void **state)
{
    unsigned char all[256];
    uint64_t running = HASH_START;

    (void)state;
    for (int i = 0; i < 256; i++)
        all[i] = (unsigned char)i;
    assert_int_equal(hash_bytes("", 0), whole_of("hash.empty"));
    assert_int_equal(hash_bytes("a", 1), whole_of("hash.a"));
    assert_int_equal(hash_bytes("abc", 3), whole_of("hash.abc"));
    assert_int_equal(hash_bytes("\xc3\x89mile", 6), whole_of("hash.emile"));
    assert_int_equal(hash_bytes(all, 256), whole_of("hash.bytes"));
    running = hash_add(hash_add(running, all, 100), all + 100, 156);
    assert_int_equal(hash_finish(running), whole_of("hash.bytes"));
}

static void dict__order_of_arrival(void **state)
{
    struct dict dict = {0};
    char text[32];

    (void)state;
    assert_int_equal(dict_find(&dict, "x", 1), DICT_NONE);
    for (size_t i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof(text), "k%zu", i * 7919 % 5000);
        assert_int_equal(dict_add(&dict, text, (size_t)len), i);
    }
    for (size_t i = 0; i < 5000; i++) {
        int len = snprintf(text, sizeof(text), "k%zu", i * 7919 % 5000);
        assert_int_equal(dict_add(&dict, text, (size_t)len), i);
        assert_int_equal(dict_find(&dict, text, (size_t)len), i);
        assert_string_equal(dict.text[i], text);
        assert_int_equal(dict.len[i], len);
    }
    assert_int_equal(dict.count, 5000);
    assert_int_equal(dict_find(&dict, "k5000", 5), DICT_NONE);
    dict_release(&dict);
}

static void dict_sorted__bytes(void **state)
{
    struct dict dict = {0};
    size_t order[6];

    (void)state;
    dict_add(&dict, "b", 1);
    dict_add(&dict, "\xc3\xa9", 2);
    dict_add(&dict, "", 0);
    dict_add(&dict, "ab", 2);
    dict_add(&dict, "a", 1);
    dict_add(&dict, "a\0b", 3);
    dict_sorted(&dict, order);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(order[i], ((size_t[]){2, 4, 5, 3, 0, 1})[i]);
    assert_int_equal(dict_find(&dict, "a\0b", 3), 5);
    dict_release(&dict);
}

/* 0 is a value like any other, but takes the place of 1. */
static void hash_set__distinct(void **state)
{
    struct hash_set set = {0};

    (void)state;
    for (uint64_t i = 2; i < 5000; i++)
        assert_true(hash_set_add(&set, i * 64));
    for (uint64_t i = 2; i < 5000; i++)
        assert_false(hash_set_add(&set, i * 64));
    assert_true(hash_set_has(&set, 128));
    assert_false(hash_set_has(&set, 64));
    assert_true(hash_set_add(&set, 0));
    assert_false(hash_set_add(&set, 1));
    assert_int_equal(set.count, 4999);
    hash_set_release(&set);
    assert_int_equal(set.count, 0);
    assert_true(hash_set_add(&set, 128));
    hash_set_release(&set);
}

/* ---- err ---- */

static void assert_quoted(const char *value, size_t len, const char *expected)
{
    char out[ERR_QUOTE_SIZE];

    assert_ptr_equal(err_quote(out, sizeof(out), value, len), out);
    assert_string_equal(out, expected);
}

static void err_quote__escapes_and_cuts(void **state)
{
    static const char forty[] = "0123456789012345678901234567890123456789";
    char noise[100];

    (void)state;
    assert_quoted("foo", 3, "'foo'");
    assert_quoted("", 0, "''");
    assert_quoted("a\nb\tc\rd", 7, "'a\\nb\\tc\\rd'");
    assert_quoted("\x01\x7f\xff\0", 4, "'\\x01\\x7f\\xff\\x00'");
    assert_quoted("\xc3\xa9\xe6\xb5\xb7", 5, "'\xc3\xa9\xe6\xb5\xb7'");
    assert_quoted("\xc3", 1, "'\\xc3'");
    assert_quoted(forty, 40, "'0123456789012345678901234567890123456789'");
    assert_quoted("0123456789012345678901234567890123456789X", 41,
                  "'0123456789012345678901234567890123456789...'");
    memset(noise, 0xff, sizeof(noise));
    {
        char out[ERR_QUOTE_SIZE];
        err_quote(out, sizeof(out), noise, sizeof(noise));
        assert_int_equal(strlen(out), 40 * 4 + 5);
    }
}

static void err_format__places(void **state)
{
    struct err err;
    char out[300];

    (void)state;
    assert_int_equal(err_set(&err, ERR_DATA, "not a number: '%s'", "foo"), -1);
    err_format(&err, out, sizeof(out));
    assert_string_equal(out, "not a number: 'foo'");
    assert_int_equal(err_at(&err, "data.csv", 17), -1);
    assert_int_equal(err_at_column(&err, "age", 4), -1);
    err_format(&err, out, sizeof(out));
    assert_string_equal(
        out, "data.csv:17: column 'age' (field 4): not a number: 'foo'");
    assert_int_equal(err.kind, ERR_DATA);
    err_set(&err, ERR_UPSTREAM, "gone");
    assert_int_equal(err.line, 0);
    err_at(&err, "<stdin>", 0);
    err_format(&err, out, sizeof(out));
    assert_string_equal(out, "<stdin>: gone");
    err_format(&err, out, 8);
    assert_string_equal(out, "<stdin>");
}

static void err_system__adds_the_reason(void **state)
{
    struct err err;

    (void)state;
    errno = ENOENT;
    assert_int_equal(err_system(&err, "cannot open '%s'", "x"), -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.message,
                        "cannot open 'x': No such file or directory");
}

static void err_set__long_message_is_cut(void **state)
{
    struct err err;
    char name[3000];

    (void)state;
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    err_set(&err, ERR_DATA, "%s", name);
    err_at(&err, name, 1);
    err_at_column(&err, name, 1);
    assert_int_equal(strlen(err.message), ERR_MESSAGE_SIZE - 1);
    assert_int_equal(strlen(err.file), ERR_FILE_SIZE - 1);
    assert_int_equal(strlen(err.column), ERR_NAME_SIZE - 1);
}

/* ---- buf, mem, parallel ---- */

static void buf__grows_and_ends_in_nul(void **state)
{
    struct buf buf = {0};

    (void)state;
    for (int i = 0; i < 1000; i++) {
        buf_add_char(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.data[buf.len], 0);
    }
    assert_int_equal(buf.len, 1000);
    assert_int_equal(buf.data[999], 'a' + 999 % 26);
    buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.data, "");
    buf_printf(&buf, "%d-%s", 7, "x");
    buf_printf(&buf, "%s", "");
    buf_add(&buf, "a\0b", 3);
    buf_add_text(&buf, "c");
    assert_int_equal(buf.len, 7);
    assert_memory_equal(buf.data, "7-xa\0bc", 8);
    memcpy(buf_reserve(&buf, 5000), "end", 4);
    assert_memory_equal(buf.data, "7-xa\0bcend", 11);
    buf_release(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.len + buf.capacity, 0);
}

static void mem__aligned_and_grown(void **state)
{
    size_t capacity = 0;
    char *block = NULL;
    double *line = mem_aligned(3, sizeof(double));

    (void)state;
    assert_int_equal((uintptr_t)line % 64, 0);
    for (int i = 0; i < 8; i++)
        assert_true(line[i] == 0);
    free(line);
    block = mem_grow(block, &capacity, 1, 1);
    block[0] = 'x';
    for (size_t need = 2; need < 3000; need++) {
        size_t had = capacity;
        block = mem_grow(block, &capacity, need, 1);
        assert_true(capacity >= need);
        assert_true(capacity == had || capacity >= 2 * had);
    }
    assert_int_equal(block[0], 'x');
    free(block);
    block = mem_strndup("abc", 2);
    assert_string_equal(block, "ab");
    free(block);
}

static void parallel_piece__covers_exactly(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 3, 7, 64, 1000, 12345};

    (void)state;
    for (size_t k = 0; k < 8; k++)
        for (int pieces = 1; pieces <= 17; pieces++) {
            size_t at = 0, least = SIZE_MAX, most = 0;
            for (int i = 0; i < pieces; i++) {
                size_t begin, end;
                parallel_piece(sizes[k], pieces, i, &begin, &end);
                assert_int_equal(begin, at);
                assert_true(end >= begin);
                at = end;
                least = end - begin < least ? end - begin : least;
                most = end - begin > most ? end - begin : most;
            }
            assert_int_equal(at, sizes[k]);
            assert_true(most - least <= 1);
        }
}

/* Models side by side, each with threads of its own. */
static void parallel_nest__threads_inside(void **state)
{
    int inside[2] = {0}, deeper[2][2] = {{0}};

    (void)state;
    parallel_nest(true);
#pragma omp parallel num_threads(2)
    {
        int own = omp_get_thread_num();
        parallel_set_threads(3);
        inside[own] = parallel_threads();
#pragma omp parallel num_threads(2)
        deeper[own][omp_get_thread_num()] = parallel_threads();
    }
    parallel_nest(false);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(inside[i], 3);
        assert_int_equal(deeper[i][0], 1);
        assert_int_equal(deeper[i][1], 1);
    }
}

static void parallel_set_threads__asked(void **state)
{
    (void)state;
    assert_int_equal(parallel_set_threads(3), 3);
    assert_int_equal(parallel_threads(), 3);
    assert_true(parallel_set_threads(0) >= 1);
#pragma omp parallel num_threads(2)
    {
        if (parallel_threads() != 1)
            abort();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(num_parse__accepts),
        cmocka_unit_test(num_parse__rounds_as_strtod),
        cmocka_unit_test(num_parse__refuses),
        cmocka_unit_test(num_parse__reads_len_bytes_only),
        cmocka_unit_test(num_parse_any__words),
        cmocka_unit_test(num_parse_long__range_and_rest),
        cmocka_unit_test(num_format__round_trip),
        cmocka_unit_test(num_format_float__round_trip),
        cmocka_unit_test(num_format__shortest),
        cmocka_unit_test(num_round__digits),
        cmocka_unit_test(num__decimal_comma_locale),
        cmocka_unit_test(text_fold__equal_forms),
        cmocka_unit_test(text_fold__appends),
        cmocka_unit_test(text_next_word__cuts),
        cmocka_unit_test(text_next_word__stops_at_the_end),
        cmocka_unit_test(text_utf8_valid__refuses),
        cmocka_unit_test(text_utf8_valid__accepts),
        cmocka_unit_test(text_width__wide_and_combining),
        cmocka_unit_test(rng_next__reference),
        cmocka_unit_test(rng_init__reference),
        cmocka_unit_test(rng_uniform__reference),
        cmocka_unit_test(rng_below__uniform),
        cmocka_unit_test(rng_below__no_remainder_bias),
        cmocka_unit_test(rng_normal__moments),
        cmocka_unit_test(rng_shuffle__all_orders),
        cmocka_unit_test(hash__pinned),
        cmocka_unit_test(dict__order_of_arrival),
        cmocka_unit_test(dict_sorted__bytes),
        cmocka_unit_test(hash_set__distinct),
        cmocka_unit_test(err_quote__escapes_and_cuts),
        cmocka_unit_test(err_format__places),
        cmocka_unit_test(err_system__adds_the_reason),
        cmocka_unit_test(err_set__long_message_is_cut),
        cmocka_unit_test(buf__grows_and_ends_in_nul),
        cmocka_unit_test(mem__aligned_and_grown),
        cmocka_unit_test(parallel_piece__covers_exactly),
        cmocka_unit_test(parallel_nest__threads_inside),
        cmocka_unit_test(parallel_set_threads__asked),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
