#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "stream/advice_steps.h"

/* With this many times more values than rows a network can learn the rows by
 * heart; its size is hardly what it lacks. */
static const double MANY_VALUES = 10;

/* ---- what was tried ---- */

static const struct tried *tried_of(const struct steps *steps)
{
    return steps->known->tried;
}

/* Whether the network could have this hyperparameter; yes if not known. */
static bool can_have(const struct tried *t, const char *name)
{
    return t->n_values == 0 || tried_find(t, name);
}

/* The highest value; 0 where it is not known or not there. */
static double highest(const struct tried *t, const char *name)
{
    double value = tried_number(t, name);

    return isnan(value) ? 0 : value;
}

static bool is_net(const struct tried *t, const char *name)
{
    return t->net && strcmp(t->net, name) == 0;
}

/* Sets it, or something larger than the largest value that was tried. */
static void raise_setting(struct steps *steps, const char *name,
                          const char *first, double factor, double most,
                          const char *words)
{
    double had = highest(tried_of(steps), name);
    char value[NUM_SIZE];

    if (had <= 0) {
        steps_train(steps, false, (struct override){name, first}, "%s", words);
        return;
    }
    if (had >= most)
        return;
    num_format(value, num_round(fmin(had * factor, most), 2));
    steps_train(steps, true, (struct override){name, value},
                "%s, stronger (%g was tried)", words, had);
}

/* ---- size ---- */

/* "256,128" times a factor; false where it is no list of widths. */
static bool scaled(char out[96], const char *widths, double factor)
{
    size_t used = 0;
    char *end;

    do {
        double width = strtod(widths, &end);
        if (end == widths || used > 64)
            return false;
        used += (size_t)snprintf(out + used, 96 - used, "%s%.0f",
                                 used ? "," : "",
                                 fmax(1, round(width * factor)));
        widths = end + 1;
    } while (*end == ',');
    return true;
}

/* The next depth of the same family of networks, or 0. */
static int next_depth(double depth, bool deeper)
{
    static const int chains[][6] = {{18, 34, 50, 0}, {20, 32, 44, 56, 110, 0}};

    for (int c = 0; c < 2; c++)
        for (int i = 0; chains[c][i]; i++)
            if (chains[c][i] == (int)depth)
                return deeper ? chains[c][i + 1] : i ? chains[c][i - 1] : 0;
    return 0;
}

/* Widths or depth by a factor of 2 or 1/2. */
static void resize(struct steps *steps, bool last, double factor,
                   const char *words, const char *why)
{
    const struct tried *t = tried_of(steps);
    const struct tried_value *depth = tried_find(t, "depth"), *v;
    char value[96];

    if (depth) {
        int next = next_depth(depth->high, factor > 1);
        snprintf(value, sizeof(value), "%d", next);
        if (next)
            steps_train(steps, last, (struct override){"depth", value},
                        "%s than depth %s%s", words, depth->value, why);
        return;
    }
    v = tried_find(t, "hidden") ? tried_find(t, "hidden")
                                : tried_find(t, "width");
    if (v && scaled(value, v->value, factor) && strcmp(value, v->value) != 0)
        steps_train(steps, last, (struct override){v->name, value},
                    "%s than %s %s%s", words, v->name, v->value, why);
}

static bool has_many_values(const struct tried *t)
{
    return t->rows > 0 && t->learned > MANY_VALUES * t->rows;
}

/* " (N values learned from M rows …)", or nothing. */
static const char *explain_size(char out[160], const struct tried *t,
                                const char *meaning)
{
    out[0] = '\0';
    if (has_many_values(t))
        snprintf(out, 160, " (%.0f values learned from %.0f rows%s)",
                 t->learned, t->rows, meaning);
    return out;
}

void steps_bigger(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    char why[160];

    if (!t->net)
        steps_train(steps, false, (struct override){"hidden", "256,128"},
                    "bigger model");
    else if (is_net(t, "majority") || is_net(t, "linear"))
        steps_train(steps, false, (struct override){"net", "mlp"},
                    "bigger model: a hidden layer, after %s", t->net);
    else
        resize(steps, has_many_values(t), 2, "bigger model",
               explain_size(why, t, ", so size is hardly what it lacks"));
}

void steps_smaller(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    char why[160];

    if (!t->net)
        steps_train(steps, false, (struct override){"hidden", "32"},
                    "smaller model");
    else
        resize(steps, false, .5, "smaller model",
               explain_size(why, t, ", enough to learn them by heart"));
}

void steps_another_net(struct steps *steps, bool underfits)
{
    const struct tried *t = tried_of(steps);
    const char *next = NULL;

    if (!t->net)
        next = underfits ? NULL : "linear";
    else if (is_net(t, "lenet"))
        next = "resnet";
    else if (is_net(t, "lstm"))
        next = "attention";
    else if (is_net(t, "linear") || is_net(t, "majority"))
        next = underfits ? NULL : "mlp"; /* else it is the bigger model */
    else if (t->input == TRIED_IMAGE && is_net(t, "mlp"))
        next = "lenet";
    else if (t->texts && is_net(t, "mlp") && underfits)
        next = "lstm";
    else if (is_net(t, "mlp") && !underfits)
        next = "linear";
    if (next)
        steps_train(steps, false, (struct override){"net", next},
                    "another kind of model%s%s", t->net ? ", after " : "",
                    t->net ? t->net : "");
    else if (!t->net)
        steps_train(steps, false, (struct override){"net", "linear"},
                    "another kind of model (is the simpler one no worse?)");
}

/* ---- regularisation ---- */

/* What was on, as overrides that turn it off. */
static size_t regularisation_on(const struct tried *t, struct override *off,
                                size_t most)
{
    static const char *const names[] = {"dropout",    "weight_decay",
                                        "l1",         "label_smoothing",
                                        "noise",      "mixup",
                                        "token_drop", "cutout",
                                        "crop",       NULL};
    size_t n = 0;

    for (int i = 0; names[i] && n < most; i++)
        if (highest(t, names[i]) > 0)
            off[n++] = (struct override){names[i], NULL};
    return n;
}

void steps_less_regularisation(struct steps *steps)
{
    struct override off[16] = {{0}};
    const struct tried *t = tried_of(steps);
    size_t n = regularisation_on(t, off, 16);
    struct buf was = {0}, *command;

    if (!t->n_values) {
        command =
            steps_add(steps, false, "less regularisation, longer training");
        command_train(command, t,
                      (struct override[]){{"weight_decay", "0"},
                                          {"dropout", "0"},
                                          {"epochs", "300"},
                                          {"patience", "20"}},
                      4);
        buf_add_text(command, " -m next.model data.csv");
        return;
    }
    for (size_t i = 0; i < n; i++)
        buf_printf(&was, "%s%s %s", i ? ", " : "", off[i].name,
                   tried_find(t, off[i].name)->value);
    if (n) {
        command = steps_add(steps, false, "less regularisation: without %s",
                            was.data);
        command_train(command, t, off, n);
        buf_add_text(command, " -m next.model data.csv");
    }
    buf_release(&was);
}

void steps_more_regularisation(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    bool drops = can_have(t, "dropout") && !is_net(t, "resnet");
    double dropout = highest(t, "dropout"), decay = highest(t, "weight_decay");
    char value[NUM_SIZE];

    if (drops && dropout <= 0)
        steps_train(steps, false, (struct override){"dropout", "0.3"},
                    "more regularisation: dropout");
    else if (decay <= 0 && can_have(t, "weight_decay"))
        steps_train(steps, dropout > 0,
                    (struct override){"weight_decay", "0.001"},
                    "more regularisation: weight decay%s",
                    dropout > 0 ? " (dropout was on)" : "");
    if (drops && dropout > 0 && dropout < .5) {
        steps_train(steps, true, (struct override){"dropout", "0.5"},
                    "more regularisation: dropout .5 (%g was tried)", dropout);
    } else if (decay > 0) {
        num_format(value, num_round(decay * 10, 2));
        steps_train(steps, true, (struct override){"weight_decay", value},
                    "more regularisation: ten times the weight decay (%g was "
                    "tried)",
                    decay);
    }
}

void steps_normalise(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    const struct tried_value *norm = tried_find(t, "norm");

    if (norm ? strcmp(norm->value, "none") == 0 : t->n_values == 0)
        steps_train(steps, false, (struct override){"norm", "batch"},
                    "normalisation");
}

/* What fits the input; `words` say what for. */
void steps_augment(struct steps *steps, const char *words)
{
    const struct tried *t = tried_of(steps);

    if (is_net(t, "majority"))
        return;
    if (t->input == TRIED_IMAGE)
        raise_setting(steps, "shift", "2", 2, 8, words);
    else if (t->input == TRIED_SEQUENCE)
        raise_setting(steps, "crop", "0.1", 2, .4, words);
    else if (t->texts && can_have(t, "token_drop"))
        raise_setting(steps, "token_drop", "0.1", 2, .5, words);
    else if (t->input == TRIED_ROW && !t->texts)
        raise_setting(steps, "noise", "0.1", 2, .5, words);
    else if (!t->texts) /* which cannot be mixed */
        raise_setting(steps, "mixup", "0.2", 2, 1, words);
}

/* ---- training ---- */

void steps_train_longer(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    struct buf *command;
    char epochs[NUM_SIZE];

    if (t->best_epoch == 0 || t->best_epoch < t->epochs_run)
        return;
    num_format(epochs, 3 * (double)t->epochs_run);
    command = steps_add(steps, false,
                        "longer training: the last epoch (%zu) was the best",
                        t->best_epoch);
    command_train(command, t,
                  (struct override[]){{"epochs", epochs}, {"patience", "20"}},
                  2);
    buf_add_text(command, " -m next.model data.csv");
}

void steps_stop_earlier(struct steps *steps)
{
    const struct tried *t = tried_of(steps);
    double patience = tried_number(t, "patience");

    if (!t->net)
        steps_train(steps, false, (struct override){"patience", "3"},
                    "stop earlier");
    else if (t->best_epoch && t->best_epoch == t->epochs_run)
        steps_train(steps, false, (struct override){"patience", "5"},
                    "stop earlier (all %zu epochs were run)", t->epochs_run);
    else if (t->best_epoch && t->best_epoch < t->epochs_run && patience > 3)
        steps_train(steps, true, (struct override){"patience", "3"},
                    "stop earlier (the best of %zu epochs, %zu, is the one "
                    "that was kept)",
                    t->epochs_run, t->best_epoch);
}

void steps_tune(struct steps *steps, double factor)
{
    const struct tried *t = tried_of(steps);
    const struct tried_value *rate = tried_find(t, "learning_rate");
    double had = rate ? factor > 1 ? rate->high : rate->low : 3e-4;
    char value[NUM_SIZE];

    if (is_net(t, "majority"))
        return;
    num_format(value, num_round(had * factor, 1));
    if (t->trials > 1)
        steps_train(steps, true, (struct override){"learning_rate", value},
                    "tune (%zu trials had learning rates from %g to %g)",
                    t->trials, rate ? rate->low : NAN, rate ? rate->high : NAN);
    else
        steps_train(steps, false, (struct override){"learning_rate", value},
                    "tune, the learning rate first%s%s", rate ? ", after " : "",
                    rate ? rate->value : "");
}
