#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/shell_word.h"
#include "stream/advice.h"
#include "stream/advice_command.h"

static void assert_word(const char *word, const char *quoted)
{
    struct buf out = {0};

    shell_word(&out, word);
    assert_string_equal(out.data, quoted);
    buf_release(&out);
}

static void shell_word__quotes_what_a_shell_would_take(void **state)
{
    (void)state;
    assert_word("title", "title");
    assert_word("20%,40%", "20%,40%");
    assert_word("two words", "'two words'");
    assert_word("$HOME", "'$HOME'");
    assert_word("it's", "'it'\\''s'");
    assert_word("", "''");
    assert_word("ä", "'ä'");
    assert_word("~", "'~'");
}

static void command_train__goes_on_from_what_was_set(void **state)
{
    struct tried tried = {.net = mem_strdup("lenet"),
                          .label = mem_strdup("digit"),
                          .columns = mem_strdup(" --shape 8x8x1")};
    struct buf out = {0};

    (void)state;
    tried_add(&tried, "hidden", "120,84", false);
    tried_add(&tried, "dropout", "0.3", true);
    list_add(&tried.features, "a b");
    list_add(&tried.features, "c,d");
    command_train(&out, &tried, &(struct override){"weight_decay", "0.1"}, 1);
    assert_string_equal(out.data,
                        "assay train --label digit --features 'a b,\"c,d\"' "
                        "--shape 8x8x1 --net lenet --dropout 0.3 "
                        "--weight-decay 0.1");
    buf_clear(&out); /* what was set for lenet may not fit another network */
    command_train(&out, &tried, &(struct override){"net", "resnet"}, 1);
    assert_string_equal(out.data,
                        "assay train --label digit --features 'a b,\"c,d\"' "
                        "--shape 8x8x1 --net resnet");
    buf_clear(&out); /* turned off */
    command_train(&out, &tried, &(struct override){"dropout", NULL}, 1);
    assert_null(strstr(out.data, "dropout"));
    buf_release(&out);
    tried_release(&tried);
}

static struct split_errors counted(double errors, double n)
{
    return (struct split_errors){true, n, errors};
}

/* The first piece of advice must begin so. */
static void assert_first(double goal, const struct split_errors *part,
                         const char *begin)
{
    struct gaps gaps;
    struct rows rows;
    const char *note;

    gaps_measure(goal, part, &gaps);
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    advice_rows(&rows, &gaps, goal, part, NULL);
    assert_true(rows_n(&rows) >= 1);
    note = rows_cell(&rows, 0, 7);
    if (strncmp(note, begin, strlen(begin)) != 0)
        fail_msg("'%s' does not begin with '%s'", note, begin);
    for (size_t r = 0; r < rows_n(&rows); r++)
        assert_non_null(strstr(rows_cell(&rows, r, 7), ": assay "));
    rows_release(&rows);
}

static void advice_rows__which_case(void **state)
{
    struct split_errors part[SPLIT_COUNT] = {[SPLIT_TRAIN] = counted(100, 1000),
                                             [SPLIT_VAL] = counted(104, 1000),
                                             [SPLIT_TEST] = counted(98, 1000)};

    (void)state;
    assert_first(0, part, "bigger model");
    assert_first(.1, part, "the goal is reached within noise");
    assert_first(.2, part, "the goal is reached: the error on test of 0.098");
    part[SPLIT_VAL] = counted(100, 1000);
    assert_first(.2, part, "the goal is reached: the error on test of 0.098");
    part[SPLIT_TRAIN] = counted(1, 1000); /* though it overfits */
    assert_first(.2, part, "the goal is reached: the error on test of 0.098");
    assert_first(.1, part, "more training data");
    part[SPLIT_TRAIN] = counted(100, 1000);
    part[SPLIT_VAL] = counted(12, 100);
    part[SPLIT_TEST] = counted(14, 100);
    assert_first(.1, part, "no gap is beyond noise: to tell");
    part[SPLIT_TRAIN].present = false;
    assert_first(.1, part, "no rows of split 'train'");
    part[SPLIT_TRAIN] = (struct split_errors){true, 0, 0}; /* n not known */
    part[SPLIT_VAL] = part[SPLIT_TEST] = part[SPLIT_TRAIN];
    assert_first(0, part, "no gap: the goal is reached");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shell_word__quotes_what_a_shell_would_take),
        cmocka_unit_test(command_train__goes_on_from_what_was_set),
        cmocka_unit_test(advice_rows__which_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
