/*
 * What a step is given: its rows, in their order, encoded, with their classes;
 * and whether prediction sees the same.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/net_steps.h"
#include "base/mem.h"
#include "nn/loss.h"

enum { LOOKED_AT = 1000, BATCH_ROWS = 32, REPEATS = 3 };

/* Logits that should be the same differ at most so much, over their size. */
static const double SAME = 1e-3;

/* ---- which rows ---- */

static void check_stopping_rows(struct net_state *s)
{
    struct finding f = finding_of("stopping_rows", "all rows", FINDING_OK);
    const struct fit_plan *plan = s->subject->plan;
    bool *fit;
    size_t both = 0;

    if (!plan->n_stop)
        return;
    fit = mem_zalloc(s->subject->table->n, sizeof(*fit));
    for (size_t i = 0; i < plan->n_fit; i++)
        fit[plan->fit[i]] = true;
    for (size_t i = 0; i < plan->n_stop; i++)
        both += fit[plan->stop[i]];
    free(fit);
    f.value = (double)both;
    f.limit = 0;
    f.n_current = (double)plan->n_stop;
    f.test = "rows that decide when to stop and are trained on";
    if (both) {
        f.status = FINDING_FAIL;
        f.advice = "a network is judged by rows that it learned by heart: "
                   "leave them out of training (--on, assay split)";
    }
    findings_add(s->findings, &f); /* training shows something all the same */
}

static size_t *copy_rows(const size_t *rows, size_t n)
{
    size_t *copy = mem_alloc(n, sizeof(*copy));

    memcpy(copy, rows, n * sizeof(*copy));
    return copy;
}

/* Places where an order and another have the same row. */
static double same_places(const size_t *a, const size_t *b, size_t n)
{
    size_t same = 0;

    for (size_t i = 0; i < n; i++)
        same += a[i] == b[i];
    return (double)same / (double)n;
}

static void check_shuffle(struct net_state *s, struct rehearsal *r)
{
    struct finding f = finding_of("shuffle", "all rows", FINDING_OK);
    size_t n = r->rows.n_fit;
    size_t *first;

    if (n <= r->net->spec.hyper.batch || n < BATCH_ROWS)
        return;
    training_order(&r->run, 1);
    first = copy_rows(r->run.order, n);
    training_order(&r->run, 2);
    f.value = same_places(first, r->run.order, n);
    f.limit = .5;
    f.n_current = (double)n;
    f.test = "share of rows in the same place in two epochs";
    if (f.value > f.limit) {
        f.status = FINDING_FAIL;
        f.advice = "rows come in the same order in every epoch: shuffle them "
                   "anew each time";
    }
    free(first);
    findings_add(s->findings, &f); /* likewise */
}

/* ---- what is in them ---- */

struct spread {
    double mean, deviation;
};

/* Of column j of x[n][width]. */
static struct spread spread_of(const float *x, size_t n, size_t width, size_t j)
{
    double sum = 0, square = 0, mean;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i * width + j];
    mean = sum / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = (double)x[i * width + j] - mean;
        square += d * d;
    }
    return (struct spread){mean, sqrt(square / (double)n)};
}

/* The column that is farthest from 0 +- 1. */
static double largest_spread(const float *x, size_t n, size_t width)
{
    double most = 0;

    for (size_t j = 0; j < width; j++) {
        struct spread s = spread_of(x, n, width, j);
        most = fmax(most, fmax(fabs(s.mean), s.deviation));
    }
    return most;
}

/* That of the encoded rows; NaN where they are texts alone, or tokens. */
static double encoded_spread(struct rehearsal *r, size_t n)
{
    struct batch batch = {0};
    double most = NAN;

    encoder_encode(&r->encoder, r->rows.table, r->rows.fit, n, &batch);
    if (batch.n_dense)
        most = largest_spread(batch.dense, n, batch.n_dense);
    else if (batch.n_step && batch.steps)
        most = largest_spread(batch.step, n * batch.steps, batch.n_step);
    batch_release(&batch);
    return most;
}

static void check_inputs(struct net_state *s, struct rehearsal *r)
{
    struct finding f = finding_of("inputs", "all columns", FINDING_OK);
    size_t n = r->rows.n_fit < LOOKED_AT ? r->rows.n_fit : LOOKED_AT;

    f.value = encoded_spread(r, n);
    f.limit = 5;
    f.n_current = (double)n;
    f.test = "largest mean or standard deviation of an encoded column";
    if (isnan(f.value))
        return;
    if (f.value > f.limit || f.value < .02) {
        f.status = f.value > 4 * f.limit ? FINDING_FAIL : FINDING_WARN;
        f.advice = "inputs should be about 0 +- 1 (images 0 to 1): scale them, "
                   "or look for outliers";
    }
    net_add(s, &f);
}

/* ---- passes ---- */

/* The largest difference of two sets of logits, over their deviation. */
static double difference(const real *a, const real *b, size_t n)
{
    double most = 0, square = 0;

    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)a[i] - (double)b[i]);
        most = isnan(d) ? INFINITY : fmax(most, d);
        square += (double)b[i] * (double)b[i];
    }
    return most / (sqrt(square / (double)n) + 1e-6);
}

/* Two batches of rows, as far as there are any. */
struct batches {
    const size_t *a, *b;
    size_t n, classes;
};

static struct batches two_batches(const struct rehearsal *r)
{
    size_t n = r->rows.n_fit / 2 < BATCH_ROWS ? r->rows.n_fit / 2 : BATCH_ROWS;

    return (struct batches){r->rows.fit, r->rows.fit + n, n,
                            r->net->spec.n_classes};
}

/*
 * The same batch after another and after itself: a step that is a batch behind
 * gives two answers.
 */
static void check_batch(struct net_state *s, struct rehearsal *r)
{
    struct batches b = two_batches(r);
    struct finding f = finding_of("batch", "training", FINDING_OK);
    real *other = rehearsal_trained_logits(r, b.a, b.n),
         *first = rehearsal_trained_logits(r, b.b, b.n),
         *second = rehearsal_trained_logits(r, b.b, b.n);

    f.value = difference(first, second, b.n * b.classes);
    f.limit = SAME;
    f.effect = difference(first, other, b.n * b.classes);
    f.n_current = (double)b.n;
    f.test = "difference of the outputs of a batch after another and after "
             "itself; effect: from the other's";
    if (f.value > SAME) {
        f.status = FINDING_FAIL;
        f.advice = f.effect <= SAME
                       ? "a step sees the inputs of the batch before it"
                       : "the outputs of a batch depend on what was before it";
    }
    free(other);
    free(first);
    free(second);
    net_add(s, &f);
}

static double mean_loss(const struct rehearsal *r, const real *logits,
                        const size_t *rows, size_t n, size_t shift, size_t back)
{
    size_t classes = r->net->spec.n_classes;
    double sum = 0, weight = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = rehearsal_class(r, rows[(i + back) % n]);
        double w = (double)r->rows.table->weight[rows[i]];
        sum += w * loss_value(&r->net->spec.hyper, logits + i * classes,
                              classes, (k + shift) % classes);
        weight += w;
    }
    return sum / weight;
}

static bool about(double a, double b)
{
    return fabs(a - b) <= SAME * fmax(fabs(a), 1e-3);
}

/* What other classes would give that loss; NULL: none of those tried. */
static const char *other_targets(const struct rehearsal *r, const real *logits,
                                 const size_t *rows, size_t n, double loss)
{
    size_t classes = r->net->spec.n_classes;

    for (size_t shift = 1; shift < classes; shift++)
        if (about(loss, mean_loss(r, logits, rows, n, shift, 0)))
            return "classes are off by a constant";
    for (size_t back = 1; back < n; back++)
        if (about(loss, mean_loss(r, logits, rows, n, 0, back)))
            return "the classes are those of other rows of the batch";
    return NULL;
}

static void check_targets(struct net_state *s, struct rehearsal *r)
{
    struct batches b = two_batches(r);
    struct finding f = finding_of("targets", "training", FINDING_OK);
    double loss = rehearsal_grade(r, b.a, b.n);
    real *logits = rehearsal_trained_logits(r, b.a, b.n);

    f.value = loss;
    f.limit = mean_loss(r, logits, b.a, b.n, 0, 0);
    f.n_current = (double)b.n;
    f.test = "loss of a step; limit: computed from its outputs and the labels";
    if (!about(loss, f.limit)) {
        const char *why = other_targets(r, logits, b.a, b.n, loss);
        f.status = FINDING_FAIL;
        f.advice = why ? why
                       : "the loss is not that of these outputs and labels: "
                         "look at what it is given";
    }
    free(logits);
    net_add(s, &f);
}

/* The first row, among others and among other others. */
static double neighbours_matter(struct rehearsal *r, const struct batches *b,
                                bool training)
{
    size_t *mixed = copy_rows(b->b, b->n);
    real *(*look)(struct rehearsal *, const size_t *, size_t) =
        training ? rehearsal_trained_logits : rehearsal_logits;
    real *one = look(r, b->a, b->n), *other;
    double d;

    mixed[0] = b->a[0];
    other = look(r, mixed, b->n);
    d = difference(other, one, b->classes);
    free(one);
    free(other);
    free(mixed);
    return d;
}

static void check_dependency(struct net_state *s, struct rehearsal *r)
{
    struct batches b = two_batches(r);
    struct finding f = finding_of("dependency", "outputs", FINDING_OK);
    double training = net_mixes_rows(r->net) ? 0
                                             : neighbours_matter(r, &b, true);

    f.value = fmax(neighbours_matter(r, &b, false), training);
    f.limit = SAME;
    f.n_current = (double)b.n;
    f.test = "change of a row's outputs with the rows beside it";
    if (f.value > SAME) {
        f.status = FINDING_FAIL;
        f.advice = "rows of a batch are mixed: a softmax, a mean or a reshape "
                   "along the wrong axis";
    }
    net_add(s, &f);
}

/* ---- outputs ---- */

/* Rows of logits that are probabilities: not below 0, and their sum is 1. */
static double probability_rows(const real *logits, size_t n, size_t classes)
{
    size_t rows = 0;

    for (size_t i = 0; i < n; i++) {
        double sum = 0, least = INFINITY;
        for (size_t k = 0; k < classes; k++) {
            sum += (double)logits[i * classes + k];
            least = fmin(least, (double)logits[i * classes + k]);
        }
        rows += least >= 0 && fabs(sum - 1) < 1e-4;
    }
    return (double)rows / (double)n;
}

static void check_outputs(struct net_state *s, struct rehearsal *r)
{
    struct batches b = two_batches(r);
    struct finding f = finding_of("outputs", "outputs", FINDING_OK);
    real *logits = rehearsal_trained_logits(r, b.a, b.n);

    f.value = probability_rows(logits, b.n, b.classes);
    f.limit = .5;
    f.n_current = (double)b.n;
    f.test = "share of rows whose logits are not below 0 and add up to 1";
    if (f.value > f.limit) {
        f.status = FINDING_FAIL;
        f.advice = "the loss takes a softmax of what is one already: leave "
                   "out one of the two";
    }
    free(logits);
    net_add(s, &f);
}

/* ---- prediction ---- */

/*
 * Twice the same rows; and, where the network has nothing that is for training
 * only, against what training sees.
 */
static void check_evaluation(struct net_state *s, struct rehearsal *given,
                             struct rehearsal *plain)
{
    struct batches b = two_batches(given);
    struct finding f = finding_of("evaluation", "prediction", FINDING_OK);
    real *one = rehearsal_logits(given, b.a, b.n),
         *two = rehearsal_logits(given, b.a, b.n),
         *seen = rehearsal_logits(plain, b.a, b.n),
         *trained = rehearsal_trained_logits(plain, b.a, b.n);

    f.value = difference(one, two, b.n * b.classes);
    f.effect = net_mixes_rows(plain->net)
                   ? NAN
                   : difference(trained, seen, b.n * b.classes);
    f.limit = SAME;
    f.n_current = (double)b.n;
    f.test = "difference of two predictions of the same rows; effect: of "
             "training and prediction without what is for training only";
    if (f.value > SAME) {
        f.status = FINDING_FAIL;
        f.advice = "predictions are not repeatable: is dropout left on?";
    } else if (f.effect > SAME) {
        f.status = FINDING_FAIL;
        f.advice = "prediction and training make different outputs of the same "
                   "rows: are inputs prepared alike in both?";
    }
    free(one);
    free(two);
    free(seen);
    free(trained);
    net_add(s, &f);
}

/* ---- determinism ---- */

/* The losses of the first steps of a run; may stop early. */
static int first_losses(const struct net_state *s, double *loss,
                        struct err *err)
{
    struct hyper hyper = s->subject->options->hyper;
    struct rehearsal r;

    if (rehearsal_init(&r, s->subject, &hyper, s->rows.fit, s->rows.n_fit, NULL,
                       0, err) != 0)
        return -1;
    training_order(&r.run, 1);
    for (size_t i = 0; i < REPEATS; i++) {
        size_t n = hyper.batch < r.rows.n_fit ? hyper.batch : r.rows.n_fit;
        loss[i] = rehearsal_grade(&r, r.run.order, n);
        r.run.optimizer.learning_rate = hyper.learning_rate;
        optimizer_step(&r.run.optimizer, r.net, NULL);
    }
    rehearsal_release(&r);
    return 0;
}

static int check_determinism(struct net_state *s, struct err *err)
{
    struct finding f = finding_of("determinism", "training", FINDING_OK);
    double a[REPEATS], b[REPEATS];

    if (first_losses(s, a, err) != 0 || first_losses(s, b, err) != 0)
        return -1;
    f.value = 0;
    for (size_t i = 0; i < REPEATS; i++)
        f.value = fmax(f.value, fabs(a[i] - b[i]));
    f.limit = 0;
    f.test = "largest difference of the losses of three steps, made twice";
    if (f.value > 0) {
        f.status = FINDING_WARN;
        f.advice = "two runs of one seed differ: something is random that the "
                   "seed does not reach, or is left from the run before";
    }
    net_add(s, &f);
    return 0;
}

int net_check_feed(struct net_state *s, struct err *err)
{
    const struct hyper *given = &s->subject->options->hyper;
    struct hyper plain = rehearsal_plain(given);
    struct rehearsal as_given = {0}, stripped = {0};
    int status = 0;

    check_stopping_rows(s);
    if (rehearsal_init(&as_given, s->subject, given, s->rows.fit, s->rows.n_fit,
                       NULL, 0, err) != 0 ||
        rehearsal_init(&stripped, s->subject, &plain, s->rows.fit,
                       s->rows.n_fit, NULL, 0, err) != 0)
        status = -1;
    if (status == 0) {
        rehearsal_wake(&stripped);
        check_shuffle(s, &as_given);
        check_inputs(s, &as_given);
        check_batch(s, &stripped);
        check_targets(s, &stripped);
        check_dependency(s, &stripped);
        check_outputs(s, &stripped);
        check_evaluation(s, &as_given, &stripped);
    }
    rehearsal_release(&as_given);
    rehearsal_release(&stripped);
    return status == 0 ? check_determinism(s, err) : -1;
}
