/*
 * range_test: the learning-rate range test of trainer.h.
 */
#include <math.h>

#include "nn/trainer.h"
#include "nn/training.h"

static const double RANGE_LOW = 1e-7, RANGE_HIGH = 10, RANGE_LIMIT = 4,
                    RANGE_MEMORY = .9;

enum { RANGE_STEPS = 200 };

/* Where a curve of losses falls fastest, over the logarithm of the rate. */
static double steepest(const double *rate, const double *loss, size_t n)
{
    double best = 0, at = NAN;

    for (size_t i = 2; i + 2 < n; i++) {
        double slope = loss[i + 2] - loss[i - 2];
        if (slope < best) {
            best = slope;
            at = rate[i];
        }
    }
    return at;
}

static bool range_step(struct training *run, size_t step, double *loss)
{
    size_t n = run->rows->n_fit, size = run->hyper->batch,
           batches = (n + size - 1) / size, at = step % batches * size;

    if (at == 0)
        training_order(run, step / batches + 1);
    if (training_grade(run, run->order + at, n - at < size ? n - at : size,
                       step / batches + 1, loss) != 0)
        return false;
    run->optimizer.learning_rate =
        RANGE_LOW *
        pow(RANGE_HIGH / RANGE_LOW, (double)step / (double)(RANGE_STEPS - 1));
    optimizer_step(&run->optimizer, run->net, &run->norms);
    return true;
}

static size_t run_range(struct training *run, double *rate, double *loss,
                        epoch_fn *told, void *context)
{
    double mean = 0, least = INFINITY, own;
    size_t n = 0;

    while (n < RANGE_STEPS && range_step(run, n, &own)) {
        struct epoch epoch = {.number = n + 1,
                              .most_epochs = RANGE_STEPS,
                              .rows = run->hyper->batch,
                              .stop_loss = NAN,
                              .stop_error = NAN,
                              .train_error = NAN,
                              .dead = NAN,
                              .warning = "",
                              .news = ""};
        mean = RANGE_MEMORY * mean + (1 - RANGE_MEMORY) * own;
        rate[n] = epoch.learning_rate = run->optimizer.learning_rate;
        loss[n] = epoch.train_loss = mean /
                                     (1 - pow(RANGE_MEMORY, (double)n + 1));
        epoch.grad_norm = run->norms.gradient;
        epoch.update_ratio = run->norms.update / run->norms.value;
        told(context, &epoch);
        least = fmin(least, loss[n]);
        if (loss[n++] > RANGE_LIMIT * least)
            break;
    }
    return n;
}

int train_range_test(struct net *net, const struct train_rows *rows,
                     uint64_t seed, epoch_fn *told, void *context,
                     double *suggested, struct err *err)
{
    double rate[RANGE_STEPS], loss[RANGE_STEPS];
    struct training run;
    size_t n;

    training_init(&run, net, rows, seed);
    snapshot_take(&run.best, net);
    training_start(&run);
    training_keep(&run);
    n = run_range(&run, rate, loss, told, context);
    *suggested = steepest(rate, loss, n);
    snapshot_restore(&run.best, net);
    training_release(&run);
    if (n == 0)
        return err_set(err, ERR_DATA,
                       "the loss is not finite before the first step: look "
                       "for huge numbers in the data");
    return table_lost(rows->table, err);
}
