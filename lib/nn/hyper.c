#include "nn/hyper.h"

#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/list.h"

static const char *const kind_names[] = {
    "majority", "linear", "mlp", "lenet", "resnet", "lstm", "attention", NULL};

static const char *const norms[] = {"none", "batch", "layer", NULL};
static const char *const activations[] = {"relu",    "leaky_relu", "tanh",
                                          "sigmoid", "gelu",       NULL};
static const char *const inits[] = {
    "auto",           "he_normal",  "he_uniform", "glorot_normal",
    "glorot_uniform", "orthogonal", "zero",       NULL};
static const char *const output_biases[] = {"zero", "prior", NULL};
static const char *const optimizers[] = {
    "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", NULL};
static const char *const schedules[] = {"constant",  "step",    "cosine",
                                        "one_cycle", "plateau", NULL};
static const char *const losses[] = {"cross_entropy", "focal", "squared", NULL};
static const char *const class_weights[] = {"none", "balanced", NULL};
static const char *const samplers[] = {"shuffle", "balanced", NULL};
static const char *const flips[] = {"none", "horizontal", "vertical", "both",
                                    NULL};

#define BIT(kind) (1u << (kind))
#define MLP BIT(NET_MLP)
#define LENET BIT(NET_LENET)
#define RESNET BIT(NET_RESNET)
#define LSTM BIT(NET_LSTM)
#define ATTENTION BIT(NET_ATTENTION)
#define SEQUENCE (LSTM | ATTENTION)
#define DEEP (MLP | LENET | RESNET | SEQUENCE)
#define LEARNING (BIT(NET_LINEAR) | DEEP)
#define IMAGE (BIT(NET_LINEAR) | MLP | LENET | RESNET)

#define AT(field) offsetof(struct hyper, field)

/* Named fields, since a row of eleven values cannot be read. */
#define COUNT(field, from, to, text, ...)                                    \
    {                                                                        \
        .name = #field, .type = HYPER_COUNT, .low = (from), .high = (to),    \
        .fallback = (text), .offset = AT(field), .operand = "N", __VA_ARGS__ \
    }
#define REAL(field, from, to, text, ...)                                     \
    {                                                                        \
        .name = #field, .type = HYPER_REAL, .low = (from), .high = (to),     \
        .fallback = (text), .offset = AT(field), .operand = "X", __VA_ARGS__ \
    }
#define CHOICE(field, names, text, ...)                             \
    {                                                               \
        .name = #field, .type = HYPER_CHOICE, .choices = (names),   \
        .fallback = (text), .offset = AT(field), .operand = "NAME", \
        __VA_ARGS__                                                 \
    }
#define LIST(field, from, to, text, ...)                                       \
    {                                                                          \
        .name = #field, .type = HYPER_WIDTH_LIST, .low = (from), .high = (to), \
        .fallback = (text), .offset = AT(field), .operand = "N,N", __VA_ARGS__ \
    }
#define IF(choice, mask) .needs = (choice), .needed = (mask)
#define MOMENTUM_IS_USED (BIT(OPTIMIZER_MOMENTUM) | BIT(OPTIMIZER_NESTEROV))
#define ADAM_IS_USED (BIT(OPTIMIZER_ADAM) | BIT(OPTIMIZER_ADAMW))
#define RMSPROP_IS_USED BIT(OPTIMIZER_RMSPROP)
#define CUTS_ARE_MADE (BIT(SCHEDULE_STEP) | BIT(SCHEDULE_PLATEAU))
#define FOR(mask, phrase) .nets = (mask), .help = (phrase)

const struct hyper_entry hyper_table[HYPERS + 1] = {
    LIST(hidden, 1, 65536, "128",
         FOR(MLP | LENET | LSTM, "widths of the hidden layers"),
         .section = "Network"),
    COUNT(layers, 1, 16, "1",
          FOR(SEQUENCE, "LSTM or attention layers, one on the other"),
          .section = "Network"),
    COUNT(width, 1, 4096, "64", FOR(ATTENTION, "values of a step"),
          .section = "Network"),
    COUNT(heads, 1, 64, "4", FOR(ATTENTION, "attention heads of a layer"),
          .section = "Network"),
    COUNT(embedding, 1, 4096, "16",
          FOR(MLP | LSTM, "width of an embedded text, token or large category"),
          .section = "Network"),
    LIST(filters, 1, 4096, "6,16", FOR(LENET, "filters of each convolution"),
         .section = "Network"),
    COUNT(kernel, 1, 31, "5", FOR(LENET, "height and width of a filter"),
          .section = "Network"),
    COUNT(depth, 8, 1000, "20",
          FOR(RESNET, "layers: 20, 32, 44, 56, 110; or 18, 34, 50"),
          .section = "Network"),
    CHOICE(norm, norms, "none",
           FOR(MLP | LENET, "normalisation before the activations"),
           .section = "Network"),
    CHOICE(activation, activations, "relu",
           FOR(MLP | LENET | ATTENTION, "nonlinearity"), .section = "Network"),
    CHOICE(init, inits, "auto", FOR(DEEP, "weights before training"),
           .section = "Network"),
    CHOICE(output_bias, output_biases, "zero",
           FOR(LEARNING, "where the last layer starts: prior: at the logarithm "
                         "of the class frequencies"),
           .section = "Network"),
    REAL(dropout, 0, .99, "0", FOR(DEEP, "share of hidden values dropped"),
         .section = "Network"),

    CHOICE(optimizer, optimizers, "adam", FOR(LEARNING, "how steps are made"),
           .section = "Training"),
    REAL(learning_rate, 1e-9, 1e3, "3e-4", FOR(LEARNING, "size of a step"),
         .log = true, .section = "Training"),
    REAL(momentum, 0, .9999, "0.9", FOR(LEARNING, "of momentum and nesterov"),
         IF("optimizer", MOMENTUM_IS_USED), .section = "Training"),
    REAL(beta1, 0, .9999, "0.9", FOR(LEARNING, "of adam: memory of gradients"),
         IF("optimizer", ADAM_IS_USED), .section = "Training"),
    REAL(beta2, 0, .999999, "0.999",
         FOR(LEARNING, "of adam: memory of their squares"),
         IF("optimizer", ADAM_IS_USED), .section = "Training"),
    REAL(alpha, 0, .999999, "0.99",
         FOR(LEARNING, "of rmsprop: memory of squares"),
         IF("optimizer", RMSPROP_IS_USED), .section = "Training"),
    REAL(epsilon, 1e-12, 1, "1e-8",
         FOR(LEARNING, "of adam and rmsprop: added to roots"), .log = true,
         IF("optimizer", ADAM_IS_USED | RMSPROP_IS_USED),
         .section = "Training"),
    CHOICE(schedule, schedules, "constant",
           FOR(LEARNING, "course of the learning rate"), .section = "Training"),
    REAL(warmup, 0, 1e6, "0",
         FOR(LEARNING, "epochs in which the learning rate rises to its value"),
         .section = "Training"),
    COUNT(schedule_epochs, 1, 1000000, "5",
          FOR(LEARNING, "of step and plateau: epochs before a cut"),
          IF("schedule", CUTS_ARE_MADE), .section = "Training"),
    REAL(schedule_factor, 0, 1, "0.1",
         FOR(LEARNING, "of step and plateau: what a cut leaves"),
         IF("schedule", CUTS_ARE_MADE), .section = "Training"),
    CHOICE(loss, losses, "cross_entropy", FOR(LEARNING, "what is made small"),
           .section = "Training"),
    REAL(focal_gamma, 0, 10, "2",
         FOR(LEARNING, "of focal: how little sure rows count"),
         IF("loss", BIT(LOSS_FOCAL)), .section = "Training"),
    REAL(label_smoothing, 0, .99, "0",
         FOR(LEARNING, "share of a label given to all classes alike"),
         .section = "Training"),
    REAL(weight_decay, 0, 1e3, "0",
         FOR(LEARNING,
             "times the weights, added to gradients (adamw: to steps)"),
         .log = true, .section = "Training"),
    REAL(l1, 0, 1e3, "0",
         FOR(LEARNING, "times the signs of the weights, added to gradients"),
         .log = true, .section = "Training"),
    REAL(clip, 0, 1e9, "0", FOR(LEARNING, "largest norm of a gradient; 0: any"),
         .section = "Training"),
    COUNT(batch, 1, 65536, "64", FOR(LEARNING, "rows of a step"), .log = true,
          .section = "Training"),
    COUNT(epochs, 1, 1000000, "100", FOR(LEARNING, "at most"),
          .section = "Training"),
    COUNT(patience, 1, 1000000, "10",
          FOR(LEARNING, "stop after N epochs without a better loss"),
          .section = "Training"),
    CHOICE(class_weight, class_weights, "none",
           FOR(LEARNING | BIT(NET_MAJORITY),
               "balanced lets all classes count the same"),
           .section = "Training"),
    CHOICE(sampler, samplers, "shuffle",
           FOR(LEARNING, "balanced draws rows of all classes alike"),
           .section = "Training"),

    COUNT(shift, 0, 256, "0", FOR(IMAGE, "images moved by up to N pixels"),
          .section = "Augmentation"),
    CHOICE(flip, flips, "none", FOR(IMAGE, "images mirrored, half of them"),
           .section = "Augmentation"),
    REAL(rotate, 0, 180, "0", FOR(IMAGE, "images turned by up to X degrees"),
         .section = "Augmentation"),
    COUNT(cutout, 0, 256, "0",
          FOR(IMAGE, "a square of N pixels of each image blanked"),
          .section = "Augmentation"),
    REAL(noise, 0, 100, "0",
         FOR(LEARNING, "deviation of noise added to numbers"),
         .section = "Augmentation"),
    REAL(mixup, 0, 100, "0",
         FOR(LEARNING, "alpha of mixup: rows mixed in pairs"),
         .section = "Augmentation"),
    REAL(crop, 0, .99, "0",
         FOR(SEQUENCE, "up to this share of a sequence cut off its ends"),
         .section = "Augmentation"),
    REAL(token_drop, 0, .99, "0",
         FOR(SEQUENCE | MLP, "share of tokens (n-grams in mlp) left out"),
         .section = "Augmentation"),
    {.name = NULL}};

/* Where a network begins somewhere else than `fallback`. */
static const struct {
    enum net_kind net;
    const char *name, *value;
} special[] = {{NET_LENET, "hidden", "120,84"},
               {NET_LSTM, "embedding", "64"},
               {NET_ATTENTION, "layers", "2"}};

/* ---- names ---- */

const char *net_kind_name(enum net_kind kind)
{
    return kind_names[kind];
}

static int choice_of(const char *const *names, const char *word)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

int net_kind_parse(const char *word, enum net_kind *kind)
{
    int i = choice_of(kind_names, word);

    if (i < 0)
        return -1;
    *kind = (enum net_kind)i;
    return 0;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-'))
            return false;
    return *a == *b;
}

const struct hyper_entry *hyper_find(const char *name)
{
    for (const struct hyper_entry *e = hyper_table; e->name; e++)
        if (same_name(e->name, name))
            return e;
    return NULL;
}

bool hyper_applies(const struct hyper_entry *entry, enum net_kind net)
{
    return entry->nets & BIT(net);
}

/* ---- values ---- */

/* "learning-rate", as it stands on a command line. */
static const char *option_name(const struct hyper_entry *e, char buffer[32])
{
    size_t i = 0;

    for (; e->name[i] && i < 31; i++)
        buffer[i] = e->name[i] == '_' ? '-' : e->name[i];
    buffer[i] = '\0';
    return buffer;
}

static int not_in_range(const struct hyper_entry *e, const char *text,
                        struct err *err)
{
    char from[NUM_SIZE], to[NUM_SIZE], name[32];

    num_format(from, e->low);
    num_format(to, e->high);
    return err_set(err, ERR_USAGE, "--%s: '%s' is not %s from %s to %s",
                   option_name(e, name), text,
                   e->type == HYPER_REAL ? "a number" : "a whole number", from,
                   to);
}

static bool parse_number(const struct hyper_entry *e, const char *text,
                         double *value)
{
    if (!num_parse(text, strlen(text), value) || *value < e->low ||
        *value > e->high)
        return false;
    return e->type == HYPER_REAL || *value == (double)(size_t)*value;
}

static int set_choice(int *value, const struct hyper_entry *e, const char *text,
                      struct err *err)
{
    struct buf all = {0};
    char name[32];
    int i = choice_of(e->choices, text);

    if (i >= 0) {
        *value = i;
        return 0;
    }
    for (i = 0; e->choices[i]; i++)
        buf_printf(&all, "%s%s",
                   i == 0              ? ""
                   : e->choices[i + 1] ? ", "
                                       : " or ",
                   e->choices[i]);
    err_set(err, ERR_USAGE, "--%s: '%s' is not %s", option_name(e, name), text,
            all.data);
    buf_release(&all);
    return -1;
}

static int set_widths(struct widths *w, const struct hyper_entry *e,
                      const char *text, struct err *err)
{
    struct list items = {0};
    int status = list_add_record(&items, text, err);
    char name[32];

    if (status == 0 && items.n > HYPER_WIDTHS)
        status = err_set(err, ERR_USAGE, "--%s: at most %d layers",
                         option_name(e, name), HYPER_WIDTHS);
    for (size_t i = 0; i < items.n && status == 0; i++) {
        double value;
        if (parse_number(e, items.items[i], &value))
            w->at[i] = (size_t)value;
        else
            status = not_in_range(e, items.items[i], err);
    }
    if (status == 0)
        w->n = items.n;
    list_release(&items);
    return status;
}

int hyper_set(struct hyper *hyper, const struct hyper_entry *e,
              const char *text, struct err *err)
{
    void *field = (char *)hyper + e->offset;
    double value;

    if (e->type == HYPER_CHOICE)
        return set_choice(field, e, text, err);
    if (e->type == HYPER_WIDTH_LIST)
        return set_widths(field, e, text, err);
    if (!parse_number(e, text, &value))
        return not_in_range(e, text, err);
    if (e->type == HYPER_COUNT)
        *(size_t *)field = (size_t)value;
    else
        *(double *)field = value;
    return 0;
}

void hyper_format(const struct hyper *hyper, const struct hyper_entry *e,
                  struct buf *text)
{
    const void *field = (const char *)hyper + e->offset;
    const struct widths *w = field;
    char number[NUM_SIZE];

    switch (e->type) {
    case HYPER_COUNT:
        buf_printf(text, "%zu", *(const size_t *)field);
        break;
    case HYPER_REAL:
        num_format(number, *(const double *)field);
        buf_add_text(text, number);
        break;
    case HYPER_CHOICE:
        buf_add_text(text, e->choices[*(const int *)field]);
        break;
    case HYPER_WIDTH_LIST:
        for (size_t i = 0; i < w->n; i++)
            buf_printf(text, "%s%zu", i ? "," : "", w->at[i]);
        break;
    }
}

void hyper_wants(const struct hyper *hyper, const struct hyper_entry *e,
                 struct buf *text)
{
    const struct hyper_entry *other = e->needs ? hyper_find(e->needs) : NULL;
    const char *before = " ";

    if (!other ||
        e->needed & BIT(*(const int *)((const char *)hyper + other->offset)))
        return;
    buf_printf(text, "--%s", other->name);
    for (int i = 0; other->choices[i]; i++)
        if (e->needed & BIT(i)) {
            buf_printf(text, "%s%s", before, other->choices[i]);
            before = " or ";
        }
}

/* ---- defaults ---- */

const char *hyper_default(const struct hyper_entry *entry, enum net_kind net)
{
    for (size_t i = 0; i < sizeof(special) / sizeof(*special); i++)
        if (special[i].net == net && strcmp(special[i].name, entry->name) == 0)
            return special[i].value;
    return entry->fallback;
}

void hyper_init(struct hyper *hyper, enum net_kind net)
{
    struct err err = {0};

    memset(hyper, 0, sizeof(*hyper));
    hyper->net = net;
    for (const struct hyper_entry *e = hyper_table; e->name; e++)
        hyper_set(hyper, e, hyper_default(e, net), &err);
}
