#include "search/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "csv/writer.h"
#include "search/study_events.h"

/* ---- the log and what it says of itself ---- */

const char *study_item(const struct list *items, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < items->n; i++)
        if (strncmp(items->items[i], name, len) == 0 &&
            items->items[i][len] == '=')
            return items->items[i] + len + 1;
    return NULL;
}

static void add_item(struct buf *note, const char *item)
{
    if (note->len)
        buf_add_char(note, ',');
    csv_quote(note, item, strlen(item));
}

/* The item of the same name, or NULL. */
static const char *same_item(const struct list *items, const char *item)
{
    size_t len = strcspn(item, "=") + 1;

    for (size_t i = 0; i < items->n; i++)
        if (strncmp(items->items[i], item, len) == 0)
            return items->items[i];
    return NULL;
}

/* What is known so far, with what is said now. */
static void add_items(struct buf *note, const struct study *s)
{
    const struct list *now[] = {&s->options->fixed, &s->options->free_};

    for (size_t i = 0; i < s->items.n; i++)
        if (!same_item(now[0], s->items.items[i]) &&
            !same_item(now[1], s->items.items[i]))
            add_item(note, s->items.items[i]);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < now[k]->n; i++)
            add_item(note, now[k]->items[i]);
}

/* The first row, or another one. */
static int describe(struct study *s, bool first, struct err *err)
{
    struct study_event event = {.state = "search",
                                .objective = NAN,
                                .val_error = NAN,
                                .val_loss = NAN,
                                .asked_at = NAN};
    struct buf note = {0}, lines = {0};
    int status;

    add_items(&note, s);
    event.note = note.data;
    if (first)
        study_header(s, &lines);
    study_line(s, &event, &lines);
    status = journal_append(s->journal, &lines, err);
    buf_release(&lines);
    buf_release(&note);
    return status == 0 ? study_catch_up(s, err) : -1;
}

/* 0: nothing differs; 1: something free does; -1: something else. */
static int compare(const struct study *s, struct err *err)
{
    const struct list *fixed = &s->options->fixed, *other = &s->options->free_;
    int differs = 0;

    for (size_t i = 0; i < fixed->n + other->n; i++) {
        bool must = i < fixed->n;
        char *item =
            mem_strdup(must ? fixed->items[i] : other->items[i - fixed->n]);
        const char *now = list_split_pair(item, false),
                   *then = study_item(&s->items, item);
        if (must && now && (!then || strcmp(now, then) != 0)) {
            err_set(err, ERR_DATA,
                    "the log is of another search: %s was '%s', not '%s'", item,
                    then ? then : "", now);
            differs = -1;
        } else if (differs == 0 && now && (!then || strcmp(now, then) != 0)) {
            differs = 1;
        }
        free(item);
        if (differs < 0)
            return err_at(err, s->options->log, 0);
    }
    return differs;
}

static int begin(struct study *s, struct err *err)
{
    int status;

    if (study_take_up(s, err) != 0)
        return -1;
    if (!s->items.n && !s->n)
        return describe(s, !s->begun, err);
    status = compare(s, err);
    if (status == 1)
        status = describe(s, false, err);
    return status == 0 ? study_catch_up(s, err) : status;
}

/* What would not read back from the log: it is one line a record, and holds the
 * space as text; and two columns of one name. */
static int check_space(const struct space *space, struct err *err)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *d = &space->items[i];
        if (study_is_column(d->name))
            return err_set(err, ERR_USAGE,
                           "'%s' is a column of the log: no parameter can be "
                           "called so",
                           d->name);
        if (!space_is_name(d->name))
            return err_set(err, ERR_USAGE,
                           "'%s': a name has no blanks, quotes, commas and '='",
                           d->name);
        for (size_t k = 0; k < d->choices.n; k++)
            if (strpbrk(d->choices.items[k], "\r\n"))
                return err_set(err, ERR_USAGE,
                               "'%s': a value with a line break", d->name);
    }
    return 0;
}

/* Locked, `first` makes of the log what the study is. */
static struct study *open_study(const struct space *space,
                                const struct study_options *options,
                                struct journal *journal,
                                int (*first)(struct study *, struct err *),
                                struct err *err)
{
    struct study *s = mem_zalloc(1, sizeof(*s));
    int status = -1;

    s->space = space;
    s->options = options;
    s->journal = journal;
    if (check_space(space, err) == 0)
        s->sampler = sampler_new(space, &options->sampler, err);
    if (s->sampler && journal_lock(journal, err) == 0) {
        status = first(s, err);
        journal_unlock(journal);
    }
    if (status == 0)
        return s;
    study_close(s);
    return NULL;
}

struct study *study_open(const struct space *space,
                         const struct study_options *options, struct err *err)
{
    struct journal *journal = journal_open(options->log, STUDY_BEGINS, err);

    return journal ? open_study(space, options, journal, begin, err) : NULL;
}

struct study *study_open_read(const struct space *space,
                              const struct study_options *options,
                              struct err *err)
{
    struct journal *journal =
        journal_open_read(options->log, STUDY_BEGINS, err);

    return journal ? open_study(space, options, journal, study_catch_up, err)
                   : NULL;
}

void study_close(struct study *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++) {
        free(s->trials[i].note);
        free(s->trials[i].per_row);
    }
    sampler_free(s->sampler);
    journal_close(s->journal);
    list_release(&s->items);
    list_release(&s->repeated);
    free(s->trials);
    free(s->values);
    free(s->climbs);
    free(s->finished);
    free(s);
}

/* ---- telling ---- */

static int write_outcome(struct study *s, size_t trial, const struct outcome *o,
                         struct err *err)
{
    static const char *const words[] = {"rung", "done", "pruned:", "failed"};
    const char *note = o->note.len ? o->note.data : "";
    bool pruned = o->state == OUTCOME_PRUNED;
    struct buf state = {0};
    struct study_event event = {.trial = trial,
                                .objective = o->objective,
                                .val_error = o->val_error,
                                .val_loss = o->val_loss,
                                .epochs_run = o->epochs_run,
                                .seed = s->trials[trial - 1].seed,
                                .value = study_value(s, trial - 1),
                                .note = pruned ? "" : note,
                                .per_row = o->per_row.len ? o->per_row.data
                                                          : "",
                                .asked_at = NAN};
    int status;

    buf_printf(&state, "%s%s", words[o->state], pruned ? note : "");
    event.state = state.data;
    status = study_append(s, &event, err);
    buf_release(&state);
    return status;
}

static int tell(struct study *s, size_t trial, const struct outcome *o,
                struct err *err)
{
    enum trial_state state;

    if (study_catch_up(s, err) != 0)
        return -1;
    if (trial < 1 || trial > s->n)
        return err_set(err, ERR_DATA, "there is no trial %zu", trial);
    state = s->trials[trial - 1].state;
    if (o->state != OUTCOME_CUT && state == TRIAL_ASKED &&
        write_outcome(s, trial, o, err) != 0)
        return -1;
    if (s->trials[trial - 1].claimed)
        journal_unclaim(s->journal, trial);
    s->trials[trial - 1].claimed = false;
    return state == TRIAL_ASKED ? 0 : 1;
}

int study_tell(struct study *s, size_t trial, const struct outcome *outcome,
               struct err *err)
{
    int status = -1;

#pragma omp critical(search_study)
    if (journal_lock(s->journal, err) == 0) {
        status = tell(s, trial, outcome, err);
        journal_unlock(s->journal);
    }
    return status;
}

int study_read(struct study *s, struct err *err)
{
    int status = -1;

#pragma omp critical(search_study)
    if (journal_lock(s->journal, err) == 0) {
        status = study_catch_up(s, err);
        journal_unlock(s->journal);
    }
    return status;
}

void study_repeat(struct study *s, const size_t *trials, size_t n,
                  size_t repeats)
{
    char number[24];

#pragma omp critical(search_study)
    {
        list_release(&s->repeated);
        for (size_t i = 0; i < n; i++) {
            snprintf(number, sizeof(number), "%zu", trials[i]);
            list_add(&s->repeated, number);
        }
        s->repeats = repeats;
    }
}

/* ---- looking ---- */

size_t study_trials(const struct study *s)
{
    return s->n;
}

const struct study_trial *study_trial(const struct study *s, size_t i)
{
    return &s->trials[i];
}

const double *study_value(const struct study *s, size_t i)
{
    return s->values + i * s->space->n;
}
