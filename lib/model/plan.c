#include "model/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "table/partition.h"

static const double STOP_SHARES[] = {.9, .1};

/* ---- which rows ---- */

bool plan_has_split(const struct table *t)
{
    size_t i = schema_role(t->schema, ROLE_SPLIT);

    return i != CSV_NONE && t->source[i] != CSV_NONE;
}

/* Whether rows of this part are trained on (or, with folds, take part). */
static bool is_on(const struct table *t, const struct fit_options *o,
                  const char *part)
{
    if (!plan_has_split(t))
        return true;
    if (o->on.n)
        return list_has(&o->on, part);
    if (o->folds)
        return o->all_rows || strcmp(part, "test") != 0;
    return strcmp(part, "train") == 0;
}

static int check_parts(const struct table *t, const struct fit_options *o,
                       struct err *err)
{
    for (size_t i = 0; i < o->on.n; i++)
        if (dict_find(&t->parts, o->on.items[i], strlen(o->on.items[i])) ==
            DICT_NONE)
            return err_set(err, ERR_DATA, "--on: no row has the split '%s'",
                           o->on.items[i]);
    if (!o->on.n && !o->folds && plan_has_split(t) &&
        dict_find(&t->parts, "train", 5) == DICT_NONE)
        return err_set(err, ERR_DATA,
                       "no row has the split 'train' (--on PART trains on "
                       "another)");
    return 0;
}

static bool part_has_labels(const struct table *t, const char *part)
{
    size_t number = dict_find(&t->parts, part, strlen(part));

    for (size_t r = 0; number != DICT_NONE && r < t->n; r++)
        if (t->part[r] == number && t->label[r] != LABEL_NONE)
            return true;
    return false;
}

/* The part that decides when to stop, NULL where rows must be taken off. */
static const char *stop_part(const struct table *t, const struct fit_options *o)
{
    static const char *const order[] = {"testval", "val"};

    if (o->stop_on)
        return o->stop_on;
    if (o->folds || !plan_has_split(t))
        return NULL;
    for (int i = 0; i < 2; i++)
        if (!list_has(&o->on, order[i]) && part_has_labels(t, order[i]))
            return order[i];
    return NULL;
}

void plan_take_tenth(const struct table *t, size_t *fit, size_t *n_fit,
                     size_t *stop, size_t *n_stop, uint64_t seed)
{
    size_t *count = mem_zalloc(t->labels.count, sizeof(*count)), kept = 0;
    struct partition draw;

    for (size_t i = 0; i < *n_fit; i++)
        count[t->label[fit[i]]]++;
    partition_init(&draw, count, t->labels.count, STOP_SHARES, 2, seed,
                   RNG_STOP);
    *n_stop = 0;
    for (size_t i = 0; i < *n_fit; i++) {
        if (partition_next(&draw, t->label[fit[i]]) == 0)
            fit[kept++] = fit[i];
        else
            stop[(*n_stop)++] = fit[i];
    }
    *n_fit = kept;
    partition_release(&draw);
    free(count);
}

static void collect_rows(struct fit_plan *plan, const struct table *t,
                         const struct fit_options *o, const char *stop)
{
    for (size_t r = 0; r < t->n; r++) {
        const char *part = t->parts.text[t->part[r]];
        bool on = is_on(t, o, part);
        if (on && t->label[r] == LABEL_NONE)
            plan->unlabelled++;
        else if (on)
            plan->fit[plan->n_fit++] = r;
        else if (stop && t->label[r] != LABEL_NONE && strcmp(part, stop) == 0)
            plan->stop[plan->n_stop++] = r;
    }
}

/* The classes of the fit rows, sorted, and the numbers of all labels. */
static void number_classes(struct fit_plan *plan, const struct table *t)
{
    size_t *order = mem_alloc(t->labels.count, sizeof(*order));
    bool *used = mem_zalloc(t->labels.count, sizeof(*used));

    for (size_t i = 0; i < plan->n_fit; i++)
        used[t->label[plan->fit[i]]] = true;
    plan->class_of = mem_alloc(t->labels.count, sizeof(*plan->class_of));
    dict_sorted(&t->labels, order);
    for (size_t i = 0; i < t->labels.count; i++) {
        plan->class_of[order[i]] = LABEL_NONE;
        if (!used[order[i]])
            continue;
        plan->class_of[order[i]] = (uint32_t)plan->classes.n;
        list_add(&plan->classes, t->labels.text[order[i]]);
    }
    for (size_t i = 0; i < plan->n_stop; i++)
        plan->strangers += plan->class_of[t->label[plan->stop[i]]] ==
                           LABEL_NONE;
    free(order);
    free(used);
}

static int check_classes(const struct fit_plan *plan, const struct table *t,
                         struct err *err)
{
    const char *label =
        t->schema->columns[schema_role(t->schema, ROLE_LABEL)].name;

    if (plan->n_fit == 0)
        return err_set(err, ERR_DATA, "no row to train on has a label ('%s')",
                       label);
    if (plan->classes.n < 2)
        return err_set(err, ERR_DATA,
                       "the label '%s' has a single class in the rows to "
                       "train on: '%s'",
                       label, plan->classes.items[0]);
    return 0;
}

static int check_weights(const struct fit_plan *plan, const struct table *t,
                         struct err *err)
{
    size_t column = schema_role(t->schema, ROLE_WEIGHT);
    const char *weight = column == CSV_NONE ? ""
                                            : t->schema->columns[column].name;

    for (size_t i = 0; i < plan->n_fit + plan->n_stop; i++) {
        size_t row = i < plan->n_fit ? plan->fit[i]
                                     : plan->stop[i - plan->n_fit];
        if (isnan(t->weight[row]))
            return err_set(err, ERR_DATA,
                           "row %zu has no weight, '%s' is empty there (--on "
                           "PART trains on rows that have one)",
                           row + 1, weight);
    }
    return 0;
}

static void fold_class(struct buf *out, const char *class)
{
    buf_clear(out);
    text_fold(out, class, strlen(class));
    while (out->len && strchr(" \t", out->data[out->len - 1]))
        out->data[--out->len] = '\0';
    while (out->len && strchr(" \t", out->data[0]))
        memmove(out->data, out->data + 1, out->len--);
}

static void note_classes(const struct fit_plan *plan, struct buf *notes)
{
    size_t *first = mem_alloc(plan->classes.n, sizeof(*first));
    struct dict folded = {0};
    struct buf form = {0};

    for (size_t i = 0; i < plan->classes.n; i++) {
        const char *class = plan->classes.items[i], *other;
        char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE];
        size_t before = folded.count, at;
        fold_class(&form, class);
        at = dict_add(&folded, form.len ? form.data : "", form.len);
        if (at == before) {
            first[at] = i;
            continue;
        }
        other = plan->classes.items[first[at]];
        buf_printf(notes,
                   "labels %s and %s differ only in blanks or case (split "
                   "--recode makes them one)\n",
                   err_quote(a, sizeof(a), other, strlen(other)),
                   err_quote(b, sizeof(b), class, strlen(class)));
    }
    free(first);
    dict_release(&folded);
    buf_release(&form);
}

/* What a single row deviates from its own mean is nothing. */
static void note_last_batch(const struct fit_plan *plan,
                            const struct fit_options *o, struct buf *notes)
{
    const struct hyper *h = &o->hyper;

    if (o->folds || o->train_sizes.n || h->norm != NORM_BATCH ||
        h->batch == 1 || plan->n_fit % h->batch != 1)
        return;
    buf_printf(notes,
               "the last batch of %zu rows is a single row, which teaches "
               "nothing with --norm batch: another --batch\n",
               plan->n_fit);
}

void plan_notes(const struct fit_plan *plan, const struct fit_options *o,
                struct buf *notes)
{
    note_classes(plan, notes);
    note_last_batch(plan, o, notes);
    if (plan->unlabelled)
        buf_printf(notes, "%zu row%s without a label left out\n",
                   plan->unlabelled, plural(plan->unlabelled));
    if (plan->strangers)
        buf_printf(notes,
                   "%zu row%s of '%s' with labels that the training rows lack: "
                   "errors, but not in the loss\n",
                   plan->strangers, plural(plan->strangers), plan->stop_name);
}

int plan_rows(struct fit_plan *plan, const struct table *t,
              const struct fit_options *o, struct err *err)
{
    const char *stop = stop_part(t, o);
    bool none = stop && strcmp(stop, "none") == 0;

    memset(plan, 0, sizeof(*plan));
    if (check_parts(t, o, err) != 0)
        return -1;
    if (o->stop_on && !none && !part_has_labels(t, o->stop_on))
        return err_set(err, ERR_DATA,
                       "--stop-on: no labelled row has the split '%s'",
                       o->stop_on);
    plan->fit = mem_alloc(t->n, sizeof(*plan->fit));
    plan->stop = mem_alloc(t->n, sizeof(*plan->stop));
    collect_rows(plan, t, o, stop);
    plan->stop_drawn = !stop && !o->folds;
    if (plan->stop_drawn)
        plan_take_tenth(t, plan->fit, &plan->n_fit, plan->stop, &plan->n_stop,
                        o->seed);
    if (check_weights(plan, t, err) != 0)
        return -1;
    plan->stop_name = plan->n_stop ? stop ? stop : "val" : NULL;
    number_classes(plan, t);
    return check_classes(plan, t, err);
}

void plan_release(struct fit_plan *plan)
{
    free(plan->fit);
    free(plan->stop);
    free(plan->class_of);
    list_release(&plan->classes);
    memset(plan, 0, sizeof(*plan));
}

size_t fit_models(const struct fit_options *o)
{
    return (o->folds ? o->folds : 1) * (o->replicas ? o->replicas : 1) *
           (o->train_sizes.n ? o->train_sizes.n : 1);
}
