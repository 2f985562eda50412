#include "analysis/curve_judges.h"

#include <math.h>

static const double FAILS = .001;

enum { PATIENCE = 10 };

static bool is_long(const struct log_series *s)
{
    return s->n >= COURSE_LEAST;
}

/* ---- validation against training ---- */

static bool both_are_long(const struct run_view *v)
{
    return is_long(&v->run->train) && is_long(&v->run->held) &&
           v->train.broken == v->run->train.n &&
           v->held.broken == v->run->held.n;
}

static void say_overfitting(const struct run_view *v, struct finding *f,
                            struct buf *advice)
{
    const struct log_series *s = &v->run->held;
    double best = s->error[v->held.best], end = log_last_error(s);
    bool worse_than_start = v->held.last > fmax(v->held.first, v->guess);

    f->status = worse_than_start && v->held.best * 10 < s->n ? FINDING_FAIL
                                                             : FINDING_WARN;
    if (v->held.best * 10 < s->n)
        buf_add_text(advice,
                     "validation gets worse nearly from the start: labels "
                     "shuffled or wrong in one part, or other rows; else ");
    buf_printf(advice,
               "overfitting from epoch %g on: stop there (--patience 10) or "
               "keep that epoch's weights, more data, --weight-decay, "
               "--dropout",
               f->value);
    if (end <= best + .005)
        buf_add_text(advice, "; the error does not rise: it is the "
                             "probabilities that become too sure (assay "
                             "confuse --calibration)");
}

/* By a fifth and more than noise: a lasting rise, or one that is over soon. */
static bool rises_for_good(const struct course *h)
{
    double rise = h->last - h->least;

    return rise > .2 * h->least && h->since.n >= COURSE_LEAST &&
           ((rise > 3 * h->noise && h->since.rises < FAILS) ||
            rise > 10 * h->noise);
}

void judge_overfitting(const struct run_view *v, struct finding *f,
                       struct buf *advice)
{
    const struct course *h = &v->held;

    if (!both_are_long(v))
        return;
    f->value = log_epoch(&v->run->held, h->best);
    f->limit = log_epoch(&v->run->held, h->n - 1);
    f->effect = h->last / h->least - 1;
    f->p = h->since.rises;
    f->n_current = (double)h->n;
    f->test = "Mann-Kendall since the best epoch (value); effect: share by "
              "which the loss is higher at the end";
    if (!rises_for_good(h) || v->train.last >= h->last)
        return;
    if (v->log->own && h->n - 1 - h->best <= PATIENCE)
        buf_printf(advice, "stopped in time: the model is that of epoch %g",
                   f->value);
    else
        say_overfitting(v, f, advice);
}

/* Training learns what validation has nothing of. */
void judge_held_learning(const struct run_view *v, struct finding *f,
                         struct buf *advice)
{
    const struct course *h = &v->held;

    if (!both_are_long(v) || isnan(v->guess))
        return;
    f->value = h->least;
    f->limit = v->guess;
    f->effect = 1 - h->least / v->guess;
    f->n_current = (double)h->n;
    f->test = "least validation loss against guessing, ln K; effect: share of "
              "it that is gone";
    if (f->effect < .05 && v->train.last < .9 * v->guess) {
        f->status = log_last_error(&v->run->held) < .95 * v->chance
                        ? FINDING_WARN
                        : FINDING_FAIL;
        buf_add_text(advice,
                     "what is learned from training is of no use for "
                     "validation: labels shuffled or beside other rows (assay "
                     "check --label), in one of the parts perhaps, or inputs "
                     "prepared in two ways; else far too few rows");
    }
}

static bool are_same(double a, double b)
{
    return fabs(a - b) <= 1e-5 * fabs(b);
}

/* Epochs whose two losses are the same to five digits, and not only because
 * neither moves. */
static void count_same(const struct run_view *v, double *same, double *all)
{
    const struct log_series *t = &v->run->train, *h = &v->run->held;
    double last = NAN;

    *same = *all = 0;
    for (size_t i = 0, k = 0; i < h->n; i++) {
        while (k < t->n && t->epoch[k] < h->epoch[i])
            k++;
        if (k == t->n)
            break;
        if (t->epoch[k] > h->epoch[i] || !isfinite(t->loss[k]) ||
            are_same(t->loss[k], last))
            continue;
        last = t->loss[k];
        ++*all;
        *same += are_same(t->loss[k], h->loss[i]);
    }
}

void judge_same_rows(const struct run_view *v, struct finding *f,
                     struct buf *advice)
{
    if (!v->run->train.n || !v->run->held.n)
        return;
    count_same(v, &f->value, &f->n_current);
    if (f->n_current < 1)
        return;
    f->test = "epochs whose training and validation loss agree to 5 digits";
    f->effect = f->value / f->n_current;
    if (f->value >= 3 && f->effect >= .5) {
        f->status = FINDING_FAIL;
        buf_add_text(advice, "validation is of the same rows as training, or "
                             "one number was written twice: divide the rows "
                             "(assay split)");
    }
}

void judge_gap(const struct run_view *v, struct finding *f, struct buf *advice)
{
    const struct course *t = &v->train, *h = &v->held;
    double e_train = log_last_error(&v->run->train);
    double e_held = log_last_error(&v->run->held);

    if (!both_are_long(v))
        return;
    f->value = h->last;
    f->limit = t->last;
    f->effect = h->last / t->last;
    f->n_current = (double)h->n;
    f->test = "loss of validation at the end against training; effect: ratio";
    if (f->effect < .5 && t->last > .05 * t->scale &&
        t->last - h->last > 3 * hypot(t->noise, h->noise) &&
        !(e_held > e_train - .02)) {
        f->status = FINDING_WARN;
        buf_add_text(advice,
                     "validation is far better than training: dropout, "
                     "augmentation or a loss that is averaged over the epoch "
                     "(then it is no fault); else its rows are easier, or "
                     "stand in training too (assay check --label)");
    }
}

/* ---- loss and error ---- */

static const struct log_series *with_errors(const struct run_view *v)
{
    const struct log_series *s = &v->run->train;

    for (int i = 0; i < 2; i++, s = &v->run->held) {
        size_t n = 0;
        for (size_t k = 0; k < s->n; k++)
            n += !isnan(s->error[k]) && isfinite(s->loss[k]);
        if (n == s->n && is_long(s))
            return s;
    }
    return NULL;
}

/* A wrong row gives its label at most 1/2: the loss is at least ln 2 of it. */
static double below_least(const struct log_series *s)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->loss[i] < .9 * log(2) * s->error[i] - 1e-6;
    return (double)n / (double)s->n;
}

void judge_error(const struct run_view *v, struct finding *f,
                 struct buf *advice)
{
    const struct log_series *s = with_errors(v);
    struct trend loss, error;

    if (!s)
        return;
    loss = trend_of(s->loss, s->n);
    error = trend_of(s->error, s->n);
    f->value = log_last_error(s);
    f->limit = s->error[0];
    f->effect = below_least(s);
    f->p = error.rises;
    f->n_current = (double)s->n;
    f->test = "does the error fall with the loss (Mann-Kendall)? effect: share "
              "of epochs whose loss is below error times ln 2, which no "
              "log loss can be";
    if (loss.falls < FAILS && error.rises < FAILS && f->value > f->limit + .1) {
        f->status = FINDING_FAIL;
        buf_printf(advice,
                   "the error rises while the loss falls: is it %s (--rename "
                   "%s=COLUMN)? else labels and classes are in two orders "
                   "where the error is counted",
                   v->log->accuracy ? "an error" : "an accuracy",
                   v->log->accuracy ? "error" : "accuracy");
    } else if (f->effect > .5 && f->value > .02) {
        f->status = FINDING_WARN;
        buf_add_text(advice,
                     "loss and error are not of the same predictions: classes "
                     "in another order or axis where the error is counted; "
                     "else the loss is no log loss (focal, squared), or "
                     "weighted");
    }
}
