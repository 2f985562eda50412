#include "analysis/trial_score.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "nn/feed.h"
#include "nn/loss.h"
#include "stats/score.h"

/* The three scores of a set of rows, and room for one row's probabilities. */
struct scoring {
    enum metric_kind metric;
    size_t classes;
    struct score error, loss, other;
    real *prob; /* [classes] */
};

static enum score_kind kind_of(enum metric_kind metric)
{
    return metric == METRIC_MACRO_F1         ? SCORE_MACRO_F1
           : metric == METRIC_BALANCED_ERROR ? SCORE_BALANCED
           : metric == METRIC_BRIER          ? SCORE_MEAN
                                             : SCORE_RATE;
}

/* Brier 1950; a label that the network does not know has p = 0. */
static double brier(real *prob, const real *z, size_t classes, size_t label)
{
    double sum = label < classes ? 0 : 1;

    softmax(prob, z, classes);
    for (size_t k = 0; k < classes; k++) {
        double d = (double)prob[k] - (k == label);
        sum += d * d;
    }
    return sum;
}

/* Of logits beyond all numbers. */
static double or_infinite(double loss)
{
    return isnan(loss) ? INFINITY : loss;
}

/* Labels that the network does not know are one class more. */
static bool score_row(struct scoring *s, const real *z, uint32_t label,
                      double weight)
{
    size_t pred = largest(z, s->classes),
           truth = label == LABEL_NONE ? s->classes : label;

    score_add(&s->error, truth, pred, 0, weight);
    if (label != LABEL_NONE)
        score_add(&s->loss, truth, pred,
                  or_infinite(cross_entropy(z, s->classes, truth)), weight);
    score_add(&s->other, truth, pred,
              s->metric == METRIC_BRIER
                  ? or_infinite(brier(s->prob, z, s->classes, truth))
                  : 0,
              weight);
    return pred != truth;
}

static struct trial_score close_scores(struct scoring *s)
{
    struct trial_score score;

    score_close(&s->other);
    score.error = score_value(&s->error);
    score.loss = score_value(&s->loss);
    score.objective = s->metric == METRIC_LOG_LOSS ? score.loss
                                                   : score_value(&s->other);
    score_release(&s->error);
    score_release(&s->loss);
    score_release(&s->other);
    free(s->prob);
    return score;
}

struct trial_score trial_score(struct net *net, const struct train_rows *of,
                               const size_t *rows, size_t n,
                               enum metric_kind metric, char *per_row)
{
    struct scoring s = {.metric = metric, .classes = net->spec.n_classes};
    struct feed feed;
    size_t block;

    score_init(&s.error, SCORE_RATE, false);
    score_init(&s.loss, SCORE_MEAN, false);
    score_init(&s.other, kind_of(metric), false);
    s.prob = mem_alloc(s.classes, sizeof(*s.prob));
    feed_init(&feed, net, of->encoder, of->table);
    block = feed_block(&feed);
    for (size_t at = 0; at < n; at += block) {
        size_t some = n - at < block ? n - at : block;
        const real *logits = feed_look(&feed, rows + at, some);
        for (size_t i = 0; i < some; i++) {
            size_t row = rows[at + i];
            uint32_t label = of->table->label[row];
            bool wrong = score_row(&s, logits + i * s.classes,
                                   label == LABEL_NONE ? LABEL_NONE
                                                       : of->class_of[label],
                                   (double)of->table->weight[row]);
            per_row[at + i] = wrong ? '1' : '0';
        }
    }
    feed_release(&feed);
    return close_scores(&s);
}
