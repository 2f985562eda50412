#include "nn/trainer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/loss.h"

/* One training run's working memory. */
struct run {
    struct net *net;
    const struct train_rows *rows;
    const struct train_options *options;
    struct optimizer optimizer;
    struct batch batch;
    struct tape tape;
    size_t *order;              /* [n_fit] */
    double *class_weight;       /* [classes] */
    real **best;                /* the best epoch's parameters */
    double loss, error, weight; /* sums over the running epoch */
    struct step_norms norms;
};

static size_t class_of(const struct train_rows *rows, size_t row)
{
    uint32_t label = rows->table->label[row];

    return label == LABEL_NONE ? LABEL_NONE : rows->class_of[label];
}

static void weigh_classes(struct run *run)
{
    size_t classes = run->net->spec.n_classes, present = 0;
    double *weight = mem_zalloc(classes, sizeof(*weight)), total = 0;

    for (size_t i = 0; i < run->rows->n_fit; i++) {
        size_t row = run->rows->fit[i];
        weight[class_of(run->rows, row)] +=
            (double)run->rows->table->weight[row];
        total += (double)run->rows->table->weight[row];
    }
    for (size_t k = 0; k < classes; k++)
        present += weight[k] > 0;
    for (size_t k = 0; k < classes; k++)
        weight[k] = !run->options->balanced ? 1
                    : weight[k] > 0 ? total / ((double)present * weight[k])
                                    : 0;
    run->class_weight = weight;
}

/* ---- majority ---- */

/* Half a row stands for a class without any: its probability is not zero. */
static void fit_majority(struct run *run)
{
    struct param *bias = net_param(run->net, 1);
    size_t classes = run->net->spec.n_classes;
    double *count = mem_zalloc(classes, sizeof(*count));

    for (size_t i = 0; i < run->rows->n_fit; i++) {
        size_t row = run->rows->fit[i], k = class_of(run->rows, row);
        count[k] += (double)run->rows->table->weight[row] *
                    run->class_weight[k];
    }
    for (size_t k = 0; k < classes; k++)
        bias->value[k] = (real)log(count[k] > 0 ? count[k] : .5);
    free(count);
}

/* ---- one batch ---- */

/*
 * Adds the batch's loss and error, weighted as those of the stopping rows
 * are, and fills the gradient of the logits, which has the class weights too.
 */
static double score_batch(struct run *run, const size_t *rows,
                          const real *logits, real *dlogits)
{
    const float *weight = run->rows->table->weight;
    size_t n = run->batch.n, classes = run->net->spec.n_classes;
    double total = 0, loss = 0;

    memset(dlogits, 0, run->batch.padded * classes * sizeof(*dlogits));
    for (size_t i = 0; i < n; i++)
        total += (double)weight[rows[i]] *
                 run->class_weight[class_of(run->rows, rows[i])];
    for (size_t i = 0; i < n; i++) {
        const real *z = logits + i * classes;
        size_t k = class_of(run->rows, rows[i]);
        double w = (double)weight[rows[i]], own = cross_entropy(z, classes, k);
        loss += own;
        run->loss += w * own;
        run->error += largest(z, classes) != k ? w : 0;
        run->weight += w;
        w *= run->class_weight[k];
        cross_entropy_gradient(dlogits + i * classes, z, classes, k,
                               (real)(total > 0 ? w / total : 0));
    }
    return loss;
}

static int train_batch(struct run *run, const size_t *rows, size_t n, bool last,
                       size_t epoch, struct err *err)
{
    struct pass pass = {true, run->options->seed, run->optimizer.step};
    const real *logits;
    double loss;

    encoder_encode(run->rows->encoder, run->rows->table, rows, n, &run->batch);
    logits = net_forward(run->net, &run->tape, &run->batch, &pass);
    loss = score_batch(run, rows, logits, net_dlogits(run->net, &run->tape));
    if (!isfinite(loss))
        return err_set(err, ERR_DATA,
                       "the loss is not finite in epoch %zu, step %llu: lower "
                       "--learning-rate, or look for huge numbers in the data",
                       epoch, (unsigned long long)run->optimizer.step + 1);
    net_backward(run->net, &run->tape, &run->batch, &pass);
    optimizer_step(&run->optimizer, run->net, last ? &run->norms : NULL);
    return 0;
}

static int train_epoch(struct run *run, size_t number, struct err *err)
{
    size_t n = run->rows->n_fit, size = run->options->batch;
    struct rng rng;

    rng_init(&rng, run->options->seed, RNG_SHUFFLE + (number << 8));
    memcpy(run->order, run->rows->fit, n * sizeof(*run->order));
    rng_shuffle(&rng, run->order, n);
    run->loss = run->error = run->weight = 0;
    for (size_t at = 0; at < n; at += size) {
        size_t rows = n - at < size ? n - at : size;
        if (train_batch(run, run->order + at, rows, at + size >= n, number,
                        err) != 0)
            return -1;
    }
    return 0;
}

/* ---- looking ---- */

/* Mean loss over rows of known classes, error over all; NaN without rows. */
static void evaluate(struct run *run, const size_t *rows, size_t n,
                     double *loss, double *error)
{
    struct pass pass = {false, 0, 0};
    size_t classes = run->net->spec.n_classes;
    double sum = 0, wrong = 0, weight = 0, known = 0;

    for (size_t at = 0; at < n; at += PREDICT_ROWS) {
        size_t some = n - at < PREDICT_ROWS ? n - at : PREDICT_ROWS;
        const real *logits;
        encoder_encode(run->rows->encoder, run->rows->table, rows + at, some,
                       &run->batch);
        logits = net_forward(run->net, &run->tape, &run->batch, &pass);
        for (size_t i = 0; i < some; i++) {
            const real *z = logits + i * classes;
            size_t k = class_of(run->rows, rows[at + i]);
            double w = (double)run->rows->table->weight[rows[at + i]];
            weight += w;
            wrong += largest(z, classes) != k ? w : 0;
            if (k == LABEL_NONE)
                continue;
            known += w;
            sum += w * cross_entropy(z, classes, k);
        }
    }
    *loss = known > 0 ? sum / known : NAN;
    *error = weight > 0 ? wrong / weight : NAN;
}

/* ---- the best epoch's parameters ---- */

static void keep_best(struct run *run)
{
    const struct param *p;
    size_t n = 0;

    while (net_param(run->net, n))
        n++;
    if (!run->best)
        run->best = mem_zalloc(n + 1, sizeof(*run->best));
    for (size_t i = 0; (p = net_param(run->net, i)); i++) {
        size_t size = p->rows * p->cols;
        if (!run->best[i])
            run->best[i] = mem_alloc(size, sizeof(real));
        memcpy(run->best[i], p->value, size * sizeof(real));
    }
}

static void restore_best(struct run *run)
{
    struct param *p;

    for (size_t i = 0; run->best && (p = net_param(run->net, i)); i++) {
        memcpy(p->value, run->best[i], p->rows * p->cols * sizeof(real));
        free(run->best[i]);
    }
    free(run->best);
    run->best = NULL;
}

/* ---- the run ---- */

static void describe_epoch(struct run *run, struct epoch *epoch)
{
    const struct train_rows *rows = run->rows;

    epoch->train_loss = run->weight > 0 ? run->loss / run->weight : NAN;
    epoch->train_error = run->weight > 0 ? run->error / run->weight : NAN;
    epoch->learning_rate = run->options->learning_rate;
    epoch->grad_norm = run->norms.gradient;
    epoch->update_ratio =
        run->norms.value > 0 ? run->norms.update / run->norms.value : NAN;
    epoch->dead = net_dead_units(run->net);
    evaluate(run, rows->stop, rows->n_stop, &epoch->stop_loss,
             &epoch->stop_error);
}

static int run_epochs(struct run *run, epoch_fn *told, void *context,
                      size_t *best, struct err *err)
{
    double best_loss = INFINITY;

    for (size_t number = 1; number <= run->options->epochs; number++) {
        struct epoch epoch = {.number = number};
        bool decides;
        if (train_epoch(run, number, err) != 0)
            return -1;
        describe_epoch(run, &epoch);
        told(context, &epoch);
        decides = isfinite(epoch.stop_loss);
        if (!decides || epoch.stop_loss < best_loss) {
            best_loss = decides ? epoch.stop_loss : best_loss;
            *best = number;
            if (decides)
                keep_best(run);
        } else if (number - *best >= run->options->patience) {
            break;
        }
    }
    return 0;
}

static int run_majority(struct run *run, epoch_fn *told, void *context,
                        size_t *best)
{
    struct epoch epoch = {.number = 1,
                          .learning_rate = NAN,
                          .grad_norm = NAN,
                          .update_ratio = NAN,
                          .dead = NAN};

    fit_majority(run);
    evaluate(run, run->rows->fit, run->rows->n_fit, &epoch.train_loss,
             &epoch.train_error);
    evaluate(run, run->rows->stop, run->rows->n_stop, &epoch.stop_loss,
             &epoch.stop_error);
    told(context, &epoch);
    *best = 1;
    return 0;
}

int train(struct net *net, const struct train_rows *rows,
          const struct train_options *options, epoch_fn *told, void *context,
          size_t *best, struct err *err)
{
    struct run run = {.net = net, .rows = rows, .options = options};
    int status;

    run.optimizer.learning_rate = options->learning_rate;
    run.optimizer.weight_decay = options->weight_decay;
    run.order = mem_alloc(rows->n_fit, sizeof(*run.order));
    weigh_classes(&run);
    if (net->spec.kind == NET_MAJORITY)
        status = run_majority(&run, told, context, best);
    else
        status = run_epochs(&run, told, context, best, err);
    restore_best(&run);
    batch_release(&run.batch);
    tape_release(&run.tape);
    free(run.order);
    free(run.class_weight);
    return status;
}

void predict(struct net *net, struct tape *tape, struct batch *batch,
             const struct encoder *encoder, const struct table *table,
             const size_t *rows, size_t n, float *prob)
{
    struct pass pass = {false, 0, 0};
    size_t classes = net->spec.n_classes;
    real *row = mem_alloc(classes, sizeof(*row));

    for (size_t at = 0; at < n; at += PREDICT_ROWS) {
        size_t some = n - at < PREDICT_ROWS ? n - at : PREDICT_ROWS;
        const real *logits;
        encoder_encode(encoder, table, rows + at, some, batch);
        logits = net_forward(net, tape, batch, &pass);
        for (size_t i = 0; i < some; i++) {
            softmax(row, logits + i * classes, classes);
            for (size_t k = 0; k < classes; k++)
                prob[(at + i) * classes + k] = (float)row[k];
        }
    }
    free(row);
}
