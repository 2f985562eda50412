#include "model/memory_plan.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "base/memory.h"
#include "nn/feed.h"
#include "nn/networks.h"

/*
 * What threads, and compiled kernels, take by themselves; what a state of
 * oneDNN's products takes of one thread while it works.
 */
#define LIBRARIES 6e6
#define THREAD 1.5e6

/* Under ulimit -v, where a library that finds nothing may end badly. */
#define SPARE_SHARE 1.1

/* Of each value: itself, gradient, two moments, the best epoch, a copy. */
enum {
    COPIES = 6,
    STATE_COPIES = 8,
    PARTS = 8,         /* of a convolution's gradient */
    KERNELS = 1 << 17, /* values as large as the code of a convolution */
    ROW_BYTES = 40,
    MEGA = 1000000
};

/* ---- one model ---- */

static double params_bytes(struct net *net, bool state)
{
    double values = 0;
    const struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        values += (double)param_size(p);
    return values * sizeof(real) * (state ? COPIES + STATE_COPIES : COPIES);
}

/* Values of a row in one layer: its output, and what is kept for backward. */
static double row_values(const struct layer *layer, const struct batch *one,
                         bool training)
{
    double out = (double)shape_size(&layer->out, one),
           keep = layer->ops->keep ? (double)layer->ops->keep(layer, one) : 0;

    return training ? 2 * out + keep : out + keep;
}

/* Kernels, weights packed for them, and gradients of them in shards. */
static double room_values(const struct layer *layer)
{
    if (strcmp(layer->ops->name, "convolution") != 0)
        return 0;
    return KERNELS + (PARTS + 2) * (double)param_size(&layer->params[0]);
}

static double input_values(const struct encoder *e, size_t steps)
{
    return (double)e->n_dense + (double)(e->n_step * steps) + (double)steps;
}

/* Gradients of the replicas that a batch in shards needs. */
static double replica_bytes(struct net *net, size_t rows, size_t steps)
{
    struct batch batch = {.padded = (rows + BATCH_TILE - 1) / BATCH_TILE *
                                    BATCH_TILE,
                          .steps = steps};

    return (double)(shards_count(net, &batch) - 1) * (double)net_size(net) *
           sizeof(real);
}

/* Target rows behind a batch (nn/adapt.h). */
static size_t target_rows(const struct net *net, const struct fit_options *o)
{
    size_t batch = net->spec.hyper.batch;

    if (!o->adaptation.target)
        return 0;
    return batch < o->adaptation.target->n ? batch : o->adaptation.target->n;
}

/* Covariances of both sides, and rows three times (nn/coral.h). */
static double coral_values(const struct net *net, size_t rows)
{
    struct batch one = {.n = 1, .padded = 1, .steps = 1};
    double width =
        (double)shape_size(&net->layers[net_last_hidden(net)].out, &one);

    return 3 * width * width + 3 * (double)rows * width;
}

/* Activations: of a batch in training, or of a block in prediction. */
static double tape_bytes(struct net *net, const struct encoder *encoder,
                         const struct table *t, const struct fit_plan *plan,
                         const struct fit_options *o)
{
    struct feed feed = {.net = net, .encoder = encoder, .table = t};
    struct batch one = {.n = 1, .padded = 1, .steps = feed_steps(&feed)};
    size_t batch = net->spec.hyper.batch, block = feed_block(&feed);
    double train = 0, look = 0, room = 0, most_rows;

    batch = batch < plan->n_fit ? batch : plan->n_fit;
    batch += target_rows(net, o);
    most_rows = (double)(batch > block ? batch : block);
    for (size_t i = 0; i < net->n_layers; i++) {
        const struct layer *layer = &net->layers[i];
        double grad = row_values(layer, &one, true) -
                      row_values(layer, &one, false);
        train += grad * (double)batch;
        look += row_values(layer, &one, false) * most_rows;
        room += room_values(layer);
    }
    if (o->adaptation.target)
        room += coral_values(net, batch);
    look += input_values(encoder, one.steps) * most_rows;
    return (train + look + room) * sizeof(real) +
           replica_bytes(net, batch, one.steps);
}

static double model_bytes(struct net *net, const struct encoder *encoder,
                          const struct table *t, const struct fit_plan *plan,
                          const struct fit_options *o)
{
    bool state = o->watch && o->watch->keeps;
    double kept = 0;
    size_t first = net_frozen_layers(net);

    if (first) {
        struct batch one = {.n = 1, .padded = 1, .steps = 1};
        kept = (double)shape_size(&net->layers[first - 1].out, &one) *
               (double)(plan->n_fit + plan->n_stop) * sizeof(real);
    }
    return params_bytes(net, state) + tape_bytes(net, encoder, t, plan, o) +
           kept + (double)(plan->n_fit + plan->n_stop) * ROW_BYTES;
}

/* ---- all of them ---- */

static double prediction_bytes(const struct table *t,
                               const struct fit_plan *plan,
                               const struct fit_options *o, bool predict)
{
    double each = (double)plan->classes.n * sizeof(float) + sizeof(size_t);
    double runs = (double)fit_models(o) / (double)(o->folds ? o->folds : 1);

    return predict || o->folds ? runs * each * (double)t->n : 0;
}

struct memory_plan memory_plan(struct net *net, const struct encoder *encoder,
                               const struct table *t,
                               const struct fit_plan *plan,
                               const struct fit_options *o, bool predict)
{
    size_t threads = (size_t)omp_get_max_threads(), models = fit_models(o);
    struct memory_plan m = {.have = memory_used().resident};
    double params = params_bytes(net, false) / COPIES;

    m.model = model_bytes(net, encoder, t, plan, o);
    m.at_once = models < threads ? models : threads;
    m.predictions = prediction_bytes(t, plan, o, predict);
    m.total = m.have - 4 * params + m.model * (double)m.at_once +
              m.predictions + LIBRARIES + THREAD * (double)threads;
    return m;
}

int memory_check(double more, const char *what, struct err *err)
{
    double need, limit;
    const char *name = memory_broken(more, &need, &limit);

    if (!name)
        return 0;
    return err_set(err, ERR_DATA,
                   "%s about %.0f MB of memory, but %s allows %.0f MB", what,
                   need / MEGA, name, limit / MEGA);
}

int memory_check_network(const struct net_spec *spec, struct err *err)
{
    return memory_check(network_size(spec) * sizeof(real) * COPIES,
                        "the network needs", err);
}

int memory_check_fit(struct memory_plan *m, const struct table *t,
                     const struct fit_plan *plan, const struct fit_options *o,
                     bool predict, struct err *err)
{
    struct fit_rows rows = {plan->fit, plan->stop, plan->n_fit, plan->n_stop,
                            o->seed};
    struct encoder encoder = {0};
    double more;
    struct net *net =
        fit_prepare(&encoder, t, &rows, &plan->classes, o, NULL, err);

    if (!net)
        return -1;
    *m = memory_plan(net, &encoder, t, plan, o, predict);
    net_free(net);
    encoder_release(&encoder);
    more = memory_of_threads(omp_get_max_threads() - 1);
    more += (m->total - m->have) * (more > 0 ? SPARE_SHARE : 1);
    return memory_check(
        more,
        m->at_once > 1 ? "training so many models at once (--threads) needs"
                       : "the training needs",
        err);
}

/* Pixels of files, as many as stay in memory. */
static double images_bytes(const struct schema *s, size_t rows)
{
    struct image_shape shape = {s->shape[0], s->shape[1], s->shape[2]};

    for (size_t i = 0; i < s->n; i++)
        if (s->columns[i].role == ROLE_FEATURE &&
            s->columns[i].type == TYPE_IMAGE)
            return fmin((double)image_size(&shape) * (double)rows,
                        image_rows_most_bytes());
    return 0;
}

int memory_check_rows(const struct schema *schema, size_t rows, struct err *err)
{
    double row = ROW_BYTES;

    for (size_t i = 0; i < schema->n; i++)
        row += schema->columns[i].role == ROLE_FEATURE ? sizeof(float) : 0;
    return memory_check(row * (double)rows + images_bytes(schema, rows),
                        "the data need", err);
}
