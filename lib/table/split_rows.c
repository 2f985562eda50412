#include "table/split_rows.h"

#include <string.h>

/* ---- a record ---- */

const char *split_label(const struct splitter *s,
                        const struct csv_field *record, size_t *len,
                        bool *recoded)
{
    const struct csv_field *cell;
    const char *label;

    *recoded = false;
    *len = 0;
    if (s->label == CSV_NONE)
        return "";
    cell = &record[s->label];
    label = recoding_of(&s->recoding, cell->text, cell->len);
    *recoded = label != NULL;
    *len = label ? strlen(label) : cell->len;
    return label ? label : cell->text;
}

bool split_is_assigned(const struct splitter *s, const struct csv_field *record)
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

struct split_side *split_side_of(struct splitter *s,
                                 const struct csv_reader *data)
{
    const char *target = s->options->target;

    return &s->side[target && strcmp(csv_reader_file(data), target) == 0];
}

bool split_is_grouped(const struct splitter *s)
{
    return s->options->group || s->options->near.n;
}

bool split_keeps(struct splitter *s, const struct csv_reader *data)
{
    const struct csv_field *record = csv_reader_fields(data);
    bool recoded;
    size_t len;
    const char *label;

    if (!subset_counts(&s->options->subset))
        return true;
    label = split_label(s, record, &len, &recoded);
    return subset_keeps(&s->subset, label, len, csv_reader_records(data),
                        split_is_assigned(s, record));
}

size_t split_stratum(struct splitter *s, const struct csv_field *record)
{
    bool recoded;
    size_t len;
    const char *label;

    if (s->label == CSV_NONE && s->strata.count)
        return 0;
    label = split_label(s, record, &len, &recoded);
    return dict_add(&s->strata, label, len);
}

/* ---- assigning ---- */

static const char *place_by_time(struct splitter *s,
                                 const struct csv_field *cell)
{
    size_t part;

    if (!cell->len) {
        s->timeless++;
        return "";
    }
    part = time_order_part(&s->time, cell->text, cell->len);
    s->gaps += part == TIME_ORDER_GAP;
    return part == PARTITION_NONE   ? NULL
           : part == TIME_ORDER_GAP ? ""
                                    : s->options->parts.names[part];
}

static const char *place_by_hash(struct splitter *s, struct split_side *side,
                                 const struct csv_field *cell)
{
    const char *within = s->options->within;
    size_t part = partition_by_hash(side->parts, cell->text, cell->len,
                                    within ? within : "", s->options->seed);

    s->rows++;
    return side->parts->names[part];
}

static const char *assign(struct splitter *s, struct split_side *side,
                          const struct csv_field *record, size_t unit_part)
{
    size_t part;

    if (!split_is_assigned(s, record))
        return record[s->split].text;
    if (s->options->hash)
        return place_by_hash(s, side, &record[s->key]);
    if (s->options->time)
        return place_by_time(s, &record[s->key]);
    part = unit_part;
    if (split_is_grouped(s))
        return part == GROUPING_NONE   ? NULL
               : part < side->parts->n ? side->parts->names[part]
                                       : s->part_names.text[part];
    part = partition_next(&side->partition, split_stratum(s, record));
    return part == PARTITION_NONE ? NULL : side->parts->names[part];
}

int split_place(struct splitter *s, const struct csv_reader *data,
                const char **part, struct err *err)
{
    const struct csv_field *record = csv_reader_fields(data);
    struct split_side *side = split_side_of(s, data);
    uint32_t unit_part = GROUPING_NONE;

    if (split_is_grouped(s) &&
        (split_is_assigned(s, record) || s->options->mode == SPLIT_FILL))
        unit_part = grouping_next(&side->grouping);
    *part = assign(s, side, record, unit_part);
    if (*part)
        return 0;
    err_set(err, ERR_DATA, "the input changed while it was read");
    return csv_reader_blame(data, CSV_NONE, err);
}
