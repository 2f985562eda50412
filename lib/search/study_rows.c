/* The stream of trials, and what a log says of itself. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "search/study_events.h"

void study_columns(const struct study *s, struct rows *rows)
{
    rows_init(rows, "trial,state,objective,val_error,val_loss,epochs_run,"
                    "trial_seed");
    for (size_t i = 0; i < s->space->n; i++)
        rows_add_column(rows, s->space->items[i].name);
}

static void state_text(const struct study_trial *t, const struct climb *climb,
                       struct buf *text)
{
    static const char *const words[] = {"asked",  "rung",   "done",
                                        "failed", "pruned", "stopped"};

    buf_add_text(text, words[t->state]);
    if (t->state == TRIAL_PRUNED)
        buf_printf(text, ":%s", t->note ? t->note : "");
    if (t->state == TRIAL_STOPPED)
        buf_printf(text, ":%zu", climb->rungs ? climb->rungs - 1 : 0);
}

void study_row(const struct study *s, size_t i, struct rows *rows)
{
    const struct study_trial *t = &s->trials[i];
    char seed[24];
    struct buf text = {0};

    state_text(t, &s->climbs[i], &text);
    rows_count(rows, t->number);
    rows_text(rows, text.data);
    rows_number(rows, t->objective);
    rows_number(rows, t->val_error);
    rows_number(rows, t->val_loss);
    rows_count(rows, t->epochs_run);
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)t->seed);
    rows_text(rows, seed);
    for (size_t k = 0; k < s->space->n; k++) {
        buf_clear(&text);
        buf_add_text(&text, "");
        dimension_format(&s->space->items[k], study_value(s, i)[k], &text);
        rows_text(rows, text.data);
    }
    buf_release(&text);
}

/* The cell of the last `search` row that holds the note. */
struct found {
    size_t note; /* column, 0: no header yet */
    struct list *items;
};

static int find_items(void *context, const char *const *cells, size_t n,
                      long line, struct err *err)
{
    struct found *f = context;

    (void)line;
    if (!f->note) {
        while (f->note < n && strcmp(cells[f->note], "note") != 0)
            f->note++;
        return f->note < n ? 0
                           : err_set(err, ERR_DATA,
                                     "not the log of a "
                                     "search");
    }
    if (n <= f->note || strcmp(cells[1], "search") != 0)
        return 0;
    list_release(f->items);
    return list_add_record(f->items, cells[f->note], err);
}

int study_items(const char *log, struct list *items, struct err *err)
{
    struct found found = {.items = items};
    struct journal *j;
    int status;

    if (access(log, F_OK) != 0 && errno == ENOENT)
        return 0;
    j = journal_open_read(log, STUDY_BEGINS, err);
    if (!j)
        return -1;
    status = journal_lock(j, err);
    if (status == 0) {
        status = journal_read(j, find_items, &found, err);
        journal_unlock(j);
    }
    journal_close(j);
    return status;
}
