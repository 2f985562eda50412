#include "stream/training_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/trend.h"

enum {
    LAST = 3,
    FEW_EPOCHS = 5,
    MANY_STEPS = 10,
    MANY_ROWS = 40,
    STRETCHES = 20
};

/* One cell of losses with what stands beside it. */
struct point {
    double epoch, loss, error, rate;
};

/* The points of one part of one run. */
struct points {
    struct point *at;
    size_t n, capacity, restarts;
};

struct reading {
    struct training_log *log;
    struct csv_reader *csv;
    struct log_columns c;
    struct dict runs;
    struct points *points; /* [runs.count * LOG_PARTS] */
    size_t capacity;
    bool has[LOG_PARTS];
};

/* ---- cells ---- */

static bool is_missing(const struct csv_field *cell)
{
    static const char *const words[] = {"",   "-",    "None", "none",
                                        "NA", "null", "N/A"};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcmp(cell->text, words[i]) == 0)
            return true;
    return false;
}

/* *there is false, and *value NaN, where the cell is empty. */
static int read_cell(const struct reading *r, size_t column, double *value,
                     bool *there, struct err *err)
{
    struct csv_field cell;
    char quoted[ERR_QUOTE_SIZE];

    *value = NAN;
    *there = false;
    if (column == CSV_NONE)
        return 0;
    cell = csv_reader_cell(r->csv, column);
    if (is_missing(&cell))
        return 0;
    *there = true;
    if (num_parse_any(cell.text, cell.len, value))
        return 0;
    err_set(err, ERR_DATA, "not a number: %s",
            err_quote(quoted, sizeof(quoted), cell.text, cell.len));
    return csv_reader_blame(r->csv, column, err);
}

static size_t run_of(struct reading *r)
{
    struct buf name = {0};
    size_t had = r->runs.count, run;

    for (size_t i = 0; i < r->c.n_runs; i++)
        buf_printf(&name, "%s%s %s", i ? ", " : "",
                   csv_reader_name(r->csv, r->c.run[i]),
                   csv_reader_cell(r->csv, r->c.run[i]).text);
    run = dict_add(&r->runs, name.len ? name.data : "", name.len);
    buf_release(&name);
    if (r->runs.count > had) {
        size_t need = r->runs.count * LOG_PARTS, old = had * LOG_PARTS;
        r->points = mem_grow(r->points, &r->capacity, need, sizeof(*r->points));
        memset(r->points + old, 0, LOG_PARTS * sizeof(*r->points));
    }
    return run;
}

/* A log that goes back to an earlier epoch begins there anew. */
static void add_point(struct points *p, const struct point *point)
{
    if (p->n && point->epoch < p->at[p->n - 1].epoch) {
        p->restarts++;
        while (p->n && p->at[p->n - 1].epoch >= point->epoch)
            p->n--;
    }
    p->at = mem_grow(p->at, &p->capacity, p->n + 1, sizeof(*p->at));
    p->at[p->n++] = *point;
}

/* The losses, error and accuracy in the columns of one part. */
static int read_part(struct reading *r, size_t run, const size_t *column,
                     enum log_part part, struct point point, struct err *err)
{
    double accuracy;
    bool there, with_error, with_accuracy;

    if (read_cell(r, column[LOG_LOSS], &point.loss, &there, err) != 0 ||
        read_cell(r, column[LOG_ERROR], &point.error, &with_error, err) != 0 ||
        read_cell(r, column[LOG_ACCURACY], &accuracy, &with_accuracy, err) != 0)
        return -1;
    if (!there)
        return 0;
    if (!with_error && with_accuracy) {
        point.error = -accuracy; /* its scale is known at the end */
        r->log->accuracy = true;
    }
    r->log->percent |= fabs(point.error) > 1;
    r->has[part] = true;
    add_point(&r->points[run * LOG_PARTS + part], &point);
    return 0;
}

static int read_row(struct reading *r, struct err *err)
{
    struct point point;
    size_t run = run_of(r);
    bool there;

    if (read_cell(r, r->c.rate, &point.rate, &there, err) != 0 ||
        read_cell(r, r->c.epoch, &point.epoch, &there, err) != 0)
        return -1;
    if (!there && read_cell(r, r->c.step, &point.epoch, &there, err) != 0)
        return -1;
    if (!there)
        point.epoch = (double)csv_reader_records(r->csv);
    if (r->c.split != CSV_NONE && r->c.measure[LOG_TRAIN][LOG_LOSS] != CSV_NONE)
        return read_part(r, run, r->c.measure[LOG_TRAIN],
                         log_part_of(csv_reader_cell(r->csv, r->c.split).text),
                         point, err);
    for (int p = 0; p < LOG_PARTS; p++)
        if (read_part(r, run, r->c.measure[p], (enum log_part)p, point, err) !=
            0)
            return -1;
    return 0;
}

/* ---- series ---- */

static void add_mean(struct log_series *s, const struct point *p, size_t n)
{
    double epoch = 0, loss = 0, error = 0, rate = NAN;
    size_t had = s->capacity;

    for (size_t i = 0; i < n; i++) {
        epoch += p[i].epoch / (double)n;
        loss += p[i].loss / (double)n;
        error += p[i].error / (double)n;
        rate = isnan(p[i].rate) ? rate : p[i].rate;
    }
    s->epoch = mem_grow(s->epoch, &s->capacity, s->n + 1, sizeof(double));
    if (s->capacity != had) {
        s->loss = mem_resize(s->loss, s->capacity, sizeof(double));
        s->error = mem_resize(s->error, s->capacity, sizeof(double));
        s->rate = mem_resize(s->rate, s->capacity, sizeof(double));
    }
    s->epoch[s->n] = epoch;
    s->loss[s->n] = loss;
    s->error[s->n] = error;
    s->rate[s->n++] = rate;
}

static size_t end_of_epoch(const struct points *p, size_t begin)
{
    size_t end = begin + 1;

    while (end < p->n && !(p->at[end].epoch > p->at[begin].epoch))
        end++;
    return end;
}

static size_t count_epochs(const struct points *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i = end_of_epoch(p, i))
        n++;
    return n;
}

static void add_stretches(struct log_series *s, const struct points *p)
{
    size_t n = p->n > MANY_ROWS ? STRETCHES : p->n;

    s->by_step = true;
    for (size_t i = 0; i < n; i++) {
        size_t begin = i * p->n / n, end = (i + 1) * p->n / n;
        add_mean(s, p->at + begin, end - begin);
    }
}

/*
 * "nan" in some rows of a log with numbers behind them is an empty cell: a
 * weight that is not a number stays so.
 */
static void drop_holes(struct points *p)
{
    size_t end = p->n, n = 0;

    while (end && isnan(p->at[end - 1].loss))
        end--;
    for (size_t i = 0; i < p->n; i++)
        if (i >= end || !isnan(p->at[i].loss))
            p->at[n++] = p->at[i];
    p->n = n;
}

static void make_series(struct log_series *s, struct points *p, bool by_row)
{
    drop_holes(p);
    s->first_step = p->n ? p->at[0].loss : NAN;
    if (by_row || (count_epochs(p) < FEW_EPOCHS && p->n >= MANY_STEPS)) {
        add_stretches(s, p);
        return;
    }
    for (size_t i = 0, end; i < p->n; i = end) {
        end = end_of_epoch(p, i);
        s->steps = end - i > s->steps ? end - i : s->steps;
        s->doubled += end - i > 1;
        add_mean(s, p->at + i, end - i);
    }
    if (3 * s->doubled > s->n)
        s->doubled = 0;
}

static void mend_errors(struct points *p, double scale)
{
    for (size_t i = 0; i < p->n; i++)
        p->at[i].error = signbit(p->at[i].error) && !isnan(p->at[i].error)
                             ? 1 + p->at[i].error / scale
                             : p->at[i].error / scale;
}

static void make_runs(struct reading *r)
{
    struct training_log *log = r->log;
    bool by_row = r->c.epoch == CSV_NONE;
    enum log_part held = r->has[LOG_VAL] ? LOG_VAL : LOG_TEST;

    log->n_runs = r->runs.count;
    log->runs = mem_zalloc(log->n_runs, sizeof(*log->runs));
    log->held = r->has[LOG_VAL] ? "validation" : r->has[held] ? "test" : "";
    for (size_t i = 0; i < log->n_runs; i++) {
        struct log_run *run = &log->runs[i];
        struct points *p = r->points + i * LOG_PARTS;
        run->name = mem_strdup(r->runs.text[i]);
        for (int k = 0; k < LOG_PARTS; k++) {
            mend_errors(&p[k], log->percent ? 100 : 1);
            if (p[k].restarts > run->restarts)
                run->restarts = p[k].restarts;
        }
        make_series(&run->train, &p[LOG_TRAIN], by_row);
        make_series(&run->held, &p[held], by_row);
    }
}

static int check_some(const struct reading *r, struct err *err)
{
    if (r->has[LOG_TRAIN] || r->has[LOG_VAL] || r->has[LOG_TEST])
        return 0;
    err_set(err, ERR_DATA, "no row has a loss");
    return err_at(err, csv_reader_file(r->csv), 0);
}

int training_log_read(struct training_log *log, struct csv_reader *csv,
                      const struct list *names, struct err *err)
{
    struct reading r = {.log = log, .csv = csv};
    int got;

    memset(log, 0, sizeof(*log));
    log->held = "";
    if (log_columns_find(&r.c, csv, names, err) != 0)
        return -1;
    log->own = log_columns_own(csv);
    if (!log->own)
        log_columns_note(&r.c, csv, &log->notes);
    while ((got = csv_reader_next(csv, err)) == 1)
        if ((got = read_row(&r, err)) != 0)
            break;
    if (got == 0 && (got = check_some(&r, err)) == 0)
        make_runs(&r);
    for (size_t i = 0; i < r.runs.count * LOG_PARTS; i++)
        free(r.points[i].at);
    free(r.points);
    dict_release(&r.runs);
    if (got != 0)
        training_log_release(log);
    return got;
}

static void series_release(struct log_series *s)
{
    free(s->epoch);
    free(s->loss);
    free(s->error);
    free(s->rate);
}

void training_log_release(struct training_log *log)
{
    for (size_t i = 0; i < log->n_runs; i++) {
        free(log->runs[i].name);
        series_release(&log->runs[i].train);
        series_release(&log->runs[i].held);
    }
    free(log->runs);
    buf_release(&log->notes);
    memset(log, 0, sizeof(*log));
}

double log_epoch(const struct log_series *s, size_t i)
{
    return i < s->n ? s->epoch[i] : NAN;
}

double log_last_error(const struct log_series *s)
{
    double last[LAST];
    size_t n = 0;

    for (size_t i = s->n < LAST ? 0 : s->n - LAST; i < s->n; i++)
        if (!isnan(s->error[i]))
            last[n++] = s->error[i];
    return trend_median(last, n);
}
