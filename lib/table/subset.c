#include "table/subset.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/apportion.h"
#include "stats/select.h"

int subset_parse(struct subset_options *o, const char *text, struct err *err)
{
    size_t len = strlen(text);
    double percent = 0;
    long rows = 0;

    o->rows = 0;
    o->fraction = 0;
    if (len && text[len - 1] == '%' && num_parse(text, len - 1, &percent) &&
        percent > 0 && percent <= 100)
        o->fraction = percent < 100 ? percent / 100 : 0;
    else if (num_parse_long(text, 1, INT64_MAX, &rows))
        o->rows = (size_t)rows;
    else
        return err_set(err, ERR_USAGE,
                       "--subset: '%s' is neither a number of rows nor a "
                       "percentage above 0%% and at most 100%%",
                       text);
    return 0;
}

void subset_init(struct subset *s, const struct subset_options *options,
                 uint64_t seed)
{
    memset(s, 0, sizeof(*s));
    s->options = options;
    s->seed = seed;
}

void subset_release(struct subset *s)
{
    for (size_t i = 0; i < s->names.count; i++)
        free(s->classes[i].hash);
    free(s->classes);
    dict_release(&s->names);
    memset(s, 0, sizeof(*s));
}

static bool draws(const struct subset_options *o)
{
    return o->rows || o->fraction > 0;
}

bool subset_counts(const struct subset_options *o)
{
    return o->max_classes || o->only.n || draws(o);
}

/* Different for different rows: both steps can be undone. */
static uint64_t hash_of(const struct subset *s, size_t number)
{
    return hash_finish(number ^ hash_bytes(&s->seed, sizeof(s->seed)));
}

void subset_count(struct subset *s, const char *label, size_t len,
                  size_t number, bool drawn)
{
    size_t i = dict_add(&s->names, label, len), had = s->capacity;
    struct subset_class *c;

    s->classes = mem_grow(s->classes, &s->capacity, i + 1, sizeof(*c));
    if (s->capacity > had)
        memset(s->classes + had, 0, (s->capacity - had) * sizeof(*c));
    c = &s->classes[i];
    c->n++;
    if (!drawn || !draws(s->options))
        return;
    c->hash = mem_grow(c->hash, &c->capacity, c->drawn + 1, sizeof(*c->hash));
    c->hash[c->drawn++] = hash_of(s, number);
}

/* ---- classes ---- */

static int choose_listed(struct subset *s, struct err *err)
{
    const struct list *only = &s->options->only;

    for (size_t i = 0; i < only->n; i++)
        if (dict_find(&s->names, only->items[i], strlen(only->items[i])) ==
            DICT_NONE)
            return err_set(err, ERR_DATA, "--only: no row has the label '%s'",
                           only->items[i]);
    for (size_t i = 0; i < s->names.count; i++)
        s->classes[i].kept = !only->n || list_has(only, s->names.text[i]);
    return 0;
}

struct frequent {
    size_t n, at, class;
};

static int more_frequent(const void *a, const void *b)
{
    const struct frequent *x = a, *y = b;

    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Of the classes that stay, by name among equals; no label is no class. */
static int choose_frequent(struct subset *s, struct err *err)
{
    size_t n = s->names.count, left = s->options->max_classes;
    size_t *order = mem_alloc(n, sizeof(*order));
    struct frequent *all = mem_alloc(n, sizeof(*all));

    dict_sorted(&s->names, order);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct frequent){s->classes[order[i]].n, i, order[i]};
    qsort(all, n, sizeof(*all), more_frequent);
    for (size_t i = 0; i < n; i++) {
        struct subset_class *c = &s->classes[all[i].class];
        c->kept = c->kept && left > 0 && s->names.len[all[i].class] > 0;
        left -= c->kept;
    }
    free(all);
    free(order);
    return left < s->options->max_classes
               ? 0
               : err_set(err, ERR_DATA, "--max-classes: no row has a label");
}

/* ---- rows ---- */

static void take_lowest(struct subset_class *c, size_t n)
{
    c->any = n > 0;
    if (n > 0)
        c->highest = select_lowest(c->hash, c->drawn, n - 1);
    free(c->hash);
    c->hash = NULL;
}

static size_t wanted_of(const struct subset_options *o, size_t total)
{
    size_t rows = (size_t)((double)total * o->fraction + .5);

    if (o->rows)
        return o->rows;
    return rows > 0 ? rows : total > 0;
}

static int choose_rows(struct subset *s, struct err *err)
{
    size_t n = s->names.count, total = 0, wanted;
    size_t *of = mem_zalloc(n, sizeof(*of)), *taken = mem_alloc(n, sizeof(*of));

    for (size_t i = 0; i < n; i++)
        total += of[i] = s->classes[i].kept ? s->classes[i].drawn : 0;
    wanted = wanted_of(s->options, total);
    if (wanted <= total) {
        apportion_nested(wanted, of, n, taken);
        for (size_t i = 0; i < n; i++)
            take_lowest(&s->classes[i], of[i] ? taken[i] : 0);
    } else {
        err_set(err, ERR_DATA, "--subset %zu: there are only %zu rows", wanted,
                total);
    }
    free(of);
    free(taken);
    return wanted <= total ? 0 : -1;
}

int subset_choose(struct subset *s, struct err *err)
{
    if (choose_listed(s, err) != 0)
        return -1;
    if (s->options->max_classes && choose_frequent(s, err) != 0)
        return -1;
    return draws(s->options) ? choose_rows(s, err) : 0;
}

bool subset_keeps(struct subset *s, const char *label, size_t len,
                  size_t number, bool drawn)
{
    size_t i;
    bool kept;

    if (!subset_counts(s->options))
        return true;
    i = dict_find(&s->names, label, len);
    kept = i != DICT_NONE && s->classes[i].kept;
    s->other_classes += !kept;
    if (kept && drawn && draws(s->options)) {
        kept = s->classes[i].any && hash_of(s, number) <= s->classes[i].highest;
        s->other_rows += !kept;
    }
    return kept;
}
