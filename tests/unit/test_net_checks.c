/*
 * What net_checks says of a sound training, and of one with a fault put in by
 * its hooks.
 */
#include "analysis/net_checks.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "scratch.h"

#include "base/mem.h"
#include "base/rng.h"
#include "nn/hooks.h"

enum { ROWS = 360 };

/*
 * Three clouds of points in four dimensions; `scale` is that of the first one,
 * two clouds have a row in `rare` each (0: a third).
 */
struct subject {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
    struct fit_plan plan;
    struct fit_options options;
    struct findings findings;
};

static char *make_rows(double scale, size_t rare)
{
    struct buf text = {0};
    struct rng rng;

    rng_init(&rng, 7, 0);
    buf_add_text(&text, "split,a,b,c,d,label\n");
    for (size_t i = 0; i < ROWS; i++) {
        size_t k = i % (rare ? rare : 3);
        k = k < 3 ? k : 0;
        buf_printf(&text, "%s,%.4f,%.4f,%.4f,%.4f,%c\n",
                   i % 4 == 3 ? "val" : "train",
                   scale * (1.5 * (k == 1) + rng_normal(&rng)),
                   2. * (k == 2) + rng_normal(&rng), rng_normal(&rng),
                   rng_normal(&rng), (char)('x' + (int)k));
    }
    return text.data;
}

static void init(struct subject *s, double scale, size_t rare)
{
    struct schema_request request = {.ngrams = NGRAM_DEFAULTS};
    char *text = make_rows(scale, rare);
    struct buf notes = {0};
    struct err err = {0};

    memset(s, 0, sizeof(*s));
    hyper_init(&s->options.hyper, NET_MLP);
    s->options.hyper.learning_rate = 1e-3;
    s->options.seed = 1;
    s->reader = scratch_reader(text, true);
    if (schema_infer(&s->schema, s->reader, &request, &notes, &err) != 0 ||
        csv_reader_rewind(s->reader, &err) != 0 ||
        table_init(&s->table, &s->schema, s->reader, &err) != 0 ||
        table_read(&s->table, s->reader, &err) != 0 ||
        plan_rows(&s->plan, &s->table, &s->options, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
    free(text);
}

static void release(struct subject *s)
{
    findings_release(&s->findings);
    plan_release(&s->plan);
    table_release(&s->table);
    schema_release(&s->schema);
    csv_reader_close(s->reader);
}

static void look(struct subject *s, const struct train_hooks *hooks)
{
    struct net_subject subject = {
        .table = &s->table, .plan = &s->plan, .options = &s->options};
    struct err err = {0};

    s->options.hooks = hooks;
    if (net_checks(&subject, &s->findings, &err) != 0)
        fail_msg("%s", err.message);
}

/* The first finding with that status, or NULL. */
static const struct finding *first(const struct subject *s,
                                   enum finding_status status)
{
    for (size_t i = 0; i < s->findings.n; i++)
        if (s->findings.at[i].status == status)
            return &s->findings.at[i];
    return NULL;
}

/* That `check` is the first of those that fail (warn), with such advice. */
static void assert_named(const struct subject *s, enum finding_status status,
                         const char *check, const char *advice)
{
    const struct finding *f = first(s, status);

    if (!f)
        fail_msg("nothing is found, '%s' was to be", check);
    if (strcmp(f->check, check) != 0)
        fail_msg("'%s' (%s) comes before '%s'", f->check, f->advice, check);
    if (!strstr(f->advice, advice))
        fail_msg("'%s': advice '%s' without '%s'", check, f->advice, advice);
}

/* ---- sound ones ---- */

static void net_checks__sound(void **state)
{
    static const enum net_kind nets[] = {NET_LINEAR, NET_MLP};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct subject s;
        init(&s, 1, 0);
        hyper_init(&s.options.hyper, nets[i]);
        s.options.hyper.dropout = nets[i] == NET_MLP ? .2 : 0;
        s.options.hyper.learning_rate = 2e-3;
        look(&s, NULL);
        for (size_t k = 0; k < s.findings.n; k++)
            if (s.findings.at[k].status != FINDING_OK)
                fail_msg("%s: '%s' %s", net_kind_name(nets[i]),
                         s.findings.at[k].check, s.findings.at[k].advice);
        assert_true(s.findings.n >= 15);
        release(&s);
    }
}

static void net_checks__same_twice(void **state)
{
    struct subject a, b;

    (void)state;
    init(&a, 1, 0);
    init(&b, 1, 0);
    look(&a, NULL);
    look(&b, NULL);
    assert_int_equal(a.findings.n, b.findings.n);
    for (size_t i = 0; i < a.findings.n; i++) {
        const struct finding *x = &a.findings.at[i], *y = &b.findings.at[i];
        assert_string_equal(x->check, y->check);
        assert_true(x->value == y->value ||
                    (isnan(x->value) && isnan(y->value)));
    }
    release(&a);
    release(&b);
}

/* ---- settings ---- */

static void net_checks__settings(void **state)
{
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    s.options.hyper.learning_rate = .3;
    look(&s, NULL);
    assert_named(&s, FINDING_FAIL, "learning_rate", "too high");
    release(&s);

    init(&s, 1, 0);
    s.options.hyper.learning_rate = 1e-6;
    look(&s, NULL);
    assert_named(&s, FINDING_FAIL, "learning_rate", "too low");
    release(&s);

    init(&s, 1, 0);
    s.options.hyper.weight_decay = 30;
    look(&s, NULL);
    assert_named(&s, FINDING_FAIL, "regularisation", "too strong");
    release(&s);

    init(&s, 1, 25);
    look(&s, NULL);
    assert_named(&s, FINDING_WARN, "output_bias", "--output-bias prior");
    release(&s);

    init(&s, 1, 25);
    s.options.hyper.output_bias = OUTPUT_BIAS_PRIOR;
    look(&s, NULL);
    assert_null(first(&s, FINDING_WARN));
    release(&s);
}

static void net_checks__stopping_rows(void **state)
{
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    s.plan.fit = mem_resize(s.plan.fit, s.plan.n_fit + s.plan.n_stop,
                            sizeof(*s.plan.fit));
    memcpy(s.plan.fit + s.plan.n_fit, s.plan.stop,
           s.plan.n_stop * sizeof(*s.plan.fit));
    s.plan.n_fit += s.plan.n_stop;
    look(&s, NULL);
    assert_named(&s, FINDING_FAIL, "stopping_rows", "leave them out");
    release(&s);
}

/* ---- faults ---- */

static void turn_gradient(void *context, struct net *net)
{
    struct param *p;

    (void)context;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; k < param_grad_size(p); k++)
            p->grad[k] = -p->grad[k];
}

/* By *context. */
static void scale_gradient(void *context, struct net *net)
{
    const real *factor = context;
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; k < param_grad_size(p); k++)
            p->grad[k] *= *factor;
}

/* Of the first layer, and of no other. */
static void drop_gradient(void *context, struct net *net)
{
    struct param *p = net_param(net, 0);

    (void)context;
    memset(p->grad, 0, param_grad_size(p) * sizeof(*p->grad));
}

/* A sum over all steps so far, of the first parameter. */
static void add_gradient(void *context, struct net *net)
{
    real *sum = context;
    struct param *p = net_param(net, 0);

    for (size_t k = 0; k < param_grad_size(p); k++)
        p->grad[k] = sum[k] += p->grad[k];
}

static void keep_order(void *context, size_t *order, size_t n, size_t epoch)
{
    (void)context;
    (void)epoch;
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && order[j - 1] > order[j]; j--) {
            size_t t = order[j];
            order[j] = order[j - 1];
            order[j - 1] = t;
        }
}

static size_t next_class(void *context, size_t class, size_t classes)
{
    (void)context;
    return (class + 1) % classes;
}

static void all_alike(void *context, struct net *net, struct encoder *encoder)
{
    struct param *p;

    (void)context;
    (void)encoder;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; k < param_size(p); k++)
            p->value[k] = (real).1;
}

static void too_large(void *context, struct net *net, struct encoder *encoder)
{
    struct param *p;

    (void)context;
    (void)encoder;
    for (size_t i = 0; (p = net_param(net, i)); i++)
        for (size_t k = 0; k < param_size(p); k++)
            p->value[k] *= 10;
}

static void no_life(void *context, struct net *net, struct encoder *encoder)
{
    (void)context;
    (void)encoder;
    for (size_t k = 0; k < param_size(net_param(net, 1)); k++)
        net_param(net, 1)->value[k] = -100;
}

static void unscaled(void *context, struct net *net, struct encoder *encoder)
{
    (void)context;
    (void)net;
    for (size_t i = 0; i < encoder->n_numbers; i++) {
        encoder->numbers[i].mean = 0;
        encoder->numbers[i].scale = 1;
    }
}

/* The inputs of the batch before, from the second one on. */
struct stale {
    float x[4096];
    size_t n;
};

static void stale_inputs(void *context, struct batch *batch, bool training)
{
    struct stale *s = context;
    size_t n = batch->padded * batch->n_dense;
    float now[4096];

    if (!training)
        return;
    assert_true(n <= 4096);
    memcpy(now, batch->dense, n * sizeof(*now));
    if (s->n)
        memcpy(batch->dense, s->x, (s->n < n ? s->n : n) * sizeof(*now));
    memcpy(s->x, now, n * sizeof(*now));
    s->n = n;
}

static void softmax_rows(void *context, real *z, size_t rows, size_t classes)
{
    (void)context;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t k = 0; k < classes; k++)
            sum += exp((double)z[i * classes + k]);
        for (size_t k = 0; k < classes; k++)
            z[i * classes + k] = (real)(exp((double)z[i * classes + k]) / sum);
    }
}

static void softmax_rows_back(void *context, const real *p, real *d,
                              size_t rows, size_t classes)
{
    (void)context;
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t k = 0; k < classes; k++)
            sum += (double)(p[i * classes + k] * d[i * classes + k]);
        for (size_t k = 0; k < classes; k++)
            d[i * classes + k] = p[i * classes + k] *
                                 (real)((double)d[i * classes + k] - sum);
    }
}

/* Along the wrong axis: over the rows of the batch. */
static void softmax_batch(void *context, real *z, size_t rows, size_t classes)
{
    (void)context;
    for (size_t k = 0; k < classes; k++) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++)
            sum += exp((double)z[i * classes + k]);
        for (size_t i = 0; i < rows; i++)
            z[i * classes + k] = (real)(exp((double)z[i * classes + k]) / sum);
    }
}

static void assert_fault(const struct train_hooks *hooks, double scale,
                         enum finding_status status, const char *check,
                         const char *advice)
{
    struct subject s;

    init(&s, scale, 0);
    s.options.hyper.dropout = .2;
    look(&s, hooks);
    assert_named(&s, status, check, advice);
    release(&s);
}

static void net_checks__gradient(void **state)
{
    real *sum = mem_zalloc(4096, sizeof(*sum)), large = 1000, small = .001f;

    (void)state;
    assert_fault(
        &(struct train_hooks){.gradients = scale_gradient, .context = &large},
        1, FINDING_FAIL, "gradient", "1e+03 times");
    assert_fault(
        &(struct train_hooks){.gradients = scale_gradient, .context = &small},
        1, FINDING_FAIL, "gradient", "0.001 times");
    assert_fault(&(struct train_hooks){.gradients = turn_gradient}, 1,
                 FINDING_FAIL, "gradient", "wrong sign");
    assert_fault(&(struct train_hooks){.gradients = drop_gradient}, 1,
                 FINDING_FAIL, "gradient", "no gradient reaches 'hidden.0");
    assert_fault(
        &(struct train_hooks){.gradients = add_gradient, .context = sum}, 1,
        FINDING_FAIL, "gradient", "not zeroed");
    free(sum);
}

static void net_checks__rows(void **state)
{
    struct stale *stale = mem_zalloc(1, sizeof(*stale));

    (void)state;
    assert_fault(&(struct train_hooks){.order = keep_order}, 1, FINDING_FAIL,
                 "shuffle", "same order");
    assert_fault(&(struct train_hooks){.target = next_class}, 1, FINDING_FAIL,
                 "targets", "off by a constant");
    assert_fault(
        &(struct train_hooks){.inputs = stale_inputs, .context = stale}, 1,
        FINDING_FAIL, "batch", "the batch before");
    assert_fault(&(struct train_hooks){.made = unscaled}, 1000, FINDING_FAIL,
                 "inputs", "scale them");
    free(stale);
}

static void net_checks__outputs(void **state)
{
    (void)state;
    assert_fault(&(struct train_hooks){.outputs = softmax_rows,
                                       .back = softmax_rows_back},
                 1, FINDING_FAIL, "outputs", "one already");
    assert_fault(&(struct train_hooks){.outputs = softmax_batch}, 1,
                 FINDING_FAIL, "dependency", "wrong axis");
    assert_fault(&(struct train_hooks){.predicts_as_training = true}, 1,
                 FINDING_FAIL, "evaluation", "dropout");
}

static void net_checks__start(void **state)
{
    (void)state;
    assert_fault(&(struct train_hooks){.made = all_alike}, 1, FINDING_FAIL,
                 "initialisation", "draw weights at random");
    assert_fault(&(struct train_hooks){.made = too_large}, 1, FINDING_FAIL,
                 "initialisation", "too large");
    assert_fault(&(struct train_hooks){.made = no_life}, 1, FINDING_FAIL,
                 "layers", "dead");
}

/* ---- what only a training shows ---- */

static void no_inputs(void *context, struct batch *batch, bool training)
{
    (void)context;
    (void)training;
    memset(batch->dense, 0, batch->padded * batch->n_dense * sizeof(float));
}

/* In prediction alone. */
static void other_inputs(void *context, struct batch *batch, bool training)
{
    (void)context;
    for (size_t i = 0; !training && i < batch->padded * batch->n_dense; i++)
        batch->dense[i] *= 2;
}

static const struct finding *named(const struct subject *s, const char *check)
{
    for (size_t i = 0; i < s->findings.n; i++)
        if (strcmp(s->findings.at[i].check, check) == 0)
            return &s->findings.at[i];
    fail_msg("no '%s'", check);
    return NULL;
}

static void net_checks__no_inputs(void **state)
{
    const struct train_hooks hooks = {.inputs = no_inputs};
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    look(&s, &hooks);
    assert_named(&s, FINDING_FAIL, "overfit", "what the network is given");
    release(&s);
}

/* Only at the very end of a training is there anything to be seen of it. */
static void net_checks__forgets(void **state)
{
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    s.options.hyper.learning_rate = 1e-4;
    s.options.hyper.epochs = 1;
    s.options.hyper.batch = 128;
    look(&s, NULL);
    assert_int_equal(named(&s, "floor")->status, FINDING_FAIL);
    assert_true(strstr(named(&s, "floor")->advice, "does not learn"));
    release(&s);
}

static void net_checks__left_out(void **state)
{
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    look(&s, &(struct train_hooks){.gradients = turn_gradient});
    assert_int_equal(named(&s, "overfit")->status, FINDING_UNDECIDED);
    assert_string_equal(named(&s, "floor")->advice,
                        "not tried: mend 'gradient' first");
    release(&s);
}

static void net_checks__other_inputs(void **state)
{
    (void)state;
    assert_fault(&(struct train_hooks){.inputs = other_inputs}, 1, FINDING_FAIL,
                 "evaluation", "prepared alike");
}

static void scale_first(struct net *net, real factor)
{
    struct param *p = net_param(net, 0);

    for (size_t k = 0; k < param_size(p); k++)
        p->value[k] *= factor;
}

static void tiny_last(void *context, struct net *net, struct encoder *encoder)
{
    struct param *p = net_param(net, 2);

    (void)context;
    (void)encoder;
    for (size_t k = 0; p && k < param_size(p); k++) /* linear has none */
        p->value[k] *= 1e-6f;
}

static void tiny_first(void *context, struct net *net, struct encoder *encoder)
{
    (void)context;
    (void)encoder;
    scale_first(net, 1e-6f);
}

static void net_checks__gradients(void **state)
{
    (void)state;
    assert_fault(&(struct train_hooks){.made = tiny_last}, 1, FINDING_WARN,
                 "layers", "vanish");
    assert_fault(&(struct train_hooks){.made = tiny_first}, 1, FINDING_WARN,
                 "layers", "explode");
}

/* A few rows that decide were drawn: a quarter of all is. */
static void net_checks__rows_that_decide(void **state)
{
    struct subject s;

    (void)state;
    init(&s, 1, 0);
    plan_release(&s.plan);
    s.options.stop_on = NULL;
    list_add(&s.options.on, "train");
    list_add(&s.options.on, "val");
    {
        struct err err = {0};
        if (plan_rows(&s.plan, &s.table, &s.options, &err) != 0)
            fail_msg("%s", err.message);
    }
    assert_true(s.plan.stop_drawn && s.plan.n_stop < 50);
    look(&s, NULL);
    assert_true(named(&s, "floor")->n_current > 75);
    list_release(&s.options.on);
    release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net_checks__sound),
        cmocka_unit_test(net_checks__same_twice),
        cmocka_unit_test(net_checks__settings),
        cmocka_unit_test(net_checks__stopping_rows),
        cmocka_unit_test(net_checks__gradient),
        cmocka_unit_test(net_checks__rows),
        cmocka_unit_test(net_checks__outputs),
        cmocka_unit_test(net_checks__start),
        cmocka_unit_test(net_checks__no_inputs),
        cmocka_unit_test(net_checks__forgets),
        cmocka_unit_test(net_checks__left_out),
        cmocka_unit_test(net_checks__other_inputs),
        cmocka_unit_test(net_checks__gradients),
        cmocka_unit_test(net_checks__rows_that_decide),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
