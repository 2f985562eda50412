#include "cli/identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "cli/setup_options.h"

enum { BLOCK = 1 << 16 };

/* ---- items ---- */

static void add_text(struct list *items, const char *name, const char *value)
{
    struct buf item = {0};

    buf_printf(&item, "%s=%s", name, value ? value : "");
    list_add(items, item.data);
    buf_release(&item);
}

static void add_list(struct list *items, const char *name,
                     const struct list *values)
{
    struct buf text = {0};

    for (size_t i = 0; i < values->n; i++)
        buf_printf(&text, "%s%s", i ? "," : "", values->items[i]);
    add_text(items, name, text.data);
    buf_release(&text);
}

/* 0 is "not given". */
static void add_count(struct list *items, const char *name, size_t value)
{
    char text[32] = "";

    if (value)
        snprintf(text, sizeof(text), "%zu", value);
    add_text(items, name, text);
}

static void add_hash(struct list *items, const char *name, uint64_t hash)
{
    char text[32];

    snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
    add_text(items, name, text);
}

/* ---- options ---- */

static void add_hypers(struct list *items, const struct hyper *hyper)
{
    add_text(items, "--net", net_kind_name(hyper->net));
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct buf name = {0}, value = {0};
        char *option = setup_option_name(e);
        if (hyper_applies(e, hyper->net))
            hyper_format(hyper, e, &value);
        buf_printf(&name, "--%s", option);
        add_text(items, name.data, value.data);
        free(option);
        buf_release(&name);
        buf_release(&value);
    }
}

static void add_columns(struct list *items, const struct schema_request *q)
{
    add_text(items, "--label", q->label);
    add_text(items, "--id", q->id);
    add_text(items, "--group", q->group);
    add_text(items, "--time", q->time);
    add_text(items, "--weight", q->weight);
    add_list(items, "--features", &q->features);
    add_list(items, "--exclude", &q->exclude);
    add_list(items, "--type", &q->types);
    add_list(items, "--missing", &q->missing);
}

static void add_numbers(struct list *items, const char *name,
                        const double *values, size_t n)
{
    struct buf text = {0};

    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%s%.9g", i ? "," : "", values[i]);
    add_text(items, name, text.data);
    buf_release(&text);
}

static void add_inputs(struct list *items, const struct fit_setup *o)
{
    const struct schema_request *q = &o->schema;
    struct buf text = {0};

    buf_printf(&text, "word=%d-%d,char=%d-%d", q->ngrams.word_low,
               q->ngrams.word_high, q->ngrams.char_low, q->ngrams.char_high);
    add_text(items, "--ngrams", text.data);
    add_text(items, "--tokens", token_kind_name(q->tokens));
    add_count(items, "--max-steps", q->max_steps);
    buf_clear(&text);
    for (size_t i = 0; i < q->n_shape; i++)
        buf_printf(&text, "%s%zu", i ? "x" : "", q->shape[i]);
    add_text(items, "--shape", text.len ? text.data : "");
    add_text(items, "--sequence", o->sequence);
    add_numbers(items, "--pixel-mean", q->pixel_mean, q->n_pixel_stats);
    add_numbers(items, "--pixel-std", q->pixel_std, q->n_pixel_stats);
    buf_release(&text);
}

static void add_runs(struct list *items, const struct fit_options *fit)
{
    add_list(items, "--on", &fit->on);
    add_text(items, "--stop-on", fit->stop_on);
    add_count(items, "--folds", fit->folds);
    add_text(items, "--all-rows", fit->all_rows ? "yes" : "");
    add_count(items, "--replicas", fit->replicas);
    add_text(items, "--replica-by",
             fit->replica_by == REPLICA_BOOTSTRAP ? "bootstrap" : "seed");
    add_list(items, "--train-sizes", &fit->train_sizes);
    add_list(items, "--freeze", &fit->freeze);
}

/* Weights by what is in their file, whatever its name. */
static int add_weights(struct list *items, const char *path, struct err *err)
{
    uint64_t hash = HASH_START;
    char block[BLOCK];
    FILE *file;
    size_t n;

    add_text(items, "--init-from", path ? "a model" : "");
    if (!path)
        return 0;
    file = fopen(path, "rbe");
    if (!file) {
        err_system(err, "cannot open the model");
        return err_at(err, path, 0);
    }
    while ((n = fread(block, 1, BLOCK, file)) > 0)
        hash = hash_add(hash, block, n);
    fclose(file);
    add_hash(items, "weights of --init-from", hash_finish(hash));
    return 0;
}

/* ---- data ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return hash_add(hash, text, strlen(text) + 1);
}

static uint64_t hash_columns(const struct schema *s)
{
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < s->n; i++) {
        const struct column *c = &s->columns[i];
        if (c->role != ROLE_FEATURE)
            continue;
        hash = hash_text(hash, c->name);
        hash = hash_text(hash, column_type_name(c->type));
    }
    return hash;
}

/* What the training sees of the rows: features, label, part, weight. */
static uint64_t hash_table(const struct table *t)
{
    uint64_t hash = hash_columns(t->schema);

    for (size_t r = 0; r < t->n; r++) {
        bool known = t->label[r] != LABEL_NONE;
        hash = hash_add(hash, &t->fingerprint[r], sizeof(t->fingerprint[r]));
        hash = hash_text(hash, known ? t->labels.text[t->label[r]] : "");
        hash = hash_text(hash, t->parts.text[t->part[r]]);
        hash = hash_add(hash, &t->weight[r], sizeof(t->weight[r]));
    }
    return hash_finish(hash);
}

/* Of the target the rows, whatever the name of its file. */
static void add_adaptation(struct list *items, const struct adaptation *a)
{
    add_text(items, "--adapt", a->target ? "coral" : "");
    add_numbers(items, "--adapt-weight", &a->weight, a->target != NULL);
    if (a->target)
        add_hash(items, "target rows", hash_table(a->target));
}

int identity_add(struct list *items, const struct fit_setup *setup,
                 const struct table *t, struct err *err)
{
    const struct fit_options *fit = &setup->fit;

    add_hypers(items, &fit->hyper);
    add_columns(items, &setup->schema);
    add_inputs(items, setup);
    add_runs(items, fit);
    if (add_weights(items, fit->init_from, err) != 0)
        return -1;
    add_count(items, "rows", t->n);
    add_hash(items, "data", hash_table(t));
    return 0;
}

/* Of many models without folds, --predict says what is kept of them. */
int identity_of(struct checkpoint_identity *identity,
                const struct train_args *o, const struct table *t,
                struct err *err)
{
    const struct fit_options *fit = &o->setup.fit;
    bool many = fit->replicas || fit->train_sizes.n;
    struct list *items = &identity->items;
    char seed[32];

    memset(identity, 0, sizeof(*identity));
    identity->n_models = fit_models(fit);
    add_text(items, "version", version_number());
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)fit->seed);
    add_text(items, "--seed", seed);
    add_adaptation(items, &fit->adaptation);
    add_text(items, "--predict",
             many && !fit->folds && o->predict ? "yes" : "");
    return identity_add(items, &o->setup, t, err);
}
