#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/draw.h"
#include "stats/label_shift_parts.h"
#include "stats/row_blocks.h"

/* Target rows of a draw of EM. */
enum { MOST_ROWS = 2000 };

static const double PRECISION = 1e-7, TOWARD_ONE = .1, TILT = .01;

struct bootstrap {
    const struct shift_problem *problem;
    const struct label_shift *fit;
    size_t draws, rows; /* target rows of a draw of EM */
    uint64_t seed;
    double *tilt; /* [classes] EM: of the mean by ln inverse; NULL: a bias */
    struct row_blocks source, target;
    double *share, *weight; /* [classes][draws] */
};

static bool is_soft(const struct label_shift *fit)
{
    return fit->method == LABEL_SHIFT_BBSE_SOFT ||
           fit->method == LABEL_SHIFT_RLLS;
}

/* ---- sums of rows ---- */

static void add_calibrated(const struct shift_problem *x, const float *p,
                           size_t label, double *sum)
{
    size_t parameters = x->calibration->parameters;
    double *moved = mem_alloc(parameters + 1, sizeof(*moved));
    float *calibrated = mem_alloc(x->classes, sizeof(*calibrated));

    class_calibration_apply(x->calibration, p, calibrated);
    class_calibration_influence(x->calibration, p, label, moved);
    for (size_t k = 0; k < x->classes; k++)
        sum[k] += (double)calibrated[k];
    for (size_t a = 0; a < parameters; a++)
        sum[x->classes + a] += moved[a];
    free(calibrated);
    free(moved);
}

/* Of a source row: 1 at its label; its p in the label's column of C (soft); its
 * calibrated p, and by how much it moves the calibration (EM). */
static void add_source_row(void *bootstrap, size_t i, double *sum)
{
    const struct bootstrap *b = bootstrap;
    const struct shift_problem *x = b->problem;
    size_t classes = x->classes, row = x->labelled[i];
    size_t label = x->source->label[row];
    const float *p = x->source->p + row * classes;

    sum[label]++;
    if (b->fit->method == LABEL_SHIFT_EM)
        add_calibrated(x, p, label, sum + classes);
    for (size_t k = 0; is_soft(b->fit) && k < classes; k++)
        sum[classes + k * classes + label] += (double)p[k];
}

static void add_target_row(void *bootstrap, size_t i, double *sum)
{
    const struct shift_problem *x = ((struct bootstrap *)bootstrap)->problem;

    for (size_t k = 0; k < x->classes; k++)
        sum[k] += (double)x->target->p[i * x->classes + k];
}

static void fill(struct bootstrap *b)
{
    const struct shift_problem *x = b->problem;
    size_t k = x->classes, more = 0;

    if (is_soft(b->fit))
        more = k * k;
    else if (b->fit->method == LABEL_SHIFT_EM)
        more = k + x->calibration->parameters;
    else
        return; /* counts say all */
    row_blocks_init(&b->source, x->n_labelled, k + more, b->seed,
                    add_source_row, b);
    if (is_soft(b->fit))
        row_blocks_init(&b->target, x->target->n, k, b->seed + 1,
                        add_target_row, b);
}

/* How the mean of calibrated source rows changes with ln inverse. */
static void find_tilt(struct bootstrap *b)
{
    const struct shift_problem *x = b->problem;
    struct class_calibration at = *x->calibration;

    b->tilt = mem_alloc(x->classes, sizeof(*b->tilt));
    at.inverse *= exp(TILT);
    shift_mean(x, &at, b->tilt);
    for (size_t k = 0; k < x->classes; k++)
        b->tilt[k] = (b->tilt[k] - x->mean[k]) / TILT;
}

static void scale_to_one(double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    for (size_t i = 0; i < n && sum > 0; i++)
        x[i] /= sum;
}

/* ---- one draw: writes prior, weight and share [classes] ---- */

static void draw_hard(const struct bootstrap *b, struct rng *rng, double *prior,
                      double *weight, double *share)
{
    const struct shift_problem *x = b->problem;
    size_t k = x->classes;
    double *joint = mem_alloc(k * k + k, sizeof(*joint)), *seen = joint + k * k;
    struct shift_shares shares = {k, joint, prior, seen, b->problem->noise};

    draw_multinomial(rng, x->hard, k * k, 1, b->fit->n_source, joint);
    draw_multinomial(rng, x->hard_seen, k, 1, b->fit->n_target, seen);
    scale_to_one(joint, k * k);
    scale_to_one(seen, k);
    memset(prior, 0, k * sizeof(*prior));
    for (size_t i = 0; i < k * k; i++)
        prior[i % k] += joint[i];
    shift_solve(&shares, b->fit->method, weight);
    shift_settle(k, prior, weight, share);
    free(joint);
}

static void draw_soft(const struct bootstrap *b, struct rng *rng, double *prior,
                      double *weight, double *share)
{
    size_t k = b->problem->classes;
    double *sums = mem_alloc(b->source.each + k, sizeof(*sums));
    double *joint = sums + k, *seen = sums + b->source.each;
    struct shift_shares shares = {k, joint, prior, seen, b->problem->noise};

    row_blocks_draw(&b->source, rng, sums);
    row_blocks_draw(&b->target, rng, seen);
    scale_to_one(sums, k);
    scale_to_one(joint, k * k);
    scale_to_one(seen, k);
    memcpy(prior, sums, k * sizeof(*prior));
    shift_solve(&shares, b->fit->method, weight);
    shift_settle(k, prior, weight, share);
    free(sums);
}

/* EM over the target rows row[b->rows], calibrated. */
static void fit_em(const struct bootstrap *b, const size_t *row,
                   const struct class_calibration *calibration,
                   const double *mean, double *share)
{
    size_t k = b->problem->classes;
    float *p = mem_alloc(b->rows * k + 1, sizeof(*p));
    double *weight = mem_alloc(k, sizeof(*weight));

    for (size_t i = 0; i < b->rows; i++)
        class_calibration_apply(calibration, b->problem->target->p + row[i] * k,
                                p + i * k);
    /* from where it was, but a share of 0 would stay there */
    for (size_t c = 0; c < k; c++)
        weight[c] = TOWARD_ONE + (1 - TOWARD_ONE) * b->fit->weight[c];
    shift_em(p, b->rows, k, mean, PRECISION, weight);
    shift_settle(k, mean, weight, share);
    free(weight);
    free(p);
}

/*
 * Of more target rows than MOST_ROWS so many are drawn: what they add to the
 * error is scaled to that of all (m out of n), what the source adds is not.
 */
static void mend_scale(const struct bootstrap *b, const size_t *row,
                       double *share)
{
    size_t k = b->problem->classes;
    double *base = mem_alloc(k, sizeof(*base));
    double scale = sqrt((double)b->rows / b->fit->n_target);

    fit_em(b, row, b->problem->calibration, b->problem->mean, base);
    for (size_t c = 0; c < k; c++)
        share[c] += (scale - 1) * (base[c] - b->fit->target[c]);
    free(base);
}

/* Of drawn sums over source rows: shares of labels, the mean of calibrated
 * rows, and the calibration. */
static void draw_calibration(const struct bootstrap *b, struct rng *rng,
                             double *prior, double *mean,
                             struct class_calibration *moved)
{
    const struct shift_problem *x = b->problem;
    size_t k = x->classes;
    double *sums = mem_alloc(b->source.each, sizeof(*sums));
    double *move = sums + 2 * k;

    row_blocks_draw(&b->source, rng, sums);
    class_calibration_move(x->calibration, move, moved);
    scale_to_one(sums, k);
    memcpy(prior, sums, k * sizeof(*prior));
    /* biases make the mean that of the labels */
    memcpy(mean, b->tilt ? sums + k : sums, k * sizeof(*mean));
    for (size_t c = 0; c < k; c++)
        if (!(prior[c] > 0))
            mean[c] = 0;
    scale_to_one(mean, k);
    for (size_t c = 0; b->tilt && x->calibration->parameters && c < k; c++)
        if (mean[c] > 0)
            mean[c] = fmax(mean[c] / 2, mean[c] + b->tilt[c] * move[0]);
    free(sums);
}

static void draw_em(const struct bootstrap *b, struct rng *rng, double *prior,
                    double *weight, double *share)
{
    const struct shift_problem *x = b->problem;
    size_t *row = mem_alloc(b->rows + 1, sizeof(*row));
    double *mean = mem_alloc(x->classes, sizeof(*mean));
    struct class_calibration moved;

    class_calibration_copy(&moved, x->calibration);
    draw_calibration(b, rng, prior, mean, &moved);
    for (size_t i = 0; i < b->rows; i++)
        row[i] = rng_below(rng, x->target->n);
    fit_em(b, row, &moved, mean, share);
    if (b->rows < x->target->n)
        mend_scale(b, row, share);
    for (size_t c = 0; c < x->classes; c++)
        weight[c] = prior[c] > 0 ? share[c] / prior[c] : 1;
    shift_settle(x->classes, prior, weight, share);
    class_calibration_release(&moved);
    free(mean);
    free(row);
}

static void draw_one(const struct bootstrap *b, size_t d)
{
    size_t k = b->problem->classes;
    double *prior = mem_alloc(3 * k, sizeof(*prior));
    double *weight = prior + k, *share = prior + 2 * k;
    struct rng rng;

    rng_init(&rng, b->seed, RNG_BOOTSTRAP + ((d + 1) << 8));
    if (is_soft(b->fit))
        draw_soft(b, &rng, prior, weight, share);
    else if (b->fit->method == LABEL_SHIFT_EM)
        draw_em(b, &rng, prior, weight, share);
    else
        draw_hard(b, &rng, prior, weight, share);
    for (size_t c = 0; c < k; c++) {
        b->share[c * b->draws + d] = share[c];
        b->weight[c * b->draws + d] = prior[c] > 0 ? weight[c] : NAN;
    }
    free(prior);
}

/* ---- intervals ---- */

/* At least as wide as if the target's labels had been seen. */
static void widen(struct interval *ci, double share, double n, double per)
{
    struct interval seen = wilson(share * n, n);

    ci->low = fmin(ci->low, seen.low * per);
    ci->high = fmax(ci->high, seen.high * per);
}

static void take_intervals(const struct bootstrap *b, struct label_shift *fit)
{
    for (size_t c = 0; c < fit->classes; c++) {
        fit->target_ci[c] = fit->weight_ci[c] = interval_unknown();
        if (!(fit->source[c] > 0))
            continue;
        fit->target_ci[c] =
            interval_from_draws(b->share + c * b->draws, b->draws);
        fit->weight_ci[c] =
            interval_from_draws(b->weight + c * b->draws, b->draws);
        widen(&fit->target_ci[c], fit->target[c], fit->n_target, 1);
        widen(&fit->weight_ci[c], fit->target[c], fit->n_target,
              1 / fit->source[c]);
    }
}

void shift_intervals(const struct shift_problem *problem, size_t draws,
                     uint64_t seed, struct label_shift *fit)
{
    size_t n = problem->target->n;
    struct bootstrap b = {.problem = problem,
                          .fit = fit,
                          .draws = draws,
                          .rows = n < MOST_ROWS ? n : MOST_ROWS,
                          .seed = seed};

    b.share = mem_alloc(2 * draws * fit->classes, sizeof(*b.share));
    b.weight = b.share + draws * fit->classes;
    fill(&b);
    if (fit->method == LABEL_SHIFT_EM && !problem->calibration->bias)
        find_tilt(&b);
#pragma omp parallel for schedule(dynamic, 4)
    for (size_t d = 0; d < draws; d++)
        draw_one(&b, d);
    take_intervals(&b, fit);
    free(b.tilt);
    row_blocks_release(&b.source);
    row_blocks_release(&b.target);
    free(b.share);
}
