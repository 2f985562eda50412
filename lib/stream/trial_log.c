#include "stream/trial_log.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"
#include "csv/reader.h"

/* What is known of every trial so far: NaN while it is not done. */
struct trials {
    size_t trial, state, value; /* columns */
    struct dict names;
    double *of;
    size_t capacity;
};

static int find_columns(struct trials *t, struct csv_reader *r,
                        const char *column, struct err *err)
{
    if (csv_reader_require(r, "trial", &t->trial, err) != 0 ||
        csv_reader_require(r, "state", &t->state, err) != 0)
        return -1;
    return csv_reader_require(r, column, &t->value, err);
}

static int read_trial(struct trials *t, struct csv_reader *r, struct err *err)
{
    const struct csv_field *f = csv_reader_fields(r);
    size_t at = dict_add(&t->names, f[t->trial].text, f[t->trial].len);
    char quoted[ERR_QUOTE_SIZE];

    t->of = mem_grow(t->of, &t->capacity, at + 1, sizeof(*t->of));
    t->of[at] = NAN;
    if (strcmp(f[t->state].text, "done") != 0 ||
        (num_parse(f[t->value].text, f[t->value].len, &t->of[at]) &&
         t->of[at] >= 0))
        return 0;
    err_set(
        err, ERR_DATA, "not an error from 0: %s",
        err_quote(quoted, sizeof(quoted), f[t->value].text, f[t->value].len));
    return csv_reader_blame(r, t->value, err);
}

/* The number of the line that no newline ends; 0 where there is none. */
static long torn_line(const char *path)
{
    FILE *file = fopen(path, "re");
    long newlines = 0;
    int c, last = '\n';

    if (!file)
        return 0;
    while ((c = getc(file)) != EOF) {
        newlines += c == '\n';
        last = c;
    }
    fclose(file);
    return last == '\n' ? 0 : newlines + 1;
}

static int read_all(struct trials *t, struct trial_log *log,
                    struct csv_reader *r, const char *path, struct err *err)
{
    struct err torn = {0};
    int got;

    while ((got = csv_reader_next(r, &torn)) == 1)
        if (read_trial(t, r, err) != 0)
            return -1;
    log->torn = got < 0 && torn.kind == ERR_DATA && torn.line > 0 &&
                torn.line == torn_line(path);
    if (got < 0 && !log->torn)
        *err = torn;
    return log->torn ? 0 : got;
}

static void keep_done(const struct trials *t, struct trial_log *log)
{
    log->value = mem_alloc(t->names.count, sizeof(*log->value));
    for (size_t i = 0; i < t->names.count; i++)
        if (!isnan(t->of[i]))
            log->value[log->n++] = t->of[i];
    log->others = t->names.count - log->n;
}

void trial_log_release(struct trial_log *log)
{
    free(log->value);
    memset(log, 0, sizeof(*log));
}

int trial_log_read(struct trial_log *log, const char *path, const char *column,
                   struct err *err)
{
    struct csv_options options = {0};
    char *paths[] = {(char *)(uintptr_t)path};
    struct csv_reader *r = csv_reader_open(paths, 1, &options, err);
    struct trials t = {0};
    int status;

    memset(log, 0, sizeof(*log));
    if (!r)
        return -1;
    status = find_columns(&t, r, column, err);
    if (status == 0)
        status = read_all(&t, log, r, path, err);
    if (status == 0)
        keep_done(&t, log);
    if (status == 0 && !log->n) {
        trial_log_release(log);
        err_set(err, ERR_DATA, "no trial is done");
        status = err_at(err, path, 0);
    }
    csv_reader_close(r);
    dict_release(&t.names);
    free(t.of);
    return status;
}
