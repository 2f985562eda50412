#include "table/splitter.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int find_column(const struct csv_reader *data, const char *name,
                       size_t *column, struct err *err)
{
    *column = CSV_NONE;
    return name ? csv_reader_require(data, name, column, err) : 0;
}

static int check_mode(const struct splitter *s, struct err *err)
{
    enum split_mode mode = s->options->mode;

    if (s->split != CSV_NONE && mode == SPLIT_NEW)
        return err_set(err, ERR_USAGE,
                       "there is a column 'split' already: --fill assigns its "
                       "empty cells, --replace starts anew, --within PART "
                       "divides one part");
    if (s->split == CSV_NONE && (mode == SPLIT_FILL || mode == SPLIT_WITHIN))
        return err_set(err, ERR_USAGE, "%s: there is no column 'split'",
                       mode == SPLIT_FILL ? "--fill" : "--within");
    return 0;
}

/* Parts are counted in the order they were asked for, empty ones too. */
static void list_parts(struct splitter *s)
{
    const struct parts *parts = &s->options->parts;

    for (size_t i = 0; i < parts->n; i++)
        dict_add(&s->part_names, parts->names[i], strlen(parts->names[i]));
    s->part_count = mem_zalloc(parts->n, sizeof(*s->part_count));
    s->part_capacity = parts->n;
}

int splitter_init(struct splitter *s, const struct csv_reader *data,
                  const struct splitter_options *options, struct err *err)
{
    memset(s, 0, sizeof(*s));
    s->options = options;
    s->split = csv_reader_find(data, "split");
    list_parts(s);
    if (find_column(data, options->label, &s->label, err) != 0 ||
        find_column(data, options->hash, &s->hash, err) != 0 ||
        find_column(data, options->id, &s->id, err) != 0)
        return -1;
    if (!options->id)
        s->id = csv_reader_find(data, "id");
    if (s->split != CSV_NONE && (s->split == s->label || s->split == s->hash))
        return err_set(err, ERR_USAGE, "column 'split' cannot be the label");
    return check_mode(s, err);
}

void splitter_release(struct splitter *s)
{
    dict_release(&s->strata);
    dict_release(&s->part_names);
    dict_release(&s->recode_from);
    list_release(&s->recode_to);
    partition_release(&s->partition);
    free(s->count);
    free(s->part_count);
    memset(s, 0, sizeof(*s));
}

/* ---- recoding ---- */

static void add_recoding(struct splitter *s, const char *class, size_t len,
                         const char *into)
{
    for (size_t i = 0; i < s->recode_to.n; i++)
        if (strcmp(s->recode_to.items[i], class) == 0) {
            free(s->recode_to.items[i]);
            s->recode_to.items[i] = mem_strdup(into);
        }
    if (dict_find(&s->recode_from, class, len) != DICT_NONE)
        return;
    dict_add(&s->recode_from, class, len);
    list_add(&s->recode_to, into);
}

int splitter_recode(struct splitter *s, const char *path, struct err *err)
{
    char *paths[] = {(char *)path};
    struct csv_options plain = {0};
    struct csv_reader *plan = csv_reader_open(paths, 1, &plain, err);
    size_t class, into;
    int got = -1;

    if (plan && csv_reader_require(plan, "class", &class, err) == 0 &&
        csv_reader_require(plan, "into", &into, err) == 0)
        while ((got = csv_reader_next(plan, err)) == 1) {
            const struct csv_field *f = csv_reader_fields(plan);
            add_recoding(s, f[class].text, f[class].len, f[into].text);
        }
    csv_reader_close(plan);
    return got;
}

static const char *recoded(const struct splitter *s,
                           const struct csv_field *record)
{
    size_t at;

    if (s->label == CSV_NONE || !s->recode_to.n)
        return NULL;
    at =
        dict_find(&s->recode_from, record[s->label].text, record[s->label].len);
    return at == DICT_NONE ? NULL : s->recode_to.items[at];
}

const char *splitter_label(struct splitter *s, const struct csv_field *record)
{
    const char *label = recoded(s, record);

    s->recoded += label != NULL;
    return label;
}

/* ---- counting and assigning ---- */

bool splitter_needs_count(const struct splitter *s)
{
    return s->hash == CSV_NONE;
}

static bool is_assigned(const struct splitter *s,
                        const struct csv_field *record)
{
    switch (s->options->mode) {
    case SPLIT_FILL:
        return record[s->split].len == 0;
    case SPLIT_WITHIN:
        return strcmp(record[s->split].text, s->options->within) == 0;
    default:
        return true;
    }
}

static size_t stratum_of(struct splitter *s, const struct csv_field *record)
{
    const char *label = recoded(s, record);

    if (s->label == CSV_NONE)
        return dict_add(&s->strata, "", 0);
    if (label)
        return dict_add(&s->strata, label, strlen(label));
    return dict_add(&s->strata, record[s->label].text, record[s->label].len);
}

static void count_one(size_t **count, size_t *capacity, size_t i)
{
    size_t had = *capacity;

    *count = mem_grow(*count, capacity, i + 1, sizeof(**count));
    if (*capacity > had)
        memset(*count + had, 0, (*capacity - had) * sizeof(**count));
    (*count)[i]++;
}

void splitter_count(struct splitter *s, const struct csv_field *record)
{
    if (!is_assigned(s, record))
        return;
    count_one(&s->count, &s->count_capacity, stratum_of(s, record));
    s->rows++;
}

void splitter_start(struct splitter *s)
{
    if (s->strata.count)
        partition_init(&s->partition, s->count, s->strata.count,
                       s->options->parts.shares, s->options->parts.n,
                       s->options->seed, RNG_PARTITION);
}

static const char *assign(struct splitter *s, const struct csv_field *record)
{
    const struct splitter_options *o = s->options;
    size_t part;

    if (!is_assigned(s, record))
        return record[s->split].text;
    if (s->hash != CSV_NONE) {
        s->rows++;
        part = partition_by_hash(&o->parts, record[s->hash].text,
                                 record[s->hash].len,
                                 o->within ? o->within : "", o->seed);
    } else {
        part = partition_next(&s->partition, stratum_of(s, record));
    }
    return part == PARTITION_NONE ? NULL : o->parts.names[part];
}

const char *splitter_part(struct splitter *s, const struct csv_field *record)
{
    const char *part = assign(s, record);

    s->without_id += s->id != CSV_NONE && record[s->id].len == 0;
    if (part)
        count_one(&s->part_count, &s->part_capacity,
                  dict_add(&s->part_names, part, strlen(part)));
    return part;
}
