#include "analysis/curve_judges.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

static const double FAILS = .001, WARNS = .01;

#define SLOWER "a tenth of the learning rate (find it: assay train --lr-range)"

static const struct log_series *series_of(const struct run_view *v, bool held)
{
    return held ? &v->run->held : &v->run->train;
}

static const char *unit(const struct log_series *s)
{
    return s->by_step ? "step" : "epoch";
}

/* ---- the log itself ---- */

static double typical_step(const struct log_series *s)
{
    double step[TREND_MOST], typical;
    size_t n = 0;

    for (size_t i = 1; i < s->n && n < TREND_MOST; i++)
        step[n++] = s->epoch[i] - s->epoch[i - 1];
    typical = trend_median(step, n);
    return typical;
}

static double missing_epochs(const struct log_series *s)
{
    double step = typical_step(s), missing = 0;

    for (size_t i = 1; i < s->n; i++) {
        double wide = (s->epoch[i] - s->epoch[i - 1]) / step;
        missing += wide > 1.5 ? round(wide) - 1 : 0;
    }
    return missing;
}

static void judge_epochs(const struct run_view *v, struct finding *f,
                         struct buf *advice)
{
    const struct log_series *s = series_of(v, v->run->train.n == 0);
    double missing = s->by_step || s->n < 3 ? 0 : missing_epochs(s);

    if (s->n == 0)
        return;
    f->value = (double)v->run->restarts + missing + (double)s->doubled;
    f->n_current = (double)s->n;
    f->test = "epochs that are missing, twice there, or begun anew";
    if (!(f->value > 0))
        return;
    f->status = FINDING_WARN;
    if (v->run->restarts)
        buf_printf(advice,
                   "the log goes back to an earlier epoch %zu time%s: several "
                   "runs in one file? (only the last is looked at)",
                   v->run->restarts, plural(v->run->restarts));
    else if (missing > 0)
        buf_printf(advice, "%g epoch%s missing", missing,
                   missing > 1 ? "s are" : " is");
    else
        buf_printf(advice, "%zu epoch%s there twice (their mean is taken)",
                   s->doubled, s->doubled > 1 ? "s are" : " is");
}

/* ---- losses that are no numbers ---- */

static void judge_finite(const struct run_view *v, bool held, struct finding *f,
                         struct buf *advice)
{
    const struct log_series *s = series_of(v, held);
    const struct course *c = held ? &v->held : &v->train;

    if (s->n == 0)
        return;
    f->test = "first epoch whose loss is not finite";
    f->n_current = (double)s->n;
    if (c->broken == s->n)
        return;
    f->status = FINDING_FAIL;
    f->value = log_epoch(s, c->broken);
    buf_printf(advice,
               "from %s %g on: numerical trouble (exp, log, division by zero) "
               "or too high a learning rate; try " SLOWER
               ", then --clip 1; look for inputs that are not finite",
               unit(s), f->value);
}

static void judge_train_finite(const struct run_view *v, struct finding *f,
                               struct buf *advice)
{
    judge_finite(v, false, f, advice);
}

static void judge_held_finite(const struct run_view *v, struct finding *f,
                              struct buf *advice)
{
    judge_finite(v, true, f, advice);
}

static void judge_sign(const struct run_view *v, struct finding *f,
                       struct buf *advice)
{
    const struct log_series *s = series_of(v, v->run->train.n == 0);

    if (s->n == 0)
        return;
    f->value = 0;
    for (size_t i = 0; i < s->n; i++)
        f->value += s->loss[i] < 0;
    f->limit = 0;
    f->n_current = (double)s->n;
    f->test = "epochs whose loss is below 0, which no log loss is";
    if (f->value > 0) {
        f->status = FINDING_FAIL;
        buf_add_text(advice, "a flipped sign of the loss, or the loss was "
                             "given logits where it wants their logarithms "
                             "(log softmax); else it is no log loss");
    }
}

/* ---- how the training loss goes ---- */

static void say_course(const struct course *c, struct finding *f,
                       struct buf *advice)
{
    switch (c->kind) {
    case COURSE_EXPLODES:
        f->status = FINDING_FAIL;
        buf_add_text(advice,
                     "explodes: numerical trouble (exp, log, division by "
                     "zero), or too high a learning rate; try " SLOWER
                     ", then --clip 1");
        break;
    case COURSE_UP:
        f->status = c->since.rises < FAILS ? FINDING_FAIL : FINDING_WARN;
        buf_add_text(advice,
                     "goes up: a flipped sign of the loss or the gradient, too "
                     "high a learning rate, or softmax over the wrong axis");
        break;
    case COURSE_OSCILLATES:
        f->status = c->left > .5 ? FINDING_FAIL : FINDING_WARN;
        f->effect = (double)c->ups / (double)(c->n - 1);
        buf_add_text(advice,
                     "oscillates: too high a learning rate, try " SLOWER
                     "; else labels shuffled, or augmentation that changes "
                     "what a row is");
        break;
    case COURSE_UNDECIDED:
    case COURSE_FALLS:
    case COURSE_PLATEAUS:
        break;
    }
}

/* Fell, and then lost a quarter of it again. */
static bool rises_again(const struct course *c)
{
    return c->kind != COURSE_UNDECIDED && c->since.rises < FAILS &&
           c->last > 1.2 * c->least && c->last > .05 * c->scale &&
           c->last - c->least > .25 * (c->first - c->least);
}

static void judge_course(const struct run_view *v, struct finding *f,
                         struct buf *advice)
{
    const struct log_series *s = &v->run->train;
    struct course finite = course_read(s->loss, v->train.broken, v->guess);
    const struct course *c = &finite;

    if (c->n == 0)
        return;
    f->test = "course of the loss by ranks and its own noise; effect: share of "
              "the first loss that is gone, or of steps that go up";
    f->value = c->last;
    f->limit = c->first;
    f->effect = c->fallen;
    f->p = c->kind == COURSE_UP ? c->since.rises : c->all.falls;
    f->n_current = (double)c->n;
    if (c->n < COURSE_LEAST && v->train.broken == s->n) {
        f->status = FINDING_UNDECIDED;
        buf_printf(advice, "%zu epoch%s say%s nothing of a course: log five",
                   c->n, plural(c->n), c->n == 1 ? "s" : "");
        return;
    }
    say_course(c, f, advice);
    if (f->status == FINDING_OK && rises_again(c)) {
        f->status = FINDING_WARN;
        f->p = c->since.rises;
        buf_printf(advice,
                   "falls until %s %g and rises again: too high a learning "
                   "rate for the end; lower it there (--schedule cosine)",
                   unit(&v->run->train), log_epoch(&v->run->train, c->best));
    }
}

/* ---- was anything learned ---- */

/* Loss at what guessing loses or where it began, or error at chance. */
static bool is_stuck(const struct run_view *v)
{
    const struct course *c = &v->train;

    return c->last >= .95 * v->guess || c->fallen < .03 ||
           (log_last_error(&v->run->train) >= .95 * v->chance &&
            c->last > .5 * v->guess);
}

static void say_stuck(const struct run_view *v, struct finding *f,
                      struct buf *advice)
{
    const struct course *c = &v->train;
    bool falls = c->late.falls < FAILS && c->fallen > 0;

    f->status = falls ? FINDING_WARN : FINDING_FAIL;
    if (isnan(v->guess) && !(log_last_error(&v->run->train) >= .5))
        f->status = FINDING_UNDECIDED;
    buf_add_text(advice, falls ? "falls, but hardly: too low a learning rate, "
                                 "try ten times as much (assay train "
                                 "--lr-range)"
                               : "nothing is learned");
    buf_add_text(advice,
                 falls ? "; else"
                       : ": are labels and rows in one order (assay check "
                         "--label), do gradients flow (dead units, detached "
                         "tensors),");
    buf_add_text(advice,
                 falls ? " gradients that do not flow, too strong a "
                         "regularisation, or softmax twice"
                       : " is the loss given logits and not softmax twice, is "
                         "the learning rate too low or far too high?");
    if (f->status == FINDING_UNDECIDED)
        buf_add_text(advice, " (--classes K tells what guessing loses)");
}

static void judge_learning(const struct run_view *v, struct finding *f,
                           struct buf *advice)
{
    const struct log_series *s = &v->run->train;
    const struct course *c = &v->train;

    if (c->n < COURSE_LEAST || c->broken < s->n)
        return;
    f->value = c->last;
    f->limit = v->guess;
    f->effect = c->fallen;
    f->p = c->all.falls;
    f->n_current = (double)c->n;
    f->test = "loss at the end against guessing, ln K; effect: share of the "
              "first loss that is gone";
    if (c->kind >= COURSE_UP || log_last_error(s) < .05)
        return;
    if (is_stuck(v)) {
        say_stuck(v, f, advice);
    } else if (c->kind == COURSE_PLATEAUS && c->last >= .8 * v->guess) {
        f->status = FINDING_WARN;
        buf_add_text(advice,
                     "plateaus little below guessing: too strong a "
                     "regularisation, too small a network, labels that are "
                     "wrong, or a hard task (what does assay train --net "
                     "linear reach?)");
    }
}

/* ---- the first loss ---- */

static void judge_start(const struct run_view *v, struct finding *f,
                        struct buf *advice)
{
    const struct log_series *s = &v->run->train;
    bool one_step = s->steps >= 10 || s->by_step;
    double first = one_step ? s->first_step : v->train.first;

    if (s->n == 0 || isnan(v->guess) || !isfinite(first))
        return;
    f->value = first;
    f->limit = v->guess;
    f->effect = first / v->guess;
    f->n_current = 1;
    f->test = one_step ? "loss of the first step against ln K; effect: ratio"
                       : "mean loss of the first epoch against ln K; effect: "
                         "ratio";
    if (f->effect > 3) {
        f->status = f->effect > 10 ? FINDING_FAIL : FINDING_WARN;
        buf_printf(advice, "starts far above ln K: %s",
                   !one_step && v->train.ups > 1
                       ? "too high a learning rate, try " SLOWER
                         "; else initial weights too large, or inputs that "
                         "are not scaled"
                       : "initial weights too large, inputs that are not "
                         "scaled, logits that are, or too high a learning "
                         "rate");
    } else if (f->effect < (one_step ? .5 : .01)) {
        f->status = FINDING_WARN;
        buf_add_text(advice,
                     "starts far below ln K: trained weights were loaded, or a "
                     "column gives the label away (assay check --label)");
    }
}

/* ---- the end ---- */

static const struct course *decisive(const struct run_view *v,
                                     const struct log_series **s)
{
    bool held = v->run->held.n >= COURSE_LEAST;

    *s = series_of(v, held);
    return held ? &v->held : &v->train;
}

static void judge_end(const struct run_view *v, struct finding *f,
                      struct buf *advice)
{
    const struct log_series *s;
    const struct course *c = decisive(v, &s);
    double more;
    size_t begin;
    struct trend t;

    if (c->n < 2 * (size_t)COURSE_LEAST || c->broken < s->n)
        return;
    begin = c->n - (c->n / 4 > COURSE_LEAST ? c->n / 4 : COURSE_LEAST);
    t = trend_of(s->loss + begin, c->n - begin);
    more = (double)c->n / 4;
    f->value = log_epoch(s, c->best);
    f->limit = log_epoch(s, s->n - 1);
    f->effect = c->last > 0 ? fmin(1, 0 - t.slope * more / c->last) : 0;
    f->ci.low = 0 - t.ci.high * more / c->last;
    f->ci.high = 0 - t.ci.low * more / c->last;
    f->p = t.falls;
    f->n_current = (double)c->n;
    f->test = "Mann-Kendall in the last quarter; value: best epoch; effect: "
              "share that a quarter more epochs would take off the loss";
    if (t.falls < WARNS && f->effect > .2 && c->left > .2 &&
        c->kind == COURSE_FALLS) {
        f->status = FINDING_WARN;
        buf_printf(advice,
                   "still falls at the end: train on (--epochs %.0f), or with "
                   "a higher learning rate",
                   2 * ceil(f->limit));
    }
}

/* ---- single epochs ---- */

static bool is_spike(const struct log_series *s, const struct course *c,
                     size_t i)
{
    double before = s->loss[i - 1], after = s->loss[i + 1];
    double around = fmax(before, after);

    return s->loss[i] > 1.5 * around && s->loss[i] - around > .1 * c->scale &&
           s->loss[i] - around > 10 * c->noise;
}

static void judge_spikes(const struct run_view *v, struct finding *f,
                         struct buf *advice)
{
    const struct log_series *s = &v->run->train;
    const struct course *c = &v->train;
    size_t first = 0;

    if (c->n < 2 * (size_t)COURSE_LEAST)
        return;
    f->value = 0;
    f->n_current = (double)c->n;
    f->test = "epochs whose loss is half as much again as that of both "
              "neighbours, and ten times the noise";
    for (size_t i = c->n - 2; i > 0; i--)
        if (is_spike(s, c, i)) {
            f->value++;
            first = i;
        }
    if (!(f->value > 0))
        return;
    f->status = FINDING_WARN;
    buf_printf(advice,
               "%s %g is the first: rows with wild values or labels in some "
               "batch, or steps that are too large: --clip 1, --warmup",
               unit(s), log_epoch(s, first));
}

/* Steps of the learning rate: half or less, or twice and more. */
static void judge_rate(const struct run_view *v, struct finding *f,
                       struct buf *advice)
{
    const struct log_series *s = &v->run->train;
    size_t known = 0, jumps = 0;

    f->value = 0;
    for (size_t i = 1; i < s->n; i++) {
        double ratio = s->rate[i] / s->rate[i - 1];
        known += isnan(ratio) ? 0 : 1;
        f->value += ratio >= 2 || ratio <= .5;
        jumps += ratio >= 2 && i > 1 &&
                 s->loss[i] > 1.2 * s->loss[i - 1] + 3 * v->train.noise;
    }
    if (!known || v->train.broken < s->n)
        return;
    f->test = "epochs in which the learning rate at least doubles or halves; "
              "effect: of them the loss goes up with it";
    f->effect = (double)jumps;
    f->n_current = (double)s->n;
    if (jumps) {
        f->status = FINDING_WARN;
        buf_add_text(advice, "the loss jumps where the learning rate rises: "
                             "lower its peak");
    }
}

const struct curve_check curve_checks[] = {
    {"epochs", OF_TRAIN, judge_epochs},
    {"finite", OF_TRAIN, judge_train_finite},
    {"finite", OF_HELD, judge_held_finite},
    {"sign", OF_TRAIN, judge_sign},
    {"course", OF_TRAIN, judge_course},
    {"learning", OF_TRAIN, judge_learning},
    {"learning", OF_HELD, judge_held_learning},
    {"start", OF_TRAIN, judge_start},
    {"same_rows", OF_HELD, judge_same_rows},
    {"error", OF_BOTH, judge_error},
    {"gap", OF_HELD, judge_gap},
    {"overfitting", OF_HELD, judge_overfitting},
    {"spikes", OF_TRAIN, judge_spikes},
    {"rate", OF_TRAIN, judge_rate},
    {"end", OF_BOTH, judge_end},
    {0}};
