#include <math.h>

#include "analysis/predicted.h"
#include "base/buf.h"
#include "stats/agreement.h"
#include "stats/interval.h"
#include "stats/reliability.h"

static const double FAILS = .001, MANY = .01;

enum { FEW_ROWS = 20, MANY_ROWS = 50, ENOUGH_SURE = 50 };

/* ---- are they probabilities ---- */

static void say_bad(const struct p_columns *p, struct buf *advice)
{
    if (p->empty > 0)
        buf_printf(advice, "%.0f row%s a p: that is empty or not a number",
                   p->empty, p->empty > 1 ? "s have" : " has");
    else if (p->percent > p->rows / 2)
        buf_add_text(advice, "they are percentages: divide by 100");
    else if (p->negative > 0)
        buf_add_text(advice, "they are logits or logarithms, not "
                             "probabilities: take the softmax first");
    else
        buf_add_text(advice, "they do not sum to 1: scores of each class "
                             "against the rest (sigmoid), or a class without a "
                             "column");
}

static void check_sums(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("probabilities", "p: columns", FINDING_OK);
    struct buf advice = {0};

    f.value = s->p.bad;
    f.effect = s->p.bad / s->p.rows;
    f.n_current = s->p.rows;
    f.test = "rows that are no probabilities: outside of 0 to 1, or not of sum "
             "1; effect: their share";
    if (s->p.bad > 0) {
        f.status = FINDING_FAIL;
        say_bad(&s->p, &advice);
        f.advice = advice.data;
    } else if (s->p.hard == s->p.rows && s->p.rows >= FEW_ROWS) {
        f.status = FINDING_WARN;
        f.value = s->p.hard;
        f.test = "rows with a probability of 1";
        f.advice = "all rows are certain: they are classes written as 0 and 1, "
                   "not probabilities, or logits that have grown beyond all "
                   "measure";
    }
    findings_add(findings, &f);
    buf_release(&advice);
}

static void check_constant(const struct predicted *s, struct findings *findings)
{
    struct finding f = finding_of("constant", "p: columns", FINDING_OK);
    size_t constant = 0, first = 0;

    for (size_t k = s->reader.n_p; k-- > 0;)
        if (s->p.high[k] <= s->p.low[k]) {
            constant++;
            first = k;
        }
    f.value = (double)constant;
    f.limit = (double)s->reader.n_p;
    f.n_current = s->p.rows;
    f.test = "p: columns that are the same in all rows";
    if (constant && s->p.rows >= FEW_ROWS) {
        f.status = constant == s->reader.n_p ? FINDING_FAIL : FINDING_WARN;
        f.subject = predicted_class(s, first);
        f.advice = constant == s->reader.n_p
                       ? "the output does not depend on the input: zeroed "
                         "inputs, dead units, or weights that were never "
                         "loaded"
                       : "the output of this class does not depend on the "
                         "input";
    }
    findings_add(findings, &f);
}

/* ---- do the columns tell one story ---- */

/* The columns label and pred taken for each other: the label is the largest p,
 * the prediction is not. */
static bool are_swapped(const struct p_columns *p)
{
    return p->rows >= FEW_ROWS && p->not_largest >= 3 &&
           p->largest_right >= p->rows;
}

static void check_largest(const struct predicted *s, struct findings *findings)
{
    const struct p_columns *p = &s->p;
    struct finding f = finding_of("largest", "pred", FINDING_OK);
    double other = p->largest_only_right + p->pred_only_right;

    f.value = p->not_largest;
    f.effect = p->not_largest / p->rows;
    f.n_current = p->rows;
    f.p = other > 0 ? fmin(1, 2 * binomial_at_least(fmax(p->largest_only_right,
                                                         p->pred_only_right),
                                                    other, .5))
                    : NAN;
    f.test = "rows that are not predicted as the class of their largest p:; "
             "effect: their share; p: McNemar, which of the two is right";
    if (are_swapped(p)) {
        f.status = FINDING_FAIL;
        f.subject = "label";
        f.advice = "the label is the largest p: in all rows, the prediction is "
                   "not: the columns are swapped (--rename label=pred,"
                   "pred=label)";
    } else if (f.effect > .5) {
        f.status = FINDING_FAIL;
        f.advice = p->largest_only_right > p->pred_only_right
                       ? "the p: columns know more than pred: pred is of "
                         "another order of classes or rows"
                       : "the p: columns stand in another order than their "
                         "names, or are of other rows";
    } else if (f.effect > MANY) {
        f.status = FINDING_WARN;
        f.advice = "meant so (a threshold, costs)? else pred and p: are of two "
                   "models";
    }
    findings_add(findings, &f);
}

static void check_agrees(const struct predicted *s, const char *column,
                         double off, struct findings *findings)
{
    struct finding f = finding_of("columns", column, FINDING_OK);

    f.value = off;
    f.effect = off / s->p.rows;
    f.n_current = s->p.rows;
    f.test = "rows where it is not what the p: columns say; effect: their "
             "share";
    if (f.effect > MANY) {
        f.status = FINDING_WARN;
        f.advice = "prob is the p: of pred, loss is -ln of the p: of the "
                   "label: which of them is of another model, or of other "
                   "rows?";
    }
    findings_add(findings, &f);
}

/* ---- softmax of a softmax ---- */

static void check_twice(const struct predicted *s, struct findings *findings)
{
    const struct p_columns *p = &s->p;
    struct finding f = finding_of("softmax", "p: columns", FINDING_OK);
    double k = (double)s->reader.n_p;

    if (p->rows < MANY_ROWS || p->bad > 0)
        return;
    f.value = p->twice / p->rows;
    f.effect = p->twice_sure / p->rows;
    f.limit = exp(1) / (exp(1) + k - 1);
    f.n_current = p->rows;
    f.test = "share of rows that a softmax of probabilities can have given; "
             "effect: with a largest one of .8 or more (.95 of two classes); "
             "limit: the largest "
             "that comes out";
    if (f.value >= .999 && f.effect > (k > 2 ? .05 : .2)) {
        f.status = FINDING_FAIL;
        f.advice = "softmax was taken twice: give the loss logits, or take it "
                   "out of the network or of what reads it";
    }
    findings_add(findings, &f);
}

void check_p_columns(const struct predicted *s, struct findings *findings)
{
    if (!s->reader.n_p || !(s->p.rows > 0))
        return;
    check_sums(s, findings);
    check_constant(s, findings);
    check_largest(s, findings);
    check_twice(s, findings);
    if (s->p.bad > 0)
        return;
    if (s->reader.prob != CSV_NONE)
        check_agrees(s, "prob", s->p.prob_off, findings);
    if (s->reader.loss != CSV_NONE)
        check_agrees(s, "loss", s->p.loss_off, findings);
}

/* ---- as sure as they are right ---- */

static void judge_calibration(const struct predicted *s, size_t part,
                              struct finding *f, struct buf *advice)
{
    const struct part_probs *p = &s->probs[part];
    struct overconfidence o = reliability_overconfidence(&p->all, 1);
    double z = (p->all.prob - p->all.correct) / sqrt(p->variance);

    if (p->all.n < MANY_ROWS)
        return;
    f->value = o.confidence;
    f->limit = o.accuracy;
    f->effect = o.value;
    f->ci = o.ci;
    f->p = p->variance > 0 ? fmin(1, 2 * normal_upper_tail(fabs(z))) : NAN;
    f->n_current = p->all.n;
    f->test = "mean probability against the share right, z of their sums; "
              "effect: difference";
    if (!(f->p < FAILS))
        return;
    if (o.value > .15) {
        f->status = o.value > .3 ? FINDING_FAIL : FINDING_WARN;
        buf_add_text(advice, "too sure: overfitted, trained too long, or "
                             "logits scaled; see assay confuse --calibration, "
                             "mend with a temperature");
    } else if (o.value < -.4) {
        f->status = FINDING_WARN;
        buf_add_text(advice, "far less sure than right: trained too short, "
                             "strong smoothing, or a softmax too many");
    }
}

/* Rows of p >= .99 that are wrong much more often than 1 - p. */
static void judge_certain(const struct predicted *s, size_t part,
                          struct finding *f, struct buf *advice)
{
    const struct part_probs *p = &s->probs[part];

    if (p->sure < ENOUGH_SURE)
        return;
    f->value = p->sure_wrong / p->sure;
    f->limit = p->sure_expected / p->sure;
    f->effect = f->value - f->limit;
    f->ci = wilson(p->sure_wrong, p->sure);
    f->ci.low -= f->limit;
    f->ci.high -= f->limit;
    f->n_current = p->sure;
    f->p = binomial_at_least(p->sure_wrong, p->sure, fmin(f->limit + 1e-9, 1));
    f->test = "share wrong of the rows of probability .99 or more against what "
              "they claim, binomial; effect: difference";
    if (f->p < FAILS && f->effect > .03) {
        f->status = f->value > .2 ? FINDING_FAIL : FINDING_WARN;
        buf_add_text(advice, "certain and wrong: wrong labels (assay confuse "
                             "--label-issues), overfitting, or logits scaled");
    }
}

void check_confidence(const struct predicted *s, struct findings *findings)
{
    if (!s->n || (!s->reader.n_p && s->reader.prob == CSV_NONE))
        return;
    predicted_judge("calibration", judge_calibration, s, findings);
    predicted_judge("certain", judge_certain, s, findings);
}
