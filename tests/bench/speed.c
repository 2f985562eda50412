/*
 * Samples per second of each network: one training step (forward, loss,
 * backward, Adam) and prediction, as CSV:
 *
 *     network,what,batch,threads,samples_per_second,gflops,peak_share
 *
 * gflops counts the multiply-adds of the products (twice); peak_share is their
 * share of what a loop of nothing but fused multiply-adds reaches on the same
 * threads.  The best of several runs, each a few tenths of a second long.
 *
 *     speed [THREADS [NAME]]
 *     speed layers THREADS NAME
 *     speed names
 *
 * The second form shows where a training step spends its time: microseconds a
 * step of each layer, forward and backward.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/loss.h"
#include "nn/networks.h"
#include "nn/optimizer.h"
#include "nn/shards.h"

enum { CLASSES = 10, RUNS = 5, SLOW_RUNS = 2, PREDICT_BATCH = 256 };

static const double RUN_SECONDS = .2;

struct network {
    const char *name;
    enum net_kind kind;
    size_t height, width, channels; /* of an image; 0: steps */
    size_t steps, n_step;
    size_t batch;
    const char *option, *value; /* a hyperparameter that differs */
};

static const struct network networks[] = {
    {"mlp 784-128", NET_MLP, 28, 28, 1, 0, 0, 64, NULL, NULL},
    {"mlp 784-512-512", NET_MLP, 28, 28, 1, 0, 0, 64, "hidden", "512,512"},
    {"lenet 28x28", NET_LENET, 28, 28, 1, 0, 0, 64, NULL, NULL},
    {"lstm 128 28x28", NET_LSTM, 0, 0, 0, 28, 28, 64, NULL, NULL},
    {"lstm 128 100x16", NET_LSTM, 0, 0, 0, 100, 16, 64, NULL, NULL},
    {"attention 64 28x28", NET_ATTENTION, 0, 0, 0, 28, 28, 64, NULL, NULL},
    {"resnet-20 28x28", NET_RESNET, 28, 28, 1, 0, 0, 64, NULL, NULL},
    {"resnet-18 224x224", NET_RESNET, 224, 224, 3, 0, 0, 16, "depth", "18"},
};

enum { N_NETWORKS = sizeof(networks) / sizeof(*networks) };

/* ---- the peak ---- */

typedef float vector __attribute__((vector_size(64)));

enum { CHAINS = 12, ROUNDS = 1 << 20 };

#if defined(__x86_64__) && !defined(__clang__)
__attribute__((target_clones("avx512f", "arch=haswell", "default")))
#endif
static float
multiply_add(float seed)
{
    vector sum[CHAINS], a = {seed}, b = {1 - seed};
    float all = 0;

    for (int i = 0; i < CHAINS; i++)
        sum[i] = a * (float)i;
    for (int r = 0; r < ROUNDS; r++)
#pragma GCC unroll 12
        for (int i = 0; i < CHAINS; i++)
            sum[i] = sum[i] * b + a;
    for (int i = 0; i < CHAINS; i++)
        all += sum[i][0];
    return all;
}

/* Floating-point operations a second of this many threads. */
static double peak(int threads)
{
    double best = 0;
    volatile float sink = 0;

    for (int run = 0; run < RUNS; run++) {
        double start = omp_get_wtime(), took;
#pragma omp parallel num_threads(threads)
        {
            float all = multiply_add(1e-9f);
#pragma omp critical
            sink += all;
        }
        took = omp_get_wtime() - start;
        if (threads * 32.0 * CHAINS * ROUNDS / took > best)
            best = threads * 32.0 * CHAINS * ROUNDS / took;
    }
    return best;
}

/* ---- a network and its data ---- */

static struct net *make_net(const struct network *n)
{
    struct net_spec spec = {.n_classes = CLASSES};
    struct err err = {0};

    spec.input.height = n->height;
    spec.input.width = n->width;
    spec.input.channels = n->channels;
    spec.input.n_dense = n->height * n->width * n->channels;
    spec.input.n_step = n->n_step;
    hyper_init(&spec.hyper, n->kind);
    if (n->option &&
        hyper_set(&spec.hyper, hyper_find(n->option), n->value, &err) != 0)
        exit(1);
    return net_new(&spec, 1);
}

static void fill(float *values, size_t n)
{
    uint32_t x = 1;

    for (size_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        values[i] = (float)x * 0x1p-31f - 1;
    }
}

static void make_batch(struct batch *b, const struct network *n, size_t rows)
{
    memset(b, 0, sizeof(*b));
    b->n = b->padded = b->capacity = rows;
    b->n_dense = n->height * n->width * n->channels;
    b->n_step = n->n_step;
    b->steps = n->steps ? n->steps : 1;
    b->dense = mem_aligned(rows * b->n_dense, sizeof(float));
    b->step = mem_aligned(rows * b->steps * n->n_step, sizeof(float));
    b->start = mem_zalloc(1, sizeof(*b->start));
    b->length = mem_alloc(rows, sizeof(*b->length));
    for (size_t r = 0; r < rows; r++)
        b->length[r] = (uint32_t)b->steps;
    fill(b->dense, rows * b->n_dense);
    fill(b->step, rows * b->steps * n->n_step);
}

static void free_batch(struct batch *b)
{
    free(b->dense);
    free(b->step);
    free(b->start);
    free(b->length);
}

/* Operations of the products of one row's forward pass. */
static double forward_flops(const struct net *net, const struct batch *b)
{
    double sum = 0;

    for (size_t i = 0; i < net->n_layers; i++) {
        const struct layer *l = &net->layers[i];
        double positions = (double)shape_positions(&l->out, b);
        for (int k = 0; k < l->n_params; k++)
            if (l->params[k].layout == PARAM_LINEAR ||
                l->params[k].layout == PARAM_CONV)
                sum += 2 * positions * (double)param_size(&l->params[k]);
        if (strcmp(l->ops->name, "attention") == 0)
            sum += 4 * positions * positions * (double)l->out.channels;
    }
    return sum;
}

/* ---- measuring ---- */

struct bench {
    struct net *net;
    struct shards shards;
    struct batch batch;
    struct optimizer optimizer;
    bool training;
};

static void grade(void *context, size_t shard, size_t begin, size_t rows,
                  const real *logits, real *dlogits)
{
    const struct bench *b = context;
    real scratch[CLASSES];

    (void)shard;
    for (size_t r = 0; r < rows; r++) {
        const real *z = logits + r * CLASSES;
        size_t k = (begin + r) % CLASSES;
        if (!(loss_value(b->optimizer.hyper, z, CLASSES, k) >= 0))
            abort();
        loss_add_gradient(b->optimizer.hyper, dlogits + r * CLASSES, z, CLASSES,
                          k, 1 / (real)b->batch.n, scratch);
    }
}

static void step(struct bench *b)
{
    struct pass pass = {.training = b->training, .seed = 1};

    if (b->training) {
        shards_train(&b->shards, &b->batch, &pass, 0, NULL, grade, b);
        optimizer_step(&b->optimizer, b->net, NULL);
    } else {
        shards_predict(&b->shards, &b->batch, &pass, 0, NULL);
    }
}

/* Seconds of one step. */
static double seconds(struct bench *b)
{
    double best = 1e9, start = omp_get_wtime();
    int steps = 1;

    step(b);
    start = omp_get_wtime();
    step(b);
    steps += (int)(RUN_SECONDS / (omp_get_wtime() - start));
    for (int run = 0; run < (steps > 1 ? RUNS : SLOW_RUNS); run++) {
        double took;
        start = omp_get_wtime();
        for (int i = 0; i < steps; i++)
            step(b);
        took = (omp_get_wtime() - start) / steps;
        best = took < best ? took : best;
    }
    return best;
}

static void measure(const struct network *n, bool training, int threads,
                    double most)
{
    struct bench b = {.training = training};
    size_t rows = training ? n->batch : PREDICT_BATCH;
    double took, flops;

    b.net = make_net(n);
    shards_init(&b.shards, b.net);
    b.optimizer.hyper = &b.net->spec.hyper;
    b.optimizer.learning_rate = 1e-5;
    make_batch(&b.batch, n, rows);
    took = seconds(&b);
    flops = forward_flops(b.net, &b.batch) * (double)rows * (training ? 3 : 1);
    printf("%s,%s,%zu,%d,%.0f,%.1f,%.3f\n", n->name,
           training ? "train" : "predict", rows, threads, (double)rows / took,
           flops / took / 1e9, flops / took / most);
    fflush(stdout);
    free_batch(&b.batch);
    shards_release(&b.shards);
    net_free(b.net);
}

/* ---- where the time goes ---- */

enum { MOST_LAYERS = 256, LAYER_STEPS = 50 };

/* Of each layer: the operations it had, and the seconds of theirs. */
static struct {
    struct layer_ops timed;
    const struct layer_ops *plain;
    double forward, backward;
} clocks[MOST_LAYERS];

static void timed_forward(struct layer *layer, const struct layer_io *io)
{
    double start = omp_get_wtime();

    clocks[layer->index].plain->forward(layer, io);
    clocks[layer->index].forward += omp_get_wtime() - start;
}

static void timed_backward(struct layer *layer, const struct layer_io *io)
{
    double start = omp_get_wtime();

    clocks[layer->index].plain->backward(layer, io);
    clocks[layer->index].backward += omp_get_wtime() - start;
}

static void watch(struct net *net)
{
    for (size_t i = 0; i < net->n_layers; i++) {
        struct layer *layer = &net->layers[i];
        clocks[i].plain = layer->ops;
        clocks[i].timed = *layer->ops;
        clocks[i].timed.forward = timed_forward;
        clocks[i].timed.backward = timed_backward;
        layer->ops = &clocks[i].timed;
    }
}

static void show_layers(const struct network *n)
{
    struct bench b = {.training = true};
    double start, all = 0;

    b.net = make_net(n);
    shards_init(&b.shards, b.net);
    b.optimizer.hyper = &b.net->spec.hyper;
    make_batch(&b.batch, n, n->batch);
    step(&b);
    watch(b.net);
    start = omp_get_wtime();
    for (int i = 0; i < LAYER_STEPS; i++)
        step(&b);
    start = omp_get_wtime() - start;
    printf("layer,name,out,forward_us,backward_us\n");
    for (size_t i = 0; i < b.net->n_layers; i++) {
        const struct shape *out = &b.net->layers[i].out;
        printf("%zu,%s,%zux%zux%zu,%.1f,%.1f\n", i, b.net->layers[i].ops->name,
               out->height, out->width, out->channels,
               1e6 * clocks[i].forward / LAYER_STEPS,
               1e6 * clocks[i].backward / LAYER_STEPS);
        all += clocks[i].forward + clocks[i].backward;
    }
    printf(",loss and optimizer,,,%.1f\n,step,,,%.1f\n",
           1e6 * (start - all) / LAYER_STEPS, 1e6 * start / LAYER_STEPS);
    free_batch(&b.batch);
    shards_release(&b.shards);
    net_free(b.net);
}

static const struct network *find(const char *name)
{
    for (size_t i = 0; i < N_NETWORKS; i++)
        if (strncmp(networks[i].name, name, strlen(name)) == 0)
            return &networks[i];
    fprintf(stderr, "speed: no '%s'\n", name);
    exit(1);
}

int main(int argc, char **argv)
{
    int all = argc > 1 ? atoi(argv[1]) : omp_get_num_procs();
    const char *only = argc > 2 ? argv[2] : "";

    if (argc == 2 && strcmp(argv[1], "names") == 0) {
        for (size_t i = 0; i < N_NETWORKS; i++)
            puts(networks[i].name);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "layers") == 0) {
        omp_set_num_threads(atoi(argv[2]));
        show_layers(find(argv[3]));
        return 0;
    }
    printf("network,what,batch,threads,samples_per_second,gflops,"
           "peak_share\n");
    for (int threads = 1; threads <= all; threads += all - 1 ? all - 1 : 1) {
        double most = peak(threads);
        omp_set_num_threads(threads);
        printf("fused multiply-add,peak,,%d,,%.1f,1\n", threads, most / 1e9);
        for (size_t i = 0; i < N_NETWORKS; i++)
            for (int training = 1; training >= 0; training--)
                if (strncmp(networks[i].name, only, strlen(only)) == 0)
                    measure(&networks[i], training, threads, most);
    }
    return 0;
}
