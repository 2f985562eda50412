/*
 * shift_tests: the parts of a judgement (shift_judge.h).
 */
#ifndef ANALYSIS_SHIFT_TESTS_H
#define ANALYSIS_SHIFT_TESTS_H

#include "analysis/row_sets.h"
#include "analysis/shift_judge.h"

/* Findings, and the range in which the p of each is. */
struct shift_tests {
    struct findings found;
    double *p_low, *p_high; /* [found.n] */
    size_t capacity;
};

/* finding->p lies in [p_low, p_high]. */
void shift_tests_add(struct shift_tests *tests, const struct finding *finding,
                     double p_low, double p_high);
void shift_tests_release(struct shift_tests *tests);

/* "name: subject", or the subject; the caller frees. */
char *shift_subject(const struct shift_question *q, const char *subject);

/* Each item of the two profiles by itself. */
void shift_items(const struct shift_question *q, struct shift_tests *tests);

/*
 * The samples of both, as rows of one table: those of the reference are rows
 * 0 … n_reference - 1.  Columns of predictions are none of it, nor images.
 */
struct shift_sample {
    struct schema schema;
    struct table table;
    struct row_set reference, current;
};
int shift_sample_make(const struct shift_question *q,
                      struct shift_sample *sample, struct err *err);
void shift_sample_release(struct shift_sample *sample);

/* Words, what tells the sides apart, by column of text and altogether, and the
 * means of features. */
void shift_together(const struct shift_question *q,
                    const struct shift_sample *sample,
                    struct shift_tests *tests);

/* Findings `harm`: by labels, by confidence, by weights.  shifted: whether a
 * test found something. */
void shift_harm(const struct shift_question *q,
                const struct shift_sample *sample, bool shifted,
                struct findings *findings);

/* The finding `verdict`, from all others (whose statuses are there) and those
 * of harm. */
void shift_verdict(const struct shift_question *q, const struct findings *found,
                   const struct findings *harm, struct findings *findings);

#endif
