#include "stream/label_shift_notes.h"

#include "base/num.h"

/* Labelled rows of a class, below which a warning is due. */
enum { FEW = 5 };

static void note_change(const struct label_shift *fit, struct buf *notes)
{
    bool changed = fit->p < .05;

    buf_printf(
        notes, "the mix of predicted classes %s (homogeneity: p = %.3g)%s\n",
        changed ? "has changed" : "has not changed beyond noise", fit->p,
        changed ? "" : "; corrected predictions are likely to be no better");
}

static void note_method(const struct label_shift *fit, struct buf *notes)
{
    buf_printf(notes, "method %s: %s (condition %.3g)\n",
               label_shift_method_name(fit->method), fit->reason,
               fit->condition);
    if (fit->method == LABEL_SHIFT_EM)
        buf_printf(notes, "probabilities calibrated: temperature %.5g%s\n",
                   fit->temperature, fit->bias ? " and a bias a class" : "");
    if (fit->singular)
        buf_add_text(notes, "warning: predictions hardly tell some of the "
                            "classes apart, so that their shares cannot be "
                            "known: see the intervals\n");
}

static void note_few(const struct label_shift *fit, struct buf *notes)
{
    size_t few = 0;

    for (size_t k = 0; k < fit->classes; k++)
        few += fit->source[k] > 0 && fit->source[k] * fit->n_source < FEW - .5;
    if (few)
        buf_printf(notes,
                   "warning: %zu class%s with fewer than %d labelled rows in "
                   "the reference: too few to know how they are predicted\n",
                   few, few == 1 ? "" : "es", FEW);
}

static void note_gaps(const struct label_shift *fit, struct buf *notes)
{
    note_few(fit, notes);
    if (fit->absent)
        buf_printf(notes,
                   "warning: %zu class%s without a labelled row in the "
                   "reference: weight 1, and taken to be absent\n",
                   fit->absent, fit->absent == 1 ? "" : "es");
    if (fit->unpredicted)
        buf_printf(notes, "%zu class%s that no current row is predicted as\n",
                   fit->unpredicted, fit->unpredicted == 1 ? "" : "es");
    if (fit->n_target < (double)fit->classes)
        buf_printf(notes,
                   "warning: fewer current rows (%.0f) than classes (%zu)\n",
                   fit->n_target, fit->classes);
}

static void note_assumption(const struct label_shift *fit, struct buf *notes)
{
    if (fit->misfit_p < LABEL_SHIFT_MISFIT)
        buf_printf(notes,
                   "warning: rows of some class do not look as they did: no "
                   "mix of classes explains about %.2g %% of rows (p = %.3g), "
                   "and weights are less sure than their intervals say\n",
                   100 * fit->misfit, fit->misfit_p);
    else
        buf_add_text(notes,
                     "it is taken for granted that rows of each class look as "
                     "they did: where they do not, that reads as another "
                     "mix\n");
}

void label_shift_notes(const struct label_shift *fit, struct buf *notes)
{
    note_change(fit, notes);
    note_method(fit, notes);
    note_gaps(fit, notes);
    note_assumption(fit, notes);
}
