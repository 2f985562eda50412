#include "search/study_events.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/writer.h"

static const char *const first_columns[STUDY_COLUMNS] = {
    "trial",    "state",      "objective", "val_error",
    "val_loss", "epochs_run", "trial_seed"};
static const char *const last_columns[STUDY_LAST_COLUMNS] = {"note", "per_row",
                                                             "asked_at"};

bool study_is_column(const char *name)
{
    for (size_t i = 0; i < STUDY_COLUMNS; i++)
        if (strcmp(name, first_columns[i]) == 0)
            return true;
    for (size_t i = 0; i < STUDY_LAST_COLUMNS; i++)
        if (strcmp(name, last_columns[i]) == 0)
            return true;
    return false;
}

/* ---- writing ---- */

static void take_line(struct csv_writer *w, struct buf *lines)
{
    struct err err = {0};

    csv_writer_end(w, &err);
    buf_add(lines, w->history.data, w->history.len);
    csv_writer_release(w);
}

void study_header(const struct study *s, struct buf *lines)
{
    struct csv_writer w;

    csv_writer_init(&w, NULL);
    w.keep = true;
    for (size_t i = 0; i < STUDY_COLUMNS; i++)
        csv_writer_text(&w, first_columns[i]);
    for (size_t i = 0; i < s->space->n; i++)
        csv_writer_text(&w, s->space->items[i].name);
    for (size_t i = 0; i < STUDY_LAST_COLUMNS; i++)
        csv_writer_text(&w, last_columns[i]);
    take_line(&w, lines);
}

/* A line break would end the record for those who cut a log into lines. */
static void add_line_text(struct csv_writer *w, const char *text)
{
    char *copy = mem_strdup(text ? text : "");

    for (char *c = copy; *c; c++)
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    csv_writer_text(w, copy);
    free(copy);
}

static void add_count(struct csv_writer *w, uint64_t count, bool known)
{
    char text[24] = "";

    if (known)
        snprintf(text, sizeof(text), "%llu", (unsigned long long)count);
    csv_writer_text(w, text);
}

/* NaN: an empty cell. */
static void add_number(struct csv_writer *w, double value)
{
    if (isnan(value))
        csv_writer_text(w, "");
    else
        csv_writer_number(w, value);
}

void study_line(const struct study *s, const struct study_event *e,
                struct buf *lines)
{
    struct csv_writer w;
    struct buf text = {0};

    csv_writer_init(&w, NULL);
    w.keep = true;
    add_count(&w, e->trial, e->trial > 0);
    add_line_text(&w, e->state);
    add_number(&w, e->objective);
    add_number(&w, e->val_error);
    add_number(&w, e->val_loss);
    add_count(&w, e->epochs_run, e->trial > 0);
    add_count(&w, e->seed, e->trial > 0);
    for (size_t i = 0; i < s->space->n; i++) {
        buf_clear(&text);
        buf_add_text(&text, "");
        if (e->value)
            dimension_format(&s->space->items[i], e->value[i], &text);
        add_line_text(&w, text.data);
    }
    add_line_text(&w, e->note);
    add_line_text(&w, e->per_row);
    add_number(&w, e->asked_at);
    buf_release(&text);
    take_line(&w, lines);
}

/* ---- reading ---- */

static int check_header(struct study *s, const char *const *cells, size_t n,
                        struct err *err)
{
    size_t width = s->space->n, at;
    bool same = n == STUDY_COLUMNS + width + STUDY_LAST_COLUMNS;

    for (size_t i = 0; i < n && same; i++) {
        at = i - STUDY_COLUMNS;
        same = strcmp(cells[i], i < STUDY_COLUMNS ? first_columns[i]
                                : at < width      ? s->space->items[at].name
                                             : last_columns[at - width]) == 0;
    }
    s->begun = true;
    return same ? 0
                : err_set(err, ERR_DATA,
                          "not the log of a search of these parameters");
}

static int read_number(const char *text, const char *column, double *value,
                       struct err *err)
{
    *value = NAN;
    if (!*text || num_parse_any(text, strlen(text), value))
        return 0;
    err_set(err, ERR_DATA, "not a number: '%s'", text);
    return err_at_column(err, column, 0);
}

static int read_count(const char *text, const char *column, uint64_t *value,
                      struct err *err)
{
    char *end;

    *value = strtoull(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end)
        return 0;
    *value = 0;
    err_set(err, ERR_DATA, "not a whole number: '%s'", text);
    return err_at_column(err, column, 0);
}

/* The trial of a number; a new one, of all that come before it too. */
static struct study_trial *trial_of(struct study *s, size_t number)
{
    size_t width = s->space->n, before = s->capacity;

    s->trials = mem_grow(s->trials, &s->capacity, number, sizeof(*s->trials));
    if (s->capacity != before)
        s->climbs = mem_resize(s->climbs, s->capacity, sizeof(*s->climbs));
    if (s->capacity != before)
        s->values = mem_resize(s->values, s->capacity * (width + 1),
                               sizeof(*s->values));
    while (s->n < number) {
        struct study_trial *t = &s->trials[s->n];
        memset(t, 0, sizeof(*t));
        memset(&s->climbs[s->n], 0, sizeof(*s->climbs));
        t->number = s->n + 1;
        t->objective = t->val_error = t->val_loss = NAN;
        for (size_t i = 0; i < width; i++)
            s->values[s->n * width + i] = NAN;
        s->n++;
    }
    return &s->trials[number - 1];
}

/* What a state's word is, and behind its colon. */
static int state_of(const char *word, enum trial_state *state,
                    const char **detail)
{
    static const char *const words[] = {"asked",  "rung",   "done",
                                        "failed", "pruned", "stopped"};
    size_t len = strcspn(word, ":");

    *detail = word[len] ? word + len + 1 : "";
    for (int i = 0; i < 6; i++)
        if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0) {
            *state = (enum trial_state)i;
            return 0;
        }
    return -1;
}

static int read_values(struct study *s, size_t trial, const char *const *cells,
                       struct err *err)
{
    for (size_t i = 0; i < s->space->n; i++)
        if (dimension_parse(&s->space->items[i], cells[STUDY_COLUMNS + i],
                            &s->values[(trial - 1) * s->space->n + i],
                            err) != 0)
            return -1;
    return 0;
}

static size_t repeat_of(const char *note)
{
    unsigned long long number;

    return sscanf(note, "repeat of %llu", &number) == 1 ? (size_t)number : 0;
}

/* What may follow: a trial is asked for, comes to rungs, ends once; one that
 * was stopped may be asked for again. */
static bool may_follow(enum trial_state now, enum trial_state before,
                       bool first)
{
    if (first)
        return now == TRIAL_ASKED;
    if (now == TRIAL_ASKED)
        return before <= TRIAL_RUNG || before == TRIAL_STOPPED;
    return before == (now == TRIAL_STOPPED ? TRIAL_RUNG : TRIAL_ASKED);
}

/* A trial that goes on is not at its end, where nobody was told that it was. */
static void take_back_end(struct study *s, const struct study_trial *t)
{
    size_t kept = s->shown;

    for (size_t i = s->shown; i < s->n_finished; i++)
        if (s->finished[i] != t->number - 1)
            s->finished[kept++] = s->finished[i];
    s->n_finished = kept;
}

/* A trial that is asked for the first time brings its configuration. */
static int begin_trial(struct study *s, struct study_trial *t,
                       const char *const *cells, const char *note,
                       const char *asked_at, struct err *err)
{
    if (read_number(asked_at, "asked_at", &t->asked_at, err) != 0)
        return -1;
    if (isnan(t->asked_at))
        t->asked_at = 0;
    s->climbs[t->number - 1].runs = true;
    t->state = TRIAL_ASKED;
    if (t->note)
        return 0;
    t->note = mem_strdup(note);
    t->repeat_of = repeat_of(note);
    s->sampled += !t->repeat_of;
    return read_values(s, t->number, cells, err);
}

static void reach_rung(struct climb *c, double objective, double loss)
{
    c->objective[c->rungs] = objective;
    c->loss[c->rungs++] = loss;
}

/* A trial that is over: at all rungs above it is what it is, or failed. */
static void end_climb(const struct study *s, struct study_trial *t)
{
    struct climb *c = &s->climbs[t->number - 1];
    const struct halving *h = &s->options->halving;
    bool good = t->state == TRIAL_DONE && !isnan(t->objective);

    if (!h->n || t->repeat_of || t->state == TRIAL_STOPPED)
        return;
    if (c->rungs < h->n)
        reach_rung(c, good ? t->objective : INFINITY, t->val_loss);
    c->over = true;
}

static void end_trial(struct study *s, struct study_trial *t)
{
    end_climb(s, t);
    s->finished = mem_grow(s->finished, &s->finished_capacity,
                           s->n_finished + 1, sizeof(*s->finished));
    s->finished[s->n_finished++] = t->number - 1;
}

static int read_outcome(struct study *s, struct study_trial *t,
                        const char *const *cells, const char *note,
                        const char *per_row, struct err *err)
{
    struct climb *climb = &s->climbs[t->number - 1];
    uint64_t epochs;

    if (read_number(cells[2], first_columns[2], &t->objective, err) != 0 ||
        read_number(cells[3], first_columns[3], &t->val_error, err) != 0 ||
        read_number(cells[4], first_columns[4], &t->val_loss, err) != 0 ||
        read_count(cells[5], first_columns[5], &epochs, err) != 0)
        return -1;
    t->epochs_run = (size_t)epochs;
    climb->runs = false;
    free(t->per_row);
    t->per_row = mem_strdup(per_row);
    if (t->state != TRIAL_STOPPED && !t->repeat_of) {
        free(t->note);
        t->note = mem_strdup(note);
    }
    if (t->state == TRIAL_RUNG && climb->rungs < s->options->halving.n)
        reach_rung(climb, t->objective, t->val_loss);
    if (t->state != TRIAL_RUNG)
        end_trial(s, t);
    return 0;
}

static int apply_trial(struct study *s, const char *const *cells,
                       struct err *err)
{
    const char *const *last = cells + STUDY_COLUMNS + s->space->n;
    enum trial_state state;
    const char *detail;
    struct study_trial *t;
    uint64_t number;

    if (read_count(cells[0], first_columns[0], &number, err) != 0)
        return -1;
    if (number < 1 || number > s->n + 1)
        return err_set(err, ERR_DATA, "trial %llu does not follow trial %zu",
                       (unsigned long long)number, s->n);
    if (state_of(cells[1], &state, &detail) != 0)
        return err_set(err, ERR_DATA, "not a state of a trial: '%s'", cells[1]);
    if (!may_follow(state, number <= s->n ? s->trials[number - 1].state : state,
                    number > s->n))
        return err_set(err, ERR_DATA, "trial %llu cannot be '%s' here",
                       (unsigned long long)number, cells[1]);
    t = trial_of(s, (size_t)number);
    if (t->state == TRIAL_STOPPED)
        take_back_end(s, t);
    t->state = state;
    if (read_count(cells[6], first_columns[6], &t->seed, err) != 0)
        return -1;
    return t->state == TRIAL_ASKED
               ? begin_trial(s, t, cells, last[0], last[2], err)
               : read_outcome(s, t, cells, *detail ? detail : last[0], last[1],
                              err);
}

static int apply(void *context, const char *const *cells, size_t n, long line,
                 struct err *err)
{
    struct study *s = context;
    int status;

    if (!s->begun) {
        status = check_header(s, cells, n, err);
    } else if (n != STUDY_COLUMNS + s->space->n + STUDY_LAST_COLUMNS) {
        status = err_set(err, ERR_DATA, "expected %zu fields, got %zu",
                         STUDY_COLUMNS + s->space->n + STUDY_LAST_COLUMNS, n);
    } else if (strcmp(cells[1], "search") == 0) {
        list_release(&s->items);
        status =
            list_add_record(&s->items, cells[STUDY_COLUMNS + s->space->n], err);
    } else {
        status = apply_trial(s, cells, err);
        if (status == 0)
            halving_settle(&s->options->halving, s->climbs, s->n,
                           s->sampled >= s->options->sampler.trials);
    }
    if (status != 0)
        err->line = line;
    return status;
}

int study_take_up(struct study *s, struct err *err)
{
    return journal_read(s->journal, apply, s, err);
}

int study_catch_up(struct study *s, struct err *err)
{
    const struct study_options *o = s->options;

    if (study_take_up(s, err) != 0)
        return -1;
    for (; s->shown < s->n_finished; s->shown++)
        if (o->finished)
            o->finished(o->context, s, s->finished[s->shown]);
    return 0;
}

int study_append(struct study *s, const struct study_event *event,
                 struct err *err)
{
    struct buf line = {0};
    int status;

    study_line(s, event, &line);
    status = journal_append(s->journal, &line, err);
    buf_release(&line);
    return status == 0 ? study_catch_up(s, err) : -1;
}
