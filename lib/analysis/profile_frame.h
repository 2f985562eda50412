/*
 * profile_frame: what all profiles that are to be held against each other
 * share: the columns and their types, scales, the model, and which
 * distributions are looked at.
 */
#ifndef ANALYSIS_PROFILE_FRAME_H
#define ANALYSIS_PROFILE_FRAME_H

#include "analysis/row_vectors.h"
#include "model/model.h"
#include "stream/profile.h"

/*
 * One distribution of rows: an item of each profile.  column: of the schema;
 * place: of its type in the table, or which of several (a step's value, a
 * class).
 */
enum profile_field_kind {
    FIELD_NUMBER,
    FIELD_MISSING,
    FIELD_LEVEL,
    FIELD_LENGTH,
    FIELD_WORDS,
    FIELD_STEPS,
    FIELD_STEP_VALUE,
    FIELD_PIXELS,
    FIELD_LABEL,
    FIELD_PREDICTION,
    FIELD_SOFTMAX,
    FIELD_ERROR
};

struct profile_field {
    enum profile_field_kind kind;
    size_t column, place;
    const char *check;
    char *subject; /* owned */
    enum profile_kind item;
};

/*
 * Settings first (a zeroed frame with them is a valid start): accuracy and
 * sample as in struct profile (without a sample, 0, nothing is looked at but
 * columns by themselves), root where paths of images begin.  Then come the
 * columns, by one of the calls below.  pred, p: where the data are predictions
 * themselves, the place of the predicted class among the categories and those
 * of its probabilities among the numbers (CSV_NONE, NULL: they are not).
 */
struct profile_frame {
    double accuracy;
    size_t sample;
    uint64_t seed;
    const char *root;

    struct schema schema;
    struct row_scale scale;
    bool scaled; /* else by the first rows */
    struct feature_map *map;
    struct model *model; /* NULL: none */
    struct list classes; /* of p */
    size_t pred, *p;

    struct profile_field *fields;
    size_t n_fields, fields_capacity;
};

/* Before one of the other two: predictions of this model are looked at. */
int profile_frame_model(struct profile_frame *frame, const char *path,
                        struct err *err);

/*
 * Columns and types of all rows of the reader (reread).  Where it is a stream
 * of predictions (pred, and p: columns or prob), `prob`, `loss`, `fold`,
 * `replica` and `train_size` are no features; with a model of ours neither are
 * pred and p:.
 */
int profile_frame_infer(struct profile_frame *frame, struct csv_reader *reader,
                        const struct schema_request *request, struct buf *notes,
                        struct err *err);

/* Those of a profile, and its scales, accuracy, sample size and seed. */
int profile_frame_from(struct profile_frame *frame,
                       const struct profile *profile, struct err *err);

/* An empty profile of the frame, whose items are its fields in their order. */
void profile_frame_start(const struct profile_frame *frame,
                         struct profile *profile);

/* Scales into a profile's columns, once there are any. */
void profile_frame_tell(const struct profile_frame *frame,
                        struct profile *profile);

void profile_frame_release(struct profile_frame *frame);

#endif
