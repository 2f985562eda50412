#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/outside_checks.h"
#include "base/rng.h"
#include "fixture.h"
#include "scratch.h"

/* ---- helpers ---- */

static struct csv_reader *open_text(const char *text)
{
    char *path = scratch_text("log.csv", text);
    struct err err = {0};
    struct csv_reader *csv =
        csv_reader_open(&path, 1, &(struct csv_options){0}, &err);

    if (!csv)
        fail_msg("%s", err.message);
    return csv;
}

static struct training_log read_log(const char *text)
{
    struct csv_reader *csv = open_text(text);
    struct training_log log;
    struct err err = {0};

    if (training_log_read(&log, csv, &(struct list){0}, &err) != 0)
        fail_msg("%s", err.message);
    csv_reader_close(csv);
    return log;
}

static struct findings curve(const char *text, size_t classes)
{
    struct training_log log = read_log(text);
    struct findings found = {0};

    check_curve(&log, classes, &found);
    training_log_release(&log);
    return found;
}

static struct findings predictions(const char *text)
{
    struct predicted predicted;
    struct findings found = {0};
    struct err err = {0};

    if (predicted_read(&predicted, open_text(text), &(struct list){0}, &err) !=
        0)
        fail_msg("%s", err.message);
    check_predictions(&predicted, &found);
    predicted_release(&predicted);
    return found;
}

/* The worst finding of that check; NULL: none. */
static const struct finding *find(const struct findings *f, const char *check)
{
    const struct finding *worst = NULL;

    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->at[i].check, check) == 0 &&
            (!worst || f->at[i].status < worst->status))
            worst = &f->at[i];
    return worst;
}

/* Releases the findings. */
static void assert_found(struct findings f, const char *check,
                         enum finding_status status, const char *advice)
{
    const struct finding *found = find(&f, check);

    if (!found)
        fail_msg("no finding '%s'", check);
    if (found->status != status || !strstr(found->advice, advice))
        fail_msg("%s: %s: %s", check, finding_status_name(found->status),
                 found->advice);
    findings_release(&f);
}

static void assert_nothing(struct findings f)
{
    for (size_t i = 0; i < f.n; i++)
        if (f.at[i].status != FINDING_OK)
            fail_msg("%s: %s: %s", f.at[i].check, f.at[i].subject,
                     f.at[i].advice);
    findings_release(&f);
}

/* A log of n epochs from two formulas, "epoch,loss,val_loss". */
typedef double formula(double epoch);

static double healthy(double e)
{
    return .2 + 2 * exp(-e / 4);
}
static double healthy_held(double e)
{
    return .3 + 1.9 * exp(-e / 4);
}
static double rising(double e)
{
    return 2.3 + .2 * e;
}
static double flat(double e)
{
    return 2.302 + .0003 * sin(9 * e * e);
}
static double swinging(double e)
{
    return 2 + sin(3 * e * e);
}
static double overfitting(double e)
{
    return e < 8 ? 2 - .2 * e : .4 + .1 * (e - 7);
}
static double memorised(double e)
{
    return 2.31 + .03 * e;
}
static double crawling(double e)
{
    return 2.303 - .001 * e;
}
static double unfinished(double e)
{
    return 2.3 - .08 * e;
}
static double blown(double e)
{
    return 2.3 * exp(e);
}

static struct findings of_formulas(formula *train, formula *held)
{
    struct buf text = {0};
    struct findings f;

    buf_add_text(&text, "epoch,loss,val_loss\n");
    for (int e = 0; e < 20; e++)
        buf_printf(&text, "%d,%.9g,%.9g\n", e, train(e), held(e));
    f = curve(text.data, 10);
    buf_release(&text);
    return f;
}

/* ---- reading ---- */

static void log__wide_and_long_are_one(void **state)
{
    struct training_log wide = read_log("epoch,train_loss,val_loss,val_acc\n"
                                        "1,2,3,.25\n2,1,2.5,.5\n");
    struct training_log narrow = read_log("Loss,Accuracy,Phase,Epoch\n"
                                          "2,,Train,1\n3,25,Valid,1\n"
                                          "1,,Train,2\n2.5,50,Valid,2\n");
    const struct log_run *a = wide.runs, *b = narrow.runs;

    (void)state;
    assert_int_equal(a->train.n, 2);
    assert_int_equal(a->held.n, 2);
    assert_true(narrow.percent && !wide.percent);
    for (size_t i = 0; i < 2; i++) {
        assert_near(a->train.loss[i], b->train.loss[i], 0);
        assert_near(a->held.loss[i], b->held.loss[i], 0);
        assert_near(a->held.error[i], b->held.error[i], 1e-12);
        assert_near(a->held.error[i], .75 - .25 * (double)i, 1e-12);
    }
    training_log_release(&wide);
    training_log_release(&narrow);
}

static void log__steps_restarts_runs(void **state)
{
    struct training_log log =
        read_log("fold,epoch,step,loss\n1,0,1,4\n1,0,2,2\n1,1,3,1\n"
                 "2,0,1,9\n2,1,2,8\n2,1,3,6\n2,1,4,nan\n2,2,5,5\n"
                 "1,0,1,7\n");

    (void)state;
    assert_int_equal(log.n_runs, 2);
    assert_string_equal(log.runs[1].name, "fold 2");
    assert_int_equal(log.runs[0].restarts, 1);
    assert_int_equal(log.runs[0].train.n, 1);
    assert_near(log.runs[0].train.loss[0], 7, 0);
    assert_int_equal(log.runs[1].train.n, 3);
    assert_near(log.runs[1].train.loss[1], 7, 0);
    assert_int_equal(log.runs[1].train.steps, 2);
    training_log_release(&log);
}

static void log__names_of_frameworks(void **state)
{
    static const struct {
        const char *header;
        enum log_part part;
        enum log_measure measure;
        size_t column;
    } cases[] = {
        {"epoch,loss,val_loss,accuracy,val_accuracy", LOG_TRAIN, LOG_ACCURACY,
         3},
        {"epoch,train_loss,valid_loss,error_rate,accuracy,time", LOG_VAL,
         LOG_ERROR, 3},
        {"epoch,train_loss_step,train_loss_epoch,val_loss", LOG_TRAIN, LOG_LOSS,
         2},
        {"loss,learning_rate,epoch,step,eval_loss,train_loss", LOG_TRAIN,
         LOG_LOSS, 0},
        {"Epoch,box_loss,Loss/train,Loss/val", LOG_VAL, LOG_LOSS, 3},
        {"epoch,trainLoss,testLoss,testAcc", LOG_TEST, LOG_ACCURACY, 3},
        {"epoch,train_loss,eval_loss,eval_top1,eval_top5", LOG_VAL,
         LOG_ACCURACY, 3}};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct csv_reader *csv = open_text(cases[i].header);
        struct log_columns c;
        assert_int_equal(log_columns_find(&c, csv, &(struct list){0}, &err), 0);
        assert_int_equal(c.measure[cases[i].part][cases[i].measure],
                         cases[i].column);
        csv_reader_close(csv);
    }
}

/* ---- curves ---- */

static void curve__healthy(void **state)
{
    (void)state;
    assert_nothing(of_formulas(healthy, healthy_held));
}

static void curve__courses(void **state)
{
    (void)state;
    assert_found(of_formulas(rising, rising), "course", FINDING_FAIL,
                 "flipped sign");
    assert_found(of_formulas(blown, blown), "course", FINDING_FAIL, "explodes");
    assert_found(of_formulas(swinging, healthy), "course", FINDING_FAIL,
                 "oscillates: too high a learning rate");
    assert_found(of_formulas(flat, flat), "learning", FINDING_FAIL,
                 "nothing is learned");
    assert_found(of_formulas(crawling, crawling), "learning", FINDING_WARN,
                 "too low a learning rate");
    assert_found(of_formulas(unfinished, unfinished), "end", FINDING_WARN,
                 "still falls");
}

static void curve__validation(void **state)
{
    (void)state;
    assert_found(of_formulas(healthy, overfitting), "overfitting", FINDING_WARN,
                 "from epoch 8 on");
    assert_found(of_formulas(healthy, memorised), "learning", FINDING_FAIL,
                 "labels shuffled");
    assert_found(of_formulas(healthy, healthy), "same_rows", FINDING_FAIL,
                 "same rows");
    assert_found(of_formulas(swinging, healthy), "gap", FINDING_WARN,
                 "far better than training");
}

static void curve__errors_spikes_epochs(void **state)
{
    struct buf text = {0};

    (void)state;
    buf_add_text(&text, "epoch,loss,error,lr\n");
    for (int e = 0; e < 20; e++)
        buf_printf(&text, "%d,%g,%g,%g\n", e + (e > 9), healthy(e),
                   .9 - .4 * healthy(e), e < 10 ? .1 : .01);
    assert_found(curve(text.data, 10), "error", FINDING_FAIL, "an accuracy");
    assert_found(curve(text.data, 10), "epochs", FINDING_WARN,
                 "1 epoch is missing");
    assert_found(curve(text.data, 10), "rate", FINDING_OK, "");
    buf_clear(&text);
    buf_add_text(&text, "epoch,loss\n");
    for (int e = 0; e < 20; e++)
        buf_printf(&text, "%d,%g\n", e, e == 12 ? 3 : healthy(e));
    assert_found(curve(text.data, 10), "spikes", FINDING_WARN, "epoch 12");
    buf_printf(&text, "20,inf\n");
    assert_found(curve(text.data, 10), "finite", FINDING_FAIL, "epoch 20");
    assert_found(curve("epoch,loss\n1,3\n2,2\n", 0), "course",
                 FINDING_UNDECIDED, "2 epochs say nothing");
    assert_found(curve("epoch,loss\n1,90\n2,2\n", 10), "start", FINDING_FAIL,
                 "far above ln K");
    buf_release(&text);
}

static void curve__replicas(void **state)
{
    struct buf text = {0};
    struct findings f;

    (void)state;
    buf_add_text(&text, "epoch,split,loss,replica\n");
    for (int r = 1; r <= 5; r++)
        for (int e = 1; e <= 20; e++)
            buf_printf(
                &text, "%d,train,%g,%d\n", e,
                r == 3 ? 1.8 + .5 * healthy(e) / 2 : healthy(e) + .001 * r, r);
    f = curve(text.data, 10);
    assert_string_equal(find(&f, "replicas")->subject, "train, replica 3");
    assert_found(f, "replicas", FINDING_WARN, "one run is far worse");
    buf_release(&text);
}

/* ---- predictions ---- */

enum { CLASSES = 3, ROWS = 300 };

struct row {
    int label, pred;
    double p[CLASSES];
};

/* Three classes, nine in ten right, probabilities that say so. */
static void draw_rows(struct row row[ROWS], uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, 80);
    for (int i = 0; i < ROWS; i++) {
        double sum = 0, u = rng_uniform(&rng);
        int best = 0;
        for (int k = 0; k < CLASSES; k++)
            sum += row[i].p[k] = exp(3 * rng_normal(&rng));
        for (int k = 0; k < CLASSES; k++) {
            row[i].p[k] /= sum;
            best = row[i].p[k] > row[i].p[best] ? k : best;
        }
        row[i].pred = best;
        row[i].label = u < row[i].p[0]                 ? 0
                       : u < row[i].p[0] + row[i].p[1] ? 1
                                                       : 2;
    }
}

static struct findings of_rows(const struct row row[ROWS], bool probs)
{
    struct buf text = {0};
    struct findings f;

    buf_printf(&text, "id,label,pred%s\n", probs ? ",p:a,p:b,p:c" : "");
    for (int i = 0; i < ROWS; i++) {
        buf_printf(&text, "%d,%c,%c", i, 'a' + row[i].label, 'a' + row[i].pred);
        for (int k = 0; k < CLASSES && probs; k++)
            buf_printf(&text, ",%.6f", row[i].p[k]);
        buf_add_char(&text, '\n');
    }
    f = predictions(text.data);
    buf_release(&text);
    return f;
}

static void predictions__clean(void **state)
{
    struct row row[ROWS];

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        draw_rows(row, seed);
        assert_nothing(of_rows(row, true));
    }
}

static void predictions__order_and_names(void **state)
{
    struct row row[ROWS], other[ROWS];

    (void)state;
    draw_rows(row, 1);
    memcpy(other, row, sizeof(row));
    for (int i = 0; i < ROWS; i++)
        other[i].pred = row[(i + ROWS - 2) % ROWS].pred;
    assert_found(of_rows(other, false), "alignment", FINDING_FAIL,
                 "2 rows below it: move the predictions up");
    for (int i = 0; i < ROWS; i++)
        other[i].pred = (row[i].pred + 1) % CLASSES;
    assert_found(of_rows(other, false), "class_order", FINDING_FAIL,
                 "predicted 'b' is label 'a'");
    for (int i = 0; i < ROWS; i++)
        other[i].pred = row[i * 7 % ROWS].pred;
    assert_found(of_rows(other, false), "floor", FINDING_FAIL,
                 "tell nothing of the labels");
    for (int i = 0; i < ROWS; i++)
        other[i].pred = 1;
    assert_found(of_rows(other, false), "collapse", FINDING_FAIL,
                 "predicted as 'b'");
}

static void predictions__probabilities(void **state)
{
    struct row row[ROWS], other[ROWS];

    (void)state;
    draw_rows(row, 2);
    memcpy(other, row, sizeof(row));
    for (int i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int k = 0; k < CLASSES; k++)
            sum += exp(row[i].p[k]);
        for (int k = 0; k < CLASSES; k++)
            other[i].p[k] = exp(row[i].p[k]) / sum;
    }
    assert_found(of_rows(other, true), "softmax", FINDING_FAIL, "twice");
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < CLASSES; k++)
            other[i].p[k] = row[i].p[(k + 1) % CLASSES];
    assert_found(of_rows(other, true), "largest", FINDING_FAIL,
                 "another order than their names");
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < CLASSES; k++)
            other[i].p[k] = 100 * row[i].p[k];
    assert_found(of_rows(other, true), "probabilities", FINDING_FAIL,
                 "divide by 100");
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < CLASSES; k++)
            other[i].p[k] = log(row[i].p[k]);
    assert_found(of_rows(other, true), "probabilities", FINDING_FAIL, "logits");
    for (int i = 0; i < ROWS; i++)
        for (int k = 0; k < CLASSES; k++)
            other[i].p[k] = k == row[i].pred ? .998 : .001;
    assert_found(of_rows(other, true), "certain", FINDING_WARN,
                 "certain and wrong");
    memcpy(other, row, sizeof(row));
    for (int i = 0; i < ROWS; i++) {
        other[i].label = row[i].pred;
        other[i].pred = row[i].label;
    }
    assert_found(of_rows(other, true), "largest", FINDING_FAIL, "swapped");
}

static void predictions__parts_and_ids(void **state)
{
    struct buf text = {0};

    (void)state;
    buf_add_text(&text, "id,split,label,pred\n");
    for (int i = 0; i < 400; i++)
        buf_printf(&text, "%d,%s,%d,%d\n", i % 320, i < 200 ? "train" : "test",
                   i % 320 % 3, (i % 320 + (i >= 200 && i % 2)) % 3);
    assert_found(predictions(text.data), "parts", FINDING_WARN,
                 "assay decompose");
    assert_found(predictions(text.data), "ids", FINDING_FAIL,
                 "the same rows stand in several parts");
    buf_clear(&text);
    buf_add_text(&text, "label,pred\n");
    for (int i = 0; i < 40; i++)
        buf_printf(&text, "%d,%d.0\n", i % 2, i % 2);
    assert_found(predictions(text.data), "names", FINDING_FAIL,
                 "spelled in two ways");
    assert_found(predictions("label,pred\n,a\n,b\n"), "labels",
                 FINDING_UNDECIDED, "nothing can be said");
    assert_nothing(predictions("label,pred\na,a\n"));
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__wide_and_long_are_one),
        cmocka_unit_test(log__steps_restarts_runs),
        cmocka_unit_test(log__names_of_frameworks),
        cmocka_unit_test(curve__healthy),
        cmocka_unit_test(curve__courses),
        cmocka_unit_test(curve__validation),
        cmocka_unit_test(curve__errors_spikes_epochs),
        cmocka_unit_test(curve__replicas),
        cmocka_unit_test(predictions__clean),
        cmocka_unit_test(predictions__order_and_names),
        cmocka_unit_test(predictions__probabilities),
        cmocka_unit_test(predictions__parts_and_ids),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
