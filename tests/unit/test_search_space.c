#include "search/space.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scratch.h"

/* ---- text ---- */

/* What is read from the text is written as `expected`, and that as itself. */
static void assert_format(const char *text, const char *expected)
{
    for (int i = 0; i < 2; i++) {
        struct space space;
        struct err err = {0};
        struct buf out = {0};
        if (space_parse(&space, i ? expected : text, &err) != 0)
            fail_msg("'%s': %s", text, err.message);
        space_format(&space, &out);
        assert_string_equal(out.data, expected);
        buf_release(&out);
        space_release(&space);
    }
}

static void assert_bad(const char *text, const char *message)
{
    struct space space;
    struct err err = {0};

    assert_int_equal(space_parse(&space, text, &err), -1);
    assert_string_equal(err.message, message);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_null(space.items);
    assert_int_equal(space.n, 0);
}

static void parse(struct space *space, const char *text)
{
    struct err err = {0};

    if (space_parse(space, text, &err) != 0)
        fail_msg("'%s': %s", text, err.message);
}

static void space_parse__kinds(void **state)
{
    struct space s;

    (void)state;
    parse(&s, "a=-5..10 b=log:1e-5..1e-1\tc=int:0..3\r\n d=int-log:16..512 "
              "e=relu,tanh f=one");
    assert_int_equal(s.n, 6);
    assert_true(s.items[0].kind == DIMENSION_REAL && !s.items[0].log);
    assert_true(s.items[0].low == -5 && s.items[0].high == 10);
    assert_true(s.items[1].kind == DIMENSION_REAL && s.items[1].log);
    assert_true(s.items[1].low == 1e-5 && s.items[1].high == .1);
    assert_true(s.items[2].kind == DIMENSION_INT && !s.items[2].log);
    assert_true(s.items[3].kind == DIMENSION_INT && s.items[3].log);
    assert_true(s.items[4].kind == DIMENSION_CHOICE);
    assert_int_equal(s.items[4].choices.n, 2);
    assert_string_equal(s.items[4].choices.items[1], "tanh");
    assert_int_equal(s.items[5].choices.n, 1);
    assert_true(s.items[5].parent == DIMENSION_NONE);
    assert_true(dimension_count(&s.items[0]) == 0 &&
                dimension_count(&s.items[2]) == 4);
    assert_true(dimension_count(&s.items[3]) == 497);
    assert_true(dimension_count(&s.items[5]) == 1);
    assert_int_equal(space_find(&s, "e"), 4);
    assert_true(space_find(&s, "E") == DIMENSION_NONE);
    space_release(&s);
    assert_int_equal(s.n, 0);
}

static void space_format__round_trip(void **state)
{
    (void)state;
    assert_format("  a=0...5   b=1e-5..1e-1 ", "a=0..0.5 b=1e-05..0.1");
    assert_format("a=log:1e-5..1 b=int-log:1..9 c=int:-3..3",
                  "a=log:1e-05..1 b=int-log:1..9 c=int:-3..3");
    assert_format("a=\"x y\",\"p,q\",\"\"\"r\"\"\"",
                  "a=\"x y\",\"p,q\",\"\"\"r\"\"\"");
    assert_format("a=\"0..1\" b=\"log:1\" c=../x,y",
                  "a=\"0..1\" b=\"log:1\" c=\"../x\",y");
    assert_format("if=0..1 b=1,2", "if=0..1 b=1,2");
    assert_format("a=0..1 if b=\"x y\",z b=\"x y\",z,w",
                  "b=\"x y\",z,w a=0..1 if b=\"x y\",z");
}

static void space_parse__errors(void **state)
{
    (void)state;
    assert_bad("", "no parameter to search");
    assert_bad(" \n", "no parameter to search");
    assert_bad("a", "'a' is not NAME=LOW..HIGH or NAME=A,B");
    assert_bad("a=", "'a' is not NAME=LOW..HIGH or NAME=A,B");
    assert_bad("=1..2", "a parameter without a name");
    assert_bad("a\"b\"=1..2",
               "'a\"b\"': a name has no blanks, quotes, commas and '='");
    assert_bad("a=1..b", "'a': not a number: 'b'");
    assert_bad("a=..2", "'a': not a number: ''");
    assert_bad("a=0..inf", "'a': not a number: 'inf'");
    assert_bad("a=2..1", "'a': 2 is not below 1");
    assert_bad("a=1..1", "'a': 1 is not below 1");
    assert_bad("a=log:0..1", "'a': a logarithmic range begins above 0");
    assert_bad("a=log:5", "'a': not log:LOW..HIGH: 'log:5'");
    assert_bad("a=int:1,2", "'a': not int:LOW..HIGH: 'int:1,2'");
    assert_bad("a=int:1..2.5", "'a': not a whole number: '2.5'");
    assert_bad("a=int:0..1e16", "'a': beyond 1e15: '1e16'");
    assert_bad("a=-1e308..1e308", "'a': too wide a range: -1e308..1e308");
    assert_bad("a=x,,y", "'a': not a list: 'x,,y'");
    assert_bad("a=\"x", "'a': not a list: '\"x'");
    assert_bad("a=x,y,x", "'a': 'x' occurs twice");
    assert_bad("a=1..2 a=x,y", "'a' occurs twice");
}

static void space_parse__at_most_64(void **state)
{
    struct buf text = {0};
    struct space space;

    (void)state;
    for (int i = 0; i < SPACE_MOST; i++)
        buf_printf(&text, "p%d=0..1 ", i);
    parse(&space, text.data);
    assert_int_equal(space.n, SPACE_MOST);
    space_release(&space);
    buf_add_text(&text, "q=0..1");
    assert_bad(text.data, "more than 64 parameters");
    buf_release(&text);
}

/* ---- conditions ---- */

static void space_condition__parents_first(void **state)
{
    (void)state;
    assert_format("a=0..1 if b=x b=x,y if c=p c=p,q d=0..1",
                  "c=p,q b=x,y if c=p a=0..1 if b=x d=0..1");
    assert_format("a=0..1 if c=p b=0..1 if c=q c=p,q",
                  "c=p,q a=0..1 if c=p b=0..1 if c=q");
    assert_format("a=u,v if d=y b=0..1 if a=u c=0..1 if d=x d=x,y",
                  "d=x,y a=u,v if d=y b=0..1 if a=u c=0..1 if d=x");
}

static void space_condition__errors(void **state)
{
    (void)state;
    assert_bad("if b=x", "'if' is not NAME=LOW..HIGH or NAME=A,B");
    assert_bad("b=x,y a=0..1 if", "'a': a condition is NAME=VALUE,..., not ''");
    assert_bad("b=x,y a=0..1 if b",
               "'a': a condition is NAME=VALUE,..., not 'b'");
    assert_bad("b=x,y a=0..1 if b=",
               "'a': a condition is NAME=VALUE,..., not 'b='");
    assert_bad("b=x,y a=0..1 if c=x", "'a' if 'c': no such choice");
    assert_bad("b=0..1 a=0..1 if b=0", "'a' if 'b': no such choice");
    assert_bad("b=x,y a=0..1 if b=z", "'a' if 'b': it is never 'z'");
    assert_bad("a=x,y if a=x", "'a' depends on itself");
    assert_bad("a=x,y if b=x b=x,y if c=x c=x,y if a=x",
               "'c' depends on itself");
    assert_bad("b=x,y c=x,y a=0..1 if b=x if c=y", "'a' has two conditions");
}

/* A second condition, or one that is wrong, leaves the space as it was. */
static void space_condition__unchanged_on_error(void **state)
{
    struct space s;
    struct list values = {0};
    struct err err = {0};

    (void)state;
    parse(&s, "b=x,y a=0..1 c=0..1 if b=x");
    list_add(&values, "nowhere");
    assert_int_equal(space_condition(&s, "a", "b", &values, &err), -1);
    assert_true(s.items[1].parent == DIMENSION_NONE && !s.items[1].when);
    assert_int_equal(space_condition(&s, "z", "b", &values, &err), -1);
    assert_string_equal(err.message, "no parameter 'z'");
    list_release(&values);
    list_add(&values, "y");
    assert_int_equal(space_condition(&s, "c", "b", &values, &err), -1);
    assert_true(s.items[2].when[0] && !s.items[2].when[1]);
    list_release(&values);
    space_release(&s);
}

static void space_active__nested(void **state)
{
    double value[] = {0, 0, NAN};
    struct space s;

    (void)state;
    parse(&s, "c=p,q b=x,y if c=p a=0..1 if b=y");
    assert_true(space_active(&s, value, 0) && space_active(&s, value, 1));
    assert_false(space_active(&s, value, 2));
    value[1] = 1;
    assert_true(space_active(&s, value, 2));
    value[0] = 1;
    value[1] = NAN;
    assert_false(space_active(&s, value, 1) || space_active(&s, value, 2));
    space_release(&s);
}

static void space_from_unit__nan_where_nothing(void **state)
{
    const double unit[] = {.75, .9, .5}, other[] = {.25, .9, .5};
    double value[3];
    struct space s;

    (void)state;
    parse(&s, "c=p,q b=x,y if c=p a=0..1 if b=y");
    space_from_unit(&s, unit, value);
    assert_true(value[0] == 1 && isnan(value[1]) && isnan(value[2]));
    space_from_unit(&s, other, value);
    assert_true(value[0] == 0 && value[1] == 1 && value[2] == .5);
    space_release(&s);
}

/* ---- the unit interval ---- */

/* All values of a parameter that is not a continuum have the same share. */
static void assert_even(const struct dimension *p)
{
    size_t n = (size_t)dimension_count(p), steps = n * 100;
    size_t *seen = calloc(n, sizeof(*seen));

    for (size_t i = 0; i < steps; i++) {
        double v = dimension_from_unit(p, ((double)i + .5) / (double)steps);
        assert_true(v == floor(v));
        seen[(size_t)(p->kind == DIMENSION_CHOICE ? v : v - p->low)]++;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(seen[i], 100);
    free(seen);
}

static void dimension_unit__even(void **state)
{
    struct space s;

    (void)state;
    parse(&s, "a=int:-3..3 b=x,y,z c=one d=int:999999990..1000000000");
    for (size_t i = 0; i < s.n; i++)
        assert_even(&s.items[i]);
    space_release(&s);
}

/* A log int has the share log((x + 1) / x) / log((high + 1) / low). */
static void dimension_unit__log_int(void **state)
{
    size_t seen[9] = {0};
    struct space s;

    (void)state;
    parse(&s, "a=int-log:1..8");
    for (int i = 0; i < 10000; i++)
        seen[(int)dimension_from_unit(&s.items[0], (i + .5) / 10000)]++;
    for (int x = 1; x <= 8; x++)
        assert_true(fabs((double)seen[x] - 1e4 * log((x + 1.) / x) / log(9)) <=
                    1);
    space_release(&s);
}

/* Values come back from the unit interval and from text. */
static void dimension_unit__round_trip(void **state)
{
    struct space s;

    (void)state;
    parse(&s, "a=-5..10 b=log:1e-5..0.1 c=int:0..1000000000 "
              "d=int-log:1..100000 e=x,y,z f=1000..1001 g=log:7..7.1");
    for (size_t j = 0; j < s.n; j++)
        for (int i = 0; i <= 1000; i++) {
            const struct dimension *p = &s.items[j];
            double v = dimension_from_unit(p, i / 1000.), back;
            struct buf text = {0};
            struct err err = {0};
            assert_true(v >= p->low || p->kind == DIMENSION_CHOICE);
            assert_true(v <= p->high || p->kind == DIMENSION_CHOICE);
            assert_true(dimension_from_unit(p, dimension_to_unit(p, v)) == v);
            dimension_format(p, v, &text);
            assert_int_equal(dimension_parse(p, text.data, &back, &err), 0);
            assert_true(back == v);
            buf_release(&text);
        }
    space_release(&s);
}

static void dimension_unit__ends(void **state)
{
    struct space s;

    (void)state;
    parse(&s, "a=-5..10 b=log:1e-5..0.1 c=int:0..3 d=int-log:16..512 e=x,y");
    for (size_t j = 0; j < 4; j++) {
        assert_true(dimension_from_unit(&s.items[j], 0) == s.items[j].low);
        assert_true(dimension_from_unit(&s.items[j], 1) == s.items[j].high);
    }
    assert_true(dimension_from_unit(&s.items[4], 1) == 1);
    assert_true(dimension_to_unit(&s.items[0], -5) == 0);
    assert_true(dimension_to_unit(&s.items[0], 10) == 1);
    assert_true(fabs(dimension_to_unit(&s.items[2], 0) - .125) < 1e-15);
    assert_true(dimension_from_unit(&s.items[1], .5) == .001);
    space_release(&s);
}

/* A narrow range has as many steps as any other. */
static void dimension_unit__narrow(void **state)
{
    struct space s;

    (void)state;
    parse(&s, "a=1000000..1000001 b=0..1");
    assert_true(dimension_from_unit(&s.items[0], .123457) == 1000000.12346);
    assert_true(dimension_from_unit(&s.items[1], .12345678) == .123457);
    space_release(&s);
}

static void dimension_parse__errors(void **state)
{
    static const char *const bad[][3] = {
        {"0", "x", "'a': not a number: 'x'"},
        {"0", "2", "'a': 2 is outside of its range"},
        {"0", "nan", "'a': not a number: 'nan'"},
        {"1", "1.5", "'b': not a whole number: '1.5'"},
        {"1", "-1", "'b': -1 is outside of its range"},
        {"2", "z", "'z' is none of the choices of 'c'"}};
    struct space s;
    double value;

    (void)state;
    parse(&s, "a=0..1 b=int:0..9 c=x,y");
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct err err = {0};
        assert_int_equal(dimension_parse(&s.items[bad[i][0][0] - '0'],
                                         bad[i][1], &value, &err),
                         -1);
        assert_string_equal(err.message, bad[i][2]);
        assert_int_equal(err.kind, ERR_DATA);
    }
    assert_int_equal(dimension_parse(&s.items[0], "", &value, NULL), 0);
    assert_true(isnan(value));
    space_release(&s);
}

/* ---- CSV ---- */

static void space_read__as_text(void **state)
{
    struct space s;
    struct err err = {0};
    struct buf text = {0};

    (void)state;
    assert_int_equal(
        space_read(&s,
                   scratch_text("space.csv",
                                "name,type,low,high,values,condition\n"
                                "momentum,real,0,.99,,\"opt=sgd,\"\"a b\"\"\"\n"
                                "rate,log,1e-5,0.1,,\n"
                                "hidden,int-log,16,512,,\n"
                                "depth,int,1,3,,\n"
                                "opt,choice,,,\"adam,sgd,a b\",\n"),
                   &err),
        0);
    space_format(&s, &text);
    assert_string_equal(text.data, "opt=adam,sgd,\"a b\" momentum=0..0.99 if "
                                   "opt=sgd,\"a b\" rate=log:1e-05..0.1 "
                                   "hidden=int-log:16..512 depth=int:1..3");
    buf_release(&text);
    space_release(&s);
}

static void assert_bad_csv(const char *rows, long line, const char *message)
{
    struct buf text = {0};
    struct space s;
    struct err err = {0};

    buf_printf(&text, "name,type,low,high,values,condition\n%s", rows);
    assert_int_equal(space_read(&s, scratch_text("bad.csv", text.data), &err),
                     -1);
    assert_string_equal(err.message, message);
    assert_int_equal(err.line, line);
    assert_int_equal(err.kind, ERR_DATA);
    assert_non_null(strstr(err.file, "bad.csv"));
    assert_null(s.items);
    buf_release(&text);
}

static void space_read__errors(void **state)
{
    struct space s;
    struct err err = {0};

    (void)state;
    assert_bad_csv("", 0, "no rows after the header");
    assert_bad_csv("a,real,0,1,,\nb,float,0,1,,\n", 3,
                   "'b': 'float' is not real, log, int, int-log or choice");
    assert_bad_csv("a,real,0,,,\n", 2, "'a': not a number: ''");
    assert_bad_csv("a,real,0,1,\"x,y\",\n", 2, "'a': a number has no values");
    assert_bad_csv("a,choice,0,,\"x,y\",\n", 2, "'a': a choice has no low");
    assert_bad_csv("a,choice,,,,\n", 2, "'a': not a list: ''");
    assert_bad_csv("a b,real,0,1,,\n", 2,
                   "'a b': a name has no blanks, quotes, commas and '='");
    assert_bad_csv("c,choice,,,\"x,y\",\na,real,0,1,,c=x\nb,real,0,1,,d=x\n", 4,
                   "'b' if 'd': no such choice");
    assert_int_equal(
        space_read(&s, scratch_text("short.csv", "name\na\n"), &err), -1);
    assert_int_equal(space_read(&s, scratch_path("none.csv"), &err), -1);
    assert_null(s.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(space_parse__kinds),
        cmocka_unit_test(space_format__round_trip),
        cmocka_unit_test(space_parse__errors),
        cmocka_unit_test(space_parse__at_most_64),
        cmocka_unit_test(space_condition__parents_first),
        cmocka_unit_test(space_condition__errors),
        cmocka_unit_test(space_condition__unchanged_on_error),
        cmocka_unit_test(space_active__nested),
        cmocka_unit_test(space_from_unit__nan_where_nothing),
        cmocka_unit_test(dimension_unit__even),
        cmocka_unit_test(dimension_unit__log_int),
        cmocka_unit_test(dimension_unit__round_trip),
        cmocka_unit_test(dimension_unit__ends),
        cmocka_unit_test(dimension_unit__narrow),
        cmocka_unit_test(dimension_parse__errors),
        cmocka_unit_test(space_read__as_text),
        cmocka_unit_test(space_read__errors)};

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
