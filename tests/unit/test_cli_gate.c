#include "cli/gate.h"
#include "row_cells.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WHERE \
    "; write '[ROW.]NAME[.COLUMN] OP NUMBER', OP one of < <= > >= == !="

/* ---- parsing ---- */

static void check_parse(const char *text, const char *left, enum gate_op op,
                        double limit)
{
    struct gate gate;
    struct err err = {0};

    assert_int_equal(gate_parse(&gate, text, &err), 0);
    assert_string_equal(gate.text, text);
    assert_string_equal(gate.left, left);
    assert_int_equal(gate.op, op);
    assert_true(gate.limit == limit);
    assert_int_equal(err.kind, ERR_NONE);
    gate_release(&gate);
    assert_null(gate.text);
}

static void check_refused(const char *text, const char *message)
{
    struct gate gate;
    struct err err = {0};

    assert_int_equal(gate_parse(&gate, text, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_null(gate.text);
    assert_null(gate.left);
}

static void gate_parse__operators(void **state)
{
    (void)state;
    check_parse("test.high<=0.05", "test.high", GATE_LE, .05);
    check_parse("underfitting < 0.02", "underfitting", GATE_LT, .02);
    check_parse("a>1", "a", GATE_GT, 1);
    check_parse(" a >= -1e-3 ", "a", GATE_GE, -1e-3);
    check_parse("a==0", "a", GATE_EQ, 0);
    check_parse("a\t!=\t+2.5", "a", GATE_NE, 2.5);
}

static void gate_parse__last_operator(void **state)
{
    (void)state;
    check_parse("test.age<30.recall >= .9", "test.age<30.recall", GATE_GE, .9);
    check_parse("a==b!=1", "a==b", GATE_NE, 1);
    check_parse("on paper, print<=1", "on paper, print", GATE_LE, 1);
    check_parse("!!<1", "!!", GATE_LT, 1);
}

static void gate_parse__refused(void **state)
{
    (void)state;
    check_refused("", "gate '': no comparison" WHERE);
    check_refused("error", "gate 'error': no comparison" WHERE);
    check_refused("error=0.1", "gate 'error=0.1': no comparison" WHERE);
    check_refused("=1", "gate '=1': no comparison" WHERE);
    check_refused("<=1", "gate '<=1': no name before the comparison" WHERE);
    check_refused("  <1", "gate '  <1': no name before the comparison" WHERE);
    check_refused("a<",
                  "gate 'a<': no finite number after the comparison" WHERE);
    check_refused("a<5%",
                  "gate 'a<5%': no finite number after the comparison" WHERE);
    check_refused("a<inf",
                  "gate 'a<inf': no finite number after the comparison" WHERE);
    check_refused(
        "a<1e999",
        "gate 'a<1e999': no finite number after the comparison" WHERE);
    check_refused("a < = 1", "gate 'a < = 1': no comparison" WHERE);
    check_refused("\n<x", "gate '\\n<x': no finite number after the "
                          "comparison" WHERE);
}

/* ---- checking ---- */

static struct rows metrics(void)
{
    struct rows rows;

    rows_init(&rows, "split,metric,class,value,low,high,n,method");
    add(&rows, "val|error||0.11|0.08|0.17|174|Wilson");
    add(&rows, "test|error||0.126|0.085|0.183|175|Wilson");
    add(&rows, "test|log_loss||inf|||175|");
    add(&rows, "test|recall|on paper, print|0.9|0.8|0.95|60|Wilson");
    add(&rows, "test|recall|vol. 2|0.5|0.2|0.8|6|Wilson");
    add(&rows, "test|recall|vol|0.7|0.2|0.8|6|Wilson");
    add(&rows, "test|f1|vol. 2||||0|");
    return rows;
}

/* Outcome of one gate on metrics(). */
struct outcome {
    int status;
    size_t closed;
    struct buf why;
    struct err err;
};

static struct outcome check(const char *text)
{
    struct rows rows = metrics();
    struct outcome o = {0};
    struct gate gate;

    assert_int_equal(gate_parse(&gate, text, &o.err), 0);
    buf_add(&o.why, "", 0);
    o.status = gate_check(&gate, &rows, "split,metric,class", "value",
                          &o.closed, &o.why, &o.err);
    gate_release(&gate);
    rows_release(&rows);
    return o;
}

static void assert_open(const char *text)
{
    struct outcome o = check(text);

    assert_int_equal(o.status, 0);
    assert_int_equal(o.closed, 0);
    assert_string_equal(o.why.data, "");
    buf_release(&o.why);
}

static void assert_closed(const char *text, size_t closed, const char *why)
{
    struct outcome o = check(text);

    assert_int_equal(o.status, 0);
    assert_int_equal(o.closed, closed);
    assert_string_equal(o.why.data, why);
    buf_release(&o.why);
}

static void assert_failed(const char *text, enum err_kind kind,
                          const char *message)
{
    struct outcome o = check(text);

    assert_int_equal(o.status, -1);
    assert_int_equal(o.err.kind, kind);
    assert_string_equal(o.err.message, message);
    buf_release(&o.why);
}

static void gate_check__open(void **state)
{
    (void)state;
    assert_open("test.error<=0.126");
    assert_open("test.error<0.1261");
    assert_open("test.error==0.126");
    assert_open("error>0.1");
    assert_open("log_loss>=7");
    assert_open("test.error.high<0.2");
    assert_open("error.n != 1");
}

static void gate_check__closed(void **state)
{
    (void)state;
    assert_closed("test.error<=0.05", 1,
                  "gate 'test.error<=0.05' is closed: test.error = 0.126\n");
    assert_closed("test.error < 0.126", 1,
                  "gate 'test.error < 0.126' is closed: test.error = 0.126\n");
    assert_closed("val.error.high<=.1", 1,
                  "gate 'val.error.high<=.1' is closed: "
                  "val.error.high = 0.17\n");
    assert_closed("log_loss<1", 1,
                  "gate 'log_loss<1' is closed: test.log_loss = inf\n");
    assert_closed("test.error!=.126", 1,
                  "gate 'test.error!=.126' is closed: test.error = 0.126\n");
}

static void gate_check__every_row(void **state)
{
    (void)state;
    assert_closed("recall>=.8", 2,
                  "gate 'recall>=.8' is closed: test.recall.vol. 2 = 0.5\n"
                  "gate 'recall>=.8' is closed: test.recall.vol = 0.7\n");
    assert_closed("error<=.12", 1,
                  "gate 'error<=.12' is closed: test.error = 0.126\n");
}

static void gate_check__names_hold_anything(void **state)
{
    (void)state;
    assert_open("on paper, print > .8");
    assert_open("recall.on paper, print.low >= .8");
    assert_closed("recall.vol. 2>.9", 1,
                  "gate 'recall.vol. 2>.9' is closed: "
                  "test.recall.vol. 2 = 0.5\n");
    assert_closed("test.recall.vol>.9", 1,
                  "gate 'test.recall.vol>.9' is closed: "
                  "test.recall.vol = 0.7\n");
}

static void gate_check__longest_name_wins(void **state)
{
    struct rows rows;
    struct gate gate;
    struct err err = {0};
    struct buf why = {0};
    size_t closed = 0;

    (void)state;
    rows_init(&rows, "name,class,value,high");
    add(&rows, "test|high|1|2"); /* a class called as a column is */
    assert_int_equal(gate_parse(&gate, "test.high<1.5", &err), 0);
    assert_int_equal(gate_check(&gate, &rows, "kind,name,class", "value",
                                &closed, &why, &err),
                     0);
    assert_int_equal(closed, 0);
    gate_release(&gate);
    assert_int_equal(gate_parse(&gate, "test.high.high<1.5", &err), 0);
    assert_int_equal(gate_check(&gate, &rows, "kind,name,class", "value",
                                &closed, &why, &err),
                     0);
    assert_int_equal(closed, 1);
    gate_release(&gate);
    buf_release(&why);
    rows_release(&rows);
}

static void gate_check__names_nothing(void **state)
{
    (void)state;
    assert_failed("tset.error<1", ERR_USAGE,
                  "gate 'tset.error<1': no such row; there are: 'val.error', "
                  "'test.error', 'test.log_loss', "
                  "'test.recall.on paper, print', 'test.recall.vol. 2', "
                  "'test.recall.vol', 'test.f1.vol. 2'");
    assert_failed("test.error.hihg<1", ERR_USAGE,
                  "gate 'test.error.hihg<1': no such column; there are: "
                  "'value', 'low', 'high', 'n', 'method'");
    assert_failed("err<1", ERR_USAGE,
                  "gate 'err<1': no such row; there are: 'val.error', "
                  "'test.error', 'test.log_loss', "
                  "'test.recall.on paper, print', 'test.recall.vol. 2', "
                  "'test.recall.vol', 'test.f1.vol. 2'");
}

static void gate_check__cannot_be_computed(void **state)
{
    (void)state;
    assert_failed("f1>0.5", ERR_DATA,
                  "gate 'f1>0.5' cannot be computed: 'test.f1.vol. 2' is "
                  "empty");
    assert_failed("log_loss.low<9", ERR_DATA,
                  "gate 'log_loss.low<9' cannot be computed: "
                  "'test.log_loss.low' is empty");
    assert_failed("val.error.method==1", ERR_DATA,
                  "gate 'val.error.method==1' cannot be computed: "
                  "'val.error.method' is not a number: 'Wilson'");
}

static int check_rows(struct rows *rows, const char *text,
                      const char *default_column, struct buf *why,
                      struct err *err)
{
    struct gate gate;
    size_t closed = 0;
    int status;

    assert_int_equal(gate_parse(&gate, text, err), 0);
    status = gate_check(&gate, rows, "name", default_column, &closed, why, err);
    gate_release(&gate);
    return status == 0 ? (int)closed : status;
}

static void gate_check__odd_tables(void **state)
{
    struct err err = {0};
    struct buf why = {0};
    struct rows rows;

    (void)state;
    rows_init(&rows, "name,value");
    assert_int_equal(check_rows(&rows, "a<1", "value", &why, &err), -1);
    assert_string_equal(err.message,
                        "gate 'a<1': no such row; there are: none");
    add(&rows, "a|nan");
    assert_int_equal(check_rows(&rows, "a!=1", "value", &why, &err), -1);
    assert_string_equal(err.message, "gate 'a!=1' cannot be computed: 'a' is "
                                     "not a number: 'nan'");
    assert_int_equal(check_rows(&rows, "a<1", "score", &why, &err), -1);
    assert_string_equal(err.message,
                        "gate 'a<1': no such column; there are: 'value'");
    for (int i = 0; i < 20; i++) {
        char name[] = {(char)('b' + i), '\0'};
        rows_text(&rows, name);
        rows_text(&rows, "1");
    }
    assert_int_equal(check_rows(&rows, "z<1", "value", &why, &err), -1);
    assert_string_equal(err.message,
                        "gate 'z<1': no such row; there are: 'a', 'b', 'c', "
                        "'d', 'e', 'f', 'g', 'h', ...");
    rows_release(&rows);
    buf_release(&why);
}

static void gate_check__why_is_harmless(void **state)
{
    struct err err = {0};
    struct buf why = {0};
    struct rows rows;

    (void)state;
    rows_init(&rows, "name,value");
    add(&rows, "a\033[2J\n\xc2\x9b|2");
    assert_int_equal(
        check_rows(&rows, "a\033[2J\n\xc2\x9b<1", "value", &why, &err), 1);
    assert_string_equal(why.data, "gate 'a?[2J ?<1' is closed: a?[2J ? = 2\n");
    rows_release(&rows);
    buf_release(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate_parse__operators),
        cmocka_unit_test(gate_parse__last_operator),
        cmocka_unit_test(gate_parse__refused),
        cmocka_unit_test(gate_check__open),
        cmocka_unit_test(gate_check__closed),
        cmocka_unit_test(gate_check__every_row),
        cmocka_unit_test(gate_check__names_hold_anything),
        cmocka_unit_test(gate_check__longest_name_wins),
        cmocka_unit_test(gate_check__names_nothing),
        cmocka_unit_test(gate_check__cannot_be_computed),
        cmocka_unit_test(gate_check__odd_tables),
        cmocka_unit_test(gate_check__why_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
