#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static struct progress progress;
static char *screen;
static size_t screen_size;

static void start(enum progress_mode mode, bool quiet, int columns)
{
    progress_init(&progress, mode, quiet, "train\033");
    progress.view.out = open_memstream(&screen, &screen_size);
    progress.view.columns = columns;
    progress.view.utf8 = false;
}

static int teardown(void **state)
{
    (void)state;
    fclose(progress.view.out);
    free(screen);
    return 0;
}

static const char *drawn(void)
{
    fflush(progress.view.out);
    return screen;
}

/* As if `seconds` had passed since the last redraw. */
static void wait_for(double seconds)
{
    progress.first_time -= seconds;
    progress.last_time -= seconds;
}

static void progress_step__draws_and_clears(void **state)
{
    (void)state;
    start(PROGRESS_ALWAYS, true, 80);
    progress_step(&progress, 0, 100, NULL);
    assert_string_equal(drawn(), "\rtrain?  --------------------  0/100");
    wait_for(30);
    progress_step(&progress, 30, 100, "val error\n0.126");
    assert_non_null(strstr(drawn(), "\rtrain?  ######--------------  30/100  "
                                    "val error 0.126  1:10 left"));
    progress_done(&progress);
    assert_int_equal(strlen(drawn()), 36 + 65 + 66);
    assert_int_equal(drawn()[36 + 65], '\r');
    assert_int_equal(strspn(drawn() + 36 + 66, " "), 64);
    assert_int_equal(drawn()[36 + 65 + 65], '\r');
    progress_done(&progress);
    assert_int_equal(drawn()[screen_size - 1], '\r');
    teardown(state);
}

static void progress_step__at_most_ten_a_second(void **state)
{
    (void)state;
    start(PROGRESS_ALWAYS, false, 80);
    progress_step(&progress, 0, 1000, NULL);
    progress.last_time += 1000; /* whatever this machine is busy with */
    for (size_t i = 1; i < 1000; i++)
        progress_step(&progress, i, 1000, NULL);
    assert_string_equal(drawn(), "\rtrain?  --------------------  0/1000");
    wait_for(1000.2);
    progress_step(&progress, 999, 1000, NULL);
    assert_non_null(strstr(drawn(), "999/1000"));
    teardown(state);
}

static void progress_step__shorter_line_covers_longer(void **state)
{
    (void)state;
    start(PROGRESS_ALWAYS, false, 80);
    progress_step(&progress, 5, 0, "abc");
    wait_for(1);
    progress_step(&progress, 6, 0, "");
    assert_string_equal(drawn(), "\rtrain?  5  abc\rtrain?  6     ");
    teardown(state);
}

static void progress_step__resumed(void **state)
{
    (void)state;
    start(PROGRESS_ALWAYS, false, 80);
    progress_step(&progress, 40, 100, NULL);
    wait_for(7300);
    progress_step(&progress, 60, 100, NULL);
    assert_non_null(strstr(drawn(), "  60/100  4:03:20 left"));
    teardown(state);
}

/* Parts of what is counted: whole ones are shown, the time is of the parts. */
static void progress_step__scale(void **state)
{
    (void)state;
    start(PROGRESS_ALWAYS, true, 80);
    progress.scale = 1000;
    progress_step(&progress, 0, 0, NULL);
    assert_false(progress_due(&progress));
    wait_for(10);
    assert_true(progress_due(&progress));
    progress_step(&progress, 500, 2000, "");
    assert_non_null(strstr(drawn(), "\rtrain?  #####---------------  0/2  0:30 "
                                    "left"));
    wait_for(20);
    progress_step(&progress, 1500, 2000, "");
    assert_non_null(strstr(drawn(), "  1/2  0:10 left"));
    teardown(state);
}

static void progress_step__never_wraps(void **state)
{
    (void)state;
    for (int columns = 20; columns < 100; columns++) {
        start(PROGRESS_ALWAYS, false, columns);
        progress.view.utf8 = columns % 2;
        progress_step(&progress, 0, 7, "漢字漢字 a rather long remark");
        wait_for(1);
        progress_step(&progress, 3, 7, "漢字漢字 a rather long remark");
        for (const char *line = drawn(); *line;) {
            size_t len = strcspn(line, "\r");
            assert_true(text_width(line, len) < (size_t)columns);
            line += len + (line[len] == '\r');
        }
        teardown(state);
    }
}

static void progress_init__modes(void **state)
{
    (void)state;
    start(PROGRESS_NEVER, false, 80);
    progress_step(&progress, 1, 2, NULL);
    progress_done(&progress);
    assert_string_equal(drawn(), "");
    teardown(state);
    start(PROGRESS_AUTO, true, 80);
    progress_step(&progress, 1, 2, NULL);
    assert_string_equal(drawn(), "");
    teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_step__draws_and_clears),
        cmocka_unit_test(progress_step__at_most_ten_a_second),
        cmocka_unit_test(progress_step__shorter_line_covers_longer),
        cmocka_unit_test(progress_step__resumed),
        cmocka_unit_test(progress_step__scale),
        cmocka_unit_test(progress_step__never_wraps),
        cmocka_unit_test(progress_init__modes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
