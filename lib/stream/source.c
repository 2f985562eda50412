#include "stream/source.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

int source_split(const char *name)
{
    for (int i = 0; i < SPLIT_COUNT; i++)
        if (strcmp(name, split_name((enum split)i)) == 0)
            return i;
    return -1;
}

/* ---- the table split,error[,n] ---- */

static int bad_cell(const struct csv_reader *table, size_t column,
                    const char *what, struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(table)[column];
    char quoted[ERR_QUOTE_SIZE];

    err_set(err, ERR_DATA, "%s: %s", what,
            err_quote(quoted, sizeof(quoted), cell->text, cell->len));
    return csv_reader_blame(table, column, err);
}

static int read_row(const struct csv_reader *table, size_t split, size_t error,
                    size_t n, struct split_errors *parts, struct err *err)
{
    const struct csv_field *f = csv_reader_fields(table);
    double rate, rows = 0;
    int which = source_split(f[split].text);

    if (which < 0)
        return bad_cell(table, split,
                        "not train, trainval, val, testval or "
                        "test",
                        err);
    if (parts[which].present)
        return bad_cell(table, split, "occurs twice", err);
    if (!num_parse(f[error].text, f[error].len, &rate) || rate < 0 || rate > 1)
        return bad_cell(table, error, "not an error from 0 to 1", err);
    if (n != CSV_NONE && f[n].len &&
        (!num_parse(f[n].text, f[n].len, &rows) || rows < 1))
        return bad_cell(table, n, "not a number of rows", err);
    parts[which] = (struct split_errors){
        .present = true, .n = rows, .errors = rows > 0 ? rate * rows : rate};
    return 0;
}

int source_read_errors(struct csv_reader *table,
                       struct split_errors part[SPLIT_COUNT], struct err *err)
{
    size_t split, error, n = csv_reader_find(table, "n");
    int got;

    if (csv_reader_require(table, "split", &split, err) != 0 ||
        csv_reader_require(table, "error", &error, err) != 0)
        return -1;
    while ((got = csv_reader_next(table, err)) == 1)
        if (read_row(table, split, error, n, part, err) != 0)
            return -1;
    return got;
}

/* ---- rows ---- */

static void add_row(struct rows *rows, const char *kind, const char *name,
                    double value, struct interval ci, double n,
                    const char *note)
{
    rows_text(rows, kind);
    rows_text(rows, name);
    rows_text(rows, "");
    rows_number(rows, value);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
    rows_number(rows, n > 0 ? n : NAN);
    rows_text(rows, note);
}

/* Differences of rates: fifteen digits, so that .27 - .20 reads .07. */
static double tidy(double value)
{
    return isfinite(value) ? round(value * 1e15) / 1e15 : value;
}

static struct interval tidy_interval(struct interval ci)
{
    return (struct interval){tidy(ci.low), tidy(ci.high)};
}

/* Of the error of a split. */
static void note_error(struct buf *note, const struct sources *s, int i)
{
    double low = s->optimism.value;

    buf_clear(note);
    buf_add_text(note, s->metric);
    if (!(s->part[i].n > 0))
        buf_add_text(note, "number of rows not known");
    if (!(s->trials > 0) || i != (int)s->tuned_on || !(low > 0))
        return;
    buf_printf(note, "%s%s%.2g too low: chosen as the best of %.0f",
               note->len ? "; " : "",
               low < s->optimism.ci.high ? "about " : "up to ", low, s->trials);
}

static void add_errors(struct rows *rows, const struct sources *s)
{
    struct interval exact = interval_unknown();
    struct buf note = {0};

    add_row(rows, "error", "goal", s->goal.value,
            s->goal.ci.low < s->goal.ci.high ? s->goal.ci : exact, s->goal.n,
            s->goal_note);
    for (int i = 0; i < SPLIT_COUNT; i++) {
        if (isnan(s->part[i].value))
            continue;
        note_error(&note, s, i);
        add_row(rows, "error", split_name((enum split)i), s->part[i].value,
                s->part[i].ci, s->part[i].n, note.data);
    }
    buf_release(&note);
}

static const char *note_of(const struct gaps *gaps, int i)
{
    const struct gap *gap = &gaps->gap[i];

    if (isnan(gap->value))
        return "both are inf";
    if (isinf(gap->value))
        return gaps->largest == i ? "largest beyond noise"
                                  : "inf: a label has a probability of 0";
    if (isnan(gap->ci.low))
        return gaps->largest == i ? "largest; noise not known"
                                  : "noise not known";
    if (gaps->largest == i)
        return gap->includes_val_overfitting
                   ? "largest beyond noise; no val: includes val_overfitting"
                   : "largest beyond noise";
    if (gap->value <= 0 && i == GAP_UNDERFITTING)
        return "the goal is reached";
    if (gap->ci.high < 0)
        return "below 0 beyond noise: are the rows comparable?";
    if (!gap->beyond_noise)
        return "within noise";
    if (gap->includes_val_overfitting)
        return "beyond noise; no val: includes val_overfitting";
    return "beyond noise";
}

enum split source_tuned_on(const struct estimate part[SPLIT_COUNT])
{
    static const enum split order[] = {SPLIT_TESTVAL, SPLIT_VAL,
                                       SPLIT_TRAINVAL};

    for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
        if (!isnan(part[order[i]].value))
            return order[i];
    return SPLIT_COUNT;
}

void source_advice(struct rows *rows, const struct sources *s,
                   const struct advice_case *known)
{
    struct split_errors part[SPLIT_COUNT];

    for (int i = 0; i < SPLIT_COUNT; i++) {
        const struct estimate *e = &s->part[i];
        part[i] = (struct split_errors){!isnan(e->value), e->n,
                                        e->n > 0 ? e->value * e->n : e->value};
    }
    advice_rows(rows, &s->gaps, s->goal.value, part, known);
}

void source_rows(struct rows *rows, const struct sources *s)
{
    const struct gap *gap = s->gaps.gap;

    rows_init(rows, "kind,name,class,value,low,high,n,note");
    add_errors(rows, s);
    for (int i = 0; i < GAP_COUNT; i++)
        if (gap[i].measured)
            add_row(rows, "gap", gap_name((enum gap_kind)i), tidy(gap[i].value),
                    tidy_interval(gap[i].ci), 0, note_of(&s->gaps, i));
    if (s->trials > 0)
        add_row(rows, "part", "optimism", s->optimism.value, s->optimism.ci,
                s->trials, s->optimism_note);
}
