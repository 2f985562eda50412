#include "nn/augment.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/picture.h"

/* Values of a batch that are worth a second thread. */
enum { PARALLEL_VALUES = 1 << 13 };

/* ---- randomness ---- */

enum change {
    CHANGE_PICTURE,
    CHANGE_CUTOUT,
    CHANGE_NOISE,
    CHANGE_CROP,
    CHANGE_DROP
};

/* Streams of one seed differ as long as epochs are fewer than 2^21. */
static void row_rng(struct rng *rng, const struct pass *pass, size_t row,
                    enum change change)
{
    uint64_t name = (uint64_t)change << 53 | pass->epoch << 32 | row;

    rng_init(rng, pass->seed, RNG_AUGMENT + (name << 8));
}

/* Uniform on the whole numbers from -most to most. */
static long draw_shift(struct rng *rng, size_t most)
{
    return (long)rng_below(rng, 2 * most + 1) - (long)most;
}

static bool draw_bit(struct rng *rng)
{
    return rng_next(rng) >> 63;
}

/* ---- images ---- */

static bool changes_picture(const struct hyper *h)
{
    return h->flip != FLIP_NONE || h->rotate > 0 || h->shift > 0;
}

static struct picture_change draw_change(const struct hyper *h,
                                         const struct pass *pass, size_t row)
{
    struct picture_change c = {0};
    struct rng rng;
    bool mirror_x, mirror_y;

    row_rng(&rng, pass, row, CHANGE_PICTURE);
    mirror_x = draw_bit(&rng);
    mirror_y = draw_bit(&rng);
    c.mirror_x = mirror_x && h->flip != FLIP_NONE && h->flip != FLIP_VERTICAL;
    c.mirror_y = mirror_y && h->flip != FLIP_NONE && h->flip != FLIP_HORIZONTAL;
    c.degrees = h->rotate * (2 * rng_uniform(&rng) - 1);
    c.right = draw_shift(&rng, h->shift);
    c.down = draw_shift(&rng, h->shift);
    return c;
}

/* scratch has room for an image. */
static void augment_image(const struct picture *p, const struct hyper *h,
                          const struct pass *pass, size_t row, float *pixels,
                          float *scratch)
{
    size_t size = p->height * p->width * p->channels;
    struct picture_change change;
    struct rng rng;

    if (changes_picture(h)) {
        change = draw_change(h, pass, row);
        memcpy(scratch, pixels, size * sizeof(float));
        picture_change(p, &change, pixels, scratch);
    }
    if (h->cutout) {
        size_t y;
        row_rng(&rng, pass, row, CHANGE_CUTOUT);
        y = rng_below(&rng, p->height);
        picture_cut(p, pixels, h->cutout, y, rng_below(&rng, p->width));
    }
}

/* What a pixel of 0 is after scaling (table/encoder.h). */
static float *blank_of(const struct encoder *e)
{
    float *blank = mem_alloc(e->channels, sizeof(*blank));
    double range = (double)e->pixel_high - (double)e->pixel_low,
           zero = range > 0 ? (0 - (double)e->pixel_low) / range : 0;

    for (size_t c = 0; c < e->channels; c++) {
        bool has = c < e->schema->n_pixel_stats;
        blank[c] = (float)(has ? (zero - e->schema->pixel_mean[c]) /
                                     e->schema->pixel_std[c]
                               : zero);
    }
    return blank;
}

static void augment_images(struct batch *b, const struct hyper *h,
                           const struct encoder *e, const size_t *rows,
                           const struct pass *pass)
{
    float *blank = blank_of(e);
    struct picture p = {e->height, e->width, e->channels, blank};
    size_t threads = (size_t)omp_get_max_threads();
    float *scratch = mem_alloc(threads * b->n_dense, sizeof(*scratch));

#pragma omp parallel for schedule(static) if (b->n * b->n_dense > \
                                              PARALLEL_VALUES)
    for (size_t r = 0; r < b->n; r++)
        augment_image(&p, h, pass, rows[r], b->dense + r * b->n_dense,
                      scratch + (size_t)omp_get_thread_num() * b->n_dense);
    free(scratch);
    free(blank);
}

/* ---- noise ---- */

/* Of one row: all pixels or values, or the numbers of a row. */
static void add_noise(struct batch *b, const struct encoder *e, double noise,
                      struct rng *rng, size_t r)
{
    float *x = b->n_step ? b->step + r * b->steps * b->n_step
                         : b->dense + r * b->n_dense;
    size_t n = b->n_step ? b->length[r] * b->n_step : b->n_dense;

    for (size_t i = 0; e->form != FORM_ROW && i < n; i++)
        x[i] += (float)(noise * rng_normal(rng));
    for (size_t i = 0; e->form == FORM_ROW && i < e->n_numbers; i++)
        x[e->numbers[i].at] += (float)(noise * rng_normal(rng));
}

static void add_noises(struct batch *b, const struct encoder *e, double noise,
                       const size_t *rows, const struct pass *pass)
{
    size_t values = b->n * (b->n_step ? b->steps * b->n_step : b->n_dense);

    if (e->form == FORM_TOKENS)
        return;
#pragma omp parallel for schedule(static) if (values > PARALLEL_VALUES)
    for (size_t r = 0; r < b->n; r++) {
        struct rng rng;
        row_rng(&rng, pass, rows[r], CHANGE_NOISE);
        add_noise(b, e, noise, &rng, r);
    }
}

/* ---- sequences ---- */

/* Values a step and their place, of steps and of tokens. */
static void move_steps(struct batch *b, size_t to, size_t from, size_t n)
{
    size_t width = b->n_step;

    if (b->step)
        memmove(b->step + to * width, b->step + from * width,
                n * width * sizeof(*b->step));
    if (b->token)
        memmove(b->token + to, b->token + from, n * sizeof(*b->token));
}

static void clear_steps(struct batch *b, size_t begin, size_t end)
{
    if (b->step)
        memset(b->step + begin * b->n_step, 0,
               (end - begin) * b->n_step * sizeof(*b->step));
    for (size_t i = begin; b->token && i < end; i++)
        b->token[i] = TOKEN_NONE;
}

static void crop_row(struct batch *b, size_t r, double most, struct rng *rng)
{
    size_t length = b->length[r], at = r * b->steps,
           cut = rng_below(rng, (uint64_t)(most * (double)length) + 1),
           front = rng_below(rng, cut + 1);

    b->length[r] = (uint32_t)(length - cut);
    move_steps(b, at, at + front, length - cut);
    clear_steps(b, at + length - cut, at + length);
}

/* Which of n are left out: keep[i] is false; one is kept. */
static void draw_kept(bool *keep, size_t n, double drop, struct rng *rng)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        keep[i] = rng_uniform(rng) >= drop;
        kept += keep[i];
    }
    if (n && !kept)
        keep[rng_below(rng, n)] = true;
}

static void drop_tokens(struct batch *b, size_t r, const bool *keep)
{
    uint32_t *token = b->token + r * b->steps;
    size_t length = b->length[r], kept = 0;

    for (size_t i = 0; i < length; i++)
        if (keep[i])
            token[kept++] = token[i];
    clear_steps(b, r * b->steps + kept, r * b->steps + length);
    b->length[r] = (uint32_t)kept;
}

/* As few steps as the longest sequence has. */
static void close_up(struct batch *b)
{
    size_t longest = 1, steps = b->steps;

    for (size_t r = 0; r < b->n; r++)
        longest = b->length[r] > longest ? b->length[r] : longest;
    if (longest == steps)
        return;
    for (size_t r = 0; r < b->padded; r++)
        move_steps(b, r * longest, r * steps, longest);
    b->steps = longest;
}

static void augment_sequences(struct batch *b, const struct hyper *h,
                              const size_t *rows, const struct pass *pass)
{
    bool *keep = mem_alloc(b->steps, sizeof(*keep));
    struct rng rng;

    for (size_t r = 0; r < b->n; r++) {
        if (h->crop > 0) {
            row_rng(&rng, pass, rows[r], CHANGE_CROP);
            crop_row(b, r, h->crop, &rng);
        }
        if (h->token_drop > 0 && b->token) {
            row_rng(&rng, pass, rows[r], CHANGE_DROP);
            draw_kept(keep, b->length[r], h->token_drop, &rng);
            drop_tokens(b, r, keep);
        }
    }
    free(keep);
    close_up(b);
}

/* ---- bags ---- */

static double squares(const float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* Moves the kept entries [begin, end) of a slot to `to`; returns their end. */
static size_t thin_slot(struct batch *b, size_t begin, size_t end, size_t to,
                        const bool *keep)
{
    double before = squares(b->value + begin, end - begin), after;
    size_t at = to;

    for (size_t i = begin; i < end; i++)
        if (keep[i - begin]) {
            b->index[at] = b->index[i];
            b->value[at++] = b->value[i];
        }
    after = squares(b->value + to, at - to);
    for (size_t i = to; at - to < end - begin && after > 0 && i < at; i++)
        b->value[i] = (float)((double)b->value[i] * sqrt(before / after));
    return at;
}

static void augment_bags(struct batch *b, double drop, const size_t *rows,
                         const struct pass *pass)
{
    size_t slots = b->n_slots, at = 0, end = 0;
    bool *keep = mem_alloc(b->entries, sizeof(*keep));
    struct rng rng;

    for (size_t r = 0; r < b->n; r++) {
        row_rng(&rng, pass, rows[r], CHANGE_DROP);
        for (size_t s = r * slots; s < (r + 1) * slots; s++) {
            size_t begin = end;
            end = b->start[s + 1];
            draw_kept(keep, end - begin, drop, &rng);
            b->start[s] = at;
            at = thin_slot(b, begin, end, at, keep);
        }
    }
    for (size_t s = b->n * slots; s <= b->padded * slots; s++)
        b->start[s] = at;
    b->entries = at;
    free(keep);
}

/* ---- all of it ---- */

bool augment_any(const struct net_spec *spec)
{
    const struct hyper *h = &spec->hyper;

    return changes_picture(h) || h->cutout || h->noise > 0 || h->crop > 0 ||
           h->token_drop > 0 || h->mixup > 0;
}

void augment_batch(struct batch *b, const struct net_spec *spec,
                   const struct encoder *e, const size_t *rows,
                   const struct pass *pass)
{
    const struct hyper *h = &spec->hyper;
    bool sequences = e->form == FORM_STEPS || e->form == FORM_TOKENS;

    if (e->form == FORM_IMAGE && (changes_picture(h) || h->cutout))
        augment_images(b, h, e, rows, pass);
    if (sequences && (h->crop > 0 || h->token_drop > 0))
        augment_sequences(b, h, rows, pass);
    if (e->form == FORM_ROW && h->token_drop > 0 && b->n_slots)
        augment_bags(b, h->token_drop, rows, pass);
    if (h->noise > 0)
        add_noises(b, e, h->noise, rows, pass);
}

/* ---- mixup ---- */

/*
 * The logarithm of a gamma variate (Marsaglia & Tsang 2000); below 1 by
 * gamma(a) = gamma(a + 1) u^(1/a), which itself would be zero too often.
 */
static double draw_log_gamma(double shape, struct rng *rng)
{
    double d, c, x, v, u;

    if (shape < 1) {
        u = 1 - rng_uniform(rng);
        return draw_log_gamma(shape + 1, rng) + log(u) / shape;
    }
    d = shape - 1. / 3;
    c = 1 / sqrt(9 * d);
    do {
        x = rng_normal(rng);
        v = (1 + c * x) * (1 + c * x) * (1 + c * x);
        u = 1 - rng_uniform(rng);
    } while (v <= 0 || log(u) >= .5 * x * x + d - d * v + d * log(v));
    return log(d) + log(v);
}

struct mixup *mixup_draw(struct mixup *m, double alpha, size_t n,
                         const struct pass *pass)
{
    struct rng rng;
    double a, b;

    rng_init(&rng, pass->seed, RNG_MIXUP + (pass->step << 8));
    a = draw_log_gamma(alpha, &rng);
    b = draw_log_gamma(alpha, &rng);
    m->lambda = 1 / (1 + exp(b - a));
    m->partner = mem_resize(m->partner, n, sizeof(*m->partner));
    for (size_t i = 0; i < n; i++)
        m->partner[i] = i;
    rng_shuffle(&rng, m->partner, n);
    return m;
}

static void mix(float *x, const float *other, size_t n, double lambda)
{
    float own = (float)lambda, rest = (float)(1 - lambda);

    for (size_t i = 0; i < n; i++)
        x[i] = own * x[i] + rest * other[i];
}

/*
 * The rows of one cycle of the permutation, beginning with `first`, in place:
 * each is mixed before its partner is; kept holds the first as it was.
 */
static void mix_cycle(const struct mixup *m, struct batch *b, float *x,
                      size_t size, size_t first, float *kept, bool *mixed)
{
    uint32_t length = b->length ? b->length[first] : 0;
    size_t i = first;

    memcpy(kept, x + first * size, size * sizeof(*kept));
    do {
        size_t partner = m->partner[i];
        bool last = partner == first;
        mix(x + i * size, last ? kept : x + partner * size, size, m->lambda);
        if (b->length) {
            uint32_t other = last ? length : b->length[partner];
            b->length[i] = other > b->length[i] ? other : b->length[i];
        }
        mixed[i] = true;
        i = partner;
    } while (i != first);
}

void mixup_apply(const struct mixup *m, struct batch *b)
{
    float *x = b->n_step ? b->step : b->dense;
    size_t size = b->n_step ? b->steps * b->n_step : b->n_dense;
    float *kept = mem_alloc(size, sizeof(*kept));
    bool *mixed = mem_zalloc(b->n, sizeof(*mixed));

    for (size_t r = 0; size && r < b->n; r++)
        if (!mixed[r])
            mix_cycle(m, b, x, size, r, kept, mixed);
    free(kept);
    free(mixed);
}

void mixup_release(struct mixup *m)
{
    free(m->partner);
    memset(m, 0, sizeof(*m));
}
