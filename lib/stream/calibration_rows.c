#include "stream/calibration_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/calibration.h"
#include "stats/moments.h"
#include "stats/reliability.h"
#include "stats/temperature.h"

enum { DRAWS = 1000 };

/* What is told besides the bins. */
struct summary {
    double ece;
    struct interval ece_ci, brier_ci;
    struct brier_parts brier;
    struct overconfidence over;
    struct temperature temperature;
};

struct calibration_sums {
    struct calibration_options options;
    size_t n_bins;
    struct calibration_bin *bin; /* [n_bins] */
    double *low, *high;          /* [n_bins] */
    struct moments brier;
    size_t n, without, below_half; /* the last: rows with prob below .5 */
    double *prob; /* [n] with equal_mass: negative where wrong */
    size_t prob_capacity;
    float *p; /* [n_p_rows][n_p] */
    uint32_t *label;
    size_t n_p_rows, p_capacity, label_capacity;
    bool done; /* summary is filled; p holds logarithms */
    struct summary summary;
};

static void *begin(const void *options, const struct prediction_reader *from,
                   struct err *err)
{
    const struct calibration_options *o = options;
    struct calibration_sums *s;

    if (from->prob == CSV_NONE && !from->n_p) {
        err_set(err, ERR_DATA,
                "--calibration needs a column prob, or p: columns");
        err_at(err, csv_reader_file(from->csv), 0);
        return NULL;
    }
    s = mem_zalloc(1, sizeof(*s));
    s->options = *o;
    s->n_bins = o->bins;
    s->bin = mem_zalloc(o->bins, sizeof(*s->bin));
    s->low = mem_alloc(o->bins, sizeof(*s->low));
    s->high = mem_alloc(o->bins, sizeof(*s->high));
    for (size_t b = 0; b < o->bins; b++) {
        s->low[b] = (double)b / (double)o->bins;
        s->high[b] = (double)(b + 1) / (double)o->bins;
    }
    return s;
}

static void end(void *sums)
{
    struct calibration_sums *s = sums;

    if (!s)
        return;
    free(s->bin);
    free(s->low);
    free(s->high);
    free(s->prob);
    free(s->p);
    free(s->label);
    free(s);
}

/* ---- adding ---- */

static void add_prob(struct calibration_sums *s, double prob, bool right)
{
    double off = (right ? 1 : 0) - prob;

    moments_add(&s->brier, off * off);
    if (!s->options.equal_mass) {
        size_t bin = calibration_bin_of(prob, s->n_bins);
        calibration_bin_add(&s->bin[bin], prob, right);
        return;
    }
    s->prob = mem_grow(s->prob, &s->prob_capacity, s->n + 1, sizeof(*s->prob));
    s->prob[s->n] = right ? prob : -prob;
}

static void keep_p(struct calibration_sums *s,
                   const struct prediction_reader *r)
{
    size_t at = s->n_p_rows++;

    s->p = mem_grow(s->p, &s->p_capacity, (at + 1) * r->n_p, sizeof(*s->p));
    s->label =
        mem_grow(s->label, &s->label_capacity, at + 1, sizeof(*s->label));
    memcpy(s->p + at * r->n_p, r->row.p, r->n_p * sizeof(*s->p));
    s->label[at] = (uint32_t)r->row.label;
}

static int add(void *sums, const struct prediction_reader *r, struct err *err)
{
    struct calibration_sums *s = sums;

    (void)err;
    if (r->n_p)
        keep_p(s, r);
    if (isnan(r->row.prob)) {
        s->without++;
        return 0;
    }
    add_prob(s, fmin(r->row.prob, 1), r->row.label == r->row.pred);
    s->below_half += r->row.prob < .5;
    s->n++;
    return 0;
}

/* ---- the summary ---- */

static void summarise(struct calibration_sums *s, size_t n_p)
{
    struct summary *sum = &s->summary;

    if (s->done)
        return;
    s->done = true;
    if (s->options.equal_mass)
        s->n_bins = calibration_equal_mass(s->prob, s->n, s->n_bins, s->bin,
                                           s->low, s->high);
    sum->ece = calibration_bins_ece(s->bin, s->n_bins);
    sum->ece_ci =
        calibration_bins_interval(s->bin, s->n_bins, DRAWS, s->options.seed);
    sum->brier = reliability_brier(s->bin, s->n_bins);
    sum->brier_ci = moments_interval(&s->brier);
    if (sum->brier_ci.low < 0)
        sum->brier_ci.low = 0;
    if (sum->brier_ci.high > 1)
        sum->brier_ci.high = 1;
    sum->over = reliability_overconfidence(s->bin, s->n_bins);
    if (n_p)
        sum->temperature = temperature_fit(s->p, s->label, s->n_p_rows, n_p);
}

static void note_brier(struct buf *notes, const struct summary *sum)
{
    const struct brier_parts *b = &sum->brier;

    buf_printf(notes, "Brier score of prob as a forecast of being right: %.4g",
               b->brier);
    if (!isnan(sum->brier_ci.low)) /* there are two rows */
        buf_printf(notes, " (%.4g to %.4g)", sum->brier_ci.low,
                   sum->brier_ci.high);
    buf_printf(notes,
               " = reliability %.4g - resolution %.4g + uncertainty %.4g + "
               "within bins (variance %.4g - covariance %.4g)\n",
               b->reliability, b->resolution, b->uncertainty,
               b->within_variance, b->within_covariance);
}

static void note_confidence(struct buf *notes, const struct summary *sum)
{
    const struct overconfidence *over = &sum->over;
    const char *verdict = "neither over- nor underconfident beyond noise";

    if (over->ci.low > 0)
        verdict = "overconfident beyond noise";
    else if (over->ci.high < 0)
        verdict = "underconfident beyond noise";
    else if (sum->ece_ci.low > 0)
        verdict = "neither over- nor underconfident on the whole, but "
                  "miscalibrated beyond noise";
    buf_printf(notes,
               "%s: mean probability %.4g, accuracy %.4g, difference %.4g "
               "(%.4g to %.4g)\n",
               verdict, over->confidence, over->accuracy, over->value,
               over->ci.low, over->ci.high);
}

static void note_temperature(struct buf *notes, const struct temperature *t)
{
    if (!t->n)
        return; /* no label has a p: column */
    if (t->beyond)
        buf_printf(notes,
                   "temperature: none is best, the %s sure the lower the log "
                   "loss\n",
                   t->beyond < 0 ? "more" : "less");
    else if (isnan(t->value))
        buf_add_text(notes, "temperature: none, all classes have the same "
                            "probability\n");
    else
        buf_printf(
            notes,
            "temperature %.5g (%.4g to %.4g) would take the log loss "
            "from %.4g to %.4g%s\n",
            t->value, t->ci.low, t->ci.high, t->log_loss, t->log_loss_after,
            t->ci.low > 1 || t->ci.high < 1 ? "" : ": within noise of 1");
    if (t->impossible)
        buf_printf(notes,
                   "warning: %zu row%s whose label has p 0, which counts as "
                   "1.2e-38\n",
                   t->impossible, plural(t->impossible));
}

/* Of two classes the prediction is the likelier one; elsewhere prob is often
 * that of one class, whichever is predicted. */
static void note_below_half(const struct calibration_sums *s,
                            const struct prediction_reader *from,
                            struct buf *notes)
{
    if (from->prob != CSV_NONE && from->classes.count == 2 && s->below_half)
        buf_printf(notes,
                   "warning: %zu row%s with prob below 0.5, of two classes: "
                   "prob is to be that of the prediction, not of one class\n",
                   s->below_half, plural(s->below_half));
}

static void note(const struct calibration_sums *s,
                 const struct prediction_reader *from, struct buf *notes)
{
    const struct summary *sum = &s->summary;
    size_t n_p = from->n_p;

    if (s->without)
        buf_printf(notes, "%zu row%s without a probability left out\n",
                   s->without, plural(s->without));
    note_below_half(s, from, notes);
    buf_printf(notes,
               "expected calibration error %.4g (%.4g to %.4g): %zu bin%s of "
               "equal %s\n",
               sum->ece, sum->ece_ci.low, sum->ece_ci.high, s->n_bins,
               plural(s->n_bins), s->options.equal_mass ? "mass" : "width");
    note_confidence(notes, sum);
    note_brier(notes, sum);
    if (n_p)
        note_temperature(notes, &sum->temperature);
}

/* ---- rows ---- */

static void add_bin(struct rows *rows, const struct calibration_sums *s,
                    size_t b)
{
    const struct calibration_bin *bin = &s->bin[b];
    struct interval ci = wilson(bin->correct, bin->n);
    bool any = bin->n > 0;

    rows_count(rows, b + 1);
    rows_number(rows, s->low[b]);
    rows_number(rows, s->high[b]);
    rows_number(rows, bin->n);
    rows_number(rows, any ? bin->prob / bin->n : NAN);
    rows_number(rows, any ? bin->correct / bin->n : NAN);
    rows_number(rows, any ? ci.low : NAN);
    rows_number(rows, any ? ci.high : NAN);
}

static int bin_rows(void *sums, const struct prediction_reader *from,
                    struct rows *rows, struct buf *notes, struct err *err)
{
    struct calibration_sums *s = sums;

    if (!s->n) {
        err_set(err, ERR_DATA, "no row has a probability");
        return err_at(err, csv_reader_file(from->csv), 0);
    }
    summarise(s, from->n_p);
    note(s, from, notes);
    rows_init(rows,
              "bin,low,high,n,confidence,accuracy,accuracy_low,accuracy_high");
    for (size_t b = 0; b < s->n_bins; b++)
        add_bin(rows, s, b);
    return 0;
}

static void add_number(struct rows *rows, const char *name, double value,
                       struct interval ci)
{
    rows_text(rows, name);
    rows_number(rows, value);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
}

static void gate_rows(void *sums, const struct prediction_reader *from,
                      struct rows *rows)
{
    struct calibration_sums *s = sums;
    const struct summary *sum = &s->summary;
    const struct brier_parts *b = &sum->brier;
    struct interval none = interval_unknown();

    summarise(s, from->n_p);
    rows_init(rows, "name,value,low,high");
    add_number(rows, "ece", sum->ece, sum->ece_ci);
    add_number(rows, "brier", b->brier, sum->brier_ci);
    add_number(rows, "reliability", b->reliability, none);
    add_number(rows, "resolution", b->resolution, none);
    add_number(rows, "uncertainty", b->uncertainty, none);
    add_number(rows, "within_bins", b->within_variance - b->within_covariance,
               none);
    add_number(rows, "overconfidence", sum->over.value, sum->over.ci);
    if (from->n_p)
        add_number(rows, "temperature", sum->temperature.value,
                   sum->temperature.ci);
}

const struct prediction_table calibration_table = {
    "name", "value", begin, add, NULL, bin_rows, gate_rows, end};
