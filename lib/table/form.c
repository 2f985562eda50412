#include "table/form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

#include "table/column_type.h"

static const char *const form_names[] = {"row", "image", "steps", "tokens"};
static const char *const token_names[] = {"none", "word", "char"};

enum { LARGEST_SIDE = 100000, LARGEST_SHAPE = 10000000, SHAPE_TEXT = 80 };

const char *input_form_name(enum input_form form)
{
    return form_names[form];
}

int input_form_parse(const char *word, enum input_form *form)
{
    for (int i = FORM_ROW; i <= FORM_TOKENS; i++)
        if (strcmp(word, form_names[i]) == 0) {
            *form = (enum input_form)i;
            return 0;
        }
    return -1;
}

const char *token_kind_name(enum token_kind kind)
{
    return token_names[kind];
}

int token_kind_parse(const char *word, enum token_kind *kind)
{
    for (int i = TOKENS_NONE; i <= TOKENS_CHAR; i++)
        if (strcmp(word, token_names[i]) == 0) {
            *kind = (enum token_kind)i;
            return 0;
        }
    return -1;
}

/* ---- shapes ---- */

/* Sides between 'x'; one that is too long is cut to more than any may be. */
static bool read_sides(size_t shape[3], size_t *n, const char *text)
{
    const char *at = text;

    *n = 0;
    while (*n < 3 && *at >= '0' && *at <= '9') {
        char *end;
        long side = strtol(at, &end, 10);
        shape[(*n)++] = side > LARGEST_SIDE ? LARGEST_SIDE + 1 : (size_t)side;
        if (side == 0 || (*end && *end != 'x'))
            return false;
        if (!*end)
            return *n >= 2;
        at = end + 1;
    }
    return false;
}

int shape_parse(size_t shape[3], size_t *n_shape, const char *text,
                struct err *err)
{
    size_t size = 1;

    if (!read_sides(shape, n_shape, text))
        return err_set(err, ERR_USAGE,
                       "--shape: '%s' is not like 28x28x1 (height, width, "
                       "channels) or 100x12 (steps, values)",
                       text);
    for (size_t i = 0; i < *n_shape; i++) {
        if (shape[i] > LARGEST_SIDE)
            return err_set(err, ERR_USAGE,
                           "--shape: '%s': a side is longer than %d", text,
                           LARGEST_SIDE);
        size *= shape[i];
    }
    if (size > LARGEST_SHAPE)
        return err_set(err, ERR_USAGE,
                       "--shape: '%s' is %zu values, more than %d", text, size,
                       LARGEST_SHAPE);
    return 0;
}

static size_t shape_size(const struct schema *s)
{
    size_t size = 1;

    for (size_t i = 0; i < s->n_shape; i++)
        size *= s->shape[i];
    return size;
}

static const char *shape_text(const struct schema *s, char out[SHAPE_TEXT])
{
    int used = 0;

    for (size_t i = 0; i < s->n_shape; i++)
        used += snprintf(out + used, (size_t)(SHAPE_TEXT - used), "%s%zu",
                         i ? "x" : "", s->shape[i]);
    return out;
}

/* ---- features ---- */

static size_t count_features(const struct schema *s, enum column_type type)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->columns[i].role == ROLE_FEATURE && s->columns[i].type == type;
    return n;
}

/* The first feature that has this type, or has it not; NULL: none. */
static const struct column *find_feature(const struct schema *s,
                                         enum column_type type, bool has)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->columns[i].role == ROLE_FEATURE &&
            (s->columns[i].type == type) == has)
            return &s->columns[i];
    return NULL;
}

/* One column of images, and nothing else. */
static int check_image(const struct schema *s, const struct column *image,
                       struct err *err)
{
    const struct column *other = find_feature(s, TYPE_IMAGE, false);
    char shape[SHAPE_TEXT];

    if (s->n_shape != 3)
        return err_set(err, ERR_USAGE,
                       "--shape %s is no image, but column '%s' names images "
                       "(--shape HxWxC)",
                       shape_text(s, shape), image->name);
    if (s->shape[2] != 1 && s->shape[2] != 3)
        return err_set(err, ERR_USAGE,
                       "--shape %s: images of files have 1 channel or 3",
                       shape_text(s, shape));
    for (size_t i = 0; i < s->n && !other; i++)
        if (s->columns[i].role == ROLE_FEATURE && &s->columns[i] != image)
            other = &s->columns[i];
    if (!other)
        return 0;
    return err_set(err, ERR_USAGE,
                   "column '%s' names images, which are read alone, but there "
                   "is '%s' too (--features %s)",
                   image->name, other->name, image->name);
}

/* The features are numbers, as many as the shape has; or images. */
static int check_shape(const struct schema *s, const char *file,
                       struct err *err)
{
    const struct column *other = find_feature(s, TYPE_NUMBER, false),
                        *image = find_feature(s, TYPE_IMAGE, true);
    size_t numbers = count_features(s, TYPE_NUMBER), size = shape_size(s);
    char shape[SHAPE_TEXT];

    if (image && numbers != size)
        return check_image(s, image, err);
    shape_text(s, shape);
    if (numbers == size && !other)
        return 0;
    if (numbers == size)
        err_set(err, ERR_DATA,
                "--shape %s reads numbers, but column '%s' is a %s (--features "
                "or --exclude)",
                shape, other->name, column_type_name(other->type));
    else if (other)
        err_set(err, ERR_DATA,
                "--shape %s is %zu values, but there are %zu number columns "
                "(column '%s' is a %s: --features or --exclude)",
                shape, size, numbers, other->name,
                column_type_name(other->type));
    else
        err_set(err, ERR_DATA,
                "--shape %s is %zu values, but there are %zu number columns",
                shape, size, numbers);
    return err_at(err, file, 0);
}

/* ---- sequence networks ---- */

static int several_inputs(const struct column *a, const struct column *b,
                          struct err *err)
{
    return err_set(err, ERR_USAGE,
                   "a sequence network reads one input: column '%s' is a %s "
                   "and '%s' a %s (--features or --exclude)",
                   a->name, column_type_name(a->type), b->name,
                   column_type_name(b->type));
}

static int no_sequence(const struct column *first, struct err *err)
{
    if (!first)
        return err_set(err, ERR_USAGE,
                       "a sequence network reads one input, but there is no "
                       "column to read");
    if (first->type == TYPE_CATEGORY)
        return err_set(err, ERR_USAGE,
                       "a sequence network reads a sequence or text, but "
                       "column '%s' is a category (--type %s=text)",
                       first->name, first->name);
    return err_set(err, ERR_USAGE,
                   "a sequence network reads a sequence or text, but column "
                   "'%s' is a number (--shape STEPSxVALUES makes steps of "
                   "numbers)",
                   first->name);
}

/* Neither one sequence nor texts alone: which columns are in the way. */
static int no_single_input(const struct schema *s, struct err *err)
{
    const struct column *input = find_feature(s, TYPE_SEQUENCE, true);

    if (!input)
        input = find_feature(s, TYPE_TEXT, true);
    if (!input)
        return no_sequence(find_feature(s, TYPE_SEQUENCE, false), err);
    for (size_t i = 0; i < s->n; i++) {
        const struct column *c = &s->columns[i];
        if (c->role == ROLE_FEATURE && c != input &&
            (c->type != TYPE_TEXT || input->type != TYPE_TEXT))
            return several_inputs(input, c, err);
    }
    return 0;
}

static int find_sequential(struct schema *s, const struct schema_request *q,
                           struct err *err)
{
    char shape[SHAPE_TEXT];

    if (s->n_shape == 3)
        return err_set(err, ERR_USAGE,
                       "--shape %s is an image: a sequence network reads "
                       "STEPSxVALUES",
                       shape_text(s, shape));
    s->form = FORM_STEPS;
    if (s->n_shape == 2)
        return 0;
    if (no_single_input(s, err) != 0)
        return -1;
    if (find_feature(s, TYPE_SEQUENCE, true))
        return 0;
    s->form = FORM_TOKENS;
    s->tokens = q->tokens == TOKENS_NONE ? TOKENS_WORD : q->tokens;
    return 0;
}

/* ---- the others ---- */

static int find_parallel(struct schema *s, struct err *err)
{
    const struct column *sequence = find_feature(s, TYPE_SEQUENCE, true);

    if (sequence)
        return err_set(err, ERR_USAGE,
                       "column '%s' is a sequence: --net lstm or attention "
                       "read it (else --exclude %s, or --type %s=text)",
                       sequence->name, sequence->name, sequence->name);
    s->form = s->n_shape == 3 ? FORM_IMAGE : FORM_ROW;
    return 0;
}

static int take_pixel_stats(struct schema *s, const struct schema_request *q,
                            struct err *err)
{
    if (q->n_pixel_stats == 0)
        return 0;
    if (s->form != FORM_IMAGE)
        return err_set(err, ERR_USAGE,
                       "means of pixels are for images (--shape HxWxC)");
    if (q->n_pixel_stats != s->shape[2])
        return err_set(err, ERR_USAGE,
                       "%zu mean%s of pixels, but the image has %zu channel%s",
                       q->n_pixel_stats, plural(q->n_pixel_stats), s->shape[2],
                       plural(s->shape[2]));
    for (size_t i = 0; i < q->n_pixel_stats; i++)
        if (!(q->pixel_std[i] > 0))
            return err_set(err, ERR_USAGE,
                           "a deviation of pixels must be above 0");
    s->n_pixel_stats = q->n_pixel_stats;
    memcpy(s->pixel_mean, q->pixel_mean, sizeof(s->pixel_mean));
    memcpy(s->pixel_std, q->pixel_std, sizeof(s->pixel_std));
    return 0;
}

static bool is_sequential(const struct schema *s,
                          const struct schema_request *q)
{
    if (!q->any_input)
        return q->sequential;
    return s->n_shape == 2 || q->tokens != TOKENS_NONE ||
           find_feature(s, TYPE_SEQUENCE, true);
}

static bool is_forced_image(const struct schema_request *q, const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < q->types.n; i++)
        if (strncmp(q->types.items[i], name, len) == 0 &&
            strcmp(q->types.items[i] + len, "=image") == 0)
            return true;
    return false;
}

/*
 * Names of images are of no use without a shape, or beside the pixels
 * themselves; unless somebody asked for them, which is a mistake then.
 */
static int settle_images(struct schema *s, const struct schema_request *q,
                         struct buf *notes, struct err *err)
{
    bool pixels = s->n_shape == 3 &&
                  count_features(s, TYPE_NUMBER) == shape_size(s);

    for (size_t i = 0; i < s->n; i++) {
        struct column *c = &s->columns[i];
        if (c->role != ROLE_FEATURE || c->type != TYPE_IMAGE ||
            (s->n_shape == 3 && !pixels))
            continue;
        if (!pixels &&
            (list_has(&q->features, c->name) || is_forced_image(q, c->name)))
            return err_set(err, ERR_USAGE,
                           "column '%s' names images: --shape HxWxC says in "
                           "what size they are read",
                           c->name);
        column_not_used(c, "it names images");
        buf_printf(notes, "column '%s' names images; not used (%s)\n", c->name,
                   pixels ? "the pixels are columns"
                          : "--shape HxWxC reads them");
    }
    return 0;
}

int form_find(struct schema *s, const struct schema_request *q,
              const char *file, struct buf *notes, struct err *err)
{
    memcpy(s->shape, q->shape, sizeof(s->shape));
    s->n_shape = q->n_shape;
    s->max_steps = q->max_steps;
    if (settle_images(s, q, notes, err) != 0)
        return -1;
    if ((is_sequential(s, q) ? find_sequential(s, q, err)
                             : find_parallel(s, err)) != 0)
        return -1;
    if (s->n_shape && check_shape(s, file, err) != 0)
        return -1;
    for (size_t i = 0; i < s->n && s->form != FORM_ROW; i++)
        s->columns[i].shift = 0;
    return take_pixel_stats(s, q, err);
}
