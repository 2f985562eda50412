/*
 * hyper: the hyperparameters of a network and of its training, in one table:
 * the options of `train`, the header of a model file, the manual's list and
 * the search space all come from it.
 */
#ifndef NN_HYPER_H
#define NN_HYPER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum net_kind {
    NET_MAJORITY,
    NET_LINEAR,
    NET_MLP,
    NET_LENET,
    NET_RESNET,
    NET_LSTM,
    NET_ATTENTION
};
enum { NET_KINDS = NET_ATTENTION + 1 };

enum output_bias { OUTPUT_BIAS_ZERO, OUTPUT_BIAS_PRIOR };
enum norm { NORM_NONE, NORM_BATCH, NORM_LAYER };

enum optimizer_kind {
    OPTIMIZER_SGD,
    OPTIMIZER_MOMENTUM,
    OPTIMIZER_NESTEROV,
    OPTIMIZER_RMSPROP,
    OPTIMIZER_ADAM,
    OPTIMIZER_ADAMW
};

enum schedule_kind {
    SCHEDULE_CONSTANT,
    SCHEDULE_STEP,
    SCHEDULE_COSINE,
    SCHEDULE_ONE_CYCLE,
    SCHEDULE_PLATEAU
};

enum loss_kind { LOSS_CROSS_ENTROPY, LOSS_FOCAL, LOSS_SQUARED };
enum class_weight { CLASS_WEIGHT_NONE, CLASS_WEIGHT_BALANCED };
enum sampler { SAMPLER_SHUFFLE, SAMPLER_BALANCED };

enum { HYPER_WIDTHS = 8 };

/* Widths of layers, one after the other: "256,128". */
struct widths {
    size_t n, at[HYPER_WIDTHS];
};

/* Their meaning, ranges and defaults: hyper_table. */
struct hyper {
    enum net_kind net;

    /* the network */
    struct widths hidden, filters;
    size_t kernel, depth, width, heads, layers, embedding;
    int norm;        /* enum norm */
    int activation;  /* enum activation */
    int init;        /* enum init */
    int output_bias; /* enum output_bias */
    double dropout;

    /* training */
    int optimizer;
    double learning_rate, momentum, beta1, beta2, alpha, epsilon;
    int schedule;
    size_t schedule_epochs;
    double schedule_factor, warmup;
    int loss;
    double focal_gamma, label_smoothing;
    double weight_decay, l1, clip;
    size_t batch, epochs, patience;
    int class_weight, sampler;

    /* augmentation; 0: none */
    size_t shift, cutout;
    int flip;
    double rotate, noise, mixup, crop, token_drop;
};

enum hyper_type { HYPER_COUNT, HYPER_REAL, HYPER_CHOICE, HYPER_WIDTH_LIST };

/*
 * One hyperparameter.  Where `needs` names a choice, this one means something
 * only for some values of it: bit 1 << value of needed.
 */
struct hyper_entry {
    const char *name; /* learning_rate; the option is --learning-rate */
    enum hyper_type type;
    double low, high;           /* of a number */
    const char *const *choices; /* of a choice; ends in NULL */
    const char *fallback;       /* the default, as text */
    unsigned nets;              /* bit 1 << kind: the networks that have it */
    const char *needs;          /* NULL: nothing */
    unsigned needed;
    size_t offset;       /* in struct hyper */
    const char *operand; /* "X" in --learning-rate=X */
    const char *help;    /* a phrase without its default */
    bool log;            /* to be searched on a logarithmic scale */
    const char *section; /* "Network", "Training", "Augmentation" */
};

enum { HYPERS = 43 }; /* entries of the table, which ends in a NULL name */
extern const struct hyper_entry hyper_table[HYPERS + 1];

/* The entry called `name` (with '-' or '_'), or NULL. */
const struct hyper_entry *hyper_find(const char *name);

/* The default of an entry for a network; some differ from `fallback`. */
const char *hyper_default(const struct hyper_entry *entry, enum net_kind net);

/* All defaults for a network. */
void hyper_init(struct hyper *hyper, enum net_kind net);

/* Sets one from text; a value that is not in range is an ERR_USAGE error. */
int hyper_set(struct hyper *hyper, const struct hyper_entry *entry,
              const char *text, struct err *err);

/* Appends the value as the text that hyper_set takes. */
void hyper_format(const struct hyper *hyper, const struct hyper_entry *entry,
                  struct buf *text);

/* Whether a network has it. */
bool hyper_applies(const struct hyper_entry *entry, enum net_kind net);

/*
 * What must be so for an entry to mean something, where it does not as the
 * others are: "--optimizer momentum or nesterov"; else text stays empty.
 */
void hyper_wants(const struct hyper *hyper, const struct hyper_entry *entry,
                 struct buf *text);

/* "majority", "linear", "mlp", …, and back (-1 for another word). */
const char *net_kind_name(enum net_kind kind);
int net_kind_parse(const char *word, enum net_kind *kind);

#endif
