/*
 * Every network against PyTorch: the same weights (by the names and shapes of
 * a state_dict), the same batch; logits, and the losses of 20 steps of Adam.
 * tests/data/networks/make.py made the numbers.
 */
#include "nn/networks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nn/loss.h"
#include "nn/optimizer.h"

enum { CLASSES = 3, STEPS = 20, ROWS = 5, MOST_ROWS = 16 };

static const double RATE = 3e-3;
static const uint32_t LENGTHS[ROWS] = {7, 1, 4, 7, 2};

/* ---- values both sides compute ---- */

static uint32_t name_hash(const char *name)
{
    uint32_t h = 2166136261u;

    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* On [-.5, .5). */
static float value_at(const char *name, size_t i)
{
    uint32_t x = (uint32_t)i * 2654435761u + name_hash(name);

    x = (x ^ x >> 15) * 2246822519u;
    x = (x ^ x >> 13) * 3266489917u;
    x ^= x >> 16;
    return (float)((double)x * 0x1p-32 - .5);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The weight at place i of the file's order. */
static float weight_at(const struct param *p, size_t i)
{
    size_t shape[PARAM_RANK], rank = param_shape(p, shape), fan_in = 1;
    float u = value_at(p->name, i);

    if (rank == 1)
        return .4f * u + (ends_with(p->name, "weight") ||
                                  ends_with(p->name, "running_var")
                              ? 1.0f
                              : 0.0f);
    for (size_t k = 1; k < rank; k++)
        fan_in *= shape[k];
    if (strncmp(p->name, "embedding", 9) == 0)
        return u;
    return u * (float)(3 / sqrt((double)fan_in));
}

static void fill(struct net *net)
{
    struct param *p;

    for (size_t k = 0; (p = net_param(net, k)); k++) {
        float *values = mem_alloc(param_size(p), sizeof(*values));
        for (size_t i = 0; i < param_size(p); i++)
            values[i] = weight_at(p, i);
        param_import(p, values);
        free(values);
    }
}

/* ---- batches ---- */

/* n rows: of numbers, of steps, or of tokens, whichever the input has. */
static void make_batch(struct batch *b, const struct net_input *in, size_t n)
{
    bool sequence = in->n_step || in->n_tokens;

    memset(b, 0, sizeof(*b));
    b->n = n;
    b->padded = b->capacity = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->n_dense = in->n_dense;
    b->n_step = in->n_step;
    b->steps = sequence ? 7 : 1;
    b->dense = mem_aligned(b->padded * in->n_dense, sizeof(float));
    b->start = mem_zalloc(1, sizeof(*b->start));
    b->length = mem_alloc(b->padded, sizeof(*b->length));
    for (size_t r = 0; r < b->padded; r++)
        b->length[r] = sequence && r < n ? LENGTHS[r] : 1;
    for (size_t i = 0; i < n * in->n_dense; i++)
        b->dense[i] = 2 * value_at("input", i);
    if (in->n_step)
        b->step = mem_aligned(b->padded * b->steps * in->n_step, sizeof(float));
    if (in->n_tokens)
        b->token = mem_alloc(b->padded * b->steps, sizeof(*b->token));
    for (size_t at = 0; sequence && at < b->padded * b->steps; at++) {
        bool inside = at / b->steps < n &&
                      at % b->steps < b->length[at / b->steps];
        for (size_t k = 0; k < in->n_step && inside; k++)
            b->step[at * in->n_step + k] =
                2 * value_at("input", at * in->n_step + k);
        if (in->n_tokens)
            b->token[at] = inside ? (uint32_t)((value_at("input", at) + .5f) *
                                               (float)in->n_tokens)
                                  : TOKEN_NONE;
    }
}

/* ---- expected numbers ---- */

static size_t expected(const char *name, double *values, size_t most)
{
    FILE *file = fopen("tests/data/networks/networks.txt", "r");
    char key[64];
    size_t n = 0;

    if (!file)
        fail_msg("cannot open networks.txt");
    while (fscanf(file, "%63s", key) == 1 && strcmp(key, name) != 0)
        if (fscanf(file, "%*[^\n]") < 0)
            break;
    while (n < most && fscanf(file, "%lf", &values[n]) == 1)
        n++;
    fclose(file);
    return n;
}

static void assert_close(const char *name, size_t i, double value, double want,
                         double tolerance)
{
    if (!(fabs(value - want) <= tolerance))
        fail_msg("%s[%zu] is %.9g, expected %.9g", name, i, value, want);
}

static void check_logits(const char *name, struct net *net,
                         const struct batch *batch, double tolerance)
{
    struct pass pass = {.training = false};
    struct tape tape = {0};
    const real *z = net_forward(net, &tape, batch, &pass);
    double want[MOST_ROWS * CLASSES];
    char key[64];
    size_t n;

    snprintf(key, sizeof(key), "%s.logits", name);
    n = expected(key, want, MOST_ROWS * CLASSES);
    assert_int_equal(n, batch->n * CLASSES);
    for (size_t i = 0; i < n; i++)
        assert_close(key, i, (double)z[i], want[i], tolerance);
    tape_release(&tape);
}

static double step(struct net *net, struct tape *tape, struct batch *batch,
                   struct optimizer *optimizer)
{
    struct pass pass = {.training = true};
    const real *z = net_forward(net, tape, batch, &pass);
    real *dz = net_dlogits(net, tape, batch), scratch[CLASSES];
    double loss = 0;

    memset(dz, 0, batch->padded * CLASSES * sizeof(*dz));
    for (size_t r = 0; r < batch->n; r++) {
        const real *own = z + r * CLASSES;
        loss += loss_value(&net->spec.hyper, own, CLASSES, r % CLASSES);
        loss_add_gradient(&net->spec.hyper, dz + r * CLASSES, own, CLASSES,
                          r % CLASSES, (real)1 / (real)batch->n, scratch);
    }
    net_backward(net, tape, batch, &pass);
    optimizer_step(optimizer, net, NULL);
    return loss / (double)batch->n;
}

static void check_losses(const char *name, struct net *net, struct batch *batch)
{
    struct optimizer optimizer = {.hyper = &net->spec.hyper,
                                  .learning_rate = RATE};
    struct tape tape = {0};
    double want[STEPS];
    char key[64];

    snprintf(key, sizeof(key), "%s.losses", name);
    assert_int_equal(expected(key, want, STEPS), STEPS);
    for (size_t i = 0; i < STEPS; i++)
        assert_close(key, i, step(net, &tape, batch, &optimizer), want[i],
                     1e-4);
    tape_release(&tape);
}

/* ---- one network ---- */

static struct net *make(const struct net_spec *spec)
{
    struct err err = {0};
    struct net *net;

    if (network_check(spec, &err) != 0)
        fail_msg("%s", err.message);
    net = net_new(spec, 1);
    assert_true(network_size(spec) <= (double)net_size(net));
    fill(net);
    return net;
}

static void check_rows(const char *name, const struct net_spec *spec, size_t n)
{
    struct net *net = make(spec);
    struct batch batch;

    make_batch(&batch, &spec->input, n);
    check_logits(name, net, &batch, 1e-5);
    check_losses(name, net, &batch);
    batch_release(&batch);
    net_free(net);
}

static void check(const char *name, const struct net_spec *spec)
{
    check_rows(name, spec, ROWS);
}

static struct net_spec spec_of(enum net_kind kind)
{
    struct net_spec spec = {.n_classes = CLASSES};

    hyper_init(&spec.hyper, kind);
    return spec;
}

static struct net_spec image_spec(enum net_kind kind, size_t side,
                                  size_t channels)
{
    struct net_spec spec = spec_of(kind);

    spec.input = (struct net_input){.n_dense = side * side * channels,
                                    .height = side,
                                    .width = side,
                                    .channels = channels};
    return spec;
}

/* ---- tests ---- */

static void network_mlp__as_pytorch(void **state)
{
    struct net_spec spec = spec_of(NET_MLP);

    (void)state;
    spec.input.n_dense = 12;
    spec.hyper.hidden = (struct widths){2, {8, 6}};
    check("mlp", &spec);
    spec.hyper.norm = NORM_BATCH;
    check("mlp_batch", &spec);
    spec.hyper.norm = NORM_LAYER;
    check("mlp_layer", &spec);
}

static void network_mlp__activations_as_pytorch(void **state)
{
    static const struct {
        enum activation kind;
        const char *name;
    } cases[] = {{ACTIVATION_GELU, "mlp_gelu"},
                 {ACTIVATION_TANH, "mlp_tanh"},
                 {ACTIVATION_SIGMOID, "mlp_sigmoid"},
                 {ACTIVATION_LEAKY_RELU, "mlp_leaky"}};
    struct net_spec spec = spec_of(NET_MLP);

    (void)state;
    spec.input.n_dense = 12;
    spec.hyper.hidden = (struct widths){2, {8, 6}};
    for (size_t i = 0; i < 4; i++) {
        spec.hyper.activation = (int)cases[i].kind;
        check(cases[i].name, &spec);
    }
}

static void network_lenet__as_pytorch(void **state)
{
    struct net_spec spec = image_spec(NET_LENET, 14, 2);

    (void)state;
    spec.hyper.filters = (struct widths){2, {4, 6}};
    spec.hyper.hidden = (struct widths){2, {10, 8}};
    check("lenet", &spec);
    spec.hyper.hidden = (struct widths){1, {10}};
    spec.hyper.norm = NORM_LAYER;
    check("lenet_layer", &spec);
    spec.hyper.norm = NORM_BATCH;
    spec.hyper.kernel = 3;
    /* Five rows have units that hardly vary: their norm blows up the noise. */
    check_rows("lenet_batch", &spec, MOST_ROWS);
}

static void network_resnet__small_as_pytorch(void **state)
{
    struct net_spec spec = image_spec(NET_RESNET, 9, 1);

    (void)state;
    spec.hyper.depth = 8;
    check("resnet8", &spec);
    spec = image_spec(NET_RESNET, 8, 3);
    check("resnet20", &spec);
}

/* With the names and shapes of torchvision's. */
static void network_resnet__large_as_torchvision(void **state)
{
    static const size_t depths[] = {18, 34, 50};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct net_spec spec = image_spec(NET_RESNET, 40, 3);
        struct batch batch;
        struct net *net;
        char name[32];
        spec.hyper.depth = depths[i];
        net = make(&spec);
        make_batch(&batch, &spec.input, 2);
        snprintf(name, sizeof(name), "resnet%zu", depths[i]);
        check_logits(name, net, &batch, 1e-4);
        batch_release(&batch);
        net_free(net);
    }
}

static void network_lstm__as_pytorch(void **state)
{
    struct net_spec spec = spec_of(NET_LSTM);

    (void)state;
    spec.input.n_step = 4;
    spec.hyper.hidden = (struct widths){1, {6}};
    check("lstm", &spec);
    spec.hyper.layers = 2;
    check("lstm_2", &spec);
    spec.hyper.layers = 1;
    spec.input = (struct net_input){.n_tokens = 11};
    spec.hyper.embedding = 5;
    check("lstm_tokens", &spec);
}

static void network_attention__as_pytorch(void **state)
{
    struct net_spec spec = spec_of(NET_ATTENTION);

    (void)state;
    spec.input.n_step = 4;
    spec.hyper.width = 8;
    spec.hyper.heads = 2;
    check("attention", &spec);
    spec.input = (struct net_input){.n_tokens = 11};
    spec.hyper.heads = 4;
    spec.hyper.layers = 1;
    check("attention_tokens", &spec);
}

/* ---- networks that cannot be ---- */

static void assert_refused(const struct net_spec *spec, const char *message)
{
    struct err err = {0};

    assert_int_equal(network_check(spec, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    assert_string_equal(err.message, message);
}

static void network_check__messages(void **state)
{
    struct net_spec spec = image_spec(NET_LENET, 6, 1);

    (void)state;
    assert_refused(&spec,
                   "--kernel 5: an image of 6x6 is 3x3 at convolution 2, too "
                   "small (smaller --kernel, or fewer --filters)");
    spec = spec_of(NET_LENET);
    spec.input.n_dense = 64;
    assert_refused(&spec, "--net lenet reads images: --shape HxWxC says how "
                          "the columns make one");
    spec = image_spec(NET_RESNET, 8, 1);
    spec.hyper.depth = 21;
    assert_refused(&spec,
                   "--depth 21: resnet has 20, 32, 44, 56, 110 (6n + 2) layers "
                   "for small images, 18, 34 or 50 for large ones");
    spec = spec_of(NET_ATTENTION);
    assert_refused(&spec, "--net attention reads sequences: text, a column of "
                          "type sequence, or --shape STEPSxVALUES");
    spec.input.n_step = 3;
    spec.hyper.heads = 5;
    assert_refused(&spec, "--heads 5 does not divide --width 64");
    spec = spec_of(NET_LSTM);
    spec.input.n_tokens = 3;
    spec.hyper.hidden = (struct widths){2, {4, 4}};
    assert_refused(&spec, "--hidden: lstm takes one width (--layers stacks "
                          "layers of it)");
    spec.hyper.net = NET_MLP;
    assert_refused(&spec, "--net mlp does not read sequences: lstm and "
                          "attention do");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(network_mlp__as_pytorch),
        cmocka_unit_test(network_mlp__activations_as_pytorch),
        cmocka_unit_test(network_lenet__as_pytorch),
        cmocka_unit_test(network_resnet__small_as_pytorch),
        cmocka_unit_test(network_resnet__large_as_torchvision),
        cmocka_unit_test(network_lstm__as_pytorch),
        cmocka_unit_test(network_attention__as_pytorch),
        cmocka_unit_test(network_check__messages),
    };

    return cmocka_run_group_tests_name("networks", tests, NULL, NULL);
}
