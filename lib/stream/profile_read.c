#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/profile_cell.h"
#include "stream/profile_reading.h"
#include "stream/profile_row.h"

enum { VERSION = 1 };

static const char *const cell_names[CELLS] = {"fact", "check", "subject",
                                              "name", "value"};

/* ---- errors ---- */

int reading_wrong(struct reading *r, enum cell cell, const char *what)
{
    r->blamed = cell;
    return profile_cell_not(what, r->cell[cell], r->err);
}

struct err *reading_blame(struct reading *r, enum cell cell)
{
    r->blamed = cell;
    return r->err;
}

int reading_count(struct reading *r, enum cell cell, double most, double *value)
{
    return profile_cell_count(r->cell[cell], most, value,
                              reading_blame(r, cell));
}

/* ---- the head ---- */

static int read_format(struct reading *r)
{
    char quoted[ERR_QUOTE_SIZE];

    if (strcmp(r->cell[NAME], "assay-profile") != 0)
        return reading_wrong(r, NAME, "a profile");
    if (strcmp(r->cell[VALUE], "1") == 0)
        return 0;
    return err_set(reading_blame(r, VALUE), ERR_DATA,
                   "a profile of version %s, this assay knows version %d",
                   err_quote(quoted, sizeof(quoted), r->cell[VALUE],
                             strlen(r->cell[VALUE])),
                   VERSION);
}

static int read_rows(struct reading *r)
{
    return reading_count(r, VALUE, PROFILE_MOST, &r->profile->rows);
}

static int read_accuracy(struct reading *r)
{
    double *accuracy = &r->profile->accuracy;

    if (profile_cell_numbers(r->cell[VALUE], accuracy, 1,
                             reading_blame(r, VALUE)) != 0)
        return -1;
    return *accuracy == 0 || (*accuracy >= .0001 && *accuracy <= .1)
               ? 0
               : reading_wrong(r, VALUE, "0 or within .0001 and .1");
}

static int read_seed(struct reading *r)
{
    return profile_cell_bits(r->cell[VALUE], 10, &r->profile->seed,
                             reading_blame(r, VALUE));
}

static int read_sample_size(struct reading *r)
{
    double most = 0;

    if (reading_count(r, VALUE, PROFILE_MOST, &most) != 0)
        return -1;
    r->profile->sample.most = (size_t)most;
    return 0;
}

static int read_missing(struct reading *r)
{
    list_add(&r->profile->missing_words, r->cell[NAME]);
    return 0;
}

static int read_class(struct reading *r)
{
    list_add(&r->profile->classes, r->cell[NAME]);
    return 0;
}

static int read_column(struct reading *r)
{
    struct profile *p = r->profile;
    struct profile_column *c;
    double value[4];

    if (profile_cell_numbers(r->cell[VALUE], value, 4,
                             reading_blame(r, VALUE)) != 0)
        return -1;
    if (!(value[3] >= 0 && value[3] <= PROFILE_MOST &&
          floor(value[3]) == value[3]))
        return reading_wrong(r, VALUE, "a shift, centre, scale and width");
    if (dict_add(&r->columns, r->cell[SUBJECT], strlen(r->cell[SUBJECT])) <
        p->n_columns)
        return reading_wrong(r, SUBJECT, "a new column");
    p->columns = mem_grow(p->columns, &r->columns_capacity, p->n_columns + 1,
                          sizeof(*c));
    c = &p->columns[p->n_columns++];
    *c = (struct profile_column){.name = mem_strdup(r->cell[SUBJECT]),
                                 .type = mem_strdup(r->cell[CHECK]),
                                 .role = mem_strdup(r->cell[NAME]),
                                 .shift = value[0],
                                 .centre = value[1],
                                 .scale = value[2],
                                 .width = (size_t)value[3]};
    return 0;
}

/* ---- features, sample, end ---- */

static int read_features(struct reading *r)
{
    struct feature_sums *f = &r->profile->features;
    size_t row = r->features - 1;
    double sum[MEAN_FEATURES + 1], at;

    if (!r->features) {
        if (strcmp(r->cell[NAME], "sum") != 0)
            return reading_wrong(r, NAME, "the sums, which stand first");
        if (profile_cell_numbers(r->cell[VALUE], sum, MEAN_FEATURES + 1,
                                 reading_blame(r, VALUE)) != 0)
            return -1;
        f->n = sum[0];
        memcpy(f->sum, sum + 1, sizeof(f->sum));
        r->features++;
        return f->n > 0 ? 0 : reading_wrong(r, VALUE, "sums of any rows");
    }
    if (reading_count(r, NAME, PROFILE_MOST, &at) != 0)
        return -1;
    if (at != (double)row || row >= MEAN_FEATURES)
        return reading_wrong(r, NAME, "the row that follows");
    r->features++;
    return profile_cell_numbers(r->cell[VALUE],
                                f->product + row * (row + 1) / 2, row + 1,
                                reading_blame(r, VALUE));
}

static int read_row(struct reading *r)
{
    struct profile *p = r->profile;
    struct profile_sample *s = &p->sample;
    struct profile_row row = {0};

    if (profile_cell_bits(r->cell[NAME], 16, &row.key,
                          reading_blame(r, NAME)) != 0)
        return -1;
    if (s->n && row.key < s->row[s->n - 1].key)
        return reading_wrong(r, NAME, "a key after the one before it");
    if (s->n == s->most)
        return err_set(reading_blame(r, FACT), ERR_DATA, "more than %zu row%s",
                       s->most, plural(s->most));
    s->columns = p->n_columns;
    row.id = mem_strdup(r->cell[SUBJECT]);
    if (profile_row_parse(&row, r->cell[VALUE], strlen(r->cell[VALUE]),
                          p->n_columns, p->classes.n,
                          reading_blame(r, VALUE)) != 0) {
        profile_row_release(&row, p->n_columns);
        return -1;
    }
    profile_sample_add(s, &row);
    return 0;
}

static int read_end(struct reading *r)
{
    double facts;

    if (reading_count(r, VALUE, PROFILE_MOST, &facts) != 0)
        return -1;
    if (facts != (double)r->facts)
        return err_set(reading_blame(r, VALUE), ERR_DATA,
                       "%zu facts before it, not %s", r->facts, r->cell[VALUE]);
    return 0;
}

/* ---- all of it ---- */

static const struct fact {
    const char *name;
    enum stage stage;
    int (*read)(struct reading *r);
} facts[] = {{"format", STAGE_FORMAT, read_format},
             {"rows", STAGE_ROWS, read_rows},
             {"accuracy", STAGE_ACCURACY, read_accuracy},
             {"seed", STAGE_SEED, read_seed},
             {"sample", STAGE_SAMPLE, read_sample_size},
             {"missing", STAGE_MISSING, read_missing},
             {"class", STAGE_CLASS, read_class},
             {"column", STAGE_COLUMN, read_column},
             {"item", STAGE_ITEM, profile_read_item},
             {"sketch", STAGE_ITEM, profile_read_sketch},
             {"level", STAGE_ITEM, profile_read_level},
             {"bucket", STAGE_ITEM, profile_read_bucket},
             {"words", STAGE_ITEM, profile_read_words},
             {"features", STAGE_FEATURES, read_features},
             {"row", STAGE_ROW, read_row},
             {"end", STAGE_END, read_end}};

/* Whether a fact may stand here, with what ends where it begins. */
static int check_stage(struct reading *r, enum stage stage)
{
    bool in_order = r->facts < STAGE_MISSING
                        ? (size_t)stage == r->facts
                        : stage >= STAGE_MISSING && stage >= r->stage &&
                              r->stage != STAGE_END;

    if (!in_order && !r->facts)
        return reading_wrong(r, FACT, "the fact 'format', which stands first");
    if (!in_order && r->stage == STAGE_END)
        return reading_wrong(
            r, FACT, "the end of the profile (assay shift --merge joins two)");
    if (!in_order)
        return reading_wrong(r, FACT, "a fact that may stand here");
    if (stage > STAGE_ITEM && profile_read_items_end(r) != 0)
        return -1;
    if (stage > STAGE_FEATURES && r->features &&
        r->features != MEAN_FEATURES + 1)
        return err_set(reading_blame(r, FACT), ERR_DATA,
                       "%zu facts 'features' before it, not %d", r->features,
                       MEAN_FEATURES + 1);
    return 0;
}

static int read_fact(struct reading *r)
{
    for (int i = 0; i < CELLS; i++)
        r->cell[i] = csv_reader_cell(r->csv, r->column[i]).text;
    for (size_t i = 0; i < sizeof(facts) / sizeof(*facts); i++)
        if (strcmp(facts[i].name, r->cell[FACT]) == 0) {
            if (check_stage(r, facts[i].stage) != 0 || facts[i].read(r) != 0)
                return csv_reader_blame(r->csv, r->column[r->blamed], r->err);
            r->stage = facts[i].stage;
            r->facts++;
            return 0;
        }
    reading_wrong(r, FACT, "a fact of a profile");
    return csv_reader_blame(r->csv, r->column[FACT], r->err);
}

static int read_all(struct reading *r)
{
    int got;

    for (int i = 0; i < CELLS; i++)
        if (csv_reader_require(r->csv, cell_names[i], &r->column[i], r->err) !=
            0)
            return -1;
    while ((got = csv_reader_next(r->csv, r->err)) == 1)
        if (read_fact(r) != 0)
            return -1;
    if (got == 0 && r->stage != STAGE_END) {
        err_set(r->err, ERR_DATA, "a profile that is not whole: no fact 'end'");
        return err_at(r->err, csv_reader_file(r->csv), 0);
    }
    return got;
}

bool profile_is(const struct csv_reader *reader)
{
    for (int i = 0; i < CELLS; i++)
        if (csv_reader_find(reader, cell_names[i]) == CSV_NONE)
            return false;
    return true;
}

int profile_read(struct profile *profile, struct csv_reader *reader,
                 struct err *err)
{
    struct reading r = {.profile = profile, .csv = reader, .err = err};
    int status;

    memset(profile, 0, sizeof(*profile));
    status = read_all(&r);
    dict_release(&r.columns);
    free(r.x);
    profile->sample.columns = profile->n_columns;
    profile_sample_settle(&profile->sample);
    if (status != 0)
        profile_release(profile);
    return status;
}
