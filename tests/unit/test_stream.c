#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include "stream/error_rows.h"
#include "stream/finding.h"
#include "stream/metric.h"
#include "stream/prediction.h"
#include "stream/source.h"
#include "stream/source_table.h"
#include "stream/top_losses.h"

/* ---- the reader ---- */

/* Opens the text with --columns names ("a=b,c=d" or NULL). */
static int open_text(struct prediction_reader *r, const char *text,
                     const char *names, struct err *err)
{
    char *paths[] = {scratch_text("p.csv", text)};
    struct csv_options options = {0};
    struct list list = {0};
    int status;

    if (names)
        assert_int_equal(list_add_record(&list, names, err), 0);
    status = prediction_reader_open(r, paths, 1, &options, &list, err);
    list_release(&list);
    return status;
}

static void must_open(struct prediction_reader *r, const char *text,
                      const char *names)
{
    struct err err = {0};

    if (open_text(r, text, names, &err) != 0)
        fail_msg("%s", err.message);
}

static void must_read(struct prediction_reader *r)
{
    struct err err = {0};

    if (prediction_reader_next(r, &err) != 1)
        fail_msg("%s", err.message);
}

static const char *class_name(const struct prediction_reader *r, size_t k)
{
    return k == CLASS_NONE ? "-" : r->classes.text[k];
}

/* The message of the first failure; its line and field are checked too. */
static void assert_failure(const char *text, const char *names, long line,
                           int field, const char *message)
{
    struct prediction_reader r;
    struct err err = {0};
    int got = open_text(&r, text, names, &err);

    if (got == 0) {
        while ((got = prediction_reader_next(&r, &err)) == 1)
            ;
        prediction_reader_close(&r);
    }
    assert_int_equal(got, -1);
    assert_string_equal(err.message, message);
    assert_int_equal(err.line, line);
    assert_int_equal(err.field, field);
}

static void prediction_reader__full(void **state)
{
    struct prediction_reader r;
    struct err err = {0};

    (void)state;
    must_open(&r,
              "id,split,label,pred,prob,loss,p:a,\"p:b,c\"\n"
              "7,val,a,\"b,c\",.75,1.4,.25,.75\n"
              "8,,,a,.5,,.5,.5\n9,val,a,a,1,0,1,0\n",
              NULL);
    must_read(&r);
    assert_string_equal(class_name(&r, r.row.label), "a");
    assert_string_equal(class_name(&r, r.row.pred), "b,c");
    assert_string_equal(r.splits.text[r.row.split], "val");
    assert_true(r.row.prob == .75 && r.row.loss == 1.4);
    assert_true(r.row.p[0] == .25f && r.row.p[1] == .75f);
    must_read(&r);
    assert_int_equal(r.row.label, CLASS_NONE);
    assert_string_equal(r.splits.text[r.row.split], "test");
    assert_true(isnan(r.row.loss));
    assert_int_equal(r.unlabelled, 1);
    must_read(&r);
    assert_int_equal(prediction_reader_next(&r, &err), 0);
    assert_int_equal(err.kind, ERR_NONE);
    prediction_reader_close(&r);
}

static void prediction_reader__label_and_pred_only(void **state)
{
    struct prediction_reader r;

    (void)state;
    must_open(&r, "pred,label\nx,y\ny,y\n", NULL);
    must_read(&r);
    assert_string_equal(class_name(&r, r.row.label), "y");
    assert_string_equal(class_name(&r, r.row.pred), "x");
    assert_string_equal(r.splits.text[r.row.split], "test");
    assert_true(isnan(r.row.prob) && isnan(r.row.loss) && !r.row.p);
    prediction_reader_close(&r);
}

static void prediction_reader__probabilities_only(void **state)
{
    struct prediction_reader r;

    (void)state;
    must_open(&r, "label,p:a,p:b\na,.25,.75\nb,0,1\na,0,1\nc,.5,.5\n", NULL);
    must_read(&r);
    assert_string_equal(class_name(&r, r.row.pred), "b");
    assert_true(r.row.prob == .75);
    assert_near(r.row.loss, -log(.25), 1e-7);
    must_read(&r);
    assert_true(r.row.loss == 0);
    must_read(&r);
    assert_true(r.row.loss == INFINITY);
    must_read(&r);
    assert_string_equal(class_name(&r, r.row.pred), "a");
    prediction_reader_close(&r);
}

static void prediction_reader__renamed_columns(void **state)
{
    struct prediction_reader r;

    (void)state;
    must_open(&r, "y_true,y_pred,score,label\na,b,.5,zz\nb,b,.5,zz\n",
              "label=y_true,pred=y_pred,prob=score");
    must_read(&r);
    assert_string_equal(class_name(&r, r.row.label), "a");
    assert_string_equal(class_name(&r, r.row.pred), "b");
    assert_true(r.row.prob == .5);
    prediction_reader_close(&r);
    assert_failure("a,b\n1,1\n", "label=a,pred=c", 0, 0,
                   "no column 'c' (there are: a, b)");
    assert_failure("a,b\n1,1\n", "lable=a", 0, 0,
                   "--columns: 'lable=a' is not NAME=COLUMN with NAME one of "
                   "id, split, label, pred, prob, loss, fold, "
                   "replica, train_size");
}

static void prediction_reader__missing_columns(void **state)
{
    (void)state;
    assert_failure("id,pred\n1,a\n", NULL, 0, 0,
                   "no column 'label' (there are: id, pred)");
    assert_failure("id,label\n1,a\n", NULL, 0, 0,
                   "no column 'pred' (there are: id, label)");
}

static void prediction_reader__bad_cells(void **state)
{
    (void)state;
    assert_failure("label,pred,prob\na,a,.5\na,a,x\n", NULL, 3, 3,
                   "not a number: 'x'");
    assert_failure("label,pred,prob\na,a,1.5\n", NULL, 2, 3,
                   "not a probability");
    assert_failure("label,p:a,p:b\na,-.5,1.5\n", NULL, 2, 2,
                   "not a probability");
    assert_failure("label,p:a,p:b\na,,1\n", NULL, 2, 2, "not a probability");
    assert_failure("label,pred\na,\n", NULL, 2, 2, "no prediction");
    assert_failure("label,pred,p:a,p:b\na,a,.5,.5\na,c,.5,.5\n", NULL, 3, 2,
                   "class 'c' has no p: column");
}

static void prediction_reader__sums(void **state)
{
    struct prediction_reader r;

    (void)state;
    must_open(&r, "label,p:a,p:b\na,.5,.5009\na,.4991,.5\n", NULL);
    must_read(&r);
    must_read(&r);
    prediction_reader_close(&r);
    assert_failure("label,p:a,p:b\na,.5,.5\na,.5,.502\n", NULL, 3, 0,
                   "the p: columns sum to 1.002, not 1");
    assert_failure("label,p:a,p:b\na,.5,.498\n", NULL, 2, 0,
                   "the p: columns sum to 0.998, not 1");
}

static void prediction_reader__nothing_shared(void **state)
{
    struct prediction_reader r;
    struct err err = {0};

    (void)state;
    assert_failure("label,pred\n1,1.0\n2,2.0\n", NULL, 0, 0,
                   "labels and predictions share no value (label '1', "
                   "prediction '1.0')");
    must_open(&r, "label,pred\n,1.0\n,2.0\n", NULL);
    must_read(&r);
    must_read(&r);
    assert_int_equal(prediction_reader_next(&r, &err), 0);
    prediction_reader_close(&r);
    must_open(&r, "label,pred\n1,2\n2,3\n", NULL);
    must_read(&r);
    must_read(&r);
    assert_int_equal(prediction_reader_next(&r, &err), 0);
    prediction_reader_close(&r);
}

static void prediction_write__what_is_read(void **state)
{
    char *classes[] = {"a", "b,c"};
    struct csv_reader *data = scratch_reader("t,u\n\"x\",y\n", false);
    struct prediction_format format = {.run = {.fold = true},
                                       .probs = true,
                                       .classes = classes,
                                       .n_classes = 2};
    struct run_id first = {.fold = 1}, third = {.fold = 3};
    struct list keep = {0};
    struct err err = {0};
    struct csv_writer w;
    const struct csv_field *f;

    (void)state;
    list_add(&keep, "t");
    assert_int_equal(prediction_keep(&format, data, &keep, &err), 0);
    csv_writer_init(&w, NULL);
    w.keep = true;
    prediction_write_header(&w, &format, data, &err);
    assert_int_equal(csv_reader_next(data, &err), 1);
    f = csv_reader_fields(data);
    prediction_write(&w, &format, "1", "val", "a", 0, (float[]){.25f, .75f},
                     &third, f, &err);
    prediction_write(&w, &format, "2", "val", "", CLASS_NONE, (float[]){1, 0},
                     &first, f, &err);
    prediction_write(&w, &format, "3", "val", "z", CLASS_NONE,
                     (float[]){.5f, .5f}, &first, f, &err);
    assert_string_equal(w.history.data,
                        "id,split,label,pred,prob,loss,fold,p:a,\"p:b,c\",t\n"
                        "1,val,a,\"b,c\",0.75,1.3862944,3,0.25,0.75,\"x\"\n"
                        "2,val,,a,1,,1,1,0,\"x\"\n"
                        "3,val,z,a,0.5,inf,1,0.5,0.5,\"x\"\n");
    list_add(&keep, "label");
    free(format.keep);
    format.n_keep = 0;
    assert_int_equal(prediction_keep(&format, data, &keep, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    free(format.keep);
    list_release(&keep);
    csv_writer_release(&w);
    csv_reader_close(data);
}

/* What is not known is not a loss of nothing. */
static void prediction_write__no_number_is_no_zero_loss(void **state)
{
    char *classes[] = {"a", "b"};
    struct prediction_format format = {.classes = classes, .n_classes = 2};
    struct err err = {0};
    struct csv_writer w;

    (void)state;
    csv_writer_init(&w, NULL);
    w.keep = true;
    prediction_write(&w, &format, "1", "val", "a", 0, (float[]){NAN, NAN}, NULL,
                     NULL, &err);
    assert_null(strstr(w.history.data, ",0\n"));
    csv_writer_release(&w);
}

/* ---- metrics ---- */

/* The metrics of all rows; what is to be told goes to notes. */
static void make_metrics(struct prediction_reader *r, struct rows *rows,
                         struct buf *notes)
{
    struct metric_options options = {.seed = 1};
    struct err err = {0};
    void *sums = metric_table.begin(&options, r, &err);
    int got;

    while ((got = prediction_reader_next(r, &err)) == 1)
        metric_table.add(sums, r, &err);
    if (got < 0 || metric_table.rows(sums, r, rows, notes, &err) != 0)
        fail_msg("%s", err.message);
    metric_table.end(sums);
}

/* The row of a metric, or the test fails. */
static size_t metric_row(const struct rows *rows, const char *split,
                         const char *metric, const char *class)
{
    for (size_t i = 0; i < rows_n(rows); i++)
        if (strcmp(rows_cell(rows, i, 0), split) == 0 &&
            strcmp(rows_cell(rows, i, 1), metric) == 0 &&
            strcmp(rows_cell(rows, i, 2), class) == 0)
            return i;
    fail_msg("no row %s %s '%s'", split, metric, class);
    return 0;
}

static double cell_value(const struct rows *rows, size_t row, size_t column)
{
    return strtod(rows_cell(rows, row, column), NULL);
}

static void assert_metric(const struct rows *rows, const char *split,
                          const char *metric, const char *class,
                          const char *name)
{
    size_t row = metric_row(rows, split, metric, class);
    char key[64];

    snprintf(key, sizeof(key), "%s.%s", split, name);
    assert_near(cell_value(rows, row, 3), number_of(key), 1e-6);
    assert_true(cell_value(rows, row, 4) <= cell_value(rows, row, 3));
    assert_true(cell_value(rows, row, 5) >= cell_value(rows, row, 3));
    snprintf(key, sizeof(key), "%s.n", split);
    assert_near(cell_value(rows, row, 6), number_of(key), 0);
}

static void metric_rows__as_scikit_learn(void **state)
{
    static const char *const same[] = {"accuracy", "error",    "log_loss",
                                       "brier",    "macro_f1", "balanced_error",
                                       "auroc"};
    struct buf text = scratch_read("tests/data/nn/nn_predictions.csv");
    struct prediction_reader r;
    struct buf notes = {0};
    struct rows rows;

    (void)state;
    must_open(&r, text.data, NULL);
    make_metrics(&r, &rows, &notes);
    for (int s = 0; s < 2; s++) {
        const char *split = s ? "test" : "train";
        size_t row = metric_row(&rows, split, "ece", "");
        char key[64];
        for (size_t i = 0; i < 7; i++)
            assert_metric(&rows, split, same[i], "", same[i]);
        assert_metric(&rows, split, "auroc", "a", "auroc.0");
        assert_metric(&rows, split, "auroc", "b,c", "auroc.1");
        assert_metric(&rows, split, "auroc", "\xc3\xbc", "auroc.2");
        snprintf(key, sizeof(key), "%s.ece", split);
        assert_near(cell_value(&rows, row, 3), number_of(key), 1e-6);
    }
    assert_string_equal(rows_cell(&rows, 0, 0), "train");
    assert_string_equal(rows_cell(&rows, rows_n(&rows) - 1, 0), "test");
    rows_release(&rows);
    buf_release(&notes);
    prediction_reader_close(&r);
    buf_release(&text);
}

static void metric_rows__what_columns_allow(void **state)
{
    struct prediction_reader r;
    struct buf notes = {0};
    struct rows rows;

    (void)state;
    must_open(&r, "label,pred\na,a\nb,a\n,b\n", NULL);
    make_metrics(&r, &rows, &notes);
    assert_int_equal(rows_n(&rows), 4);
    assert_string_equal(
        notes.data, "1 row without a label left out\n"
                    "no p: columns (--probs): no brier, no auroc; no prob: no "
                    "ece\nno loss column: no log_loss\n");
    assert_near(cell_value(&rows, metric_row(&rows, "test", "error", ""), 3),
                .5, 0);
    rows_release(&rows);
    buf_release(&notes);
    prediction_reader_close(&r);
}

/* Two classes: the second in sorted order, whatever the columns' order. */
static void metric_rows__two_classes(void **state)
{
    struct prediction_reader r;
    struct buf notes = {0};
    struct rows rows;
    size_t row;

    (void)state;
    must_open(&r,
              "label,p:yes,p:no\nyes,.9,.1\nno,.8,.2\nyes,.7,.3\nno,.1,.9\n"
              "no,.2,.8\n",
              NULL);
    make_metrics(&r, &rows, &notes);
    row = metric_row(&rows, "test", "auroc", "yes");
    assert_near(cell_value(&rows, row, 3), 5. / 6, 1e-9);
    for (size_t i = 0; i < rows_n(&rows); i++)
        assert_true(i == row || strcmp(rows_cell(&rows, i, 1), "auroc") != 0);
    rows_release(&rows);
    buf_release(&notes);
    prediction_reader_close(&r);
}

static void metric_rows__loss_of_unknown_labels(void **state)
{
    struct prediction_reader r;
    struct buf notes = {0};
    struct rows rows;

    (void)state;
    must_open(&r, "label,p:a,p:b\na,.9,.1\nc,.8,.2\n", NULL);
    make_metrics(&r, &rows, &notes);
    assert_string_equal(
        rows_cell(&rows, metric_row(&rows, "test", "log_loss", ""), 3), "inf");
    assert_near(cell_value(&rows, metric_row(&rows, "test", "brier", ""), 3),
                (.02 + 1.68) / 2, 1e-6);
    rows_release(&rows);
    buf_release(&notes);
    prediction_reader_close(&r);
}

static void split_order__of_the_workflow(void **state)
{
    static const char *const arrive[] = {"test", "odd", "val", "train"};
    static const size_t expected_order[] = {3, 2, 0, 1};
    struct dict splits = {0};
    size_t order[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        dict_add(&splits, arrive[i], strlen(arrive[i]));
    split_order(&splits, order);
    assert_memory_equal(order, expected_order, sizeof(order));
    dict_release(&splits);
}

/* ---- sources ---- */

static void source_rows__lecture(void **state)
{
    struct csv_reader *table =
        scratch_reader("split,error\ntrain,.20\nval,.27\ntest,.28\n", false);
    struct split_errors part[SPLIT_COUNT] = {{0}};
    struct source_options options = {.goal = .01, .has_goal = true};
    struct err err = {0};
    struct rows rows;
    struct buf text = {0};

    (void)state;
    assert_int_equal(source_read_errors(table, part, &err), 0);
    assert_int_equal(source_table_rows(&rows, &options, part, NULL, &err), 0);
    for (size_t i = 0; i < rows_n(&rows); i++)
        if (strcmp(rows_cell(&rows, i, 0), "next") != 0)
            buf_printf(&text, "%s %s %s;", rows_cell(&rows, i, 0),
                       rows_cell(&rows, i, 1), rows_cell(&rows, i, 3));
    assert_string_equal(text.data,
                        "error goal 0.01;error train 0.2;error val 0.27;"
                        "error test 0.28;gap underfitting 0.19;"
                        "gap overfitting 0.07;gap val_overfitting 0.01;");
    assert_string_equal(rows_cell(&rows, 7, 0), "next");
    assert_string_equal(rows_cell(&rows, 7, 3), "1");
    buf_release(&text);
    rows_release(&rows);
    csv_reader_close(table);
}

static void assert_bad_source(const char *text, const char *message)
{
    struct csv_reader *table = scratch_reader(text, false);
    struct split_errors part[SPLIT_COUNT] = {{0}};
    struct err err = {0};

    assert_int_equal(source_read_errors(table, part, &err), -1);
    assert_string_equal(err.message, message);
    csv_reader_close(table);
}

static void source_read_errors__refuses(void **state)
{
    (void)state;
    assert_bad_source("split,error\ntrain,20\n",
                      "not an error from 0 to 1: '20'");
    assert_bad_source("split,error\ntrian,.2\n",
                      "not train, trainval, val, testval or test: 'trian'");
    assert_bad_source("split,error\nval,.2\nval,.2\n", "occurs twice: 'val'");
    assert_bad_source("split,error,n\nval,.2,0\n", "not a number of rows: '0'");
    assert_bad_source("split,n\nval,2\n",
                      "no column 'error' (there are: split, n)");
}

/* ---- errors by pair and class ---- */

static const char confused[] =
    "id,label,pred\n1,a,a\n2,a,b\n3,a,c\n4,b,a\n5,a,b\n6,c,b\n7,b,b\n8,c,c\n"
    "9,a,b\n10,c,b\n";

/* The rows of a table made of all rows with a label. */
static void make_table(const struct prediction_table *table,
                       const void *options, struct prediction_reader *r,
                       struct rows *rows)
{
    struct err err = {0};
    struct buf notes = {0};
    void *sums = table->begin(options, r, &err);

    assert_non_null(sums);
    do
        while (prediction_reader_next(r, &err) == 1)
            assert_int_equal(table->add(sums, r, &err), 0);
    while (table->again && table->again(sums) &&
           prediction_reader_rewind(r, &err) == 0);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(table->rows(sums, r, rows, &notes, &err), 0);
    table->end(sums);
    buf_release(&notes);
}

static void pair_rows__most_frequent_first(void **state)
{
    struct prediction_reader r;
    struct rows rows;
    struct buf text = {0};

    (void)state;
    must_open(&r, confused, NULL);
    make_table(&pair_table, NULL, &r, &rows);
    for (size_t i = 0; i < rows_n(&rows); i++)
        buf_printf(&text, "%s>%s %s %s %s;", rows_cell(&rows, i, 0),
                   rows_cell(&rows, i, 1), rows_cell(&rows, i, 2),
                   rows_cell(&rows, i, 7), rows_cell(&rows, i, 8));
    assert_string_equal(text.data, "a>b 3 1 2 5 9;c>b 2 0 6 10;a>c 1 0 3;"
                                   "b>a 1 3 4;");
    assert_near(cell_value(&rows, 0, 3), 3. / 5, 1e-12);
    assert_near(cell_value(&rows, 0, 6), 3. / 7, 1e-12);
    buf_release(&text);
    rows_release(&rows);
    prediction_reader_close(&r);
}

static void matrix_rows__counts(void **state)
{
    static const char *const expected_cells[] = {"a", "1", "3", "1", "b", "1",
                                                 "1", "0", "c", "0", "2", "1"};
    struct prediction_reader r;
    struct rows rows;

    (void)state;
    must_open(&r, confused, NULL);
    make_table(&matrix_table, NULL, &r, &rows);
    assert_int_equal(rows.n_cells, 12);
    for (size_t i = 0; i < 12; i++)
        assert_string_equal(rows.cells[i], expected_cells[i]);
    rows_release(&rows);
    prediction_reader_close(&r);
    must_open(&r, confused, NULL);
    make_table(&class_table, NULL, &r, &rows);
    assert_int_equal(rows_n(&rows), 3);
    assert_near(cell_value(&rows, 1, 3), 1. / 6, 1e-12);
    assert_near(cell_value(&rows, 1, 6), 1. / 2, 1e-12);
    assert_near(cell_value(&rows, 1, 9), 2. / 8, 1e-12);
    rows_release(&rows);
    prediction_reader_close(&r);
}

/* ---- top losses ---- */

static void assert_top(const char *text, const char *names, size_t most,
                       const char *expected_rows)
{
    struct prediction_reader r;
    struct top_options options = {most};
    struct rows rows;
    struct buf out = {0};

    must_open(&r, text, names);
    make_table(&top_table, &options, &r, &rows);
    for (size_t i = 0; i < rows_n(&rows); i++)
        buf_printf(&out, "%s%s%s;", rows_cell(&rows, i, 0),
                   rows_cell(&rows, i, rows.n_columns - 2),
                   rows_cell(&rows, i, rows.n_columns - 1));
    assert_string_equal(out.data, expected_rows);
    buf_release(&out);
    rows_release(&rows);
    prediction_reader_close(&r);
}

static void top_losses__order(void **state)
{
    static const char text[] = "id,label,pred,loss\n1,a,a,.5\n2,a,b,3\n"
                               "3,b,a,inf\n4,a,b,3\n5,b,b,.1\n6,b,b,\n";

    (void)state;
    assert_top(text, NULL, 3, "3;2;4;");
    assert_top(text, NULL, 1, "3;");
    assert_top(text, NULL, 2, "3;2;");
    assert_top(text, NULL, 100, "3;2;4;1;5;");
}

static void top_losses__conflict(void **state)
{
    (void)state;
    assert_top("id,label,pred,loss,title\n1,a,a,.5,The Sea\n2,b,a,3,the SEA\n"
               "3,a,b,2,Poems\n4,a,b,1,poems\n5,b,b,.1,War\n",
               NULL, 9, "21a;3;4;12b;5;");
    assert_top("id,label,pred,loss,t,u\n1,a,a,2,x,yz\n2,b,b,1,xy,z\n", NULL, 9,
               "1;2;");
}

/* The first of another label counts, and that it is not the same to a letter.
 */
static void top_losses__near_identical(void **state)
{
    (void)state;
    assert_top("id,label,pred,loss,title,year\n"
               "1,a,a,.1,\"A History of the County of Kent, in volumes\",1850\n"
               "2,b,a,9,A history of the county of Kent in volume,1850.0\n"
               "3,c,a,8,a history of the County of Kent in volumes,1850\n"
               "4,c,a,7,A history of the county of Kent in volumes,1851\n"
               "5,c,a,6,,\n6,b,a,5,,\n",
               NULL, 5, "21a;31a;4;5;6;");
}

/* What --columns calls prob or split is no content either. */
static void top_losses__conflict_with_renamed_columns(void **state)
{
    (void)state;
    assert_top("nr,truth,guess,cost,score,part,title\n"
               "1,a,a,.5,.9,val,The Sea\n2,b,a,3,.8,test,the SEA\n",
               "id=nr,label=truth,pred=guess,loss=cost,prob=score,split=part",
               9, "21a;12b;");
}

/* ---- findings ---- */

static struct finding effect_of(const char *subject, enum finding_status status,
                                double effect)
{
    struct finding f = finding_of("scale", subject, status);

    f.effect = effect;
    f.advice = "look";
    return f;
}

static void add_many(struct findings *found, size_t n,
                     enum finding_status status)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f",
                                        "g", "h", "i", "j", "k", "l"};

    for (size_t i = 0; i < n; i++) {
        struct finding f = effect_of(names[i], status, i % 2 ? -(double)i : 1);
        findings_add(found, &f);
    }
}

static void findings_add_worst__order(void **state)
{
    struct findings all = {0}, found = {0};
    struct finding fail = effect_of("z", FINDING_FAIL, 0),
                   fine = effect_of("y", FINDING_OK, 99),
                   ok = effect_of("all", FINDING_OK, 0);

    (void)state;
    findings_add(&found, &fine);
    add_many(&found, 12, FINDING_WARN);
    findings_add(&found, &fail);
    findings_add_worst(&all, &found, "columns", &ok);
    assert_int_equal(all.n, 10);
    assert_int_equal(found.n, 0);
    assert_string_equal(all.at[0].subject, "z");
    assert_string_equal(all.at[0].advice, "look (13 columns in all)");
    assert_string_equal(all.at[1].subject, "l"); /* effect -11 */
    assert_string_equal(all.at[1].advice, "look");
    assert_string_equal(all.at[2].subject, "j");
    assert_string_equal(all.at[6].subject, "a"); /* equal ones as they came */
    assert_string_equal(all.at[7].subject, "b");
    assert_string_equal(all.at[9].subject, "e");
    findings_release(&all);
}

static void findings_add_worst__all_well(void **state)
{
    struct findings all = {0}, found = {0};
    struct finding ok = effect_of("all", FINDING_OK, 0);

    (void)state;
    findings_add_worst(&all, &found, "runs", NULL);
    assert_int_equal(all.n, 0);
    add_many(&found, 1, FINDING_OK);
    findings_add_worst(&all, &found, "runs", NULL);
    assert_string_equal(all.at[0].subject, "a");
    add_many(&found, 3, FINDING_OK);
    findings_add_worst(&all, &found, "runs", NULL);
    assert_string_equal(all.at[1].subject, "all runs");
    findings_add_worst(&all, &found, "runs", &ok);
    assert_string_equal(all.at[2].subject, "all");
    add_many(&found, 1, FINDING_WARN);
    findings_add_worst(&all, &found, "runs", &ok);
    assert_int_equal(all.n, 4);
    assert_string_equal(all.at[3].advice, "look");
    findings_release(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prediction_reader__full),
        cmocka_unit_test(prediction_reader__label_and_pred_only),
        cmocka_unit_test(prediction_reader__probabilities_only),
        cmocka_unit_test(prediction_reader__renamed_columns),
        cmocka_unit_test(prediction_reader__missing_columns),
        cmocka_unit_test(prediction_reader__bad_cells),
        cmocka_unit_test(prediction_reader__sums),
        cmocka_unit_test(prediction_reader__nothing_shared),
        cmocka_unit_test(prediction_write__what_is_read),
        cmocka_unit_test(prediction_write__no_number_is_no_zero_loss),
        cmocka_unit_test(metric_rows__as_scikit_learn),
        cmocka_unit_test(metric_rows__what_columns_allow),
        cmocka_unit_test(metric_rows__two_classes),
        cmocka_unit_test(metric_rows__loss_of_unknown_labels),
        cmocka_unit_test(split_order__of_the_workflow),
        cmocka_unit_test(source_rows__lecture),
        cmocka_unit_test(source_read_errors__refuses),
        cmocka_unit_test(pair_rows__most_frequent_first),
        cmocka_unit_test(matrix_rows__counts),
        cmocka_unit_test(top_losses__order),
        cmocka_unit_test(top_losses__conflict),
        cmocka_unit_test(top_losses__near_identical),
        cmocka_unit_test(findings_add_worst__order),
        cmocka_unit_test(findings_add_worst__all_well),
        cmocka_unit_test(top_losses__conflict_with_renamed_columns),
    };

    return cmocka_run_group_tests_name("stream", tests, NULL, scratch_remove);
}
