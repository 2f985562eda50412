#include "stream/joining.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"

/* Below which groups are too few to resample (stats/paired.h). */
enum { FEW_GROUPS = 10 };

/* ---- what all files have ---- */

static bool is_met(const struct joining *j, size_t row)
{
    for (size_t f = 0; f < j->out->n_models; f++)
        if (j->out->models[f].pred[row] == NO_CLASS)
            return false;
    return true;
}

static void leave_unmet(struct joining *j, size_t row)
{
    for (size_t f = 0; f < j->out->n_models; f++)
        if (j->out->models[f].pred[row] != NO_CLASS)
            joining_leave(j, f, j->out->splits.text[j->out->split[row]]);
    if (!hash_set_add(&j->stray_ids, j->id_hash[row]))
        j->moved++;
}

static void move(struct joined *out, size_t from, size_t to)
{
    out->label[to] = out->label[from];
    out->split[to] = out->split[from];
    if (out->group)
        out->group[to] = out->group[from];
    if (out->id)
        out->id[to] = out->id[from];
    for (size_t f = 0; f < out->n_models; f++) {
        struct joined_model *m = &out->models[f];
        m->pred[to] = m->pred[from];
        m->loss[to] = m->loss[from];
        m->brier[to] = m->brier[from];
    }
}

static void keep_met(struct joining *j)
{
    struct joined *out = j->out;

    out->n = 0;
    for (size_t i = 0; i < j->n; i++) {
        if (hash_set_has(&j->ruled_out, j->key[i]))
            continue;
        if (!is_met(j, i))
            leave_unmet(j, i);
        else if (out->label[i] == NO_CLASS)
            j->unlabelled++;
        else
            move(out, i, out->n++);
    }
}

/* Those that are known of every row stay. */
static void drop_unknown(double **values, size_t n)
{
    bool known = true;

    for (size_t i = 0; i < n && known; i++)
        known = !isnan((*values)[i]);
    if (known)
        return;
    free(*values);
    *values = NULL;
}

/* Groups of rows that were left out have no number. */
static void number_groups(struct joined *out)
{
    uint32_t *number = mem_zalloc(out->groups.count, sizeof(*number));

    for (size_t i = 0; out->group && i < out->n; i++) {
        uint32_t *at = &number[out->group[i]];
        if (!*at)
            *at = (uint32_t)++out->n_groups;
        out->group[i] = *at - 1;
    }
    free(number);
}

static int check_numbered(const struct joining *j, struct err *err)
{
    size_t n = csv_reader_records(j->sources[0].reader.csv);

    for (size_t f = 0; f < j->out->n_models; f++)
        if (!j->sources[f].numbered)
            return 0;
    for (size_t f = 1; f < j->out->n_models; f++) {
        size_t other = csv_reader_records(j->sources[f].reader.csv);
        if (other == n)
            continue;
        err_set(err, ERR_DATA,
                "the ids are only the numbers of the rows, %zu here and %zu in "
                "'%s': they do not say which rows are the same (assay split "
                "adds an id that stays with its row)",
                other, n, j->out->models[0].name);
        return err_at(err, csv_reader_file(j->sources[f].reader.csv), 0);
    }
    return 0;
}

static int check_any(const struct joining *j, struct err *err)
{
    const char *name = j->out->models[j->example_of].name;
    char quoted[ERR_QUOTE_SIZE];

    if (j->out->n)
        return 0;
    if (j->unlabelled)
        err_set(err, ERR_DATA, "no row with a label is in all files");
    else if (j->example.len)
        err_set(
            err, ERR_DATA, "no row is in all files: id %s is only in '%s'%s",
            err_quote(quoted, sizeof(quoted), j->example.data, j->example.len),
            name,
            j->moved ? ", as the same ids have other splits, folds, "
                       "replicas or sizes"
                     : "");
    else
        err_set(err, ERR_DATA, "no row is in all files%s",
                j->dropped ? ", training rows left out" : "");
    return err_at(err, csv_reader_file(j->sources[j->first].reader.csv), 0);
}

/* ---- notes ---- */

/* " (val 175, test 174)" */
static void add_splits(struct buf *notes, const struct dict *splits,
                       const size_t *count, size_t n)
{
    const char *before = " (";

    for (size_t k = 0; k < n; k++)
        if (count[k]) {
            buf_printf(notes, "%s%s %zu", before, splits->text[k], count[k]);
            before = ", ";
        }
    buf_add_text(notes, ")");
}

static void note_compared(const struct joining *j, struct buf *notes)
{
    const struct joined *out = j->out;
    size_t *count = mem_zalloc(out->splits.count, sizeof(*count));

    for (size_t i = 0; i < out->n; i++)
        count[out->split[i]]++;
    buf_printf(notes, "%zu row%s compared", out->n, plural(out->n));
    add_splits(notes, &out->splits, count, out->splits.count);
    buf_add_text(notes,
                 j->dropped ? ", training rows left out (--on train)\n" : "\n");
    free(count);
}

static void note_left(const struct joining *j, struct buf *notes)
{
    for (size_t f = 0; f < j->out->n_models; f++) {
        const struct source *s = &j->sources[f];
        if (!s->n_left)
            continue;
        buf_printf(notes, "%zu row%s of '%s' left out, not in %s", s->n_left,
                   plural(s->n_left), j->out->models[f].name,
                   j->out->n_models == 2 ? "the other file" : "all files");
        add_splits(notes, &j->out->splits, s->left, s->left_capacity);
        buf_add_char(notes, '\n');
    }
    if (j->moved)
        buf_printf(notes,
                   "%zu of them %s there under another split, fold, replica "
                   "or train_size\n",
                   j->moved, j->moved == 1 ? "is" : "are");
    if (j->unlabelled)
        buf_printf(notes, "%zu row%s without a label left out\n", j->unlabelled,
                   plural(j->unlabelled));
}

static void note_numbered(const struct joining *j, struct buf *notes)
{
    for (size_t f = 0; f < j->out->n_models; f++)
        if (!j->sources[f].numbered)
            return;
    buf_add_text(notes,
                 j->options->labels_from
                     ? "warning: the ids are the numbers of the rows: nothing "
                       "says that they are the same rows\n"
                     : "the ids are the numbers of the rows: that they are the "
                       "same rows shows in their labels only, which agree\n");
}

/* With g groups there are 2^g exchanges, and two of them are the largest. */
static void note_groups(const struct joining *j, struct buf *notes)
{
    size_t n = j->out->n_groups;

    if (j->options->group && n < FEW_GROUPS)
        buf_printf(notes,
                   "warning: %zu group%s of '%s' %s few: intervals are too "
                   "narrow, and no permutation's p is below %.2g\n",
                   n, plural(n), j->options->group, n == 1 ? "is" : "are",
                   pow(2, 1 - (double)n));
}

int joining_keep(struct joining *j, struct err *err)
{
    if (check_numbered(j, err) != 0)
        return -1;
    keep_met(j);
    if (check_any(j, err) != 0)
        return -1;
    number_groups(j->out);
    for (size_t f = 0; f < j->out->n_models; f++) {
        drop_unknown(&j->out->models[f].loss, j->out->n);
        drop_unknown(&j->out->models[f].brier, j->out->n);
    }
    return 0;
}

void joining_note(const struct joining *j, struct buf *notes)
{
    note_compared(j, notes);
    note_left(j, notes);
    note_numbered(j, notes);
    note_groups(j, notes);
    if (!j->options->group && (j->by[BY_REPLICA] || j->by[BY_SIZE]))
        prediction_note_models(&j->sources[j->first].reader, notes);
}
