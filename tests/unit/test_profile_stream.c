#include "stream/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile_rows.h"

enum { ROWS = 30000, MESSAGE = 400 };

/* ---- writing and reading ---- */

static void assert_same_again(const struct profile *p)
{
    struct buf text = rows_stream(p), again;
    struct profile back;
    char message[MESSAGE];

    if (rows_read(&back, text.data, message, sizeof(message)) != 0)
        fail_msg("%s", message);
    again = rows_stream(&back);
    assert_string_equal(again.data, text.data);
    profile_release(&back);
    buf_release(&text);
    buf_release(&again);
}

static void stream__the_same_bytes_again(void **state)
{
    static const double accuracy[] = {0, .01, .001};
    static const double shift[] = {0, 4.98765};
    struct profile p;

    (void)state;
    for (size_t a = 0; a < 3; a++)
        for (size_t s = 0; s < 2; s++) {
            p = rows_profile(0, a ? ROWS : 3000, accuracy[a], shift[s]);
            assert_same_again(&p);
            profile_release(&p);
        }
}

/* Of no rows, without items, hashed, with empty ones. */
static void stream__odd_profiles(void **state)
{
    struct profile p = {0};
    char name[40];

    (void)state;
    assert_same_again(&p);
    p = rows_profile(0, 0, .001, 0);
    assert_same_again(&p);
    profile_item(&p, "number", "none", PROFILE_NUMBERS);
    profile_item(&p, "label", "", PROFILE_COUNTS);
    profile_item(&p, "words", "none\"", PROFILE_VOCABULARY);
    for (int i = 0; i < 3000; i++) {
        int len = snprintf(name, sizeof(name), "%d", i);
        level_counts_add(&profile_item(&p, "", "many", PROFILE_COUNTS)->levels,
                         name, (size_t)len, 1);
    }
    assert_same_again(&p);
    profile_release(&p);
    p = rows_profile(0, 1, .001, 0);
    assert_same_again(&p);
    profile_release(&p);
}

static void stream__says_what_was_there(void **state)
{
    struct profile p = rows_profile(0, ROWS, .01, 4.5), q;
    struct buf text = rows_stream(&p);
    struct distribution x, y;
    char message[MESSAGE];
    struct profile_row *row;

    (void)state;
    assert_int_equal(rows_read(&q, text.data, message, sizeof(message)), 0);
    assert_true(q.rows == ROWS && q.accuracy == .01 && q.seed == UINT64_MAX);
    assert_string_equal(q.missing_words.items[1], "a,\"b\"");
    assert_string_equal(q.classes.items[0], ROWS_CLASS);
    assert_string_equal(q.columns[1].name, ROWS_LEVEL);
    assert_string_equal(q.columns[2].role, "label");
    assert_true(q.columns[0].shift == 4.5 && q.columns[0].scale == .125);
    x = quantiles_view(profile_find(&p, "number", ROWS_NUMBER)->numbers);
    y = quantiles_view(profile_find(&q, "number", ROWS_NUMBER)->numbers);
    assert_true(x.n == y.n && x.total == y.total && x.total == ROWS);
    assert_memory_equal(x.x, y.x, x.n * sizeof(*x.x));
    assert_memory_equal(x.weight, y.weight, x.n * sizeof(*x.weight));
    assert_true(x.low == y.low && x.high == y.high);
    assert_memory_equal(&x.moments, &y.moments, sizeof(x.moments));
    assert_true(profile_find(&q, "category", ROWS_LEVEL)->levels.count[0] ==
                profile_find(&p, "category", ROWS_LEVEL)
                    ->levels.count[dict_find(
                        &profile_find(&p, "category", ROWS_LEVEL)->levels.names,
                        "", 0)]);
    assert_memory_equal(profile_find(&p, "words", "")->words.rows,
                        profile_find(&q, "words", "")->words.rows,
                        PROFILE_WORDS);
    assert_memory_equal(&p.features, &q.features, sizeof(p.features));
    assert_int_equal(q.sample.n, 20);
    for (size_t i = 0; i < 20; i++) {
        row = &q.sample.row[i];
        assert_true(row->key == p.sample.row[i].key);
        assert_string_equal(row->cells[1], p.sample.row[i].cells[1]);
        assert_null(row->cells[2]);
        assert_int_equal(row->p != NULL, p.sample.row[i].p != NULL);
        assert_memory_equal(&row->wrong, &p.sample.row[i].wrong, sizeof(float));
    }
    profile_release(&p);
    profile_release(&q);
    buf_release(&text);
}

/* Three digits in, three digits out: short, and the bytes do not depend on the
 * order of rows. */
static void stream__numbers_as_they_stood(void **state)
{
    struct profile up, down;
    struct buf a, b;

    (void)state;
    rows_head(&up, 0, 4.98765);
    rows_head(&down, 0, 4.98765);
    for (size_t i = 0; i < 100; i++) {
        rows_add(&up, i);
        rows_add(&down, 99 - i);
    }
    profile_sample_settle(&up.sample);
    profile_sample_settle(&down.sample);
    memset(&up.features, 0, sizeof(up.features)); /* but for rounding */
    memset(&down.features, 0, sizeof(down.features));
    a = rows_stream(&up);
    b = rows_stream(&down);
    assert_string_equal(a.data, b.data);
    assert_non_null(strstr(a.data, ",0,0 0.125 0.202 0.279 0.356 0.558 "));
    profile_release(&up);
    profile_release(&down);
    buf_release(&a);
    buf_release(&b);
}

/* ---- what is wrong ---- */

/* The stream of a small profile, to be spoilt. */
static const char good[] = "fact,check,subject,name,value\n"
                           "format,,,assay-profile,1\n"
                           "rows,,,,5\n"
                           "accuracy,,,,0.01\n"
                           "seed,,,,1\n"
                           "sample,,,,2\n"
                           "missing,,,NA,\n"
                           "class,,,a,\n"
                           "class,,,b,\n"
                           "column,number,x,feature,1.5 0 1 0\n"
                           "item,number,x,numbers,5 0 10 1 5\n"
                           "sketch,number,x,0,1 2 3\n"
                           "sketch,number,x,1,4\n"
                           "item,label,,counts,\n"
                           "level,label,,a,3\n"
                           "level,label,,b,2\n"
                           "row,,7,00000000000000ff,\"a,b,1,0.25 0.75,2\"\n"
                           "row,,8,0000000000000100,\"a,,,,\"\"\"\"\"\n"
                           "end,,,,17\n";

/* The stream with `was` replaced; to be freed. */
static char *spoilt(const char *was, const char *by)
{
    const char *at = strstr(good, was);
    struct buf text = {0};

    assert_non_null(at);
    buf_add(&text, good, (size_t)(at - good));
    buf_add_text(&text, by);
    buf_add_text(&text, at + strlen(was));
    return text.data;
}

static const struct {
    const char *was, *by, *message;
} wrongs[] = {
    {"assay-profile,1", "assay-profile,2",
     "data.csv:2: column 'value' (field 5): a profile of version '2', this "
     "assay knows version 1"},
    {"assay-profile", "profile",
     "data.csv:2: column 'name' (field 4): not a profile: 'profile'"},
    {"format,,,assay-profile,1\n", "",
     "data.csv:2: column 'fact' (field 1): not the fact 'format', which stands "
     "first: 'rows'"},
    {"rows,,,,5\n", "",
     "data.csv:3: column 'fact' (field 1): not a fact that may stand here: "
     "'accuracy'"},
    {"rows,,,,5", "rows,,,,5.5",
     "data.csv:3: column 'value' (field 5): not a whole number: '5.5'"},
    {"rows,,,,5", "rows,,,,-5",
     "data.csv:3: column 'value' (field 5): not a whole number: '-5'"},
    {"rows,,,,5", "rows,,,,five",
     "data.csv:3: column 'value' (field 5): not a whole number: 'five'"},
    {"0.01", "0.5",
     "data.csv:4: column 'value' (field 5): not 0 or within .0001 and .1: "
     "'0.5'"},
    {"0.01", "nan",
     "data.csv:4: column 'value' (field 5): not a number: 'nan'"},
    {"seed,,,,1", "seed,,,,18446744073709551616",
     "data.csv:5: column 'value' (field 5): not a whole number: "
     "'18446744073709551616'"},
    {"seed,,,,1", "seed,,,, 1",
     "data.csv:5: column 'value' (field 5): not a whole number: ' 1'"},
    {"missing", "misssing",
     "data.csv:7: column 'fact' (field 1): not a fact of a profile: "
     "'misssing'"},
    {"1.5 0 1 0", "1.5 0 1",
     "data.csv:10: column 'value' (field 5): 3 numbers, not 4"},
    {"1.5 0 1 0", "1.5 0 1 x",
     "data.csv:10: column 'value' (field 5): not a number: 'x'"},
    {"1.5 0 1 0", "1.5 0 1 .5",
     "data.csv:10: column 'value' (field 5): not a shift, centre, scale and "
     "width: '1.5 0 1 .5'"},
    {"class,,,a,", "column,number,x,feature,1 0 1 0",
     "data.csv:9: column 'fact' (field 1): not a fact that may stand here: "
     "'class'"},
    {"class,,,a,\nclass,,,b,",
     "column,text,y,feature,0 0 0 0\ncolumn,text,y,feature,0 0 0 0",
     "data.csv:9: column 'subject' (field 3): not a new column: 'y'"},
    {"5 0 10 1 5", "5 0 10 1",
     "data.csv:11: column 'value' (field 5): 4 numbers, not 5"},
    {"5 0 10 1 5", "5 0 10 5 1",
     "data.csv:11: column 'value' (field 5): not moments and a range: '5 0 10 "
     "5 1'"},
    {"5 0 10 1 5", "6 0 10 1 5",
     "data.csv:14: column 'fact' (field 1): 'number' of 'x' before it: numbers "
     "in the sketch: 5, not 6"},
    {"x,numbers", "x,letters",
     "data.csv:11: column 'name' (field 4): not numbers, counts, buckets or "
     "vocabulary: 'letters'"},
    {"x,numbers,5 0 10 1 5", "x,counts,",
     "data.csv:12: column 'fact' (field 1): not a fact of such an item: "
     "'sketch'"},
    {"item,number,x,", "item,number,y,",
     "data.csv:12: column 'subject' (field 3): not the item before it: 'x'"},
    {"x,0,1 2 3", "x,0,1  2 3",
     "data.csv:12: column 'value' (field 5): not a number: ''"},
    {"x,0,1 2 3", "x,0,1 2 3 ",
     "data.csv:12: column 'value' (field 5): not a number: ''"},
    {"x,0,1 2 3", "x,0,1 3 2",
     "data.csv:12: column 'value' (field 5): not numbers in rising order: '1 3 "
     "2'"},
    {"x,0,1 2 3", "x,0,1 2 1e39",
     "data.csv:12: column 'value' (field 5): not numbers a float can hold: '1 "
     "2 1e39'"},
    {"x,0,1 2 3", "x,2,1 2 3",
     "data.csv:13: column 'name' (field 4): not a level after the one before "
     "it: '1'"},
    {"x,1,4", "x,54,4",
     "data.csv:13: column 'name' (field 4): not a whole number: '54'"},
    {"x,1,4", "x,2,4",
     "data.csv:14: column 'fact' (field 1): 'number' of 'x' before it: numbers "
     "in the sketch: 7, not 5"},
    {"item,label,,counts", "item,number,x,counts",
     "data.csv:14: column 'subject' (field 3): not a new item: 'x'"},
    {"level,label,,b", "level,label,,a",
     "data.csv:16: column 'name' (field 4): not a new level: 'a'"},
    {"b,2\nrow", "b,2.5\nrow",
     "data.csv:16: column 'value' (field 5): not a whole number: '2.5'"},
    {"item,label,,counts,\nlevel,label,,a,3\nlevel,label,,b,2",
     "item,label,,buckets,",
     "data.csv:15: column 'fact' (field 1): 'label' of '' before it: "
     "buckets: 0, not 512"},
    {"item,label,,counts,\nlevel,label,,a,3",
     "item,label,,buckets,\nbucket,label,,64,1",
     "data.csv:15: column 'name' (field 4): not the first place that follows: "
     "'64'"},
    {"item,label,,counts,\nlevel,label,,a,3",
     "item,label,,buckets,\nbucket,label,,0,1",
     "data.csv:15: column 'value' (field 5): 1 number, not 64"},
    {"item,label,,counts,\nlevel,label,,a,3",
     "item,label,,vocabulary,\nwords,label,,0,012",
     "data.csv:15: column 'value' (field 5): not 1024 digits from 0 to 2: "
     "'012'"},
    {"item,label,,counts,\nlevel,label,,a,3",
     "item,label,,vocabulary,\nwords,label,,5,0",
     "data.csv:15: column 'name' (field 4): not the first place that follows: "
     "'5'"},
    {"row,,7", "features,,,0,1\nrow,,7",
     "data.csv:17: column 'name' (field 4): not the sums, which stand first: "
     "'0'"},
    {"row,,7", "features,,,sum,1 2\nrow,,7",
     "data.csv:17: column 'value' (field 5): 2 numbers, not 65"},
    {"00000000000000ff", "ff",
     "data.csv:17: column 'name' (field 4): not a key of 16 digits: 'ff'"},
    {"0000000000000100", "0000000000000001",
     "data.csv:18: column 'name' (field 4): not a key after the one before it: "
     "'0000000000000001'"},
    {"sample,,,,2", "sample,,,,1",
     "data.csv:18: column 'fact' (field 1): more than 1 row"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,1,0.25 0.75\"",
     "data.csv:17: column 'value' (field 5): fewer than 5 cells in the row"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,1,0.25 0.75,2,3\"",
     "data.csv:17: column 'value' (field 5): more than 5 cells in the row"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,1,0.25,2\"",
     "data.csv:17: column 'value' (field 5): not 2 numbers a float can hold"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,1,0.25 1e39,2\"",
     "data.csv:17: column 'value' (field 5): not 2 numbers a float can hold"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,yes,0.25 0.75,2\"",
     "data.csv:17: column 'value' (field 5): not a number: 'yes'"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,b,1,0.25 0.75,\"\"2\"",
     "data.csv:17: column 'value' (field 5): cell 5 of the row is not CSV"},
    {"\"a,b,1,0.25 0.75,2\"", "\"a,\"\"b\"\"b,1,0.25 0.75,2\"",
     "data.csv:17: column 'value' (field 5): cell 2 of the row is not CSV"},
    {"level,label,,b,2\n", "",
     "data.csv:18: column 'value' (field 5): 16 facts before it, not 17"},
    {"end,,,,17\n", "", "data.csv: a profile that is not whole: no fact 'end'"},
    {"end,,,,17\n", "end,,,,17\nformat,,,assay-profile,1\n",
     "data.csv:20: column 'fact' (field 1): not the end of the profile (assay "
     "shift --merge joins two): 'format'"},
    {"end,,,,17\n", "end,,,,17\nend,,,,18\n",
     "data.csv:20: column 'fact' (field 1): not the end of the profile (assay "
     "shift --merge joins two): 'end'"},
};

static void reading__each_wrong_fact_with_its_place(void **state)
{
    struct profile p;
    char message[MESSAGE];
    struct buf text;

    (void)state;
    assert_int_equal(rows_read(&p, good, message, sizeof(message)), 0);
    text = rows_stream(&p);
    assert_string_equal(text.data, good);
    buf_release(&text);
    profile_release(&p);
    for (size_t i = 0; i < sizeof(wrongs) / sizeof(*wrongs); i++) {
        char *bad = spoilt(wrongs[i].was, wrongs[i].by);
        assert_int_equal(rows_read(&p, bad, message, sizeof(message)), -1);
        assert_string_equal(message, wrongs[i].message);
        assert_int_equal(p.n_columns, 0);
        free(bad);
    }
}

/* Wherever it is cut off: between two lines, and within one. */
static void reading__cut_off(void **state)
{
    struct profile p;
    char message[MESSAGE];

    (void)state;
    for (size_t len = strlen("fact,check,subject,name,value\nformat,");
         len < sizeof(good) - 2; len++) {
        char *part = mem_strndup(good, len);
        assert_int_equal(rows_read(&p, part, message, sizeof(message)), -1);
        assert_true(*message);
        free(part);
    }
}

static void reading__what_is_a_profile(void **state)
{
    struct csv_reader *reader = scratch_reader(good, false);

    (void)state;
    assert_true(profile_is(reader));
    csv_reader_close(reader);
    reader = scratch_reader("value,run,fact,check,subject,name\n1,2,3,4,5,6\n",
                            false);
    assert_true(profile_is(reader));
    csv_reader_close(reader);
    reader = scratch_reader("fact,check,subject,value\n1,2,3,4\n", false);
    assert_false(profile_is(reader));
    csv_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream__the_same_bytes_again),
        cmocka_unit_test(stream__odd_profiles),
        cmocka_unit_test(stream__says_what_was_there),
        cmocka_unit_test(stream__numbers_as_they_stood),
        cmocka_unit_test(reading__each_wrong_fact_with_its_place),
        cmocka_unit_test(reading__cut_off),
        cmocka_unit_test(reading__what_is_a_profile),
    };

    return cmocka_run_group_tests_name("profile_stream", tests, NULL,
                                       scratch_remove);
}
