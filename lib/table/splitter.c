#include "table/splitter.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "table/split_rows.h"

static const char TRAIN[] = "train";

/* ---- columns ---- */

static int find_column(const struct csv_reader *data, const char *name,
                       size_t *column, struct err *err)
{
    *column = CSV_NONE;
    return name ? csv_reader_require(data, name, column, err) : 0;
}

/* The one column by which rows are divided, NULL: none. */
static const char *key_of(const struct splitter_options *o)
{
    return o->hash ? o->hash : o->time ? o->time : o->group;
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
    if (s->weight != CSV_NONE && s->options->balance == BALANCE_WEIGHT)
        return err_set(err, ERR_USAGE,
                       "--balance weight: there is a column 'sample_weight' "
                       "already");
    return 0;
}

static int find_columns(struct splitter *s, const struct csv_reader *data,
                        struct err *err)
{
    const struct splitter_options *o = s->options;

    s->split = csv_reader_find(data, "split");
    s->weight = csv_reader_find(data, "sample_weight");
    if (find_column(data, o->label, &s->label, err) != 0 ||
        find_column(data, key_of(o), &s->key, err) != 0 ||
        find_column(data, o->id, &s->id, err) != 0)
        return -1;
    if (!o->id)
        s->id = csv_reader_find(data, "id");
    if (s->split != CSV_NONE && (s->split == s->label || s->split == s->key))
        return err_set(err, ERR_USAGE, "column 'split' cannot be the label");
    return check_mode(s, err);
}

/* ---- making and releasing ---- */

/* Parts are counted in the order they were asked for, empty ones too. */
static void list_parts(struct splitter *s)
{
    size_t n = 0;

    for (int side = 0; side < 2; side++) {
        const struct parts *parts = s->side[side].parts;
        for (size_t i = 0; i < parts->n; i++, n++)
            dict_add(&s->part_names, parts->names[i], strlen(parts->names[i]));
    }
    s->part_count = mem_zalloc(n, sizeof(*s->part_count));
    s->part_capacity = n;
}

int splitter_init(struct splitter *s, const struct csv_reader *data,
                  const struct splitter_options *options, struct err *err)
{
    memset(s, 0, sizeof(*s));
    s->options = options;
    s->side[0].parts = &options->parts;
    s->side[1].parts = &options->target_parts;
    s->side[0].seed = options->seed;
    s->side[1].seed = hash_bytes(&options->seed, sizeof(options->seed));
    list_parts(s);
    subset_init(&s->subset, &options->subset, options->seed);
    balance_init(&s->balance, options->balance);
    if (find_columns(s, data, err) != 0)
        return -1;
    return options->near.n
               ? near_duplicates_init(&s->near, data, &options->near, err)
               : 0;
}

void splitter_release(struct splitter *s)
{
    for (int side = 0; side < 2; side++) {
        free(s->side[side].count);
        partition_release(&s->side[side].partition);
        grouping_release(&s->side[side].grouping);
    }
    dict_release(&s->strata);
    dict_release(&s->part_names);
    buf_release(&s->group);
    recoding_release(&s->recoding);
    near_duplicates_release(&s->near);
    time_order_release(&s->time);
    subset_release(&s->subset);
    balance_release(&s->balance);
    free(s->part_count);
    memset(s, 0, sizeof(*s));
}

static void count_one(size_t **count, size_t *capacity, size_t i, size_t n)
{
    size_t had = *capacity;

    *count = mem_grow(*count, capacity, i + 1, sizeof(**count));
    if (*capacity > had)
        memset(*count + had, 0, (*capacity - had) * sizeof(**count));
    (*count)[i] += n;
}

/* ---- passes ---- */

static bool needs(const struct splitter_options *o, enum split_pass pass)
{
    switch (pass) {
    case PASS_KINDS:
        return o->near.n > 0;
    case PASS_SUBSET:
        return subset_counts(&o->subset);
    case PASS_COUNT:
        return !o->hash;
    case PASS_BALANCE:
        return o->balance != BALANCE_NONE;
    default:
        return false;
    }
}

bool splitter_needs_pass(const struct splitter_options *o)
{
    bool any = false;

    for (int pass = PASS_KINDS; pass <= PASS_BALANCE; pass++)
        any |= needs(o, (enum split_pass)pass);
    return any;
}

bool splitter_next_pass(struct splitter *s)
{
    while (s->pass < PASS_BALANCE) {
        s->pass++;
        if (needs(s->options, s->pass))
            return true;
    }
    return false;
}

static void see_class(struct splitter *s, const struct csv_reader *data)
{
    const struct csv_field *record = csv_reader_fields(data);
    bool recoded;
    size_t len;
    const char *label = split_label(s, record, &len, &recoded);

    subset_count(&s->subset, label, len, csv_reader_records(data),
                 split_is_assigned(s, record));
}

/* A name is the same in whatever form its letters were written. */
static void name_group(struct splitter *s, const struct csv_field *record,
                       struct grouping_row *row)
{
    if (s->key == CSV_NONE || !record[s->key].len)
        return;
    buf_clear(&s->group);
    text_compose(&s->group, record[s->key].text, record[s->key].len);
    row->group = s->group.data;
    row->len = s->group.len;
}

static int see_group(struct splitter *s, const struct csv_reader *data,
                     struct split_side *side, struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    struct grouping_row row = {NULL, 0, GROUPING_NONE, 0, GROUPING_NONE};

    name_group(s, record, &row);
    if (s->options->near.n)
        row.text = near_duplicates_add(&s->near, record);
    if (split_is_assigned(s, record))
        row.stratum = (uint32_t)split_stratum(s, record);
    else
        row.part = (uint32_t)dict_add(&s->part_names, record[s->split].text,
                                      record[s->split].len);
    if (side == &s->side[1] && row.group &&
        dict_find(&s->side[0].grouping.names, row.group, row.len) !=
            DICT_NONE) {
        char quoted[ERR_QUOTE_SIZE];
        err_set(err, ERR_DATA, "this group is in both sources: %s",
                err_quote(quoted, sizeof(quoted), row.group, row.len));
        return csv_reader_blame(data, s->key, err);
    }
    return grouping_add(&side->grouping, &row, err);
}

static int see_time(struct splitter *s, const struct csv_reader *data,
                    struct err *err)
{
    const struct csv_field *cell = &csv_reader_fields(data)[s->key];

    if (cell->len && time_order_add(&s->time, cell->text, cell->len, err) != 0)
        return csv_reader_blame(data, s->key, err);
    return 0;
}

static int see_count(struct splitter *s, const struct csv_reader *data,
                     struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    struct split_side *side = split_side_of(s, data);
    bool assigned = split_is_assigned(s, record);

    if (!split_keeps(s, data))
        return 0;
    s->rows += assigned;
    if (split_is_grouped(s) && (assigned || s->options->mode == SPLIT_FILL))
        return see_group(s, data, side, err);
    if (!assigned || split_is_grouped(s))
        return 0;
    if (s->options->time)
        return see_time(s, data, err);
    count_one(&side->count, &side->count_capacity, split_stratum(s, record), 1);
    return 0;
}

/* A repeated row's id is made of the original's, by +1, +2, … behind it. */
static int check_id(const struct splitter *s, const struct csv_reader *data,
                    struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];
    const struct csv_field *id;
    size_t digits = 0;

    if (s->id == CSV_NONE || s->options->balance != BALANCE_OVER)
        return 0;
    id = &csv_reader_fields(data)[s->id];
    while (digits < id->len &&
           strchr("0123456789", id->text[id->len - digits - 1]))
        digits++;
    if (!digits || digits == id->len || id->text[id->len - digits - 1] != '+')
        return 0;
    err_set(err, ERR_DATA,
            "an id that ends as those of repeated rows (--balance over): %s",
            err_quote(quoted, sizeof(quoted), id->text, id->len));
    return csv_reader_blame(data, s->id, err);
}

static int see_balance(struct splitter *s, const struct csv_reader *data,
                       struct err *err)
{
    const char *label, *part;
    size_t len;
    bool recoded;

    if (!split_keeps(s, data))
        return 0;
    if (check_id(s, data, err) != 0 || split_place(s, data, &part, err) != 0)
        return -1;
    label = split_label(s, csv_reader_fields(data), &len, &recoded);
    if (strcmp(part, TRAIN) == 0)
        balance_count(&s->balance, label, len);
    return 0;
}

int splitter_see(struct splitter *s, const struct csv_reader *data,
                 struct err *err)
{
    switch (s->pass) {
    case PASS_KINDS:
        return near_duplicates_scan(&s->near, csv_reader_fields(data));
    case PASS_SUBSET:
        see_class(s, data);
        return 0;
    case PASS_COUNT:
        return see_count(s, data, err);
    default:
        return see_balance(s, data, err);
    }
}

/* ---- the ends of passes ---- */

static int check_groups(const struct splitter *s, const struct split_side *side,
                        struct err *err)
{
    const struct parts *parts = side->parts;
    const char *what = s->options->near.n ? "unit" : "group";
    size_t empty =
        grouping_empty_part(&side->grouping, parts->shares, parts->n);
    size_t n = side->grouping.free_units;

    if (empty == parts->n)
        return 0;
    return err_set(
        err, ERR_DATA, "%s: no row is left for '%s': there %s only %zu %s%s",
        s->options->near.n ? "--near-duplicates" : "--group",
        parts->names[empty], n == 1 ? "is" : "are", n, what, plural(n));
}

static int close_groups(struct splitter *s, struct err *err)
{
    struct disjoint_sets alike = {0};
    bool near = s->options->near.n > 0;
    int status = 0;

    if (near)
        near_duplicates_cluster(&s->near, s->options->similarity, &alike);
    for (int i = 0; i < 2 && status == 0; i++) {
        struct split_side *side = &s->side[i];
        status = grouping_close(&side->grouping, near ? &alike : NULL,
                                &s->part_names, err);
        if (status != 0 || !side->parts->n)
            continue;
        grouping_assign(&side->grouping, s->strata.count, side->parts->shares,
                        side->parts->n, side->seed);
        status = check_groups(s, side, err);
    }
    disjoint_sets_release(&alike);
    near_duplicates_forget(&s->near);
    return status;
}

/* Draws start over with each pass that assigns rows. */
static void start(struct splitter *s)
{
    s->gaps = s->timeless = 0;
    for (int i = 0; i < 2; i++) {
        struct split_side *side = &s->side[i];
        side->grouping.next = 0;
        partition_release(&side->partition);
        if (!side->parts->n || !s->strata.count)
            continue;
        count_one(&side->count, &side->count_capacity, s->strata.count - 1, 0);
        partition_init(&side->partition, side->count, s->strata.count,
                       side->parts->shares, side->parts->n, side->seed,
                       RNG_PARTITION);
    }
    if (s->options->hash)
        s->rows = 0;
}

static int end_balance(struct splitter *s, struct err *err)
{
    if (!s->balance.rows)
        return err_set(err, ERR_DATA,
                       "--balance: no row of 'train' has a label");
    balance_start(&s->balance, s->options->seed);
    return 0;
}

int splitter_end_pass(struct splitter *s, struct err *err)
{
    int status = 0;

    if (s->pass == PASS_SUBSET)
        status = subset_choose(&s->subset, err);
    else if (s->pass == PASS_COUNT && split_is_grouped(s))
        status = close_groups(s, err);
    else if (s->pass == PASS_COUNT && s->options->time && s->rows)
        status =
            time_order_cut(&s->time, &s->options->parts, &s->options->gap, err);
    else if (s->pass == PASS_BALANCE)
        status = end_balance(s, err);
    s->subset.other_classes = s->subset.other_rows = 0;
    start(s);
    return status;
}

/* The part's number; most are those asked for, known by their address. */
static size_t number_of(struct splitter *s, const struct parts *parts,
                        const char *part)
{
    for (size_t i = 0; i < parts->n && parts == s->side[0].parts; i++)
        if (part == parts->names[i])
            return i;
    return dict_add(&s->part_names, part, strlen(part));
}

static void count_row(struct splitter *s, const struct csv_reader *data,
                      const struct split_row *row)
{
    const struct csv_field *record = csv_reader_fields(data);
    const struct parts *parts = split_side_of(s, data)->parts;

    s->without_id += s->id != CSV_NONE && record[s->id].len == 0;
    s->recoded += row->label != NULL;
    s->left_out += row->copies == 0;
    s->repeated += row->copies > 1 ? row->copies - 1 : 0;
    s->written += row->copies;
    if (*row->part || !split_is_assigned(s, record))
        count_one(&s->part_count, &s->part_capacity,
                  number_of(s, parts, row->part), row->copies);
}

int splitter_row(struct splitter *s, const struct csv_reader *data,
                 struct split_row *row, struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    struct balanced balanced = {1, 1};
    const char *label;
    bool recoded;
    size_t len;

    row->copies = 0;
    if (!split_keeps(s, data))
        return 0;
    if (split_place(s, data, &row->part, err) != 0)
        return -1;
    label = split_label(s, record, &len, &recoded);
    if (s->options->balance && strcmp(row->part, TRAIN) == 0)
        balanced = balance_next(&s->balance, label, len);
    row->label = recoded ? label : NULL;
    row->copies = balanced.copies;
    row->weight = balanced.weight;
    count_row(s, data, row);
    return 0;
}
