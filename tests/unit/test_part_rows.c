#include "stream/part_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/mem.h"
#include "stream/by_row.h"

#define FOLDER TEST_DATA "/replicas/"

/* Of replica_rows.txt: the rows, the columns in front of the parts, and the
 * parts of Domingos with the label as a draw, behind those of the label alone.
 */
enum {
    KNOWN_ROWS = 40,
    CLASSES = 4,
    FRONT = 19,
    CHANCE = 15,
    ALL_PARTS = 4 * 3 * PART_COUNT,
    AS_A_DRAW = FRONT + PART_COUNT
};

static double known[KNOWN_ROWS][FRONT + ALL_PARTS];

static void read_known(void)
{
    FILE *file = fixture_open(FOLDER "replica_rows.txt");

    for (size_t i = 0; i < KNOWN_ROWS; i++)
        for (size_t k = 0; k < FRONT + ALL_PARTS; k++)
            assert_int_equal(fscanf(file, "%lf", &known[i][k]), 1);
    fclose(file);
}

/* The row of replica_rows.txt that the id "r17" means. */
static size_t known_row(const char *id)
{
    return strtoul(id + 1, NULL, 10) - 1;
}

/* All predictions, and what each label is a draw from. */
static void add_all(struct prediction_reader *r, struct part_sums *sums,
                    double *chance)
{
    static char path[] = FOLDER "predictions.csv", *paths[] = {path};
    struct csv_options csv = {0};
    struct list names = {0};
    struct err err = {0};

    csv.delimiter = ',';
    assert_int_equal(prediction_reader_open(r, paths, 1, &csv, &names, &err),
                     0);
    assert_int_equal(part_begin(sums, sums->options, r, &err), 0);
    while (prediction_reader_next(r, &err) == 1)
        assert_int_equal(part_add(sums, r, &err), 0);
    assert_int_equal(sums->replicas->ids.count, KNOWN_ROWS);
    for (size_t i = 0; i < KNOWN_ROWS; i++) {
        size_t row = known_row(replica_sums_id(sums->replicas, i));
        for (size_t k = 0; k < CLASSES; k++)
            chance[i * CLASSES + k] =
                known[row][CHANCE + r->classes.text[k][0] - 'a'];
    }
    sums->chance = chance;
}

static double cell(const struct rows *rows, size_t row, const char *column)
{
    const char *text = rows_cell(rows, row, rows_find(rows, column));

    assert_true(*text);
    return strtod(text, NULL);
}

static double part_of(const struct rows *rows, const char *name)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (strcmp(rows_cell(rows, i, 1), name) == 0)
            return cell(rows, i, "value");
    fail_msg("no part '%s'", name);
    return 0;
}

static double mean_known(enum part part)
{
    double sum = 0;

    for (size_t i = 0; i < KNOWN_ROWS; i++)
        sum += known[i][AS_A_DRAW + part];
    return sum / KNOWN_ROWS;
}

/* With the distribution of labels noise is told from bias. */
static void part_rows__labels_are_draws(void **state)
{
    struct part_options options = {.replicas.keep_ids = true, .seed = 1};
    struct part_sums sums = {.options = &options};
    double chance[KNOWN_ROWS * CLASSES];
    struct prediction_reader r;
    struct buf notes = {0};
    struct err err = {0};
    struct rows rows;

    (void)state;
    read_known();
    add_all(&r, &sums, chance);
    rows_init(&rows, "kind,name,class,value,low,high,n,note");
    assert_int_equal(part_rows(&sums, &r, &rows, &notes, &err), 0);
    for (int k = 0; k < PART_COUNT; k++)
        assert_near(part_of(&rows, part_name(PARTS_DOMINGOS, (enum part)k)),
                    mean_known((enum part)k), 1e-9);
    assert_near(part_of(&rows, "noise") + part_of(&rows, "bias") +
                    part_of(&rows, "net_variance"),
                part_of(&rows, "loss"), 1e-9);
    rows_release(&rows);
    buf_release(&notes);
    part_end(&sums);
    prediction_reader_close(&r);
}

static void by_row__noise(void **state)
{
    struct part_options options = {
        .replicas.keep_ids = true, .asked = true, .seed = 1};
    struct part_sums *sums = mem_zalloc(1, sizeof(*sums));
    double chance[KNOWN_ROWS * CLASSES], last = INFINITY;
    struct prediction_reader r;
    struct buf notes = {0};
    struct err err = {0};
    struct rows rows;

    (void)state;
    read_known();
    sums->options = &options;
    add_all(&r, sums, chance);
    assert_int_equal(by_row_rows(sums, &r, &rows, &notes, &err), 0);
    assert_int_equal(rows_n(&rows), KNOWN_ROWS);
    for (size_t i = 0; i < KNOWN_ROWS; i++) {
        const double *want = known[known_row(rows_cell(&rows, i, 0))];
        assert_near(cell(&rows, i, "noise"), want[AS_A_DRAW + PART_NOISE],
                    1e-9);
        assert_near(cell(&rows, i, "bias"), want[AS_A_DRAW + PART_BIAS], 1e-9);
        assert_true(cell(&rows, i, "loss") <= last);
        last = cell(&rows, i, "loss");
    }
    rows_release(&rows);
    buf_release(&notes);
    part_end(sums);
    free(sums);
    prediction_reader_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(part_rows__labels_are_draws),
        cmocka_unit_test(by_row__noise)};

    return cmocka_run_group_tests_name("part_rows", tests, NULL, NULL);
}
