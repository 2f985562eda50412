#include "stats/label_noise.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BINS = 48 };

static const double ANCHOR = .5, LEAST_ROWS = 50, MOST_UNEVEN = 3;

/* Rows of a predicted class in a bin, and those with another label. */
struct bin {
    double n, other;
};

struct label_noise {
    size_t classes;
    struct bin *bins; /* [classes][BINS], the surest last */
};

struct label_noise *label_noise_new(size_t classes)
{
    struct label_noise *noise = mem_alloc(1, sizeof(*noise));

    assert(classes >= 1);
    noise->classes = classes;
    noise->bins = mem_zalloc(classes, BINS * sizeof(*noise->bins));
    return noise;
}

void label_noise_free(struct label_noise *noise)
{
    if (noise)
        free(noise->bins);
    free(noise);
}

static size_t bin_of(double prob)
{
    double unsure = 1 - prob;

    if (!(unsure > 0))
        return BINS - 1;
    return (size_t)fmin(fmax(floor(-2 * log2(unsure)), 0), BINS - 1);
}

void label_noise_add(struct label_noise *noise, size_t given, const float *p)
{
    struct bin *bin;
    size_t pred = 0;

    for (size_t k = 1; k < noise->classes; k++)
        if (p[k] > p[pred])
            pred = k;
    bin = &noise->bins[pred * BINS + bin_of(p[pred])];
    bin->n++;
    bin->other += given != pred;
}

/* ---- the estimate ---- */

static struct bin total_of(const struct bin *bins, size_t n)
{
    struct bin sum = {0, 0};

    for (size_t b = 0; b < n; b++) {
        sum.n += bins[b].n;
        sum.other += bins[b].other;
    }
    return sum;
}

/* The surest bins of a class that hold at least `share` of its rows. */
static struct bin surest(const struct bin *bins, double share)
{
    double enough = share * total_of(bins, BINS).n;
    struct bin sum = {0, 0};

    for (size_t b = BINS; b-- && sum.n < enough;) {
        sum.n += bins[b].n;
        sum.other += bins[b].other;
    }
    return sum;
}

static struct bin all_surest(const struct label_noise *noise, double share)
{
    struct bin sum = {0, 0};

    for (size_t j = 0; j < noise->classes; j++) {
        struct bin class = surest(&noise->bins[j * BINS], share);
        sum.n += class.n;
        sum.other += class.other;
    }
    return sum;
}

/* e_j, 0 for a class that is never predicted. */
static double share_wrong(const struct label_noise *noise, size_t j)
{
    struct bin anchor = surest(&noise->bins[j * BINS], ANCHOR);

    return anchor.n > 0 ? anchor.other / anchor.n : 0;
}

/*
 * The lowest of the lower ends of the shares that have another label, over the
 * anchor and its surest halves of halves.
 */
static double lowest_share(const struct label_noise *noise, double rows)
{
    double low = 1, before, share = INFINITY;

    for (double part = ANCHOR; part == ANCHOR || part * rows >= LEAST_ROWS;
         part /= 2) {
        struct bin sure = all_surest(noise, part);
        before = share;
        share = sure.other / sure.n;
        low = fmin(low, wilson(sure.other, sure.n).low);
        if (share >= before)
            break;
    }
    return low;
}

static void estimate_rate(const struct label_noise *noise,
                          struct label_noise_estimate *r)
{
    struct bin all = total_of(noise->bins, noise->classes * BINS);
    struct bin anchor = all_surest(noise, ANCHOR);
    struct interval e = wilson(anchor.other, anchor.n);
    double scale = 1;

    r->anchor_rows = anchor.n;
    r->anchor_wrong = anchor.other;
    r->rate = 0;
    for (size_t j = 0; j < noise->classes; j++)
        r->rate += share_wrong(noise, j) *
                   total_of(&noise->bins[j * BINS], BINS).n / all.n;
    /* from the anchor's mix of classes to that of all rows */
    if (anchor.other > 0)
        scale = r->rate / (anchor.other / anchor.n);
    r->rate_ci.low = lowest_share(noise, all.n) * scale;
    r->rate_ci.high = fmax(r->rate, fmin(MOST_UNEVEN * e.high * scale,
                                         wilson(all.other, all.n).high));
}

/* Adds what one bin says of the rows listed of it. */
static void add_wrong(struct label_noise_estimate *r, const struct bin *bin,
                      double listed, double share, double shrink)
{
    double expected = share * bin->n;

    r->wrong += fmin(listed, expected);
    if (listed > 0)
        r->wrong_ci.low += listed * fmin(1, shrink * expected / bin->other);
}

static void estimate_wrong(const struct label_noise *noise,
                           const struct label_issue *list, size_t n,
                           struct label_noise_estimate *r)
{
    double *listed = mem_zalloc(noise->classes, BINS * sizeof(*listed));
    double rows = total_of(noise->bins, noise->classes * BINS).n;
    double shrink = r->rate > 0 ? r->rate_ci.low / r->rate : 0;

    for (size_t i = 0; i < n; i++)
        listed[list[i].suggested * BINS + bin_of(list[i].prob_suggested)]++;
    for (size_t j = 0; j < noise->classes; j++) {
        double share = share_wrong(noise, j);
        for (size_t b = j * BINS; b < (j + 1) * BINS; b++)
            add_wrong(r, &noise->bins[b], listed[b], share, shrink);
    }
    free(listed);
    r->wrong_ci.high = fmin((double)n, fmax(r->wrong, r->rate_ci.high * rows));
}

struct label_noise_estimate
label_noise_estimate(const struct label_noise *noise,
                     const struct label_issue *list, size_t n)
{
    struct label_noise_estimate r = {.wrong = 0, .wrong_ci = {0, 0}};

    if (!(total_of(noise->bins, noise->classes * BINS).n > 0)) {
        r.rate = r.wrong = NAN;
        r.rate_ci = r.wrong_ci = interval_unknown();
        return r;
    }
    estimate_rate(noise, &r);
    estimate_wrong(noise, list, n, &r);
    return r;
}
