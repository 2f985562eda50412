#include "analysis/data_checks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "fixture.h"
#include "scratch.h"
#include "table/cell_kind.h"
#include "table/spelling.h"
#include "table/table.h"

enum { ROWS = 200 };

static void cell_kind__examples(void **state)
{
    static const struct {
        const char *text;
        enum cell_kind kind;
    } cases[] = {{"12 cm", CELL_MEASURE},
                 {"12cm", CELL_MEASURE},
                 {"$3.50", CELL_MEASURE},
                 {"\xc2\xa3"
                  "1,200",
                  CELL_MEASURE},
                 {"c. 1880", CELL_MEASURE},
                 {"ca.1880", CELL_MEASURE},
                 {"EUR 5", CELL_MEASURE},
                 {"85%", CELL_MEASURE},
                 {"3,5", CELL_MEASURE},
                 {"1.023,50", CELL_MEASURE},
                 {"1 200", CELL_MEASURE},
                 {"19th", CELL_MEASURE},
                 {"1809-1811", CELL_RANGE},
                 {"[1871?]", CELL_RANGE},
                 {"10:30", CELL_RANGE},
                 {"c.1756\xe2\x80\x93"
                  "7",
                  CELL_RANGE},
                 {"1809-11-03", CELL_ISO_DATE},
                 {"1809-11-03 10:30", CELL_ISO_DATE},
                 {"3/11/1809", CELL_OTHER_DATE},
                 {"03.11.09", CELL_OTHER_DATE},
                 {"London", CELL_OTHER},
                 {"A12", CELL_OTHER},
                 {"5a", CELL_OTHER},
                 {"1.2.3", CELL_OTHER},
                 {"12 x 30 cm", CELL_OTHER},
                 {"Type 1", CELL_OTHER},
                 {"9 to 5", CELL_OTHER},
                 {"12 Monkeys and a Cat", CELL_OTHER},
                 {"", CELL_OTHER},
                 {"-", CELL_OTHER}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (cell_kind(cases[i].text, strlen(cases[i].text)) != cases[i].kind)
            fail_msg("'%s' is %d", cases[i].text,
                     (int)cell_kind(cases[i].text, strlen(cases[i].text)));
}

static bool one_key(const char *a, const char *b)
{
    struct buf x = {0}, y = {0};
    bool one;

    spelling_key(&x, a, strlen(a));
    spelling_key(&y, b, strlen(b));
    one = strcmp(x.data, y.data) == 0;
    buf_release(&x);
    buf_release(&y);
    return one;
}

static void spelling_key__examples(void **state)
{
    (void)state;
    assert_true(one_key("London", " LONDON "));
    assert_true(one_key("London", "london."));
    assert_true(one_key("never-married", "Never_Married"));
    assert_true(one_key("U.S.", "US"));
    assert_true(one_key("1", "1.0"));
    assert_true(one_key("\xc3\xa9t\xc3\xa9", "e\xcc\x81te\xcc\x81"));
    assert_true(one_key("\xef\xbc\xa1"
                        "B",
                        "ab")); /* full width */
    assert_false(one_key("<=50K", ">50K"));
    assert_false(one_key("A", "A-"));
    assert_false(one_key("C", "C++"));
    assert_false(one_key("1", "-1"));
    assert_false(one_key("v1.5", "v15"));
    assert_false(one_key("?", "-"));
    assert_false(one_key("20-29", "2029"));
}

/* ---- tables of 200 rows: a number, a word, what is tried, the label ---- */

typedef void cell(struct buf *out, size_t i, size_t label, struct rng *rng);

static char *rows_with(cell *add)
{
    static const char *const places[] = {"Bath", "Riga", "Lyon"};
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 1, 99);
    buf_add_text(&text, "size,place,tried,split,label\n");
    for (size_t i = 0; i < ROWS; i++) {
        size_t label = rng_below(&rng, 2);
        buf_printf(&text, "%.3f,%s,", rng_normal(&rng),
                   places[rng_below(&rng, 3)]);
        add(&text, i, label, &rng);
        buf_printf(&text, ",%s,%c\n", i < 150 ? "train" : "test",
                   (int)('a' + label));
    }
    return text.data;
}

/* The findings of all checks of columns. */
static struct findings check(char *text, const struct schema_request *request)
{
    struct csv_reader *reader = scratch_reader(text, true);
    struct findings found = {0};
    struct schema schema;
    struct table table;
    struct buf notes = {0};
    struct err err = {0};

    assert_int_equal(schema_infer(&schema, reader, request, &notes, &err), 0);
    assert_int_equal(csv_reader_rewind(reader, &err), 0);
    assert_int_equal(table_init(&table, &schema, reader, &err), 0);
    assert_int_equal(table_read(&table, reader, &err), 0);
    check_giveaway(&table, &found);
    check_spellings(&table, &found);
    check_outliers(&table, &found);
    check_columns(&table, &found);
    check_missing(&table, 1, &found);
    table_release(&table);
    schema_release(&schema);
    csv_reader_close(reader);
    buf_release(&notes);
    free(text);
    return found;
}

static const struct finding *find(const struct findings *all, const char *name)
{
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->at[i].check, name) == 0)
            return &all->at[i];
    fail_msg("no finding '%s'", name);
    return NULL;
}

/* Only `name` finds something, of the column `tried`, and says `word`. */
static void assert_found(cell *add, const char *name,
                         enum finding_status status, const char *word)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct findings all = check(rows_with(add), &request);
    const struct finding *f = find(&all, name);

    assert_int_equal(f->status, status);
    assert_string_equal(f->subject, "tried");
    if (!strstr(f->advice, word))
        fail_msg("'%s' does not say '%s'", f->advice, word);
    for (size_t i = 0; i < all.n; i++)
        if (strcmp(all.at[i].check, name) != 0 &&
            all.at[i].status != FINDING_OK)
            fail_msg("%s: %s", all.at[i].check, all.at[i].advice);
    findings_release(&all);
}

static void a_number(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)i;
    (void)label;
    buf_printf(out, "%.4f", exp(rng_normal(rng)));
}

static void check_columns__clean(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct findings all = check(rows_with(a_number), &request);

    (void)state;
    assert_int_equal(findings_count(&all, FINDING_OK), all.n);
    assert_int_equal(all.n, 10);
    findings_release(&all);
}

static void one_value(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)i, (void)label, (void)rng;
    buf_add_text(out, "mm");
}

static void one_in_training(struct buf *out, size_t i, size_t label,
                            struct rng *rng)
{
    (void)label, (void)rng;
    buf_printf(out, "%d", i < 150 ? 7 : (int)(i % 3));
}

static void none_in_training(struct buf *out, size_t i, size_t label,
                             struct rng *rng)
{
    (void)label, (void)rng;
    if (i >= 150)
        buf_printf(out, "%zu", i);
}

static void row_numbers(struct buf *out, size_t i, size_t label,
                        struct rng *rng)
{
    (void)label, (void)rng;
    buf_printf(out, "%zu", i % 100);
}

static void check_columns__one_value(void **state)
{
    (void)state;
    assert_found(one_value, "constant", FINDING_WARN, "it tells nothing");
    assert_found(one_in_training, "constant", FINDING_WARN,
                 "it varies elsewhere");
    assert_found(none_in_training, "empty", FINDING_WARN, "not used");
    assert_found(row_numbers, "identifier", FINDING_WARN, "numbers the rows");
}

static void with_unit(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)i, (void)label;
    buf_printf(out, "%.1f cm", 20 + rng_normal(rng));
}

static void with_words(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)i, (void)label;
    if (rng_below(rng, 10) == 0)
        buf_add_text(out, "unknown");
    else
        buf_printf(out, "%zu", (size_t)rng_below(rng, 9));
}

static void two_dates(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    size_t day = 1 + rng_below(rng, 28), month = 1 + rng_below(rng, 12);

    (void)label;
    buf_printf(out, i % 4 ? "1990-%02zu-%02zu" : "%zu/%zu/1990",
               i % 4 ? month : day, i % 4 ? day : month);
}

static void check_columns__looks(void **state)
{
    (void)state;
    assert_found(with_unit, "text_numbers", FINDING_WARN, "without units");
    assert_found(with_words, "text_numbers", FINDING_WARN,
                 "first other cell is 'unknown'");
    assert_found(two_dates, "mixed", FINDING_WARN, "like 1809-11-03");
}

static void spelled(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    static const char *const words[] = {"London", "Oslo", "LONDON "};

    (void)label;
    buf_add_text(out, words[i % 20 == 3 ? 2 : rng_below(rng, 2)]);
}

static void check_spellings__of_a_level(void **state)
{
    (void)state;
    assert_found(spelled, "spellings", FINDING_WARN, " = 'LONDON ' 10");
}

static void copy(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)i;
    buf_printf(out, "%zu", rng_below(rng, 10) ? label : rng_below(rng, 2));
}

static void nearly_number(struct buf *out, size_t i, size_t label,
                          struct rng *rng)
{
    (void)i;
    buf_printf(out, "%.4f", (double)label + .1 * rng_normal(rng));
}

static void telling_word(struct buf *out, size_t i, size_t label,
                         struct rng *rng)
{
    buf_printf(out, "w%zu of w%zu in %s w%zu", i, (size_t)rng_below(rng, 99),
               label ? "fiction" : "facts", (size_t)rng_below(rng, 999));
}

static void check_giveaway__ways(void **state)
{
    (void)state;
    assert_found(copy, "giveaway", FINDING_FAIL, "names the label");
    assert_found(nearly_number, "giveaway", FINDING_FAIL, "names the label");
    assert_found(telling_word, "giveaway", FINDING_FAIL, "names the label");
}

static void far_number(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)label;
    buf_printf(out, "%.2f", i == 41 ? 1234.5 : 20 + rng_normal(rng));
}

static void not_known(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)label;
    buf_printf(out, "%.2f", i % 50 == 5 ? 999 : 20 + 5 * rng_normal(rng));
}

static void billions(struct buf *out, size_t i, size_t label, struct rng *rng)
{
    (void)label;
    buf_printf(out, "%.2f", i == 41 ? 1e9 : 20 + rng_normal(rng));
}

static void check_outliers__values_and_codes(void **state)
{
    (void)state;
    assert_found(far_number, "outliers", FINDING_WARN,
                 "row 42: the highest is 1234.5");
    assert_found(not_known, "outliers", FINDING_WARN, "--missing 999");
    assert_found(billions, "outliers", FINDING_FAIL, "1000000000");
}

static void gap_by_label(struct buf *out, size_t i, size_t label,
                         struct rng *rng)
{
    if (!label || rng_below(rng, 4))
        a_number(out, i, label, rng);
}

static void gap_is_label(struct buf *out, size_t i, size_t label,
                         struct rng *rng)
{
    if (!label)
        a_number(out, i, label, rng);
}

static void gap_by_part(struct buf *out, size_t i, size_t label,
                        struct rng *rng)
{
    if (rng_below(rng, 10) >= (i < 150 ? 1 : 4))
        a_number(out, i, label, rng);
}

static void check_missing__by_label_and_part(void **state)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct findings all = check(rows_with(gap_is_label), &request);

    (void)state;
    assert_int_equal(find(&all, "missingness")->status, FINDING_FAIL);
    assert_int_equal(find(&all, "giveaway")->status, FINDING_FAIL);
    findings_release(&all);
    all = check(rows_with(gap_by_label), &request); /* V is .3 or so */
    assert_true(find(&all, "missingness")->status != FINDING_FAIL);
    findings_release(&all);
    assert_found(gap_by_part, "missing", FINDING_WARN, "by part");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cell_kind__examples),
        cmocka_unit_test(spelling_key__examples),
        cmocka_unit_test(check_columns__clean),
        cmocka_unit_test(check_columns__one_value),
        cmocka_unit_test(check_columns__looks),
        cmocka_unit_test(check_spellings__of_a_level),
        cmocka_unit_test(check_giveaway__ways),
        cmocka_unit_test(check_outliers__values_and_codes),
        cmocka_unit_test(check_missing__by_label_and_part),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
