#include "csv/sequencer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "records.h"
#include "scratch.h"

#include "csv/output.h"
#include "csv/writer.h"

/* ---- helpers: --sequence k, lists as "a,b" ---- */

static struct list list_of(const char *names)
{
    struct list list = {0};
    struct err err;

    if (*names)
        assert_int_equal(list_add_record(&list, names, &err), 0);
    return list;
}

static void assert_options(const char *text, const struct csv_options *options,
                           const char *expected)
{
    char *paths[] = {scratch_text("f", text)};
    struct buf got = contents(paths, 1, options);

    assert_string_equal(got.data, expected);
    buf_release(&got);
}

static void assert_long(const char *text, const char *expected)
{
    assert_options(text, &(struct csv_options){.sequence = "k"}, expected);
}

/* ---- what becomes of columns and records ---- */

static void sequencer__one_record_a_sequence(void **state)
{
    (void)state;
    assert_long("k,a,b,label\n1,1,2,x\n1,3,4,x\n2,5,6,y\n3,-1e-3,8.50,x\n"
                "3,.5,+1,x\n",
                "k|label|sequence|;2:1|x|1 2;3 4|;4:2|y|5 6|;"
                "5:3|x|-1e-3 8.50;.5 +1|;");
    assert_long("a,id,k,split\n1,7,z,t\n2,7,z,t\n", "id|k|split|sequence|;"
                                                    "2:7|z|t|1;2|;");
    assert_long("a,k\n1,z", "k|sequence|;2:z|1|;");
}

static void sequencer__which_columns(void **state)
{
    static const char text[] = "k,t,a,b,c,label\n1,0,1,2,3,x\n1,5,4,5,6,x\n";
    struct list steps = list_of("c,a,c"), row = list_of("t,no such"),
                other = list_of("b,label"), none = {0};

    (void)state;
    assert_options(text,
                   &(struct csv_options){.sequence = "k",
                                         .step_columns = &none,
                                         .other_columns = &other,
                                         .step_time = "t"},
                   "k|t|b|label|sequence|;2:1|0|2|x|1 3;4 6|;");
    assert_options(text,
                   &(struct csv_options){.sequence = "k",
                                         .step_columns = &steps,
                                         .others_differ = true},
                   "k|t|b|label|sequence|;2:1|0|2|x|3 1;6 4|;");
    assert_options(text,
                   &(struct csv_options){.sequence = "k",
                                         .step_columns = &steps,
                                         .other_columns = &other,
                                         .step_time = "t"},
                   "k|t|b|label|sequence|;2:1|0|2|x|3 1;6 4|;");
    assert_options(text,
                   &(struct csv_options){.sequence = "k", .row_columns = &row},
                   "k|t|label|sequence|;!1 f:3: column 't' (field 2): '5', but "
                   "sequence '1' began with '0'");
    assert_options(text,
                   &(struct csv_options){.sequence = "k",
                                         .step_columns = &steps,
                                         .row_columns = &row},
                   "k|t|b|label|sequence|;!1 f:3: column 't' (field 2): '5', "
                   "but sequence '1' began with '0'");
    list_release(&steps);
    list_release(&row);
    list_release(&other);
}

static void sequencer__impossible_columns(void **state)
{
    struct list label = list_of("a,label"), unknown = list_of("a,zz"),
                row = list_of("a");
    struct csv_options o = {.sequence = "k", .step_columns = &label};

    (void)state;
    assert_options("k,a,label\n1,2,x\n", &o,
                   "!4 f: column 'label' has one cell a sequence: it cannot be "
                   "a value of its steps");
    o.step_columns = &unknown;
    assert_options("k,a,label\n1,2,x\n", &o,
                   "!1 f: no column 'zz' (there are: k, a, label)");
    o = (struct csv_options){.sequence = "k", .row_columns = &row};
    assert_options("k,a,label\n1,2,x\n", &o,
                   "!1 f: no column is left for the values of the steps");
    o = (struct csv_options){.sequence = "k", .step_time = "t"};
    assert_options("k,a,label\n1,2,x\n", &o,
                   "!1 f: no column 't' (there are: k, a, label)");
    o = (struct csv_options){.sequence = "key"};
    assert_options("k,a\n1,2\n", &o, "!1 f: no column 'key' (there are: k, a)");
    assert_long("k,sequence,a\n1,2,x\n",
                "!1 f: there is a column 'sequence' already: long rows become "
                "a column of this name");
    list_release(&label);
    list_release(&unknown);
    list_release(&row);
}

/* ---- errors in records ---- */

static void sequencer__differing_cells(void **state)
{
    (void)state;
    assert_long("k,a,label\n5,1,x\n6,1,x\n6,2,x\n6,3,\n",
                "k|label|sequence|;2:5|x|1|;!1 f:5: column 'label' (field 3): "
                "'', but sequence '6' began with 'x'");
    assert_long("k,a,split\n5,1,test\n5,1,train\n",
                "k|split|sequence|;!1 f:3: column 'split' (field 3): 'train', "
                "but sequence '5' began with 'test' (split --hash k "
                "keeps sequences together)");
}

static void sequencer__keys(void **state)
{
    (void)state;
    assert_long("k,a\n5,1\n5,1\n6,2\n5,3\n",
                "k|sequence|;2:5|1;1|;4:6|2|;!1 f:5: sequence '5' goes on "
                "after others: sort the rows by 'k'");
    assert_long("k,a\n5,1\n,2\n",
                "k|sequence|;2:5|1|;!1 f:3: column 'k' (field "
                "1): empty: which sequence is this a step "
                "of");
    assert_long("k,a\n5,1\n05,2\n", "k|sequence|;2:5|1|;3:05|2|;");
}

static void sequencer__time_rises(void **state)
{
    struct csv_options o = {.sequence = "k", .step_time = "t"};

    (void)state;
    assert_options("k,t,a\n1,9,1\n1,10,2\n1,10.5,3\n2,1,1\n", &o,
                   "k|t|sequence|;2:1|9|1;2;3|;5:2|1|1|;");
    assert_options("k,t,a\n1,2023-12-31,1\n1,2024-01-01,2\n", &o,
                   "k|t|sequence|;2:1|2023-12-31|1;2|;");
    assert_options("k,t,a\n1,9,1\n1,10,2\n1,10.0,3\n", &o,
                   "k|t|sequence|;!1 f:4: column 't' (field 2): '10.0' after "
                   "'10': the steps of sequence '1' are not in order");
    assert_options("k,t,a\n1,b,1\n1,a,2\n", &o,
                   "k|t|sequence|;!1 f:3: column 't' (field 2): 'a' after "
                   "'b': the steps of sequence '1' are not in order");
}

static void sequencer__values(void **state)
{
    (void)state;
    assert_long("k,a,b\n1,1,2\n1,x,2\n",
                "k|sequence|;!1 f:3: column 'a' (field 2): not a number: 'x', "
                "in a step of a sequence (--features or --exclude says which "
                "columns are in the steps)");
    assert_long("k,a,b\n1,1,2\n1,1,\n",
                "k|sequence|;!1 f:3: column 'b' (field 3): a value of a step "
                "is missing");
    assert_long("k,a,b\n1,,\n2,1,2\n", "k|sequence|;2:1||;3:2|1 2|;");
    assert_long("k,a,b\n1,,2\n",
                "k|sequence|;!1 f:2: column 'a' (field 2): a value of a step "
                "is missing");
    assert_long("k,a,b\n1,,\n1,1,2\n",
                "k|sequence|;!1 f:3: column 'a' (field 2): sequence '1' began "
                "with a step without values");
}

/* ---- the reader around it ---- */

static void sequencer__bad_records_one_by_one(void **state)
{
    struct csv_options o = {.sequence = "k", .skip_bad = true, .reread = true};
    char *paths[] = {scratch_text("f", "k,a\n1,1\n1\n1,2\n2,\xff\n2,3\n")};
    struct err err = {0};
    struct csv_reader *r = csv_reader_open(paths, 1, &o, &err);
    struct buf out = {0};

    (void)state;
    describe(r, &out, &err);
    assert_string_equal(out.data, "k|sequence|;2:1|1;2|;6:2|3|;");
    assert_int_equal(csv_reader_records(r), 2);
    assert_int_equal(csv_reader_skipped(r), 2);
    csv_reader_close(r);
    buf_release(&out);
    assert_long("k,a\n1,1\n1\n", "k|sequence|;!1 f:3: expected 2 fields "
                                 "(header line 1), got 1");
    assert_long("k,a\n", "k|sequence|;!1 f: no rows after the header");
}

static void sequencer__rewound(void **state)
{
    struct csv_options o = {.sequence = "k", .reread = true};
    char *paths[] = {scratch_text("f", "k,a,label\n1,1,x\n1,2,x\n2,3,y\n")};
    struct err err = {0};
    struct csv_reader *r = csv_reader_open(paths, 1, &o, &err);
    struct buf first = {0}, out = {0};

    (void)state;
    describe(r, &first, &err);
    assert_int_equal(csv_reader_records(r), 2);
    for (int i = 0; i < 3; i++) {
        buf_clear(&out);
        assert_int_equal(csv_reader_rewind(r, &err), 0);
        assert_int_equal(csv_reader_records(r), 0);
        if (i == 1) { /* stopped in the middle, a record already read ahead */
            assert_int_equal(csv_reader_next(r, &err), 1);
            assert_int_equal(csv_reader_records(r), 1);
            assert_int_equal(csv_reader_rewind(r, &err), 0);
        }
        describe(r, &out, &err);
        assert_string_equal(out.data, first.data);
        assert_int_equal(csv_reader_next(r, &err), 0);
    }
    csv_reader_close(r);
    buf_release(&first);
    buf_release(&out);
}

/* Columns stand in another order in the second file. */
static void sequencer__several_files(void **state)
{
    struct csv_options o = {.sequence = "k"};
    char *paths[] = {scratch_text("f", "k,a,b,label\n1,1,2,x\n2,3,4,y\n"),
                     scratch_text("g", "label,b,a,k\ny,6,5,2\nz,8,7,3\n")};
    struct err err = {0};
    struct csv_reader *r = csv_reader_open(paths, 2, &o, &err);
    char message[600];

    (void)state;
    assert_int_equal(csv_reader_next(r, &err), 1);
    assert_int_equal(csv_reader_next(r, &err), 1);
    assert_string_equal(csv_reader_fields(r)[2].text, "3 4;5 6");
    assert_string_equal(csv_reader_file(r), paths[0]);
    assert_int_equal(csv_reader_line(r), 3);
    assert_int_equal(csv_reader_field(r, 1), 4);
    assert_int_equal(csv_reader_field(r, 2), 2);
    assert_int_equal(csv_reader_next(r, &err), 1);
    assert_string_equal(csv_reader_file(r), paths[1]);
    assert_int_equal(csv_reader_line(r), 3);
    assert_int_equal(csv_reader_field(r, 1), 1);
    assert_int_equal(csv_reader_field(r, 2), 3);
    err_set(&err, ERR_DATA, "bad");
    csv_reader_blame(r, 2, &err);
    err_format(&err, message, sizeof(message));
    assert_string_equal(message + strlen(scratch_folder) + 1,
                        "g:3: column 'sequence' (field 3): bad");
    assert_int_equal(csv_reader_steps(r)->n, 2);
    assert_string_equal(csv_reader_steps(r)->items[1], "b");
    csv_reader_close(r);
}

/* Cells that are not touched are written as they stood. */
static void sequencer__raw_cells(void **state)
{
    char *paths[] = {scratch_text(
        "f", "\"k\",a,\"the \"\"label\"\"\"\n\"1\",\"5\",\"a, b\"\n1,6,\"a, "
             "b\"\n2,\"7\",\"c\"\n")};
    struct list row = list_of("\"the \"\"label\"\"\"");
    struct csv_options o = {.sequence = "k", .row_columns = &row};
    struct err err = {0};
    struct csv_reader *r = csv_reader_open(paths, 1, &o, &err);
    struct output *out = output_open(scratch_path("out"), &err);
    struct csv_writer w;
    struct buf text;

    (void)state;
    csv_writer_init(&w, out);
    for (size_t i = 0; i < csv_reader_width(r); i++)
        csv_writer_name(&w, r, i);
    assert_int_equal(csv_writer_end(&w, &err), 0);
    while (csv_reader_next(r, &err) == 1) {
        for (size_t i = 0; i < csv_reader_width(r); i++)
            csv_writer_field(&w, &csv_reader_fields(r)[i]);
        assert_int_equal(csv_writer_end(&w, &err), 0);
    }
    assert_int_equal(output_commit(out, &err), 0);
    text = scratch_read(scratch_path("out"));
    assert_string_equal(text.data, "\"k\",\"the \"\"label\"\"\",sequence\n"
                                   "\"1\",\"a, b\",5;6\n2,\"c\",7\n");
    csv_writer_release(&w);
    csv_reader_close(r);
    list_release(&row);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequencer__one_record_a_sequence),
        cmocka_unit_test(sequencer__which_columns),
        cmocka_unit_test(sequencer__impossible_columns),
        cmocka_unit_test(sequencer__differing_cells),
        cmocka_unit_test(sequencer__keys),
        cmocka_unit_test(sequencer__time_rises),
        cmocka_unit_test(sequencer__values),
        cmocka_unit_test(sequencer__bad_records_one_by_one),
        cmocka_unit_test(sequencer__rewound),
        cmocka_unit_test(sequencer__several_files),
        cmocka_unit_test(sequencer__raw_cells),
    };

    return cmocka_run_group_tests_name("sequencer", tests, NULL,
                                       scratch_remove);
}
