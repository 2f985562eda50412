/*
 * augment: training rows changed a little, anew in each epoch, so that a
 * network sees more than there is.
 *
 *   flip, rotate, shift   an image mirrored along each axis with probability
 *               1/2, then turned by up to so many degrees, then moved by up to
 *               so many whole pixels down and right; uniform both ways
 *   cutout      a square of an image is blank; its centre is any pixel, what
 *               falls outside is cut off (DeVries & Taylor 2017)
 *   noise       normal values added to pixels, numbers or the values of steps;
 *               not to categories, nor to what says that a number is missing
 *   crop        up to this share of a sequence cut off: how many steps and how
 *               many of them at the front is uniform
 *   token_drop  each token, or entry of a bag, is left out with this
 *               probability; one stays of every row and slot.  A slot of a bag
 *               keeps its length (2-norm), as the encoder would have it
 *   mixup       pairs of rows mixed, with their losses (Zhang et al. 2018)
 *
 * Blank is a pixel of 0 in the data.  What happens to a row depends on (seed,
 * epoch, row of the table) and nothing else, and each line above but mixup has
 * a stream of its own, so that one more leaves the others as they were.
 */
#ifndef NN_AUGMENT_H
#define NN_AUGMENT_H

#include "nn/net.h"
#include "table/encoder.h"

/* The values of hyper.flip. */
enum flip { FLIP_NONE, FLIP_HORIZONTAL, FLIP_VERTICAL, FLIP_BOTH };

/* Whether the network's rows are to be changed at all, mixup included. */
bool augment_any(const struct net_spec *spec);

/*
 * Changes the rows of an encoded batch, rows[i] of the table being row i, as
 * spec->hyper has it; mixup is by itself.  A batch whose sequences are all
 * shorter now has fewer steps.
 */
void augment_batch(struct batch *batch, const struct net_spec *spec,
                   const struct encoder *encoder, const size_t *rows,
                   const struct pass *pass);

/* ---- mixup ---- */

/*
 * Row i of a batch becomes lambda x row i + (1 - lambda) x row partner[i], and
 * so does its loss.  {0} is empty.
 */
struct mixup {
    double lambda;
    size_t *partner; /* [n], a permutation */
};

/*
 * Draws lambda from Beta(alpha, alpha), and partners, for a batch of n rows;
 * by pass->seed and pass->step.  Returns mixup.
 */
struct mixup *mixup_draw(struct mixup *mixup, double alpha, size_t n,
                         const struct pass *pass);

/*
 * Mixes the numbers, pixels or steps of a batch of n rows.  A mixed sequence
 * has the longer one's length; the shorter one is zero behind its end.  Tokens
 * and bags cannot be mixed.
 */
void mixup_apply(const struct mixup *mixup, struct batch *batch);
void mixup_release(struct mixup *mixup);

#endif
