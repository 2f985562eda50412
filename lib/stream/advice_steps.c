#include "stream/advice_steps.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/shell_word.h"

enum { LONGEST = 512 };

/* ---- building ---- */

static struct buf *add(struct steps *steps, bool taken, const char *text)
{
    size_t i = steps->n < MOST_STEPS ? steps->n++ : MOST_STEPS - 1;

    steps->at[i].taken = taken;
    buf_add_text(&steps->at[i].text, text);
    return &steps->at[i].command;
}

struct buf *steps_add(struct steps *steps, bool taken, const char *format, ...)
{
    char text[LONGEST];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return add(steps, taken, text);
}

void steps_train(struct steps *steps, bool taken, struct override setting,
                 const char *format, ...)
{
    struct buf *command;
    char text[LONGEST];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    command = add(steps, taken, text);
    command_train(command, steps->known->tried, &setting, 1);
    buf_add_text(command, " -m next.model data.csv");
}

void steps_release(struct steps *steps)
{
    for (size_t i = 0; i < steps->n; i++) {
        buf_release(&steps->at[i].text);
        buf_release(&steps->at[i].command);
    }
    steps->n = 0;
}

void steps_predictions(struct buf *out, const struct steps *steps)
{
    const char *file = steps->known->predictions;

    shell_word(out, file ? file : "pred.csv");
}

void steps_look(struct steps *steps, const char *split, const char *words)
{
    struct buf *command = steps_add(steps, false, "%s", words);

    buf_printf(command, "assay confuse --on %s --top-losses 20 ", split);
    steps_predictions(command, steps);
}

/* ---- data ---- */

/* "at this slope twice the rows bring …", for the text of a step. */
static void expected_gain(struct buf *text, const struct learning_curve *error,
                          const struct learning_curve *gap)
{
    double largest = error->size[error->n_sizes - 1];
    double now = power_law_at(&error->law, largest);
    double then = power_law_at(&error->law, 2 * largest);
    struct interval gain = learning_curve_gain(error, 2 * largest);
    struct learning_need half;

    buf_printf(text,
               "at this slope %.0f rows more take %.2g off an error of %.3g "
               "(%.2g - %.2g)",
               largest, now - then, now, gain.low, gain.high);
    if (!gap || !gap->has_law)
        return;
    half = learning_curve_halve(gap);
    if (half.answer == LEARNING_FOUND && half.rows > largest) {
        buf_printf(text, ", and %.0f would halve the gap (%.0f - ",
                   half.rows - largest, fmax(half.ci.low - largest, 0));
        if (isfinite(half.ci.high))
            buf_printf(text, "%.0f)", half.ci.high - largest);
        else
            buf_add_text(text, "more than can be told)");
    } else if (half.answer != LEARNING_REACHED) {
        buf_printf(text, "; to halve the gap takes more than %d times the rows",
                   LEARNING_REACH);
    }
}

void steps_more_data(struct steps *steps)
{
    const struct learning_curve *error = steps->known->error;
    struct buf text = {0}, *command;

    buf_add_text(&text, "more training data");
    if (error && error->has_law) {
        buf_add_text(&text, ": ");
        expected_gain(&text, error, steps->known->gap);
        command = add(steps, false, text.data);
        buf_add_text(command, "assay split --fill");
        command_label(command, steps->known->tried);
        buf_add_text(command, " grown.csv");
    } else {
        buf_add_text(&text, ": first see how much it would bring");
        command = add(steps, false, text.data);
        command_train(command, steps->known->tried, NULL, 0);
        buf_add_text(command,
                     " --train-sizes 20%,40%,60%,80%,100% --replicas 3 "
                     "--predict data.csv | assay decompose --learning-curve");
    }
    buf_release(&text);
}

static void more_features(struct steps *steps)
{
    const struct tried *t = steps->known->tried;
    struct tried all = *t;
    struct buf *command, names = {0};

    for (size_t i = 0; i < t->features.n && i < 5; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", t->features.items[i]);
    if (names.len)
        command = steps_add(steps, false,
                            "more features (%s%s %s used; which are not?)",
                            names.data, t->features.n > 5 ? ", ..." : "",
                            t->features.n == 1 ? "is" : "are");
    else
        command =
            steps_add(steps, false, "more features (which are not used?)");
    all.features = (struct list){0};
    command_train(command, &all, NULL, 0);
    buf_add_text(command, " --explain data.csv");
    buf_release(&names);
}

static void remove_features(struct steps *steps)
{
    const struct tried *t = steps->known->tried;
    const char *last = t->features.n ? t->features.items[t->features.n - 1]
                                     : "COLUMN";

    if (t->net && t->model && t->features.n < 2)
        return;
    steps_train(steps, false, (struct override){"exclude", last},
                "fewer features, one at a time%s%s",
                t->features.n ? ", such as " : "", t->features.n ? last : "");
}

/* ---- the lists ---- */

static void underfitting(struct steps *s, const struct gap *gap)
{
    (void)gap;
    steps_train_longer(s); /* where it had not come to an end */
    steps_bigger(s);
    steps_less_regularisation(s);
    steps_look(s, "train", "error analysis on the training rows");
    steps_another_net(s, true);
    steps_tune(s, 3);
    more_features(s);
}

static void overfitting(struct steps *s, const struct gap *gap)
{
    steps_more_data(s);
    steps_normalise(s);
    steps_augment(s, "augmentation");
    steps_more_regularisation(s);
    steps_look(s, split_name(gap->to), "error analysis on the held-out rows");
    steps_another_net(s, false);
    steps_tune(s, 1. / 3);
    steps_stop_earlier(s);
    remove_features(s);
    steps_smaller(s);
}

/* "ACTION (it costs .15 of the error, .12 - .18)" */
static void add_cost(struct buf *text, const struct gap *gap, const char *what)
{
    buf_printf(text, " (%s %.3g of the error", what, gap->value);
    if (!isnan(gap->ci.low))
        buf_printf(text, ", %.3g - %.3g", gap->ci.low, gap->ci.high);
    buf_add_char(text, ')');
}

static void fine_tune(struct steps *s, const char *split)
{
    const struct tried *t = s->known->tried;
    const struct tried_value *rate = tried_find(t, "learning_rate");
    char value[32];
    struct buf *command;

    snprintf(value, sizeof(value), "%g", (rate ? rate->low : 3e-4) / 10);
    command = steps_add(s, false,
                        "domain adaptation: fine-tune on some of them (and "
                        "test on others)");
    command_train(
        command, t,
        (struct override[]){{"learning_rate", value}, {"epochs", "10"}}, 2);
    buf_printf(command, " --on %s --stop-on none --init-from ", split);
    shell_word(command, t->model ? t->model : "MODEL");
    buf_add_text(command, " -m next.model data.csv");
}

static void shift(struct steps *s, const struct gap *gap)
{
    const char *split = split_name(gap->to);
    struct buf text = {0}, *command;

    buf_printf(&text, "look at the errors on '%s' and collect such rows",
               split);
    add_cost(&text, gap, "the shift costs");
    steps_look(s, split, text.data);
    command = steps_add(s, false, "train on some of them too");
    command_train(command, s->known->tried, NULL, 0);
    buf_printf(command, " --on train,%s --stop-on none -m next.model data.csv",
               split);
    steps_augment(s, "synthesise such rows: augmentation that makes training "
                     "rows look like them");
    fine_tune(s, split);
    buf_release(&text);
}

static void val_overfitting(struct steps *s, const struct gaps *gaps)
{
    const struct gap *gap = &gaps->gap[GAP_VAL_OVERFITTING];
    const struct tried *t = s->known->tried;
    double to = gaps->error[gap->to], from = gaps->error[gap->from];
    struct buf text = {0}, *command;

    buf_add_text(&text, "divide the data anew");
    add_cost(&text, gap, "validation was too easy by");
    command = add(s, false, text.data);
    buf_add_text(command, "assay split --replace --seed 2");
    command_label(command, t);
    buf_add_text(command, " data.csv");
    command = steps_add(s, false,
                        "larger validation and test sets (to see such a gap "
                        "takes about %.0f rows a side)",
                        gaps_rows_needed(from, to));
    buf_add_text(command, "assay split --replace "
                          "--parts train=.6,val=.2,test=.2");
    command_label(command, t);
    buf_add_text(command, " data.csv");
    command = steps_add(s, false,
                        "choose by folds, which test every row once%s",
                        t->trials > 1 ? ", among fewer trials" : "");
    command_train(command, t, NULL, 0);
    buf_add_text(command, " --folds 5 --predict data.csv | assay decompose");
    buf_release(&text);
}

void steps_for(struct steps *steps, enum gap_kind kind, const struct gaps *gaps)
{
    const struct gap *gap = &gaps->gap[kind];

    switch (kind) {
    case GAP_UNDERFITTING:
        underfitting(steps, gap);
        break;
    case GAP_OVERFITTING:
        overfitting(steps, gap);
        break;
    case GAP_SHIFT:
        shift(steps, gap);
        break;
    default:
        val_overfitting(steps, gaps);
    }
}
