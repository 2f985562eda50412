/*
 * encoder: rows of a table to the tensors a network reads, with what it
 * learned from the training rows and from nothing else.
 *
 *   number    (x - mean) / deviation, a million at most either way; a missing
 *             one is the mean, and where the training rows had missing ones a
 *             second column says so
 *   category  one column a level (1 or 0) up to ENCODER_ONE_HOT levels, else
 *             one row of the embedding bag; missing is a level of its own;
 *             levels that training saw once share a bucket with those it
 *             never saw
 *   text      rows of the embedding bag, one an n-gram that two training rows
 *             have, weighted by (1 + ln count) idf with idf = 1 + ln((1 + n) /
 *             (1 + df)); words and characters are scaled to equal length, both
 *             together to ENCODER_BAG_LENGTH; other n-grams are left out
 *
 *   image     (x - low) / (high - low) for all pixels, with low the least pixel
 *             of the training rows, at most 0, and high the largest (0 where
 *             they are the same); then, where the schema has them, less the
 *             channel's mean, over its deviation
 *   steps     each of a step's values as a number, mean and deviation over all
 *             steps; a missing cell is one step of means
 *   tokens    those that two training rows have, numbered in the order of their
 *             bytes; 0 is any other, 1 is the separator where there are several
 *             text columns
 *
 * The length of a bag sets how fast an embedding that starts near zero moves:
 * at 10 the default learning rate fits short texts in a few epochs (at 1 it
 * takes thirty, and the noise of the start never leaves).
 */
#ifndef TABLE_ENCODER_H
#define TABLE_ENCODER_H

#include <stdbool.h>

#include "table/table.h"

enum { ENCODER_ONE_HOT = 50 };
#define ENCODER_BAG_LENGTH 10.0

/* What one number column becomes. */
struct number_code {
    float mean, scale; /* (x - mean) * scale; scale is 0 for a constant */
    bool indicator;    /* a missing-value column follows */
    size_t at;         /* dense column */
};

/* What one category becomes. */
struct category_code {
    struct dict levels; /* of the training rows, sorted */
    uint32_t *count;    /* [levels] training rows; 1 means the bucket */
    bool embedded;      /* rows of the bag, not dense columns */
    size_t at;          /* first dense column or bag row */
    size_t width;       /* levels seen twice, + 1 if there is a bucket */
    size_t slot;        /* where embedded */
    uint32_t *code;     /* [levels] offset from `at` */
    uint32_t unseen;    /* offset of the bucket, or LEVEL_UNSEEN: none */
    uint32_t *map;      /* [n_map] table level -> offset (encoder_bind) */
    size_t n_map;
};

/* What one text column becomes. */
struct text_code {
    size_t n_terms;
    uint32_t *bucket; /* [n_terms] buckets seen in training, rising */
    float *idf;       /* [n_terms] */
    uint32_t *term;   /* [NGRAM_BUCKETS] bucket -> term + 1, or 0 */
    size_t at;        /* first bag row */
    size_t slot;
};

/*
 * Invariant: n_dense, n_slots, n_bag_rows and n_tokens follow from the rest
 * (encoder_finish).  A slot is the place in the network's input of one embedded
 * column.  What does not belong to the form is 0 or NULL.
 *
 * A model file has to keep: of FORM_ROW the codes; of FORM_IMAGE pixel_low and
 * pixel_high; of FORM_STEPS step_mean and step_scale; of FORM_TOKENS the
 * vocabulary.
 */
struct encoder {
    const struct schema *schema; /* not owned */
    enum input_form form;

    /* FORM_ROW */
    size_t n_numbers, n_categories, n_texts;
    struct number_code *numbers;
    struct category_code *categories;
    struct text_code *texts;

    /* FORM_IMAGE */
    size_t height, width, channels;
    float pixel_low, pixel_high;

    /* FORM_STEPS */
    size_t n_step;
    float *step_mean, *step_scale; /* [n_step], as in number_code */

    /* FORM_TOKENS */
    size_t n_tokens;        /* one more than the largest number */
    struct dict vocabulary; /* sorted; the last ones of the numbers */
    uint32_t *token_map;    /* [n_token_map] table token -> number, by
                               encoder_bind */
    size_t n_token_map;

    size_t n_dense, n_slots, n_bag_rows;
};

/*
 * Some rows, encoded.  dense is [capacity][n_dense]; the entries of row r and
 * slot s are start[r * n_slots + s] .. start[r * n_slots + s + 1].  Rows from
 * n to `padded` (a multiple of BATCH_TILE) are zero and have no entries.
 *
 * Sequences: row r has length[r] steps, 1 to `steps`, which is the longest
 * length of the batch (1 where there are no sequences; padded rows have length
 * 1).  step is [padded][steps][n_step], zero behind the end, or NULL; token is
 * [padded][steps], or NULL, TOKEN_NONE behind the end and in padded rows.
 */
struct batch {
    size_t n, padded, capacity, n_dense, n_slots;
    bool shard;   /* a part of a batch, which is one thread's alone … */
    size_t first; /* … and the rows of that batch before these */
    float *dense;
    size_t *start;   /* [capacity * n_slots + 1] */
    uint32_t *index; /* bag rows */
    float *value;
    size_t entries, entry_capacity;
    size_t steps, n_step;
    uint32_t *length; /* [padded] */
    float *step;
    uint32_t *token;
    size_t step_capacity, token_capacity; /* values */
};

#define TOKEN_NONE UINT32_MAX

enum { BATCH_TILE = 16 };

/* Learns from rows[0..n) of the table, and binds itself to it. */
void encoder_fit(struct encoder *encoder, const struct table *table,
                 const size_t *rows, size_t n);

/*
 * Finishes an encoder whose codes were filled in from a model file: computes
 * offsets and look-ups.
 */
void encoder_finish(struct encoder *encoder);

/*
 * An encoder for the schema with nothing learned yet; what a model file keeps
 * can be filled in: there is room for the codes, step_mean and step_scale.
 */
void encoder_init(struct encoder *encoder, const struct schema *schema);

/*
 * Prepares for another table of the same schema.  With freeze, an empty
 * table's dictionaries become those of the encoder and grow no more.
 */
void encoder_bind(struct encoder *encoder, const struct table *table);
void encoder_freeze(const struct encoder *encoder, struct table *table);

void encoder_release(struct encoder *encoder);

/* Encodes rows[0..n) of the table the encoder is bound to. */
void encoder_encode(const struct encoder *encoder, const struct table *table,
                    const size_t *rows, size_t n, struct batch *batch);

void batch_release(struct batch *batch);

/*
 * Puts the rows of `more` behind those of batch; both are of one encoder, whose
 * rows are no sequences.
 */
void batch_join(struct batch *batch, const struct batch *more);

#endif
