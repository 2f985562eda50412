#include "cli/fit_setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/column_args.h"
#include "cli/report.h"
#include "cli/setup_options.h"
#include "model/transfer.h"
#include "nn/networks.h"

/* ---- inputs ---- */

static int take_pixels(double to[3], size_t *n, const char *option,
                       const char *value, struct err *err)
{
    struct list items = {0};
    int status = list_add_record(&items, value, err);

    if (status == 0 && items.n > 3)
        status = err_set(err, ERR_USAGE, "--%s: at most 3 channels", option);
    for (size_t i = 0; i < items.n && status == 0; i++)
        status = args_number(option, items.items[i],
                             strcmp(option, "pixel-std") == 0 ? 1e-6 : -1e6,
                             1e6, &to[i], err);
    *n = items.n;
    list_release(&items);
    return status;
}

static int take_tokens(struct schema_request *q, const char *value,
                       struct err *err)
{
    if (token_kind_parse(value, &q->tokens) != 0 || q->tokens == TOKENS_NONE)
        return err_set(err, ERR_USAGE, "--tokens: '%s' is not word or char",
                       value);
    return 0;
}

static int take_input(struct fit_setup *o, int key, char *value,
                      struct err *err)
{
    struct schema_request *q = &o->schema;

    switch (key) {
    case KEY_NGRAMS:
        return ngram_sizes_parse(&q->ngrams, value, err);
    case KEY_TOKENS:
        return take_tokens(q, value, err);
    case KEY_MAX_STEPS:
        return args_count("max-steps", value, 1, 1000000, &q->max_steps, err);
    case KEY_SHAPE:
        return shape_parse(q->shape, &q->n_shape, value, err);
    case KEY_SEQUENCE:
        o->sequence = value;
        return 0;
    case KEY_ROOT:
        o->root = value;
        return 0;
    case KEY_PIXEL_MEAN:
        return take_pixels(q->pixel_mean, &o->n_pixel_mean, "pixel-mean", value,
                           err);
    case KEY_PIXEL_STD:
        return take_pixels(q->pixel_std, &o->n_pixel_std, "pixel-std", value,
                           err);
    default:
        return 1;
    }
}

static int take_columns(struct fit_setup *o, int key, char *value,
                        struct err *err)
{
    return column_args_take(&o->schema, key, value, err);
}

/* ---- the network ---- */

/* Options win: the network of a row is taken where there is no --net. */
static int take_config(struct fit_setup *o, const char *path, struct err *err)
{
    fit_config_release(&o->config);
    o->config.path = path;
    if (fit_config_read(&o->config, err) != 0)
        return -1;
    if (o->named_net)
        return 0;
    o->has_net = o->config.net != NULL;
    o->fit.hyper.net = NET_MLP;
    if (o->has_net)
        net_kind_parse(o->config.net, &o->fit.hyper.net);
    return 0;
}

/* Its values are read when the network is known. */
static int take_net(struct fit_setup *o, int key, char *value, struct err *err)
{
    switch (key) {
    case KEY_NET:
        o->has_net = o->named_net = true;
        if (net_kind_parse(value, &o->fit.hyper.net) != 0)
            return err_set(err, ERR_USAGE,
                           "--net: '%s' is not majority, linear, mlp, lenet, "
                           "resnet, lstm or attention",
                           value);
        return 0;
    case KEY_CONFIG:
        return take_config(o, value, err);
    case KEY_INIT_FROM:
        o->fit.init_from = value;
        return 0;
    case KEY_FREEZE:
        return args_list("freeze", value, &o->fit.freeze, err);
    default:
        if (key < KEY_HYPER || key >= KEY_HYPER + HYPERS)
            return 1;
        o->hyper[key - KEY_HYPER] = value;
        return 0;
    }
}

/* ---- rows ---- */

static int take_parts(struct fit_setup *o, int key, char *value,
                      struct err *err)
{
    switch (key) {
    case KEY_ON:
        return args_list("on", value, &o->fit.on, err);
    case KEY_STOP_ON:
        o->fit.stop_on = value;
        return 0;
    default:
        return 1;
    }
}

int fit_setup_take(struct fit_setup *o, int key, char *value, struct err *err)
{
    static int (*const groups[])(struct fit_setup *, int, char *,
                                 struct err *) = {take_columns, take_input,
                                                  take_net, take_parts};
    int status = 1;

    for (int i = 0; i < 4 && status == 1; i++)
        status = groups[i](o, key, value, err);
    return status;
}

/* ---- what one option alone cannot know ---- */

static void take_pixel_stats(struct fit_setup *o)
{
    if (o->n_pixel_mean != o->n_pixel_std)
        report_usage("--pixel-mean and --pixel-std go together, a number a "
                     "channel each");
    o->schema.n_pixel_stats = o->n_pixel_mean;
}

static void check_pixels(const struct schema_request *q)
{
    if (q->n_pixel_stats && q->n_shape != 3)
        report_usage("--pixel-mean is for images: --shape HxWxC");
    if (q->n_pixel_stats && q->n_pixel_stats != q->shape[2])
        report_usage("--pixel-mean has %zu numbers, --shape %zu channel%s",
                     q->n_pixel_stats, q->shape[2], plural(q->shape[2]));
}

/* torchvision's weights were trained on such pixels. */
static void set_imagenet(struct fit_setup *o)
{
    static const double mean[3] = {.485, .456, .406},
                        std[3] = {.229, .224, .225};
    struct schema_request *q = &o->schema;

    if (!o->foreign || !network_is_torchvisions(&o->fit.hyper) ||
        q->n_pixel_stats || q->n_shape != 3 || q->shape[2] != 3)
        return;
    memcpy(q->pixel_mean, mean, sizeof(mean));
    memcpy(q->pixel_std, std, sizeof(std));
    q->n_pixel_stats = 3;
    report_note("pixels less ImageNet's mean, over its deviation "
                "(--pixel-mean, --pixel-std)");
}

static void check_inputs(const struct fit_setup *o)
{
    const struct schema_request *q = &o->schema;

    if (!q->sequential && !q->any_input &&
        (q->tokens || o->sequence || q->max_steps))
        report_usage("--%s: --net %s does not read sequences (lstm and "
                     "attention do)",
                     q->tokens ? "tokens"
                               : (o->sequence ? "sequence" : "max-steps"),
                     net_kind_name(o->fit.hyper.net));
    if (!q->sequential && !q->any_input && q->n_shape == 2)
        report_usage("--shape %zux%zu is steps of values, which --net %s does "
                     "not read (lstm and attention do); an image is HxWxC",
                     q->shape[0], q->shape[1], net_kind_name(o->fit.hyper.net));
    if (o->sequence && q->n_shape)
        report_usage("--sequence and --shape: rows are either long or wide");
}

/* ---- hyperparameters ---- */

/* Of a value of --config, with its place. */
static void blame_config(const struct fit_setup *o, int i, struct err *err)
{
    fit_config_blame(&o->config, &hyper_table[i], err);
    report_fail(err);
}

/* Yardsticks stand in loops over networks: how to train is no mistake there. */
static void not_of_network(const struct fit_setup *o, int i, bool in_config)
{
    const struct hyper_entry *e = &hyper_table[i];
    enum net_kind net = o->fit.hyper.net;
    struct err err = {0};
    char *name = setup_option_name(e);

    if (net == NET_MAJORITY && strcmp(e->section, "Training") == 0) {
        report_note("--%s: --net majority has none", name);
        free(name);
        return;
    }
    if (!in_config)
        report_usage("--%s: --net %s has none", name, net_kind_name(net));
    err_set(&err, ERR_DATA, "--net %s has none", net_kind_name(net));
    blame_config(o, i, &err);
}

static void set_hyper(struct fit_setup *o, int i)
{
    const struct hyper_entry *e = &hyper_table[i];
    bool in_config = !o->hyper[i] && o->config.hyper[i];
    struct err err = {0};

    if (in_config)
        o->hyper[i] = o->config.hyper[i];
    if (!o->hyper[i])
        return;
    if (!hyper_applies(e, o->fit.hyper.net))
        not_of_network(o, i, in_config);
    if (hyper_set(&o->fit.hyper, e, o->hyper[i], &err) == 0)
        return;
    if (in_config)
        blame_config(o, i, &err);
    report_fail(&err);
}

/* Means something only for another value of another one. */
static void check_wants(const struct fit_setup *o, int i)
{
    struct buf wants = {0};
    struct err err = {0};

    if (o->hyper[i])
        hyper_wants(&o->fit.hyper, &hyper_table[i], &wants);
    if (wants.len && o->hyper[i] != o->config.hyper[i])
        report_usage("--%s needs %s", setup_option_name(&hyper_table[i]),
                     wants.data);
    if (wants.len) {
        err_set(&err, ERR_DATA, "needs %s", wants.data);
        blame_config(o, i, &err);
    }
    buf_release(&wants);
}

/* Defaults of the network (or of --init-from), then what was given. */
static void set_hypers(struct fit_setup *o)
{
    const struct hyper *hyper = &o->fit.hyper;

    for (int i = 0; hyper_table[i].name; i++)
        set_hyper(o, i);
    for (int i = 0; hyper_table[i].name; i++)
        check_wants(o, i);
    if (hyper->norm == NORM_BATCH && hyper->batch == 1)
        report_usage("--norm batch needs a --batch of 2 rows or more: one row "
                     "does not deviate from its mean");
}

static void check_start(const struct fit_options *fit)
{
    if (fit->freeze.n && !fit->init_from)
        report_usage("--freeze needs --init-from: weights that are random "
                     "would stay so");
}

/* Types are found from the rows that are trained on. */
static void set_fit_parts(struct fit_setup *o)
{
    for (size_t i = 0; i < o->fit.on.n; i++)
        list_add(&o->schema.fit_parts, o->fit.on.items[i]);
    if (!o->fit.on.n && !o->fit.folds)
        list_add(&o->schema.fit_parts, "train");
}

static void set_inputs(struct fit_setup *o)
{
    struct schema_request *q = &o->schema;
    struct err err = {0};

    q->sequential = o->fit.hyper.net == NET_LSTM ||
                    o->fit.hyper.net == NET_ATTENTION;
    q->any_input = o->fit.hyper.net == NET_MAJORITY;
    check_inputs(o);
    take_pixel_stats(o);
    if (o->fit.init_from && !o->foreign)
        report_check(transfer_request(q, o->fit.init_from, &err), &err);
    if (!q->max_steps)
        q->max_steps = 256;
    if (!q->ngrams.word_low && !q->ngrams.char_low)
        q->ngrams = NGRAM_DEFAULTS;
    check_pixels(q);
    set_imagenet(o);
}

/* Long rows: what belongs to a sequence and not to its steps. */
static void set_reading(struct fit_setup *o, struct args *args,
                        const struct list *keep)
{
    const char *roles[] = {o->schema.label, o->schema.id, o->schema.group,
                           o->schema.weight};

    if (!o->sequence)
        return;
    for (int i = 0; i < 4; i++)
        if (roles[i])
            list_add(&o->row_columns, roles[i]);
    for (size_t i = 0; keep && i < keep->n; i++)
        list_add(&o->row_columns, keep->items[i]);
    if (!o->schema.id)
        o->schema.id = o->sequence;
    args->csv.sequence = o->sequence;
    args->csv.step_columns = &o->schema.features;
    args->csv.row_columns = &o->row_columns;
    args->csv.other_columns = &o->schema.exclude;
    args->csv.step_time = o->schema.time;
    args->csv.others_differ = o->schema.features.n > 0;
}

static void check_parts(const struct fit_options *fit)
{
    if (fit->stop_on && !fit->on.n && strcmp(fit->stop_on, "train") == 0)
        report_usage("--stop-on: 'train' is trained on");
    if (fit->stop_on && list_has(&fit->on, fit->stop_on))
        report_usage("--stop-on: '%s' is trained on", fit->stop_on);
}

static void check_config(const struct fit_setup *o, const struct args *args)
{
    bool twice = args->n_files == 0;

    if (!o->config.path || strcmp(o->config.path, "-") != 0)
        return;
    for (size_t i = 0; i < args->n_files; i++)
        twice |= strcmp(args->files[i], "-") == 0;
    if (twice)
        report_usage("--config: standard input is the data");
}

void fit_setup_init(struct fit_setup *o)
{
    memset(o, 0, sizeof(*o));
    o->fit.hyper.net = NET_MLP;
}

void fit_setup_finish(struct fit_setup *o, struct args *args,
                      const struct list *keep)
{
    struct err err = {0};

    check_config(o, args);
    check_start(&o->fit);
    if (o->fit.init_from)
        report_check(transfer_hyper(&o->fit.hyper, o->has_net, o->fit.init_from,
                                    &o->foreign, &err),
                     &err);
    else
        hyper_init(&o->fit.hyper, o->fit.hyper.net);
    set_hypers(o);
    o->fit.seed = args->seed;
    if (!o->schema.label)
        o->schema.label = "label";
    set_fit_parts(o);
    set_inputs(o);
    set_reading(o, args, keep);
    check_parts(&o->fit);
}

void fit_setup_release(struct fit_setup *o)
{
    schema_request_release(&o->schema);
    list_release(&o->fit.on);
    list_release(&o->fit.train_sizes);
    list_release(&o->fit.freeze);
    list_release(&o->row_columns);
    fit_config_release(&o->config);
}

const char *fit_setup_needs_net(const struct fit_setup *o)
{
    const struct schema_request *q = &o->schema;
    const struct {
        const char *name;
        bool given;
    } others[] = {{"config", o->config.path},
                  {"init-from", o->fit.init_from},
                  {"freeze", o->fit.freeze.n},
                  {"on", o->fit.on.n},
                  {"stop-on", o->fit.stop_on},
                  {"sequence", o->sequence},
                  {"tokens", q->tokens},
                  {"max-steps", q->max_steps},
                  {"ngrams", q->ngrams.word_low || q->ngrams.char_low},
                  {"pixel-mean", o->n_pixel_mean || o->n_pixel_std}};

    for (size_t i = 0; hyper_table[i].name; i++)
        if (o->hyper[i])
            return setup_option_name(&hyper_table[i]);
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (others[i].given)
            return others[i].name;
    return NULL;
}
