#include "table/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "table/column_type.h"
#include "table/form.h"
#include "table/schema_scan.h"

static const char *const type_names[] = {"number", "category", "text",
                                         "sequence", "image"};
static const char *const role_names[] = {
    "feature", "label", "id", "split", "group", "time", "weight", "unused"};

const char *column_type_name(enum column_type type)
{
    return type_names[type];
}

const char *column_role_name(enum column_role role)
{
    return role_names[role];
}

int column_type_parse(const char *word, enum column_type *type)
{
    for (int i = TYPE_NUMBER; i <= TYPE_IMAGE; i++)
        if (strcmp(word, type_names[i]) == 0) {
            *type = (enum column_type)i;
            return 0;
        }
    return -1;
}

/* ---- n-gram sizes ---- */

static bool parse_range(const char *text, int *low, int *high)
{
    char *end;
    long from = strtol(text, &end, 10), to = from;

    if (end == text)
        return false;
    if (*end == '-')
        to = strtol(end + 1, &end, 10);
    *low = (int)from;
    *high = (int)to;
    return !*end && from >= 1 && to >= from && to <= 8;
}

int ngram_sizes_parse(struct ngram_sizes *sizes, const char *text,
                      struct err *err)
{
    struct list parts = {0};
    bool good = true;

    memset(sizes, 0, sizeof(*sizes));
    if (list_add_record(&parts, text, err) != 0)
        return -1;
    for (size_t i = 0; i < parts.n && good; i++) {
        char *range = list_split_pair(parts.items[i], false);
        if (range && strcmp(parts.items[i], "word") == 0)
            good = parse_range(range, &sizes->word_low, &sizes->word_high);
        else if (range && strcmp(parts.items[i], "char") == 0)
            good = parse_range(range, &sizes->char_low, &sizes->char_high);
        else
            good = false;
    }
    list_release(&parts);
    if (!good)
        return err_set(err, ERR_USAGE,
                       "--ngrams: '%s' is not like word=1-2,char=3-5 "
                       "(sizes 1 to 8)",
                       text);
    return 0;
}

/* ---- roles ---- */

static int set_role(struct schema *schema, const struct csv_reader *reader,
                    const char *name, const char *by_default,
                    enum column_role role, struct err *err)
{
    size_t at;

    if (name) {
        if (csv_reader_require(reader, name, &at, err) != 0)
            return -1;
    } else {
        at = by_default ? csv_reader_find(reader, by_default) : CSV_NONE;
        if (at == CSV_NONE || schema->columns[at].role != ROLE_FEATURE)
            return 0;
    }
    if (schema->columns[at].role != ROLE_FEATURE)
        return err_set(err, ERR_USAGE, "column '%s' is both %s and %s", name,
                       role_names[schema->columns[at].role], role_names[role]);
    schema->columns[at].role = role;
    return 0;
}

/* What names a sequence of long rows says nothing about it. */
static void set_key(struct schema *s, size_t key,
                    const struct schema_request *q)
{
    if (key == CSV_NONE || s->columns[key].role != ROLE_FEATURE ||
        list_has(&q->features, s->columns[key].name))
        return;
    if (schema_role(s, ROLE_ID) == CSV_NONE)
        s->columns[key].role = ROLE_ID;
    else
        column_not_used(&s->columns[key], "it names the sequence");
}

/* Nor does a column `id` beside it, which numbers steps as a rule. */
static void leave_out_ids(struct schema *s, const struct csv_reader *reader,
                          const struct schema_request *q)
{
    size_t at = csv_reader_find(reader, "id");

    if (csv_reader_key(reader) == CSV_NONE || at == CSV_NONE ||
        s->columns[at].role != ROLE_FEATURE || list_has(&q->features, "id"))
        return;
    column_not_used(&s->columns[at], "another column is the id");
}

static int set_roles(struct schema *s, const struct csv_reader *reader,
                     const struct schema_request *q, struct err *err)
{
    if (set_role(s, reader, q->label, "label", ROLE_LABEL, err) != 0 ||
        set_role(s, reader, q->id, "id", ROLE_ID, err) != 0 ||
        set_role(s, reader, q->group, NULL, ROLE_GROUP, err) != 0 ||
        set_role(s, reader, q->time, NULL, ROLE_TIME, err) != 0 ||
        set_role(s, reader, q->weight, NULL, ROLE_WEIGHT, err) != 0)
        return -1;
    if (set_role(s, reader, NULL, "split", ROLE_SPLIT, err) != 0)
        return -1;
    set_key(s, csv_reader_key(reader), q);
    leave_out_ids(s, reader, q);
    return 0;
}

/* Whether --features names the column, or a step column it was made of. */
static bool is_asked_for(const struct schema_request *q,
                         const struct csv_reader *reader, size_t column)
{
    const struct list *steps = csv_reader_steps(reader);

    for (size_t i = 0; i < q->features.n; i++)
        if (strcmp(q->features.items[i], csv_reader_name(reader, column)) ==
                0 ||
            (steps && column + 1 == csv_reader_width(reader) &&
             list_has(steps, q->features.items[i])))
            return true;
    return false;
}

/* --features and --exclude: each must name columns that can be features. */
static int choose_features(struct schema *s, const struct csv_reader *reader,
                           const struct schema_request *q, struct err *err)
{
    const struct list *steps = csv_reader_steps(reader);
    size_t at;

    for (size_t i = 0; i < q->features.n; i++) {
        if (steps && list_has(steps, q->features.items[i]))
            continue;
        if (csv_reader_require(reader, q->features.items[i], &at, err) != 0)
            return -1;
        if (s->columns[at].role != ROLE_FEATURE)
            return err_set(err, ERR_USAGE,
                           "--features: column '%s' is the %s, never a feature",
                           s->columns[at].name,
                           role_names[s->columns[at].role]);
    }
    for (size_t i = 0; i < q->exclude.n; i++) {
        if (csv_reader_require(reader, q->exclude.items[i], &at, err) != 0)
            return -1;
        if (s->columns[at].role == ROLE_FEATURE)
            column_not_used(&s->columns[at], "--exclude");
    }
    for (size_t i = 0; i < s->n && q->features.n; i++)
        if (s->columns[i].role == ROLE_FEATURE && !is_asked_for(q, reader, i))
            column_not_used(&s->columns[i], "not among --features");
    return 0;
}

/* ---- types ---- */

static int check_types(const struct csv_reader *reader,
                       const struct schema_request *q, struct err *err)
{
    for (size_t i = 0; i < q->types.n; i++) {
        char *item = mem_strdup(q->types.items[i]);
        char *word = list_split_pair(item, true);
        enum column_type type;
        size_t at;
        int status = 0;
        if (!word || column_type_parse(word, &type) != 0)
            status = err_set(err, ERR_USAGE,
                             "--type: '%s' is not COLUMN=TYPE (number, "
                             "category, text, sequence, image)",
                             q->types.items[i]);
        else
            status = csv_reader_require(reader, item, &at, err);
        free(item);
        if (status != 0)
            return -1;
    }
    return 0;
}

/* ---- the pass over the rows ---- */

static int no_rows(const struct csv_reader *reader,
                   const struct schema_request *q, struct err *err)
{
    err_set(err, ERR_DATA,
            "no row to train on: none has the split '%s' (--on PART trains on "
            "another)",
            q->fit_parts.n ? q->fit_parts.items[0] : "train");
    return err_at(err, csv_reader_file(reader), 0);
}

/* What train would refuse. */
static int describe_fault(struct column *column, struct err *err)
{
    struct buf reason = {0};

    buf_printf(&reason, "line %ld: %s", err->line, err->message);
    column->reason = mem_strdup(reason.data);
    buf_release(&reason);
    *err = (struct err){0};
    return 0;
}

static int find_types(struct schema *s, struct csv_reader *reader,
                      const struct schema_request *q, struct buf *notes,
                      struct err *err)
{
    struct column_scan *scans = mem_zalloc(s->n, sizeof(*scans));
    int status = schema_scan(s, reader, q, scans, err);

    if (status == 0 && s->fit_rows == 0)
        status = no_rows(reader, q, err);

    for (size_t i = 0; i < s->n && status == 0; i++) {
        status = column_settle(s->columns, i, &scans[i], reader, q, notes, err);
        if (status != 0 && q->describe)
            status = describe_fault(&s->columns[i], err);
    }
    for (size_t i = 0; i < s->n; i++)
        column_scan_release(&scans[i]);
    free(scans);
    return status;
}

int schema_infer(struct schema *schema, struct csv_reader *reader,
                 const struct schema_request *request, struct buf *notes,
                 struct err *err)
{
    const struct list *steps = csv_reader_steps(reader);

    memset(schema, 0, sizeof(*schema));
    schema->n = csv_reader_width(reader);
    schema->columns = mem_zalloc(schema->n, sizeof(*schema->columns));
    schema->ngrams = request->ngrams;
    for (size_t i = 0; i < schema->n; i++)
        schema->columns[i].name = mem_strdup(csv_reader_name(reader, i));
    for (size_t i = 0; i < request->missing.n; i++)
        list_add(&schema->missing, request->missing.items[i]);
    for (size_t i = 0; steps && i < steps->n; i++)
        list_add(&schema->step_names, steps->items[i]);
    if (set_roles(schema, reader, request, err) != 0 ||
        choose_features(schema, reader, request, err) != 0 ||
        check_types(reader, request, err) != 0)
        return -1;
    if (find_types(schema, reader, request, notes, err) != 0)
        return -1;
    if (request->describe)
        return 0;
    return form_find(schema, request, csv_reader_file(reader), notes, err);
}

void schema_request_release(struct schema_request *q)
{
    list_release(&q->features);
    list_release(&q->exclude);
    list_release(&q->types);
    list_release(&q->missing);
    list_release(&q->fit_parts);
}

void schema_release(struct schema *schema)
{
    for (size_t i = 0; i < schema->n; i++) {
        free(schema->columns[i].name);
        free(schema->columns[i].odd);
        free(schema->columns[i].example);
        free(schema->columns[i].reason);
    }
    free(schema->columns);
    list_release(&schema->missing);
    list_release(&schema->step_names);
    memset(schema, 0, sizeof(*schema));
}

size_t schema_role(const struct schema *schema, enum column_role role)
{
    for (size_t i = 0; i < schema->n; i++)
        if (schema->columns[i].role == role)
            return i;
    return CSV_NONE;
}

bool schema_missing(const struct schema *schema, const char *text, size_t len)
{
    return len == 0 || (schema->missing.n && list_has(&schema->missing, text));
}
