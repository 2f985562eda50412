#include "analysis/net_space.h"

#include <math.h>
#include <string.h>

#include "base/num.h"

/*
 * Learning rates are those of adam, from a third of what `train` has to where
 * few networks learn any more.  Schedules that need parameters of their own,
 * step and plateau, are left out, and so is what suits some data only: kernel
 * (5 is too large for small images), embedding, augmentation, class weights.
 */
static const char *const defaults[NET_KINDS] = {
    [NET_LINEAR] = "learning_rate=log:1e-4..0.1 "
                   "schedule=constant,cosine,one_cycle "
                   "loss=cross_entropy,focal,squared "
                   "weight_decay=log:1e-6..0.01 batch=int-log:16..256",
    [NET_MLP] = "learning_rate=log:1e-4..0.03 "
                "schedule=constant,cosine,one_cycle "
                "loss=cross_entropy,focal,squared hidden=int-log:16..512 "
                "weight_decay=log:1e-6..0.01 dropout=0..0.5 "
                "batch=int-log:16..256",
    [NET_LENET] = "learning_rate=log:1e-4..0.03 "
                  "schedule=constant,cosine,one_cycle "
                  "loss=cross_entropy,focal,squared "
                  "hidden=int-log:32..512 filters=\"6,16\",\"16,32\",\"32,64\" "
                  "weight_decay=log:1e-6..0.01 dropout=0..0.5 "
                  "batch=int-log:16..256",
    [NET_RESNET] = "learning_rate=log:1e-4..0.03 "
                   "schedule=constant,cosine,one_cycle "
                   "loss=cross_entropy,focal,squared depth=20,32 "
                   "weight_decay=log:1e-6..0.01 label_smoothing=0..0.2 "
                   "batch=int-log:16..256",
    [NET_LSTM] = "learning_rate=log:1e-4..0.03 "
                 "schedule=constant,cosine,one_cycle "
                 "loss=cross_entropy,focal,squared hidden=int-log:16..256 "
                 "layers=int:1..2 weight_decay=log:1e-6..0.01 dropout=0..0.5 "
                 "batch=int-log:16..256",
    [NET_ATTENTION] = "learning_rate=log:1e-4..0.01 "
                      "schedule=constant,cosine,one_cycle "
                      "loss=cross_entropy,focal,squared width=32,64,128 "
                      "layers=int:1..4 heads=2,4,8 "
                      "weight_decay=log:1e-6..0.01 dropout=0..0.5 "
                      "batch=int-log:16..256"};

/*
 * A misspelt name differs from the one that was meant in one letter of so many,
 * or is a part of it, or the other way round.
 */
enum { NEAR = 2, LETTERS = 3, PART = 4, LONGEST = 32 };

/* ---- the default ---- */

/* Adds the words of a default whose names were not given. */
static void add_words(struct buf *text, const char *words,
                      const char *const given[HYPERS])
{
    while (*words) {
        size_t len = strcspn(words, " "), name = strcspn(words, "=");
        bool out = false;
        for (int i = 0; given && i < HYPERS; i++)
            out |= given[i] && strlen(hyper_table[i].name) == name &&
                   strncmp(hyper_table[i].name, words, name) == 0;
        if (!out)
            buf_add(text, words, len);
        if (!out)
            buf_add_char(text, ' ');
        words += len + (words[len] == ' ');
    }
}

int net_space_default(struct space *space, enum net_kind net,
                      const char *const given[HYPERS], struct err *err)
{
    struct buf text = {0};
    int status;

    memset(space, 0, sizeof(*space));
    if (!defaults[net])
        return err_set(err, ERR_USAGE, "--net %s has nothing to search",
                       net_kind_name(net));
    add_words(&text, defaults[net], given);
    if (!text.len)
        return err_set(err, ERR_USAGE,
                       "nothing is left to search: all that would be is given");
    status = space_parse(space, text.data, err);
    buf_release(&text);
    return status;
}

/* ---- names ---- */

static size_t least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Letters to change, add or leave out (Levenshtein 1966). */
static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], n = strlen(b);

    if (n > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; *a; a++, i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t above = row[j];
            row[j] =
                least(above + 1, row[j - 1] + 1, corner + (*a != b[j - 1]));
            corner = above;
        }
    }
    return row[n];
}

static bool has_part(const char *a, const char *b)
{
    return strlen(b) >= PART && strstr(a, b);
}

/* The network's hyperparameter that may have been meant, or NULL. */
static const struct hyper_entry *near_name(const char *name, enum net_kind net)
{
    const struct hyper_entry *best = NULL;
    size_t least_far = NEAR + 1;

    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        size_t far = distance(name, e->name);
        bool near = far * LETTERS <= strlen(name);
        if (!near && (has_part(name, e->name) || has_part(e->name, name))) {
            near = true;
            far = NEAR;
        }
        if (!near || far >= least_far || !hyper_applies(e, net))
            continue;
        least_far = far;
        best = e;
    }
    return best;
}

static int no_such_name(const char *name, enum net_kind net, struct err *err)
{
    const struct hyper_entry *near = near_name(name, net);

    if (near)
        return err_set(err, ERR_USAGE,
                       "'%s' is no hyperparameter (perhaps '%s')", name,
                       near->name);
    return err_set(err, ERR_USAGE,
                   "'%s' is no hyperparameter (train --net %s "
                   "--hyperparameters shows them)",
                   name, net_kind_name(net));
}

/* Writes it as hyper_table does: learning-rate is learning_rate. */
static int settle_name(struct space *space, struct dimension *p,
                       const struct hyper_entry *e, struct err *err)
{
    if (strcmp(p->name, e->name) == 0)
        return 0;
    if (space_find(space, e->name) != DIMENSION_NONE)
        return err_set(err, ERR_USAGE, "'%s' occurs twice", e->name);
    memcpy(p->name, e->name, strlen(e->name)); /* but for '-' the same */
    return 0;
}

/* ---- values ---- */

static int check_kind(const struct dimension *p, const struct hyper_entry *e,
                      struct err *err)
{
    bool whole = e->type == HYPER_COUNT || e->type == HYPER_WIDTH_LIST;

    if (e->type == HYPER_CHOICE && p->kind != DIMENSION_CHOICE)
        return err_set(err, ERR_USAGE, "'%s' has words for values: %s=%s,%s",
                       p->name, p->name, e->choices[0], e->choices[1]);
    if (whole && p->kind == DIMENSION_REAL)
        return err_set(err, ERR_USAGE,
                       "'%s' has whole numbers for values: %s=int%s:LOW..HIGH",
                       p->name, p->name, p->log ? "-log" : "");
    return 0;
}

static int set_value(struct hyper *hyper, const struct dimension *p,
                     const struct hyper_entry *e, double value, struct err *err)
{
    struct buf text = {0};
    int status;

    dimension_format(p, value, &text);
    status = hyper_set(hyper, e, text.data, err);
    buf_release(&text);
    return status;
}

/* All choices, or both ends. */
static int check_values(const struct dimension *p, const struct hyper_entry *e,
                        struct err *err)
{
    struct hyper scratch;

    if (check_kind(p, e, err) != 0)
        return -1;
    if (p->kind != DIMENSION_CHOICE)
        return set_value(&scratch, p, e, p->low, err) == 0
                   ? set_value(&scratch, p, e, p->high, err)
                   : -1;
    for (size_t i = 0; i < p->choices.n; i++)
        if (set_value(&scratch, p, e, (double)i, err) != 0)
            return -1;
    return 0;
}

static int check_param(struct space *space, struct dimension *p,
                       const struct hyper *base,
                       const char *const given[HYPERS], struct err *err)
{
    const struct hyper_entry *e = hyper_find(p->name);

    if (!e)
        return no_such_name(p->name, base->net, err);
    if (!hyper_applies(e, base->net))
        return err_set(err, ERR_USAGE, "'%s': --net %s has none", p->name,
                       net_kind_name(base->net));
    if (given && given[e - hyper_table])
        return err_set(err, ERR_USAGE, "'%s' is given, and searched", e->name);
    if (settle_name(space, p, e, err) != 0)
        return -1;
    return check_values(p, e, err);
}

/* ---- conditions ---- */

/* The words among a parent's choices that a child needs. */
static struct list needed(const struct hyper_entry *child,
                          const struct dimension *parent)
{
    const struct hyper_entry *e = hyper_find(parent->name);
    struct list words = {0};

    for (int i = 0; e->choices[i]; i++)
        if (child->needed & 1u << i &&
            list_has(&parent->choices, e->choices[i]))
            list_add(&words, e->choices[i]);
    return words;
}

/* The condition that somebody set must be within ours. */
static int check_condition(const struct space *space, const struct dimension *p,
                           const struct dimension *parent,
                           const struct list *words, struct err *err)
{
    if (&space->items[p->parent] != parent)
        return err_set(err, ERR_USAGE,
                       "'%s' depends on '%s', but means something only for "
                       "some values of '%s'",
                       p->name, space->items[p->parent].name, parent->name);
    for (size_t i = 0; i < parent->choices.n; i++)
        if (p->when[i] && !list_has(words, parent->choices.items[i]))
            return err_set(err, ERR_USAGE,
                           "'%s' means nothing where '%s' is '%s'", p->name,
                           parent->name, parent->choices.items[i]);
    return 0;
}

/* The other one is searched, but never as it must be. */
static int never_so(const struct hyper_entry *e, const struct dimension *parent,
                    struct err *err)
{
    const struct hyper_entry *other = hyper_find(parent->name);
    struct buf words = {0};

    for (int i = 0; other->choices[i]; i++)
        if (e->needed & 1u << i)
            buf_printf(&words, "%s%s", words.len ? " or " : "",
                       other->choices[i]);
    err_set(err, ERR_USAGE, "'%s' needs '%s' to be %s, which is not tried",
            e->name, other->name, words.data);
    buf_release(&words);
    return -1;
}

/* The other one is not searched. */
static int check_base(const struct hyper_entry *e, const struct hyper *base,
                      struct err *err)
{
    struct buf wants = {0};
    int status = 0;

    hyper_wants(base, e, &wants);
    if (wants.len)
        status = err_set(err, ERR_USAGE, "'%s' needs %s", e->name, wants.data);
    buf_release(&wants);
    return status;
}

static int add_condition(struct space *space, const struct hyper_entry *e,
                         const struct hyper *base, struct err *err)
{
    size_t at = space_find(space, e->needs);
    const struct dimension *p = &space->items[space_find(space, e->name)],
                           *parent;
    struct list words;
    int status = 0;

    if (at == DIMENSION_NONE)
        return check_base(e, base, err);
    parent = &space->items[at];
    words = needed(e, parent);
    if (!words.n)
        status = never_so(e, parent, err);
    else if (p->parent != DIMENSION_NONE && words.n < parent->choices.n)
        status = check_condition(space, p, parent, &words, err);
    else if (p->parent == DIMENSION_NONE && words.n < parent->choices.n)
        status = space_condition(space, e->name, e->needs, &words, err);
    list_release(&words);
    return status;
}

int net_space_check(struct space *space, const struct hyper *base,
                    const char *const given[HYPERS], struct err *err)
{
    for (size_t i = 0; i < space->n; i++)
        if (check_param(space, &space->items[i], base, given, err) != 0)
            return -1;
    for (const struct hyper_entry *e = hyper_table; e->name; e++)
        if (e->needs && space_find(space, e->name) != DIMENSION_NONE &&
            add_condition(space, e, base, err) != 0)
            return -1;
    return 0;
}

/* ---- a configuration ---- */

int net_space_apply(const struct space *space, const double *value,
                    struct hyper *hyper, struct err *err)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *p = &space->items[i];
        if (!isnan(value[i]) &&
            set_value(hyper, p, hyper_find(p->name), value[i], err) != 0)
            return -1;
    }
    return 0;
}

const char *net_space_length(const struct space *space)
{
    return space_find(space, "epochs") != DIMENSION_NONE     ? "epochs"
           : space_find(space, "patience") != DIMENSION_NONE ? "patience"
                                                             : NULL;
}

/* The sum of "256,128"; NaN where it is no list of numbers. */
static double widths_of(const char *text)
{
    struct list items = {0};
    struct err err = {0};
    double sum = 0, one;

    if (list_add_record(&items, text, &err) != 0)
        sum = NAN;
    for (size_t i = 0; i < items.n; i++)
        sum += num_parse(items.items[i], strlen(items.items[i]), &one) ? one
                                                                       : NAN;
    list_release(&items);
    return sum;
}

double net_space_size(const struct space *space, const double *value)
{
    static const char *const sizes[] = {"hidden", "layers",    "width",
                                        "depth",  "embedding", "filters"};
    double size = NAN;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        size_t at = space_find(space, sizes[i]);
        double one;
        if (at == DIMENSION_NONE || isnan(value[at]))
            continue;
        one = space->items[at].kind == DIMENSION_CHOICE
                  ? widths_of(space->items[at].choices.items[(size_t)value[at]])
                  : value[at];
        if (!isnan(one))
            size = isnan(size) ? one : size * one;
    }
    return size;
}
