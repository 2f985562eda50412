/*
 * Faults of a training, through the hooks of the trainer (nn/hooks.h) or a
 * setting that is far off.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "batch_rows.h"
#include "fault.h"

/* What hooks remember of a network, from its making on. */
struct memory {
    struct net *net;
    real **values; /* [n] of its parameters: their sums, or their start */
    size_t n;
    struct batch before; /* the batch of the last training step */
    bool full;
};

static struct memory *memory_of(struct sabotage *s)
{
    if (!s->memory)
        s->memory = mem_zalloc(1, sizeof(*s->memory));
    return s->memory;
}

static void forget(struct memory *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->values[i]);
    free(m->values);
    if (m->full)
        batch_release(&m->before);
    memset(m, 0, sizeof(*m));
}

void sabotage_release(struct sabotage *s)
{
    if (s->memory)
        forget(s->memory);
    free(s->memory);
}

static bool is_weight(const struct param *p)
{
    return p->layout != PARAM_VECTOR && !p->fixed;
}

static bool is_bias(const struct param *p)
{
    const char *end = strrchr(p->name, '.');

    return p->layout == PARAM_VECTOR && end && strcmp(end, ".bias") == 0;
}

/* ---- gradients ---- */

static void scale_gradients(struct net *net, double by)
{
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; !p->fixed && k < param_grad_size(p); k++)
            p->grad[k] *= (real)by;
}

static void flip_sign(void *context, struct net *net)
{
    (void)context;
    scale_gradients(net, -1);
}

static bool arrange_sign(struct sabotage *s)
{
    s->hooks.gradients = flip_sign;
    return true;
}

static void sum_loss(void *context, struct net *net)
{
    struct sabotage *s = context;

    scale_gradients(net, (double)s->hyper.batch);
}

static bool arrange_loss_summed(struct sabotage *s)
{
    s->hooks.gradients = sum_loss;
    return true;
}

static void start_memory(struct memory *m, struct net *net)
{
    forget(m);
    m->net = net;
    while (net_param(net, m->n))
        m->n++;
    m->values = mem_alloc(m->n, sizeof(*m->values));
    for (size_t i = 0; i < m->n; i++)
        m->values[i] =
            mem_zalloc(param_size(net_param(net, i)), sizeof(**m->values));
}

/* Where in a parameter's values the k-th value of its gradient belongs. */
static size_t place_of(const struct param *p, size_t k)
{
    return p->sparse ? p->touched[k / p->cols] * p->cols + k % p->cols : k;
}

static void add_up(void *context, struct net *net)
{
    struct memory *m = memory_of(context);
    struct param *p;

    if (m->net != net)
        start_memory(m, net);
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; !p->fixed && k < param_grad_size(p); k++)
            p->grad[k] = m->values[i][place_of(p, k)] += p->grad[k];
}

static void forget_net(void *context, struct net *net, struct encoder *encoder)
{
    (void)net;
    (void)encoder;
    forget(memory_of(context));
}

static bool arrange_not_zeroed(struct sabotage *s)
{
    s->hooks.made = forget_net;
    s->hooks.gradients = add_up;
    return true;
}

static void freeze_first(void *context, struct net *net)
{
    struct layer *layer = net->layers;

    (void)context;
    while (!layer->n_params)
        layer++;
    for (int i = 0; i < layer->n_params; i++)
        memset(layer->params[i].grad, 0,
               param_grad_size(&layer->params[i]) * sizeof(real));
}

static bool arrange_frozen(struct sabotage *s)
{
    s->hooks.gradients = freeze_first;
    return s->hyper.net != NET_LINEAR;
}

/* ---- the start ---- */

static void make_constant(void *context, struct net *net,
                          struct encoder *encoder)
{
    struct param *p;

    (void)context;
    (void)encoder;
    for (size_t i = 0; (p = net_param(net, i)); i++) {
        double square = 0, n = (double)param_size(p);
        for (size_t k = 0; k < param_size(p); k++)
            square += (double)p->value[k] * p->value[k];
        for (size_t k = 0; is_weight(p) && k < param_size(p); k++)
            p->value[k] = (real)sqrt(square / n);
    }
}

/* One layer of like weights is no obstacle: its minimum is the only one. */
static bool arrange_constant(struct sabotage *s)
{
    s->hooks.made = make_constant;
    return s->hyper.net != NET_LINEAR;
}

static void make_large(void *context, struct net *net, struct encoder *encoder)
{
    struct param *p;

    (void)context;
    (void)encoder;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; is_weight(p) && k < param_size(p); k++)
            p->value[k] *= 30;
}

/* A linear network starts at zero. */
static bool arrange_large(struct sabotage *s)
{
    s->hooks.made = make_large;
    return s->hyper.net != NET_LINEAR;
}

static void kill_units(void *context, struct net *net, struct encoder *encoder)
{
    struct param *p, *last = NULL;

    (void)context;
    (void)encoder;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        last = is_bias(p) ? p : last;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; is_bias(p) && p != last && k < param_size(p); k++)
            p->value[k] = -100;
}

/* Only rectifiers die. */
static bool arrange_dead(struct sabotage *s)
{
    s->hooks.made = kill_units;
    return s->hyper.net == NET_MLP || s->hyper.net == NET_LENET;
}

/* ---- labels ---- */

static size_t next_class(void *context, size_t class, size_t classes)
{
    (void)context;
    return (class + 1) % classes;
}

static bool arrange_off_by_one(struct sabotage *s)
{
    s->hooks.target = next_class;
    return true;
}

static size_t some_class(void *context, size_t class, size_t classes)
{
    struct sabotage *s = context;

    return rng_uniform(&s->rng) < .3 ? rng_below(&s->rng, classes) : class;
}

static bool arrange_some_random(struct sabotage *s)
{
    s->hooks.target = some_class;
    return true;
}

static void drop_half(void *context, const real *outputs, real *gradient,
                      size_t rows, size_t classes)
{
    (void)context;
    (void)outputs;
    memset(gradient + rows / 2 * classes, 0,
           (rows - rows / 2) * classes * sizeof(*gradient));
}

static bool arrange_half_the_loss(struct sabotage *s)
{
    s->hooks.back = drop_half;
    return true;
}

/* ---- outputs ---- */

/* Softmax over n values that stand `stride` apart. */
static void soften(real *z, size_t n, size_t stride)
{
    double most = -INFINITY, sum = 0;

    for (size_t i = 0; i < n; i++)
        most = fmax(most, (double)z[i * stride]);
    for (size_t i = 0; i < n; i++)
        sum += exp((double)z[i * stride] - most);
    for (size_t i = 0; i < n; i++)
        z[i * stride] = (real)(exp((double)z[i * stride] - most) / sum);
}

/* Its Jacobian: g_i = p_i (g_i - sum_j p_j g_j). */
static void soften_back(const real *p, real *g, size_t n, size_t stride)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)p[i * stride] * (double)g[i * stride];
    for (size_t i = 0; i < n; i++)
        g[i * stride] =
            (real)((double)p[i * stride] * ((double)g[i * stride] - sum));
}

static void soften_classes(void *context, real *z, size_t rows, size_t classes)
{
    (void)context;
    for (size_t r = 0; r < rows; r++)
        soften(z + r * classes, classes, 1);
}

static void soften_classes_back(void *context, const real *p, real *g,
                                size_t rows, size_t classes)
{
    (void)context;
    for (size_t r = 0; r < rows; r++)
        soften_back(p + r * classes, g + r * classes, classes, 1);
}

static bool arrange_softmax_twice(struct sabotage *s)
{
    s->hooks.outputs = soften_classes;
    s->hooks.back = soften_classes_back;
    return true;
}

static void soften_rows(void *context, real *z, size_t rows, size_t classes)
{
    (void)context;
    for (size_t k = 0; k < classes; k++)
        soften(z + k, rows, classes);
}

static void soften_rows_back(void *context, const real *p, real *g, size_t rows,
                             size_t classes)
{
    (void)context;
    for (size_t k = 0; k < classes; k++)
        soften_back(p + k, g + k, rows, classes);
}

static bool arrange_wrong_axis(struct sabotage *s)
{
    s->hooks.outputs = soften_rows;
    s->hooks.back = soften_rows_back;
    return true;
}

/* ---- order ---- */

static int by_number(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static void as_in_file(void *context, size_t *order, size_t n, size_t epoch)
{
    (void)context;
    (void)epoch;
    qsort(order, n, sizeof(*order), by_number);
}

/* Rows of a single batch have no order. */
static bool arrange_no_shuffle(struct sabotage *s)
{
    s->hooks.order = as_in_file;
    return 10 * s->hyper.batch < 7 * s->sample->grid.n;
}

static void keep_start(void *context, struct net *net, struct encoder *encoder)
{
    struct memory *m = memory_of(context);

    (void)encoder;
    start_memory(m, net);
    for (size_t i = 0; i < m->n; i++)
        memcpy(m->values[i], net_param(net, i)->value,
               param_size(net_param(net, i)) * sizeof(real));
}

static void start_anew(void *context, size_t *order, size_t n, size_t epoch)
{
    struct memory *m = memory_of(context);

    (void)order;
    (void)n;
    for (size_t i = 0; epoch > 1 && i < m->n; i++)
        memcpy(net_param(m->net, i)->value, m->values[i],
               param_size(net_param(m->net, i)) * sizeof(real));
}

static bool arrange_weights_reset(struct sabotage *s)
{
    s->hooks.made = keep_start;
    s->hooks.order = start_anew;
    return true;
}

/* ---- inputs ---- */

static bool has_numbers(const struct sample *s)
{
    for (size_t i = 0; i < s->grid.width; i++)
        if (sample_feature(s, i) && !grid_describe(&s->grid, i).others)
            return true;
    return s->set->form == STEPS;
}

static void take_last(void *context, struct batch *batch, bool training)
{
    struct memory *m = memory_of(context);
    struct batch own;
    size_t *order;

    if (!training)
        return;
    batch_copy(&own, batch);
    order = mem_alloc(own.n + 1, sizeof(*order));
    for (size_t i = 0; i < own.n; i++)
        order[i] = i;
    if (m->full && m->before.n == own.n)
        batch_fill(batch, &m->before, order);
    if (m->full)
        batch_release(&m->before);
    m->before = own;
    m->full = true;
    free(order);
}

static bool arrange_stale(struct sabotage *s)
{
    s->hooks.made = forget_net;
    s->hooks.inputs = take_last;
    return true;
}

static void reverse_rows(void *context, struct batch *batch, bool training)
{
    struct batch own;
    size_t *order;

    (void)context;
    if (!training)
        return;
    batch_copy(&own, batch);
    order = mem_alloc(own.n + 1, sizeof(*order));
    for (size_t i = 0; i < own.n; i++)
        order[i] = own.n - 1 - i;
    batch_fill(batch, &own, order);
    batch_release(&own);
    free(order);
}

static bool arrange_reversed_batch(struct sabotage *s)
{
    s->hooks.inputs = reverse_rows;
    return true;
}

static void shuffle_values(struct rng *rng, float *x, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        size_t k = rng_below(rng, i + 1);
        float kept = x[i];
        x[i] = x[k];
        x[k] = kept;
    }
}

static void scramble(void *context, struct batch *batch, bool training)
{
    struct sabotage *s = context;
    size_t size = batch->steps * batch->n_step;

    (void)training;
    for (size_t r = 0; batch->n_dense && r < batch->n; r++)
        shuffle_values(&s->rng, batch->dense + r * batch->n_dense,
                       batch->n_dense);
    for (size_t r = 0; batch->step && r < batch->n; r++)
        shuffle_values(&s->rng, batch->step + r * size,
                       batch->length[r] * batch->n_step);
}

static bool arrange_scrambled(struct sabotage *s)
{
    s->hooks.inputs = scramble;
    return has_numbers(s->sample);
}

static void blank_first(void *context, struct batch *batch, bool training)
{
    (void)context;
    for (size_t r = 0; training && r < batch->n; r++)
        batch->dense[r * batch->n_dense] = 0;
}

static bool arrange_column_blank(struct sabotage *s)
{
    s->hooks.inputs = blank_first;
    return s->sample->set->form == ROWS;
}

static void forget_scale(void *context, struct batch *batch, bool training)
{
    size_t size = batch->steps * batch->n_step;

    (void)context;
    if (training)
        return;
    for (size_t i = 0; i < batch->n * batch->n_dense; i++)
        batch->dense[i] = batch->dense[i] * 50 + 100;
    for (size_t r = 0; batch->step && r < batch->n; r++)
        for (size_t i = 0; i < batch->length[r] * batch->n_step; i++)
            batch->step[r * size + i] = batch->step[r * size + i] * 50 + 100;
}

static bool arrange_unscaled_evaluation(struct sabotage *s)
{
    s->hooks.inputs = forget_scale;
    return has_numbers(s->sample);
}

static void turn_images(void *context, struct batch *batch, bool training)
{
    struct sabotage *s = context;
    size_t h = s->sample->shape[0], w = s->sample->shape[1];

    for (size_t r = 0; training && r < batch->n; r++)
        for (size_t y = 0; y < h / 2; y++)
            for (size_t x = 0; x < w; x++) {
                float *a = batch->dense + r * h * w + y * w + x;
                float *b = batch->dense + r * h * w + (h - 1 - y) * w + x;
                float kept = *a;
                *a = *b;
                *b = kept;
            }
}

static bool arrange_upside_down(struct sabotage *s)
{
    s->hooks.inputs = turn_images;
    return s->sample->set->form == IMAGE;
}

/* The encoder takes numbers as they are. */
static void take_raw(void *context, struct net *net, struct encoder *e)
{
    (void)context;
    (void)net;
    for (size_t i = 0; i < e->n_numbers && e->form == FORM_ROW; i++) {
        e->numbers[i].mean = 0;
        e->numbers[i].scale = e->numbers[i].scale != 0;
    }
    e->pixel_low = 0;
    e->pixel_high = 1;
    for (size_t i = 0; i < e->n_step; i++) {
        e->step_mean[i] = 0;
        e->step_scale[i] = 1;
    }
}

static bool arrange_unscaled(struct sabotage *s)
{
    s->hooks.made = take_raw;
    return true;
}

/* "1 2;3 4", times 1000. */
static void scale_sequence(struct grid *g, size_t row, size_t column)
{
    const char *at = grid_at(g, row, column);
    struct buf out = {0};
    char *end;

    while (*at) {
        buf_printf(&out, "%g", 1000 * strtod(at, &end));
        if (end == at)
            break;
        at = end;
        if (*at)
            buf_add_char(&out, *at++);
    }
    grid_set(g, row, column, out.data);
    buf_release(&out);
}

/* Pixels to 255, and numbers in another unit where they are small. */
static bool spoil_units(struct grid *g, const struct sample *s, struct rng *rng)
{
    size_t scaled = 0;

    (void)rng;
    for (size_t i = 0; i < g->width; i++) {
        struct grid_column c = grid_describe(g, i);
        double by = s->set->form == IMAGE ? (s->set->kind ? 1 : 255 / 16.)
                    : c.deviation > 50    ? 1
                                          : 1000;
        if (!sample_feature(s, i) || (c.others && s->set->form != STEPS))
            continue;
        scaled++;
        for (size_t r = 0; r < g->n; r++)
            if (s->set->form == STEPS)
                scale_sequence(g, r, i);
            else if (*grid_at(g, r, i))
                grid_set_number(g, r, i, grid_number(g, r, i) * by);
    }
    return scaled > 0;
}

/* ---- settings ---- */

static bool arrange_fast(struct sabotage *s)
{
    s->hyper.learning_rate *= 1000;
    return true;
}

static bool arrange_slow(struct sabotage *s)
{
    s->hyper.learning_rate /= 1000;
    return true;
}

/* That of adamw is multiplied by the learning rate. */
static bool arrange_decay(struct sabotage *s)
{
    s->hyper.weight_decay = s->hyper.optimizer == OPTIMIZER_ADAMW ? 100 : 10;
    return true;
}

static bool arrange_l1(struct sabotage *s)
{
    s->hyper.l1 = 1;
    return true;
}

/* Of .97 wide layers take no harm: 165 units learn digits as well as without.
 */
static bool arrange_dropout(struct sabotage *s)
{
    s->hyper.dropout = .99;
    return s->hyper.net != NET_LINEAR;
}

enum { CLASSES_MOST = 3, LEAST_ROWS = 13 };

/* Where the bias matters, and rare classes need no warning of their own. */
static double ratio_of(size_t classes)
{
    return classes == 2 ? 7 : 14;
}

/* Classes in the order in which they are met, with their rows. */
struct classes {
    struct dict names;
    size_t count[CLASSES_MOST + 1], largest;
};

static void count_classes(struct classes *c, const struct grid *g, size_t label)
{
    memset(c, 0, sizeof(*c));
    for (size_t r = 0; r < g->n && c->names.count <= CLASSES_MOST; r++) {
        const char *name = grid_at(g, r, label);
        c->count[dict_add(&c->names, name, strlen(name))]++;
    }
    for (size_t k = 1; k < c->names.count; k++)
        if (c->count[k] > c->count[c->largest])
            c->largest = k;
}

/* Thins each class but the largest, in every part alike. */
static void thin(struct grid *g, const struct sample *s, struct classes *c)
{
    double owed[3 * CLASSES_MOST];
    size_t *rows = mem_alloc(g->n, sizeof(*rows)), n = 0;

    for (size_t i = 0; i < 3 * CLASSES_MOST; i++)
        owed[i] = .5;
    for (size_t r = 0; r < g->n; r++) {
        const char *name = grid_at(g, r, s->label);
        const char *part = grid_at(g, r, s->split);
        size_t k = dict_find(&c->names, name, strlen(name));
        size_t p = *part == 'v' ? 1 : part[1] == 'e' ? 2 : 0;
        double *sum = &owed[3 * k + p];
        *sum += k == c->largest
                    ? 1
                    : (double)c->count[c->largest] / ratio_of(c->names.count) /
                          (double)c->count[k];
        if (*sum >= .999) {
            *sum -= 1;
            rows[n++] = r;
        }
    }
    grid_take(g, rows, n);
    free(rows);
}

/* Of two or three classes the others get rare. */
static bool spoil_balance(struct grid *g, const struct sample *s,
                          struct rng *rng)
{
    struct classes c;
    bool can;

    (void)rng;
    count_classes(&c, g, s->label);
    can = c.names.count <= CLASSES_MOST &&
          (double)c.count[c.largest] >= LEAST_ROWS * ratio_of(c.names.count);
    if (can)
        thin(g, s, &c);
    dict_release(&c.names);
    return can;
}

static bool arrange_no_prior(struct sabotage *s)
{
    s->hyper.output_bias = OUTPUT_BIAS_ZERO;
    return true;
}

static bool arrange_dropout_stays(struct sabotage *s)
{
    s->hyper.dropout = .3;
    s->hooks.predicts_as_training = true;
    return s->hyper.net != NET_LINEAR;
}

static void train_on_all(struct fit_plan *plan)
{
    size_t n = plan->n_fit + plan->n_stop;

    plan->fit = mem_resize(plan->fit, n + 1, sizeof(*plan->fit));
    memcpy(plan->fit + plan->n_fit, plan->stop,
           plan->n_stop * sizeof(*plan->fit));
    plan->n_fit = n;
    qsort(plan->fit, n, sizeof(*plan->fit), by_number);
}

#define FAULT(word, checks, ...)                                    \
    {                                                               \
        .name = (word), .kind = FAULT_TRAINING, .causes = (checks), \
        __VA_ARGS__                                                 \
    }
#define HELD_OUT(word, checks, function)                            \
    {                                                               \
        .name = (word), .kind = FAULT_HELD_OUT, .causes = (checks), \
        .arrange = (function)                                       \
    }

const struct fault training_faults[] = {
    FAULT("sign", "gradient", .arrange = arrange_sign),
    FAULT("rate_x1000", "learning_rate", .arrange = arrange_fast),
    FAULT("rate_/1000", "learning_rate", .arrange = arrange_slow),
    FAULT("softmax_twice", "outputs", .arrange = arrange_softmax_twice),
    FAULT("no_shuffle", "shuffle", .arrange = arrange_no_shuffle),
    FAULT("constant_start", "initialisation", .arrange = arrange_constant),
    FAULT("large_start", "initialisation layers", .arrange = arrange_large),
    FAULT("dead_units", "layers", .arrange = arrange_dead),
    FAULT("labels_off_by_1", "targets", .arrange = arrange_off_by_one),
    FAULT("no_prior", "output_bias", .arrange = arrange_no_prior,
          .spoil = spoil_balance),
    FAULT("unscaled", "inputs", .arrange = arrange_unscaled,
          .spoil = spoil_units),
    FAULT("weight_decay", "regularisation", .arrange = arrange_decay),
    FAULT("l1", "regularisation", .arrange = arrange_l1),
    FAULT("dropout_.99", "regularisation", .arrange = arrange_dropout),
    FAULT("validation_rows", "stopping_rows", .replan = train_on_all),
    FAULT("not_zeroed", "gradient", .arrange = arrange_not_zeroed),
    FAULT("wrong_axis", "dependency outputs", .arrange = arrange_wrong_axis),
    FAULT("stale_batch", "batch", .arrange = arrange_stale),
    FAULT("dropout_stays", "evaluation", .arrange = arrange_dropout_stays),

    HELD_OUT("loss_summed", "gradient learning_rate", arrange_loss_summed),
    HELD_OUT("layer_frozen", "gradient layers", arrange_frozen),
    HELD_OUT("half_the_loss", "gradient batch targets", arrange_half_the_loss),
    HELD_OUT("random_targets", "targets determinism", arrange_some_random),
    HELD_OUT("weights_reset", "overfit floor capacity", arrange_weights_reset),
    HELD_OUT("scrambled", "batch inputs zeroed_inputs evaluation",
             arrange_scrambled),
    HELD_OUT("reversed_batch", "batch targets dependency",
             arrange_reversed_batch),
    HELD_OUT("column_blank", "batch inputs evaluation", arrange_column_blank),
    HELD_OUT("unscaled_later", "batch inputs evaluation",
             arrange_unscaled_evaluation),
    HELD_OUT("upside_down", "batch inputs evaluation", arrange_upside_down),
    {.name = NULL}};
