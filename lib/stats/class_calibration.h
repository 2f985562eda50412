/*
 * class_calibration: probabilities of classes made to mean what they say.
 *
 *     p'_k proportional to exp(inverse ln p_k + bias_k)
 *
 * inverse = 1 / T is that of a temperature (stats/temperature.h).  The biases
 * (bias-corrected temperature scaling: Alexandari, Kundaje & Shrikumar 2020,
 * ICML, section 3.2) mend what a temperature cannot, a class that is favoured;
 * they cost a parameter a class, and are there only where the labelled rows pay
 * for them: where they lower the summed log loss by more than the number of
 * classes less one (Akaike 1974, IEEE Trans. Automatic Control 19:716).  They
 * have a normal prior of mean 0 and deviation 10, so that a class that is never
 * confused has a finite one.
 */
#ifndef STATS_CLASS_CALIBRATION_H
#define STATS_CLASS_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Biases are not tried with more classes: it takes n classes² time. */
enum { CLASS_CALIBRATION_MOST = 100 };

/*
 * parameters: how many were fitted: 0 (no temperature is the best: all rows are
 * right, or there are none; inverse is 1), 1, or 1 + classes.  bias: NULL where
 * there are none.  spread[parameters][parameters]: the inverse of the second
 * derivatives of the summed log loss by ln inverse and the biases.
 */
struct class_calibration {
    size_t classes, parameters;
    double inverse;
    double *bias, *spread; /* owned */
};

/*
 * p[n][classes]; rows whose label is >= classes are left out.  biases: whether
 * they may be there.  Takes 4 classes bytes a row while it runs.
 */
void class_calibration_fit(struct class_calibration *c, const float *p,
                           const uint32_t *label, size_t n, size_t classes,
                           bool biases);
void class_calibration_release(struct class_calibration *c);

/* p[classes] of a row to out[classes], which may be the same. */
void class_calibration_apply(const struct class_calibration *c, const float *p,
                             float *out);

/*
 * How far the row moved the parameters: out[parameters] is minus spread times
 * its derivatives.  Summed over all rows it is 0 (but for the prior); summed
 * over a bootstrap sample it is, to first order, by how much its fit differs.
 */
void class_calibration_influence(const struct class_calibration *c,
                                 const float *p, size_t label, double *out);

/* to: of the same shape, becomes c with its parameters moved. */
void class_calibration_move(const struct class_calibration *c,
                            const double *change, struct class_calibration *to);

/* A copy without spread, for class_calibration_move. */
void class_calibration_copy(struct class_calibration *to,
                            const struct class_calibration *c);

#endif
