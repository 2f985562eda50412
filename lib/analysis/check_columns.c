#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/features.h"
#include "analysis/part_roles.h"
#include "base/err.h"
#include "base/num.h"
#include "base/text.h"

enum { LEAST_ROWS = 20, FEW_NUMBERS = 4 };

static const double MOSTLY = .8, PARTLY = .2, HALF = .5, NOTATION = .05,
                    STEADY = .99;

/* ---- one value, or none ---- */

static void check_empty(const struct table *t, struct findings *findings)
{
    struct finding ok = finding_of("empty", "all columns", FINDING_OK);
    struct findings found = {0};

    ok.test = "columns without a value in the training rows";
    ok.value = 0;
    for (size_t i = 0; i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        struct finding f = finding_of("empty", column->name, FINDING_WARN);
        if (!column->empty)
            continue;
        f.value = (double)column->missing;
        f.effect = 1;
        f.n_current = (double)column->missing;
        f.test = "empty cells in the training rows; effect: their share";
        f.advice = "it is not used: was a join by the wrong key?";
        findings_add(&found, &f);
    }
    findings_add_worst(findings, &found, "columns", &ok);
}

/* In rows that are learned from, or in all. */
struct constancy {
    bool training, all;
};

static struct constancy constancy_of(const struct part_roles *v,
                                     const struct feature *f)
{
    const struct table *t = v->table;
    const struct column *c = f->column;
    struct constancy is = {true, true};
    size_t first = t->n;
    const char *cells;
    size_t width, size;

    if (c->type == TYPE_TEXT) {
        is.training = c->distinct == 1 && !c->missing;
        is.all = is.training && v->rows[v->train] == t->n;
        return is; /* distinct texts are counted in the training rows */
    }
    cells = c->type == TYPE_NUMBER ? (const char *)(t->numbers + f->place)
                                   : (const char *)(t->levels + f->place);
    size = c->type == TYPE_NUMBER ? sizeof(*t->numbers) : sizeof(*t->levels);
    width = size * (c->type == TYPE_NUMBER ? t->n_numbers : t->n_categories);
    for (size_t i = 0; i < t->n && (is.training || is.all); i++) {
        is.all &= memcmp(cells + i * width, cells, size) == 0;
        if (t->part[i] != v->train)
            continue;
        if (first == t->n)
            first = i;
        is.training &= memcmp(cells + i * width, cells + first * width, size) ==
                       0;
    }
    return is;
}

static void add_constant(const struct table *t, const struct feature *f,
                         struct constancy is, struct findings *found)
{
    struct finding c = finding_of("constant", f->column->name, FINDING_WARN);

    c.value = f->column->type == TYPE_NUMBER ? f->column->low : NAN;
    c.effect = 1;
    c.n_current = (double)t->n;
    c.test = is.all ? "one value in all rows"
                    : "one value in the training rows";
    c.advice = is.all ? "it tells nothing: --exclude it"
                      : "it varies elsewhere, but nothing can be learned of "
                        "it: --exclude it, or divide the data anew";
    findings_add(found, &c);
}

static void check_constant(const struct table *t, const struct features *all,
                           struct findings *findings)
{
    struct finding ok = finding_of("constant", "all columns", FINDING_OK);
    struct grid grid = features_grid(all);
    struct findings found = {0};
    struct part_roles roles;
    size_t background = 0;

    part_roles_init(&roles, t);
    for (size_t i = 0; i < all->n && t->n > 1; i++) {
        const struct feature *f = &all->at[i];
        struct constancy is = constancy_of(&roles, f);
        if (!is.training)
            continue;
        if (f->column->type == TYPE_NUMBER && grid_has(&grid, f->column->low))
            background++;
        else
            add_constant(t, f, is, &found);
    }
    part_roles_release(&roles);
    ok.value = (double)background;
    ok.test = "columns with one value, which is that of the background of an "
              "image";
    findings_add_worst(findings, &found, "columns", &ok);
}

/* ---- identifiers ---- */

static double step_to(const struct table *t, const struct feature *f,
                      size_t row)
{
    const float *cell = t->numbers + row * t->n_numbers + f->place;

    return (double)cell[0] - (double)*(cell - t->n_numbers);
}

/* The share of steps from row to row that are the same, not 0. */
static double steady_steps(const struct table *t, const struct feature *f)
{
    double a = step_to(t, f, t->n / 4), b = step_to(t, f, t->n / 2),
           c = step_to(t, f, t->n / 4 * 3),
           step = fmax(fmin(a, b), fmin(fmax(a, b), c)); /* the median */
    size_t same = 0;

    if (!(fabs(step) > 0))
        return 0;
    for (size_t i = 1; i < t->n; i++)
        same += fabs(step_to(t, f, i) - step) < fabs(step) / 4;
    return (double)same / (double)(t->n - 1);
}

static void check_identifier(const struct table *t, const struct features *all,
                             struct findings *findings)
{
    struct finding ok = finding_of("identifier", "all columns", FINDING_OK);
    struct findings found = {0};

    ok.value = 0;
    ok.test = "features that number or name the rows";
    for (size_t i = 0; i < all->n && t->n >= LEAST_ROWS; i++) {
        const struct column *c = all->at[i].column;
        struct finding f = finding_of("identifier", c->name, FINDING_WARN);
        double steady = c->type == TYPE_NUMBER ? steady_steps(t, &all->at[i])
                                               : 0;
        if (!c->unique && steady < STEADY)
            continue;
        f.value = steady >= STEADY ? steady : (double)c->distinct;
        f.limit = steady >= STEADY ? STEADY : NAN;
        f.effect = steady >= STEADY ? steady
                                    : (double)c->distinct / (double)c->cells;
        f.test = steady >= STEADY
                     ? "steps from row to row that are equal, their share"
                     : "values that differ; effect: their share";
        f.n_current = (double)t->n;
        f.advice = steady >= STEADY
                       ? "it numbers the rows: --exclude it, or make it the "
                         "--id or --time"
                       : "it names the rows: --exclude it, or make it the --id";
        findings_add(&found, &f);
    }
    findings_add_worst(findings, &found, "columns", &ok);
}

/* ---- what cells look like ---- */

static bool holds_words(const struct feature *f)
{
    return f->column->type != TYPE_NUMBER && f->column->cells >= LEAST_ROWS;
}

/* What people write into cells of which they know nothing. */
static bool means_missing(const char *text, size_t len)
{
    static const char *const words[] = {
        "?",       "-",       "na",      "n/a",       "nan",  "none", "null",
        "unknown", "missing", "no data", "not known", "n.a.", "nil",  "tbd"};
    struct buf folded = {0};
    bool means = false;

    text_fold(&folded, text, len);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        means |= folded.len == strlen(words[i]) &&
                 memcmp(folded.data, words[i], folded.len) == 0;
    buf_release(&folded);
    return means;
}

/* Levels that are numbers, which are one of many, or all but those that mean
 * nothing. */
static bool has_number_levels(const struct table *t, const struct feature *f)
{
    const struct dict *dict = &t->dicts[f->place];
    size_t numbers = 0, others = 0;
    double value;

    for (size_t i = 0; i < dict->count; i++)
        if (num_parse(dict->text[i], dict->len[i], &value))
            numbers++;
        else
            others += dict->len[i] &&
                      !means_missing(dict->text[i], dict->len[i]);
    return numbers >= LEAST_ROWS || (numbers >= FEW_NUMBERS && !others);
}

static void add_odd(const struct column *c, struct buf *out)
{
    char quoted[ERR_QUOTE_SIZE];

    if (c->odd)
        buf_printf(out, "; the first other cell is %s in line %ld",
                   err_quote(quoted, sizeof(quoted), c->odd, strlen(c->odd)),
                   c->odd_line);
}

static void add_looks(const char *check, const struct column *c, double count,
                      const char *test, const char *what,
                      struct findings *found)
{
    struct finding f = finding_of(check, c->name, FINDING_WARN);
    struct buf advice = {0};

    buf_add_text(&advice, what);
    add_odd(c, &advice);
    f.value = count;
    f.effect = count / (double)c->cells;
    f.n_current = (double)c->cells;
    f.test = test;
    f.advice = advice.data;
    findings_add(found, &f);
    buf_release(&advice);
}

/* Ranges alone are groups, such as 20-29. */
static double hidden_numbers(const struct column *c)
{
    double numbers = (double)(c->numbers + c->kinds[CELL_MEASURE]),
           ranges = (double)c->kinds[CELL_RANGE];

    return numbers >= ranges ? numbers + ranges : numbers;
}

static bool is_hidden(const struct table *t, const struct feature *f)
{
    const struct column *c = f->column;

    return holds_words(f) && hidden_numbers(c) >= MOSTLY * (double)c->cells &&
           (c->type == TYPE_TEXT || c->kinds[CELL_MEASURE] ||
            has_number_levels(t, f));
}

static const char *advice_for_numbers(const struct column *c)
{
    if (c->kinds[CELL_MEASURE] + c->kinds[CELL_RANGE])
        return "write plain numbers, without units, signs and second years: "
               "then it is a number";
    return "name the words among them in --missing: then it is a number";
}

static void check_text_numbers(const struct table *t,
                               const struct features *all,
                               struct findings *findings)
{
    struct finding ok = finding_of("text_numbers", "all columns", FINDING_OK);
    struct findings found = {0};

    ok.value = 0;
    ok.test = "columns of words whose cells are numbers";
    for (size_t i = 0; i < all->n; i++)
        if (is_hidden(t, &all->at[i]))
            add_looks("text_numbers", all->at[i].column,
                      hidden_numbers(all->at[i].column),
                      "cells that are numbers, ranges, or numbers with a unit; "
                      "effect: their share",
                      advice_for_numbers(all->at[i].column), &found);
    findings_add_worst(findings, &found, "columns", &ok);
}

static bool is_part_number(const struct table *t, const struct feature *f)
{
    const struct column *c = f->column;
    double n = (double)c->cells, hidden = hidden_numbers(c);

    return holds_words(f) && hidden >= PARTLY * n && hidden < MOSTLY * n &&
           (double)c->kinds[CELL_OTHER] >= PARTLY * n &&
           (c->type == TYPE_TEXT || has_number_levels(t, f));
}

/* Days as 1809-11-03 beside 3/11/1809. */
static bool is_two_notations(const struct column *c)
{
    double n = (double)c->cells, iso = (double)c->kinds[CELL_ISO_DATE],
           other = (double)c->kinds[CELL_OTHER_DATE];

    return iso + other >= HALF * n && iso >= NOTATION * n &&
           other >= NOTATION * n;
}

static bool is_dates_and_numbers(const struct column *c)
{
    double n = (double)c->cells,
           dates =
               (double)(c->kinds[CELL_ISO_DATE] + c->kinds[CELL_OTHER_DATE]),
           numbers = (double)(c->numbers + c->kinds[CELL_MEASURE]);

    return dates + numbers >= MOSTLY * n && dates >= NOTATION * n &&
           numbers >= NOTATION * n;
}

static void check_mixed(const struct table *t, const struct features *all,
                        struct findings *findings)
{
    struct finding ok = finding_of("mixed", "all columns", FINDING_OK);
    struct findings found = {0};

    ok.value = 0;
    ok.test = "columns with cells of two kinds";
    for (size_t i = 0; i < all->n; i++) {
        const struct column *c = all->at[i].column;
        if (!holds_words(&all->at[i]))
            continue;
        if (is_two_notations(c))
            add_looks("mixed", c, (double)c->kinds[CELL_OTHER_DATE],
                      "days that are not written like 1809-11-03 among some "
                      "that are; effect: their share",
                      "write all of them like 1809-11-03", &found);
        else if (is_dates_and_numbers(c))
            add_looks("mixed", c, (double)(c->numbers + c->kinds[CELL_MEASURE]),
                      "numbers among days; effect: their share",
                      "are the numbers days of a spreadsheet? write all of "
                      "them like 1809-11-03",
                      &found);
        else if (is_part_number(t, &all->at[i]))
            add_looks("mixed", c, hidden_numbers(c),
                      "numbers among words; effect: their share",
                      "part it into a column of numbers and one of words",
                      &found);
    }
    findings_add_worst(findings, &found, "columns", &ok);
}

void check_columns(const struct table *t, struct findings *findings)
{
    struct features all;

    features_init(&all, t);
    if (all.n) {
        check_empty(t, findings);
        check_constant(t, &all, findings);
        check_identifier(t, &all, findings);
        check_text_numbers(t, &all, findings);
        check_mixed(t, &all, findings);
    }
    features_release(&all);
}
