/*
 * profile_rows: profiles of made-up rows, to be included after <cmocka.h>.
 *
 * A row has a number x of three digits (0.000 to 9.999), a level of seven, and
 * a text; row i is the same whatever part it is in.
 */
#ifndef UNIT_PROFILE_ROWS_H
#define UNIT_PROFILE_ROWS_H

#include <math.h>

#include "scratch.h"

#include "base/hash.h"
#include "base/mem.h"
#include "stream/profile.h"

/* Names that a reader may stumble over. */
#define ROWS_NUMBER "x, \"the\" number"
#define ROWS_LEVEL "k\xc3\xa9y\nof two lines"
#define ROWS_CLASS "on paper, print"

static const char *const rows_levels[] = {
    "", "\"quoted\"", "a,b", "two\nlines", "\xe6\x9b\xb8", " blank ", "\"\""};

static inline char *rows_level(size_t i)
{
    return mem_strdup(rows_levels[i * i % 7]);
}

static inline double rows_number(size_t i)
{
    return (double)(i * 7919 % 10007 % 10000) / 1000;
}

static inline void rows_head(struct profile *p, double accuracy, double shift)
{
    static const struct profile_column columns[] = {
        {ROWS_NUMBER, "number", "feature", 0, .5, .125, 0},
        {ROWS_LEVEL, "category", "feature", 0, 0, 0, 0},
        {"", "text", "label", 0, 0, 0, 0}};

    *p = (struct profile){.accuracy = accuracy, .seed = UINT64_MAX};
    list_add(&p->missing_words, "n/a");
    list_add(&p->missing_words, "a,\"b\"");
    list_add(&p->classes, ROWS_CLASS);
    list_add(&p->classes, "print");
    p->columns = mem_alloc(3, sizeof(*p->columns));
    p->n_columns = p->sample.columns = 3;
    p->sample.most = 20;
    for (size_t i = 0; i < 3; i++) {
        p->columns[i] = columns[i];
        p->columns[i].name = mem_strdup(columns[i].name);
        p->columns[i].type = mem_strdup(columns[i].type);
        p->columns[i].role = mem_strdup(columns[i].role);
    }
    p->columns[0].shift = shift;
}

static inline void rows_sample(struct profile *p, size_t i)
{
    uint64_t key = hash_bytes(&i, sizeof(i));
    char number[40];
    struct profile_row row = {.key = key,
                              .wrong = i % 3 ? (float)(i % 2) : NAN};

    if (!profile_sample_wants(&p->sample, key))
        return;
    snprintf(number, sizeof(number), "%.3f", rows_number(i));
    row.id = mem_strdup(i % 5 ? number : "");
    row.label = mem_strdup(i % 4 ? ROWS_CLASS : "");
    row.pred = mem_strdup("print");
    row.cells = mem_zalloc(3, sizeof(*row.cells));
    row.cells[0] = mem_strdup(number);
    row.cells[1] = rows_level(i);
    if (i % 2) {
        row.p = mem_alloc(2, sizeof(*row.p));
        row.p[0] = 1 / (float)(i + 3);
        row.p[1] = 1 - row.p[0];
    }
    profile_sample_add(&p->sample, &row);
}

static inline void rows_features(struct feature_sums *f, size_t i)
{
    double x[MEAN_FEATURES], *product = f->product;

    f->n++;
    for (size_t k = 0; k < MEAN_FEATURES; k++) {
        x[k] = cos((double)(i * (k + 1)));
        f->sum[k] += x[k];
        for (size_t j = 0; j <= k; j++)
            *product++ += x[j] * x[k];
    }
}

static inline void rows_add(struct profile *p, size_t i)
{
    float x = (float)(rows_number(i) - p->columns[0].shift);
    char *level = rows_level(i);
    struct word_rows *words;
    size_t word = i * 31 % 5000;

    p->rows++;
    quantiles_add(
        profile_item(p, "number", ROWS_NUMBER, PROFILE_NUMBERS)->numbers, &x,
        1);
    level_counts_add(
        &profile_item(p, "category", ROWS_LEVEL, PROFILE_COUNTS)->levels, level,
        strlen(level), 1);
    words = &profile_item(p, "words", "", PROFILE_VOCABULARY)->words;
    if (!words->rows)
        words->rows = mem_zalloc(PROFILE_WORDS, 1);
    words->rows[word] = words->rows[word] < 2 ? words->rows[word] + 1 : 2;
    free(level);
    if (i % 16 == 0)
        rows_features(&p->features, i);
    rows_sample(p, i);
}

/* Rows from `from` to before `to`. */
static inline struct profile rows_profile(size_t from, size_t to,
                                          double accuracy, double shift)
{
    struct profile p;

    rows_head(&p, accuracy, shift);
    for (size_t i = from; i < to; i++)
        rows_add(&p, i);
    profile_sample_settle(&p.sample);
    return p;
}

/* Its stream; to be released. */
static inline struct buf rows_stream(const struct profile *p)
{
    struct csv_writer writer;
    struct err err;
    struct buf text;

    csv_writer_init(&writer, NULL);
    writer.keep = true;
    assert_int_equal(profile_write(p, &writer, &err), 0);
    text = writer.history;
    writer.history = (struct buf){0};
    csv_writer_release(&writer);
    return text;
}

/* Reads a stream: 0, or -1 with the message in `message`. */
static inline int rows_read(struct profile *p, const char *text, char *message,
                            size_t size)
{
    struct csv_reader *reader = scratch_reader(text, false);
    struct err err = {0};
    int status = profile_read(p, reader, &err);
    char whole[2000];

    csv_reader_close(reader);
    *message = '\0';
    if (status == 0)
        return 0;
    err_format(&err, whole, sizeof(whole));
    snprintf(message, size, "%.*s", (int)size - 1,
             whole + strlen(scratch_folder) + 1);
    return status;
}

#endif
