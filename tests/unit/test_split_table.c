/* What `assay split` does with rows: subsets, groups, likeness, time, passes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/rng.h"
#include "stats/select.h"
#include "table/splitter.h"

/* ---- order statistics ---- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void select__as_sorted(void **state)
{
    uint64_t values[100], sorted[100];
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 1);
    for (size_t n = 1; n <= 100; n++) {
        for (size_t i = 0; i < n; i++)
            values[i] = sorted[i] = rng_below(&rng, n % 3 ? 1000 : 5);
        qsort(sorted, n, sizeof *sorted, by_value);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(select_lowest(values, n, k), sorted[k]);
    }
}

static void select__keys_keep_order(void **state)
{
    static const double rising[] = {-1e300, -2, -1e-9, 0, 1e-300, 1, 1e300};

    (void)state;
    for (size_t i = 0; i < 7; i++) {
        assert_true(select_value(select_key(rising[i])) == rising[i]);
        if (i > 0)
            assert_true(select_key(rising[i - 1]) < select_key(rising[i]));
    }
    assert_true(select_key(-0.0) == select_key(0.0));
}

/* ---- subsets ---- */

enum { ROWS = 3000 };

static const char *label_at(size_t row)
{
    return row % 100 == 0 ? "rare" : row % 3 ? "a" : "b";
}

/* Which of the rows stay, and how many. */
static size_t choose(const struct subset_options *options, uint64_t seed,
                     bool stays[ROWS])
{
    struct subset subset;
    struct err err = {0};
    size_t n = 0;

    subset_init(&subset, options, seed);
    for (size_t r = 0; r < ROWS; r++)
        subset_count(&subset, label_at(r), strlen(label_at(r)), r + 1, true);
    assert_int_equal(subset_choose(&subset, &err), 0);
    for (size_t r = 0; r < ROWS; r++)
        n += stays[r] = subset_keeps(&subset, label_at(r), strlen(label_at(r)),
                                     r + 1, true);
    subset_release(&subset);
    return n;
}

static void subset__nested_over_many_sizes(void **state)
{
    static bool small[ROWS], large[ROWS];
    struct subset_options options = {0};

    (void)state;
    for (size_t size = 1; size <= ROWS; size += size < 200 ? 1 : 97) {
        size_t rare = 0;
        options.rows = size;
        assert_int_equal(choose(&options, 1, large), size);
        for (size_t r = 0; r < ROWS; r++) {
            assert_true(large[r] || !small[r]);
            rare += large[r] && r % 100 == 0;
        }
        assert_between((double)rare, (double)size / 100 - 1,
                       (double)size / 100 + 1);
        memcpy(small, large, sizeof small);
    }
    options.rows = 0;
    options.fraction = .1;
    assert_int_equal(choose(&options, 1, small), ROWS / 10);
    options.fraction = 1e-9; /* one row at least */
    assert_int_equal(choose(&options, 1, small), 1);
    options.fraction = .5;
    choose(&options, 1, small);
    choose(&options, 2, large);
    assert_memory_not_equal(small, large, sizeof small);
}

static void subset__amounts(void **state)
{
    static const char *const wrong[] = {"",   "0",    "-5", "x",
                                        "0%", "101%", "%",  "5.5"};
    struct subset_options o = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(subset_parse(&o, "500", &err), 0);
    assert_true(o.rows == 500 && o.fraction == 0);
    assert_int_equal(subset_parse(&o, "12.5%", &err), 0);
    assert_true(o.rows == 0 && o.fraction == .125);
    assert_int_equal(subset_parse(&o, "100%", &err), 0);
    assert_true(o.rows == 0 && o.fraction == 0);
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(subset_parse(&o, wrong[i], &err), -1);
}

static void subset__classes(void **state)
{
    static bool stays[ROWS];
    struct subset_options options = {.max_classes = 2};
    struct subset_options only = {.max_classes = 1};

    (void)state;
    choose(&options, 1, stays);
    for (size_t r = 0; r < ROWS; r++)
        assert_int_equal(stays[r], r % 100 != 0);
    list_add(&only.only, "rare");
    list_add(&only.only, "b");
    choose(&only, 1, stays);
    for (size_t r = 0; r < ROWS; r++)
        assert_int_equal(stays[r], strcmp(label_at(r), "b") == 0);
    list_release(&only.only);
}

/* Rows without a label are no class; names decide among equals. */
static void subset__ties_and_no_label(void **state)
{
    static const char *const labels[] = {"", "", "", "y", "y", "x", "x", "z"};
    struct subset_options options = {.max_classes = 1};
    struct subset subset;
    struct err err = {0};

    (void)state;
    subset_init(&subset, &options, 1);
    for (size_t r = 0; r < 8; r++)
        subset_count(&subset, labels[r], strlen(labels[r]), r, true);
    assert_int_equal(subset_choose(&subset, &err), 0);
    for (size_t r = 0; r < 8; r++)
        assert_int_equal(
            subset_keeps(&subset, labels[r], strlen(labels[r]), r, true),
            *labels[r] == 'x');
    assert_int_equal(subset.other_classes, 6);
    subset_release(&subset);
}

/* ---- balance ---- */

static void balance__over_under_weight(void **state)
{
    static const char *const names[] = {"a", "b", "c", ""};
    static const size_t n[] = {50, 20, 7, 5};

    (void)state;
    for (int kind = BALANCE_OVER; kind <= BALANCE_WEIGHT; kind++) {
        struct balance b;
        balance_init(&b, (enum balance_kind)kind);
        for (size_t c = 0; c < 4; c++)
            for (size_t i = 0; i < n[c]; i++)
                balance_count(&b, names[c], strlen(names[c]));
        balance_start(&b, 1);
        for (size_t c = 0; c < 4; c++) {
            size_t rows = 0, least = SIZE_MAX, most = 0;
            double sum = 0;
            for (size_t i = 0; i < n[c]; i++) {
                struct balanced row =
                    balance_next(&b, names[c], strlen(names[c]));
                rows += row.copies;
                sum += row.weight;
                least = row.copies < least ? row.copies : least;
                most = row.copies > most ? row.copies : most;
            }
            assert_int_equal(rows, c == 3                  ? 5
                                   : kind == BALANCE_OVER  ? 50
                                   : kind == BALANCE_UNDER ? 7
                                                           : n[c]);
            assert_true(most - least <= 1);
            assert_near(
                sum, kind == BALANCE_WEIGHT && c < 3 ? 77. / 3 : (double)n[c],
                1e-12);
        }
        balance_release(&b);
    }
}

/* ---- groups ---- */

static struct grouping_row row_of(const char *group, uint32_t text,
                                  uint32_t part)
{
    return (struct grouping_row){group, group ? strlen(group) : 0, text, 0,
                                 part};
}

static void grouping__connected_through_others(void **state)
{
    static const struct {
        const char *group;
        uint32_t text;
    } rows[] = {{"x", 0},
                {"y", 1},
                {"x", 2},
                {NULL, 1},
                {NULL, 3},
                {NULL, GROUPING_NONE},
                {NULL, GROUPING_NONE},
                {"z", 0}};
    static const uint32_t wanted[] = {0, 1, 0, 1, 1, 2, 3, 0};
    static const double share[] = {.5, .5};
    struct grouping g = {0};
    struct disjoint_sets texts = {0};
    struct dict names = {0};
    struct err err = {0};

    (void)state;
    for (size_t r = 0; r < 8; r++) {
        struct grouping_row row =
            row_of(rows[r].group, rows[r].text, GROUPING_NONE);
        assert_int_equal(grouping_add(&g, &row, &err), 0);
    }
    disjoint_sets_grow(&texts, 4);
    disjoint_sets_join(&texts, 1, 3);
    assert_int_equal(grouping_close(&g, &texts, &names, &err), 0);
    assert_int_equal(g.units, 4);
    for (size_t r = 0; r < 8; r++)
        assert_int_equal(g.unit[r], wanted[r]);
    grouping_assign(&g, 1, share, 2, 1);
    for (size_t r = 0; r < 8; r++)
        assert_int_equal(grouping_next(&g), g.part[wanted[r]]);
    assert_int_equal(grouping_next(&g), GROUPING_NONE);
    grouping_release(&g);
    disjoint_sets_release(&texts);
}

static void grouping__old_parts(void **state)
{
    static const double share[] = {.5, .5};
    struct grouping g = {0};
    struct dict names = {0};
    struct err err = {0};
    struct grouping_row rows[] = {row_of("x", GROUPING_NONE, GROUPING_NONE),
                                  row_of("x", GROUPING_NONE, 2),
                                  row_of("y", GROUPING_NONE, 1),
                                  row_of("y", GROUPING_NONE, GROUPING_NONE),
                                  row_of("x", GROUPING_NONE, 1)};

    (void)state;
    dict_add(&names, "train", 5);
    dict_add(&names, "test", 4);
    dict_add(&names, "old", 3);
    for (size_t r = 0; r < 4; r++)
        assert_int_equal(grouping_add(&g, &rows[r], &err), 0);
    assert_int_equal(grouping_close(&g, NULL, &names, &err), 0);
    grouping_assign(&g, 1, share, 2, 1);
    assert_int_equal(grouping_next(&g), 2);
    assert_int_equal(grouping_next(&g), 2);
    assert_int_equal(grouping_next(&g), 1);
    assert_int_equal(grouping_next(&g), 1);
    grouping_release(&g);
    for (size_t r = 0; r < 5; r++)
        grouping_add(&g, &rows[r], &err);
    assert_int_equal(grouping_close(&g, NULL, &names, &err), -1);
    assert_string_equal(err.message,
                        "rows that belong together are in 'old' and in 'test' "
                        "already: start anew with --replace");
    grouping_release(&g);
    dict_release(&names);
}

/* ---- near-duplicates ---- */

/* Cluster of each row, "-" where it is like no other, of all columns. */
static const char *clusters(const char *text, double similarity)
{
    static char out[500];
    struct csv_reader *reader = scratch_reader(text, true);
    struct near_duplicates near;
    struct disjoint_sets sets = {0};
    struct list columns = {0};
    struct err err = {0};
    uint32_t texts[100];
    size_t n = 0;

    for (size_t i = 0; i < csv_reader_width(reader); i++)
        list_add(&columns, csv_reader_name(reader, i));
    assert_int_equal(near_duplicates_init(&near, reader, &columns, &err), 0);
    while (csv_reader_next(reader, &err) == 1 &&
           !near_duplicates_scan(&near, csv_reader_fields(reader)))
        ;
    assert_int_equal(csv_reader_rewind(reader, &err), 0);
    while (csv_reader_next(reader, &err) == 1)
        texts[n++] = near_duplicates_add(&near, csv_reader_fields(reader));
    near_duplicates_cluster(&near, similarity, &sets);
    for (size_t i = 0; i < n; i++)
        out[i] = texts[i] == NEAR_NONE
                     ? '-'
                     : (char)('a' + disjoint_sets_find(&sets, texts[i]));
    out[n] = '\0';
    disjoint_sets_release(&sets);
    near_duplicates_release(&near);
    list_release(&columns);
    csv_reader_close(reader);
    return out;
}

static void near__normalised_text(void **state)
{
    (void)state;
    assert_string_equal(clusters("t\n\"Free  Entry, now!\"\nfree entry now\n"
                                 "FREE-entry \xc2\xabnow\xc2\xbb\nother\n",
                                 1),
                        "aaab");
    /* e + acute accent, the composed letter, and its capital */
    assert_string_equal(clusters("t\ncafe\xcc\x81\ncaf\xc3\xa9\nCAF\xc3\x89\n"
                                 "cafe\n",
                                 1),
                        "aaab");
    /* Signs alone are compared as they are; nothing is like nothing. */
    assert_string_equal(clusters("t,u\n:),\n:(,\n:),\n,\n,\n", 1), "aba--");
}

static void near__similar_text(void **state)
{
    static const char text[] =
        "t\n"
        "Congratulations you have won a prize call 0800123456 to claim it\n"
        "Congratulations you have won a prize call 0800654321 to claim it\n"
        "Are you coming to the match tonight or shall we go without you\n"
        "smith\nsmyth\nsmiths\n";

    (void)state;
    assert_string_equal(clusters(text, .7), "aacdef");
    assert_string_equal(clusters(text, 1), "abcdef");
}

static void near__numbers(void **state)
{
    (void)state;
    assert_string_equal(clusters("x,y\n1,2.00001\n1.0,2\n1,2.01\n,2\n,2.0\n"
                                 "-0,1\n0,1\n12346,1\n12347,1\n12400,1\n",
                                 .8),
                        "aabccddeef");
}

/* Numbers beside text must be the same, however alike the text is. */
static void near__numbers_and_text(void **state)
{
    (void)state;
    assert_string_equal(clusters("t,year\nthe same title of a book,1871\n"
                                 "The same title of a book!,1871\n"
                                 "the same title of a book,1872\n"
                                 "the same titles of a book,1872\n",
                                 .5),
                        "aabb");
}

/* All pairs by the definition, on texts of few words. */
static void near__as_all_pairs(void **state)
{
    static const char *const words[] = {"alpha", "beta", "gamma", "delta"};
    struct buf text = {0};
    struct rng rng;
    size_t alike = 0;

    (void)state;
    rng_init(&rng, 6, 1);
    for (int round = 0; round < 300; round++) {
        char a[200] = "", b[200] = "";
        size_t both = 0, n_a = 0, n_b = 0;
        double jaccard;
        for (int i = 0; i < 8; i++) {
            const char *word = words[rng_below(&rng, 4)];
            snprintf(a + strlen(a), 20, "%s%s", i ? " " : "", word);
            if (rng_below(&rng, 6) == 0)
                word = words[rng_below(&rng, 4)];
            snprintf(b + strlen(b), 20, "%s%s", i ? " " : "", word);
        }
        buf_clear(&text);
        buf_printf(&text, "t\n%s\n%s\n", a, b);
        /* The shingles of " TEXT\x1f", each counted where it is first. */
        for (int which = 0; which < 2; which++) {
            char x[210], y[210];
            snprintf(x, sizeof x, " %s\x1f", which ? b : a);
            snprintf(y, sizeof y, " %s\x1f", which ? a : b);
            for (size_t i = 0; i + 5 <= strlen(x); i++) {
                char shingle[6] = {x[i],     x[i + 1], x[i + 2],
                                   x[i + 3], x[i + 4], '\0'};
                if (strstr(x, shingle) != x + i)
                    continue;
                *(which ? &n_b : &n_a) += 1;
                both += !which && strstr(y, shingle);
            }
        }
        jaccard = (double)both / (double)(n_a + n_b - both);
        alike += jaccard >= .8;
        assert_string_equal(clusters(text.data, .8),
                            jaccard >= .8 ? "aa" : "ab");
    }
    assert_in_range(alike, 20, 280);
    buf_release(&text);
}

/* ---- time ---- */

/* The parts of times 0, 1, …, one letter each, '-' for a gap, or the error. */
static const char *in_time(const char *const *times, size_t n,
                           const char *shares, struct time_gap gap)
{
    static char out[2000];
    struct time_order order = {0};
    struct parts parts;
    struct err err = {0};

    assert_int_equal(parts_parse(&parts, shares, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(
            time_order_add(&order, times[i], strlen(times[i]), &err), 0);
    if (time_order_cut(&order, &parts, &gap, &err) != 0) {
        snprintf(out, sizeof out, "%s", err.message);
    } else {
        for (size_t i = 0; i < n; i++) {
            size_t part = time_order_part(&order, times[i], strlen(times[i]));
            out[i] = part == TIME_ORDER_GAP ? '-' : parts.names[part][0];
        }
        out[n] = '\0';
    }
    time_order_release(&order);
    parts_release(&parts);
    return out;
}

static void time__earlier_rows_first(void **state)
{
    static const char *const mixed[] = {"9",   "-3", "10", "1e1", "2",
                                        "8.5", "0",  "7",  "6",   "5"};
    static const char *const dates[] = {"2021-05-31", "2020-01-01",
                                        "2021-05-31T08:00", "1999-12-31"};
    static const char *const same[] = {"1", "1", "1", "2"};
    static const char *const years[] = {"1", "1", "1", "2", "2",
                                        "2", "3", "3", "3"};
    const struct time_gap none = {0, 0};

    (void)state;
    assert_string_equal(in_time(mixed, 10, "a=.6,b=.2,c=.2", none),
                        "baccabaaaa");
    assert_string_equal(in_time(dates, 4, "a=.5,b=.5", none), "baba");
    /* Ties go to the side where the cut is nearer. */
    assert_string_equal(in_time(same, 4, "a=.5,b=.5", none), "aaab");
    assert_string_equal(in_time(same, 3, "a=.5,b=.5", none),
                        "--time: no row is left for 'b': too many have the "
                        "same time");
    assert_string_equal(in_time(same, 1, "a=.5,b=.5", none), "a");
    assert_string_equal(in_time(same, 4, "a=.2,b=.8", none), "aaab");
    /* Each part gets a time, though the cuts are nearer to each other. */
    assert_string_equal(in_time(years, 9, "a=.8,b=.1,c=.1", none), "aaabbbccc");
    assert_string_equal(in_time(years, 9, "a=.1,b=.1,c=.8", none), "aaabbbccc");
}

static void time__gaps(void **state)
{
    static const char *const t[] = {"1", "2", "3", "3", "5",
                                    "6", "7", "8", "9", "10"};
    static const char *const d[] = {"2020-02-20", "2020-02-27",
                                    "2020-02-28", "2020-02-28T11:00",
                                    "2020-03-01", "2020-03-02"};

    (void)state;
    assert_string_equal(in_time(t, 10, "a=.5,b=.5", (struct time_gap){1, 0}),
                        "aaaa-bbbbb");
    assert_string_equal(in_time(t, 10, "a=.5,b=.5", (struct time_gap){2, 0}),
                        "aa---bbbbb"); /* 3 is not divided */
    assert_string_equal(in_time(t, 10, "a=.5,b=.5", (struct time_gap){0, 3}),
                        "aa---bbbbb"); /* 3 is 3 before 6 */
    assert_string_equal(
        in_time(t, 10, "a=.4,b=.3,c=.3", (struct time_gap){1, 0}),
        "aa--bb-ccc");
    assert_string_equal(in_time(t, 10, "a=.5,b=.5", (struct time_gap){5, 0}),
                        "--time: the gap leaves no row for 'a'");
    /* Two days before 1 March 2020 is 28 February; its 11:00 is later. */
    assert_string_equal(in_time(d, 6, "a=.6,b=.4", (struct time_gap){0, 2}),
                        "aa--bb");
    assert_string_equal(in_time(d, 6, "a=.6,b=.4", (struct time_gap){0, 1.9}),
                        "aaa-bb");
    assert_string_equal(in_time(d, 6, "a=.6,b=.4", (struct time_gap){0, 1e15}),
                        "--time: the gap leaves no row for 'a'");
}

static void time__all_of_one_kind(void **state)
{
    static const char *const wrong[][3] = {
        {"1870", "c. 1870", "c. 1870"},
        {"1870", "2021-05-31", "2021-05-31"},
        {"2021-05-31", "1870", "1870"},
        {"2021-05-31", "2021-02-30", "2021-02-30"},
        {"no date", "9", "no date"},
        {"30/01/2021", "12/05/2020", "30/01/2021"}};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct time_order order = {0};
        struct err err = {0};
        char message[200];
        int status = 0;
        for (int k = 0; k < 2 && status == 0; k++)
            status =
                time_order_add(&order, wrong[i][k], strlen(wrong[i][k]), &err);
        assert_int_equal(status, -1);
        snprintf(message, sizeof message,
                 "not a time as the others: '%s' (a number, or a date as "
                 "2021-05-31; empty cells get no part)",
                 wrong[i][2]);
        assert_string_equal(err.message, message);
        time_order_release(&order);
    }
}

/* ---- parts of two sources ---- */

static void parts__of_two_sources(void **state)
{
    static const char *const wrong[] = {"train=1", "train=1,test=.5",
                                        "train=.5,test=1", "train=1,val=1",
                                        "test=1"};
    struct parts first, second;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        parts_parse_two(&first, &second, "test=.25,train=1,testval=.75", &err),
        0);
    assert_true(first.n == 1 && second.n == 2);
    assert_string_equal(second.names[0], "test");
    assert_true(second.shares[1] == .75);
    parts_release(&first);
    parts_release(&second);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(parts_parse_two(&first, &second, wrong[i], &err), -1);
        assert_int_equal(err.kind, ERR_USAGE);
        parts_release(&first);
        parts_release(&second);
    }
}

/* ---- splitter ---- */

/* All passes over the reader but the last. */
static int passes(struct splitter *s, struct csv_reader *reader,
                  struct err *err)
{
    while (splitter_next_pass(s)) {
        int seen = 0;
        while (seen == 0 && csv_reader_next(reader, err) == 1)
            seen = splitter_see(s, reader, err);
        if (seen < 0 || splitter_end_pass(s, err) != 0 ||
            csv_reader_rewind(reader, err) != 0)
            return -1;
    }
    return 0;
}

/* The parts that the rows get, one initial each, or the error. */
static const char *split(const char *text, struct splitter_options options)
{
    static char out[2000];
    struct csv_reader *reader = scratch_reader(text, true);
    struct splitter s;
    struct split_row row;
    struct err err = {0};
    size_t n = 0;

    parts_parse(&options.parts, "train=.5,val=.25,test=.25", &err);
    if (splitter_init(&s, reader, &options, &err) != 0 ||
        passes(&s, reader, &err) != 0) {
        snprintf(out, sizeof(out), "%s", err.message);
    } else {
        while (csv_reader_next(reader, &err) == 1) {
            assert_int_equal(splitter_row(&s, reader, &row, &err), 0);
            for (size_t i = 0; i < row.copies; i++)
                out[n++] = row.part[0];
        }
        out[n] = '\0';
    }
    splitter_release(&s);
    parts_release(&options.parts);
    csv_reader_close(reader);
    return out;
}

static size_t count_of(const char *text, char c)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

static const char split_text[] =
    "label,split\na,train\na,\nb,test\nb,\na,\nb,\na,X\nb,\n";

static void splitter__modes(void **state)
{
    struct splitter_options o = {.seed = 1, .label = "label"};
    const char *got;

    (void)state;
    assert_memory_equal(split(split_text, o), "there is a column 'split' al",
                        28);
    o.mode = SPLIT_REPLACE;
    got = split(split_text, o);
    assert_int_equal(strlen(got), 8);
    assert_int_equal(count_of(got, 't'), 6);
    assert_int_equal(count_of(got, 'v'), 2);
    o.mode = SPLIT_FILL;
    got = split(split_text, o);
    assert_true(got[0] == 't' && got[2] == 't' && got[6] == 'X');
    assert_int_equal(strlen(got), 8);
    assert_int_equal(count_of(got, 'v') + count_of(got, 't'), 7);
    o.mode = SPLIT_WITHIN;
    o.within = "X";
    got = split("label,split\na,X\na,K\nb,X\nb,X\nb,X\n", o);
    assert_int_equal(got[1], 'K');
    assert_int_equal(count_of(got, 'v'), 1);
    o.mode = SPLIT_FILL;
    assert_string_equal(split("label\na\n", o),
                        "--fill: there is no column 'split'");
}

static void splitter__fill_follows_the_group(void **state)
{
    struct splitter_options o = {.seed = 1, .mode = SPLIT_FILL, .group = "g"};

    (void)state;
    assert_string_equal(split("g,split\na,X\na,\nb,val\nb,\na,\nb,val\n", o),
                        "XXvvXv");
}

static void splitter__subset_before_parts(void **state)
{
    struct splitter_options o = {
        .seed = 1, .label = "label", .subset = {.rows = 4}};
    const char *got = split("label\na\na\na\na\nb\nb\nb\nb\n", o);

    (void)state;
    assert_int_equal(strlen(got), 4);
    assert_int_equal(count_of(got, 'v'), 1);
}

static void splitter__recode_adds_up(void **state)
{
    struct csv_reader *reader = scratch_reader("label\na\nb\nc\nd\n", true);
    char *plan = scratch_text("plan.csv", "class,into\na,b\nb,c\nx,y\n");
    struct splitter_options o = {.label = "label"};
    struct splitter s;
    struct split_row row;
    struct err err = {0};
    struct buf out = {0};

    (void)state;
    parts_parse(&o.parts, "train=1", &err);
    assert_int_equal(splitter_init(&s, reader, &o, &err), 0);
    assert_int_equal(recoding_read(&s.recoding, plan, 0, &err), 0);
    assert_int_equal(passes(&s, reader, &err), 0);
    while (csv_reader_next(reader, &err) == 1) {
        assert_int_equal(splitter_row(&s, reader, &row, &err), 0);
        buf_add_text(&out, row.label ? row.label : "-");
    }
    assert_string_equal(out.data, "cc--");
    assert_int_equal(s.recoded, 2);
    buf_release(&out);
    splitter_release(&s);
    parts_release(&o.parts);
    csv_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(select__as_sorted),
        cmocka_unit_test(select__keys_keep_order),
        cmocka_unit_test(subset__nested_over_many_sizes),
        cmocka_unit_test(subset__amounts),
        cmocka_unit_test(subset__classes),
        cmocka_unit_test(subset__ties_and_no_label),
        cmocka_unit_test(balance__over_under_weight),
        cmocka_unit_test(grouping__connected_through_others),
        cmocka_unit_test(grouping__old_parts),
        cmocka_unit_test(near__normalised_text),
        cmocka_unit_test(near__similar_text),
        cmocka_unit_test(near__numbers),
        cmocka_unit_test(near__numbers_and_text),
        cmocka_unit_test(near__as_all_pairs),
        cmocka_unit_test(time__earlier_rows_first),
        cmocka_unit_test(time__gaps),
        cmocka_unit_test(time__all_of_one_kind),
        cmocka_unit_test(parts__of_two_sources),
        cmocka_unit_test(splitter__modes),
        cmocka_unit_test(splitter__fill_follows_the_group),
        cmocka_unit_test(splitter__subset_before_parts),
        cmocka_unit_test(splitter__recode_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
