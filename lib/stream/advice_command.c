#include "stream/advice_command.h"

#include <string.h>

#include "base/shell_word.h"

enum { MOST_FEATURES = 12 }; /* a command that names more is no help */

void command_label(struct buf *out, const struct tried *tried)
{
    const char *label = tried->label ? tried->label : "LABEL";

    if (strcmp(label, "label") == 0)
        return;
    buf_add_text(out, " --label ");
    shell_word(out, label);
}

/* A list option is one CSV record. */
static void add_item(struct buf *record, const char *item)
{
    if (record->len)
        buf_add_char(record, ',');
    if (!strpbrk(item, ",\"\n\r")) {
        buf_add_text(record, item);
        return;
    }
    buf_add_char(record, '"');
    for (; *item; item++)
        buf_printf(record, *item == '"' ? "\"%c" : "%c", *item);
    buf_add_char(record, '"');
}

static void add_features(struct buf *out, const struct tried *tried)
{
    struct buf record = {0};

    if (tried->features.n > MOST_FEATURES)
        return;
    for (size_t i = 0; i < tried->features.n; i++)
        add_item(&record, tried->features.items[i]);
    if (record.len) {
        buf_add_text(out, " --features ");
        shell_word(out, record.data);
    }
    buf_release(&record);
}

static const struct override *find(const struct override *overrides, size_t n,
                                   const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(overrides[i].name, name) == 0)
            return &overrides[i];
    return NULL;
}

static void add_option(struct buf *out, const char *name, const char *value)
{
    buf_add_text(out, " --");
    for (; *name; name++)
        buf_add_char(out, *name == '_' ? '-' : *name);
    buf_add_char(out, ' ');
    shell_word(out, value);
}

void command_train(struct buf *out, const struct tried *tried,
                   const struct override *overrides, size_t n)
{
    const struct override *net = find(overrides, n, "net");

    buf_add_text(out, "assay train");
    command_label(out, tried);
    add_features(out, tried);
    if (tried->columns)
        buf_add_text(out, tried->columns);
    if (tried->net && !net && strcmp(tried->net, "mlp") != 0)
        add_option(out, "net", tried->net);
    for (size_t i = 0; !net && i < tried->n_values; i++) {
        const struct tried_value *v = &tried->values[i];
        if (v->changed && !find(overrides, n, v->name))
            add_option(out, v->name, v->value);
    }
    for (size_t i = 0; i < n; i++)
        if (overrides[i].value)
            add_option(out, overrides[i].name, overrides[i].value);
}
