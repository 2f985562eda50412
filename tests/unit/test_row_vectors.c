#include "analysis/row_vectors.h"

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

enum { ROWS = 400 };

/* The table of a file's text, which is freed. */
struct read {
    struct schema schema;
    struct table table;
};

static void read_text(struct read *r, char *text, const char *types)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    struct csv_reader *reader = scratch_reader(text, true);
    struct buf notes = {0};
    struct err err = {0};

    if (*types)
        assert_int_equal(list_add_record(&request.types, types, &err), 0);
    memset(r, 0, sizeof(*r));
    if (schema_infer(&r->schema, reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(reader, &err) != 0 ||
        table_init(&r->table, &r->schema, reader, &err) != 0 ||
        table_read(&r->table, reader, &err) != 0)
        fail_msg("%s", err.message);
    schema_request_release(&request);
    csv_reader_close(reader);
    buf_release(&notes);
    free(text);
}

static void read_release(struct read *r)
{
    table_release(&r->table);
    schema_release(&r->schema);
}

/* Two numbers, one of them with holes, a constant, a level, words. */
static char *rows_text(bool turned, uint64_t seed)
{
    static const char *const places[] = {"Bath", "Riga", "Lyon"},
                             *const words[] = {"a red hen", "", "blue",
                                               "a fox"};
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, seed, 1);
    buf_add_text(&text, turned ? "note,place,same,part,size,label\n"
                               : "size,part,same,place,note,label\n");
    for (size_t i = 0; i < ROWS; i++) {
        double size = 1000 + 6 * rng_normal(&rng);
        const char *place = places[rng_below(&rng, 3)], *note = words[i % 4];
        char part[30];
        snprintf(part, sizeof(part), "%.4f", 100 * rng_uniform(&rng));
        if (i % 10 == 3)
            *part = 0;
        if (turned)
            buf_printf(&text, "%s,%s,7,%s,%.3f,%c\n", note, place, part, size,
                       i % 2 ? 'y' : 'n');
        else
            buf_printf(&text, "%.3f,%s,7,%s,%s,%c\n", size, part, place, note,
                       i % 2 ? 'y' : 'n');
    }
    return text.data;
}

static const char TYPES[] = "same=number,place=category,note=text";

static double length(const float *x)
{
    double sum = 0;

    for (size_t i = 0; i < ROW_VECTOR; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum);
}

static void row_scale__of_a_table(void **state)
{
    struct row_scale scale, other;
    struct read r, s;

    (void)state;
    read_text(&r, rows_text(false, 1), TYPES);
    read_text(&s, rows_text(false, 2), TYPES);
    row_scale_of(&scale, &r.table);
    row_scale_of(&other, &s.table);
    assert_near((double)scale.scale[0], 1. / 8, 0);  /* 6 */
    assert_near((double)scale.centre[0], 0, 0);      /* of what is shifted */
    assert_near((double)scale.scale[1], 1. / 32, 0); /* 29 */
    assert_near((double)scale.scale[2], 0, 0);       /* a constant */
    assert_memory_equal(scale.scale, other.scale, 3 * sizeof(float));
    assert_memory_equal(scale.centre, other.centre, 3 * sizeof(float));
    for (size_t i = 0; i < ROWS; i++) {
        r.table.numbers[3 * i] += 100; /* rows of another schema */
        r.table.numbers[3 * i + 1] = NAN;
    }
    r.table.numbers[0] = 1e9f; /* one that is far off */
    row_scale_release(&scale);
    row_scale_of(&scale, &r.table);
    assert_near((double)scale.centre[0], 6 * 16, 0);
    assert_near((double)scale.scale[0], 1. / 8, 0);
    assert_near((double)scale.scale[1], 0, 0);
    row_scale_release(&scale);
    row_scale_release(&other);
    read_release(&r);
    read_release(&s);
}

static void row_vectors__any_order(void **state)
{
    static float x[ROWS][ROW_VECTOR], y[ROWS][ROW_VECTOR];
    struct row_scale scale, turned;
    size_t row[ROWS];
    struct read r, s;

    (void)state;
    read_text(&r, rows_text(false, 1), TYPES);
    read_text(&s, rows_text(true, 1), TYPES);
    row_scale_of(&scale, &r.table);
    row_scale_of(&turned, &s.table);
    for (size_t i = 0; i < ROWS; i++)
        row[i] = i;
    row_vectors(&r.table, &scale, row, ROWS, x[0]);
    row_vectors(&s.table, &turned, row, ROWS, y[0]);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < ROW_VECTOR; k++)
            assert_near((double)x[i][k], (double)y[i][k], 1e-5);
    row_vectors(&r.table, &scale, row + 5, 1, y[0]); /* a row alone */
    assert_memory_equal(x[5], y[0], sizeof(y[0]));
    row_scale_release(&scale);
    row_scale_release(&turned);
    read_release(&r);
    read_release(&s);
}

/* What changes in a vector when one cell does. */
static void row_vectors__of_cells(void **state)
{
    static float x[2][ROW_VECTOR];
    size_t row[] = {0, 4};
    struct row_scale scale;
    struct table *t;
    struct read r;

    (void)state;
    read_text(&r, rows_text(false, 1), TYPES);
    row_scale_of(&scale, &r.table);
    t = &r.table;
    for (size_t c = 0; c < 3; c++)
        t->numbers[12 + c] = t->numbers[c];
    t->levels[4] = t->levels[0];
    row_vectors(t, &scale, row, 2, x[0]); /* notes are the same */
    assert_memory_equal(x[0], x[1], sizeof(x[0]));

    t->numbers[0] = 1e20f;
    t->numbers[12] = scale.centre[0];
    row_vectors(t, &scale, row, 2, x[0]);
    for (size_t k = 0; k < ROW_VECTOR; k++)
        x[0][k] -= x[1][k];
    assert_near(length(x[0]), 8, 1e-6);

    t->numbers[0] = NAN;
    row_vectors(t, &scale, row, 2, x[0]);
    for (size_t k = 0; k < ROW_VECTOR; k++)
        x[0][k] -= x[1][k];
    assert_near(length(x[0]), 1, 1e-6);

    t->numbers[0] = t->numbers[12];
    t->levels[0] = LEVEL_UNSEEN;
    row_vectors(t, &scale, row, 2, x[0]);
    for (size_t k = 0; k < ROW_VECTOR; k++)
        x[0][k] -= x[1][k];
    assert_near(length(x[0]), sqrt(2), 1e-6);
    row_vectors(t, &scale, row, 0, x[0]);
    row_scale_release(&scale);
    read_release(&r);
}

/* A table of many numbers gives vectors no longer than one of 64. */
static void row_vectors__many_numbers(void **state)
{
    static float x[100][ROW_VECTOR];
    struct buf text = {0};
    struct row_scale scale;
    size_t row[100];
    double mean = 0;
    struct read r;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1);
    for (size_t i = 0; i < 101; i++)
        for (size_t c = 0; c < 300; c++)
            if (i)
                buf_printf(&text, "%.4f%c", rng_normal(&rng),
                           c < 299 ? ',' : '\n');
            else
                buf_printf(&text, "c%zu%c", c, c < 299 ? ',' : '\n');
    read_text(&r, text.data, "");
    row_scale_of(&scale, &r.table);
    for (size_t i = 0; i < 100; i++)
        row[i] = i;
    row_vectors(&r.table, &scale, row, 100, x[0]);
    for (size_t i = 0; i < 100; i++)
        mean += length(x[i]) / 100;
    assert_between(mean, 6, 10);
    row_scale_release(&scale);
    read_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_scale__of_a_table),
        cmocka_unit_test(row_vectors__any_order),
        cmocka_unit_test(row_vectors__of_cells),
        cmocka_unit_test(row_vectors__many_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
