#include "stream/advice.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "stream/advice_steps.h"

/* A half interval wider than this tells little. */
static const double FEW_ROWS_WIDTH = .05;

/* What is left is within noise of the goal if it can be at most this share of
 * the goal, or this much, above it. */
static const double NEAR_SHARE = .5, NEAR_GOAL = .02;

static const struct tried nothing_tried;

static struct advice_case known_or_nothing(const struct advice_case *known)
{
    struct advice_case c = {0};

    if (known)
        c = *known;
    if (!c.tried)
        c.tried = &nothing_tried;
    return c;
}

/* Without a name: `overfitting` is to name the gap alone, for gates. */
static void add_next(struct rows *rows, size_t rank, const char *advice,
                     const char *command)
{
    struct buf note = {0};

    buf_printf(&note, "%s: %s", advice, command);
    rows_text(rows, "next");
    rows_text(rows, "");
    rows_text(rows, "");
    rows_count(rows, rank);
    rows_text(rows, "");
    rows_text(rows, "");
    rows_text(rows, "");
    rows_text(rows, note.data);
    buf_release(&note);
}

/* In their order, but what was tried before stands behind the rest. */
static void write_steps(struct rows *rows, const struct steps *steps)
{
    size_t rank = 0;

    for (int taken = 0; taken < 2; taken++)
        for (size_t i = 0; i < steps->n; i++)
            if (steps->at[i].taken == (taken == 1))
                add_next(rows, ++rank, steps->at[i].text.data,
                         steps->at[i].command.data);
}

/* ---- no gap is beyond noise ---- */

/* The largest gap in value, though it may be noise; -1 without any. */
static int largest_seen(const struct gaps *gaps)
{
    int best = -1;

    for (int i = 0; i < GAP_COUNT; i++)
        if (gaps->gap[i].measured && gaps->gap[i].value > 0 &&
            (best < 0 || gaps->gap[i].value > gaps->gap[best].value))
            best = i;
    return best;
}

/* The last split that is there and held out, with an interval, or -1. */
static int last_measured(const struct gaps *gaps)
{
    for (int i = SPLIT_COUNT - 1; i > SPLIT_TRAIN; i--)
        if (isfinite(gaps->error_ci[i].high))
            return i;
    return -1;
}

static void folds(struct steps *steps, struct buf *command)
{
    command_train(command, steps->known->tried, NULL, 0);
    buf_add_text(command, " --folds 10 --predict data.csv | assay decompose");
}

/* No gap is seen: because there is none, or because few rows were looked at. */
static void reached(struct steps *steps, const struct gaps *gaps)
{
    struct buf *command;

    for (int i = SPLIT_COUNT - 1; i > SPLIT_TRAIN; i--) {
        double high = gaps->error_ci[i].high;
        if (!(high - gaps->error[i] > FEW_ROWS_WIDTH))
            continue;
        folds(steps,
              steps_add(steps, false,
                        "no gap is seen, but the rows of %s are too few to "
                        "tell: their error may be as large as %.2g",
                        split_name((enum split)i), high));
        return;
    }
    command = steps_add(steps, false,
                        "no gap: the goal is reached; set a harder one, or use "
                        "the model");
    buf_add_text(command, "assay eval --coverage --goal 0.01 ");
    steps_predictions(command, steps);
}

/* Whether the last split's error is below the goal, beyond noise. */
static bool is_below(const struct gaps *gaps, double goal)
{
    int last = last_measured(gaps);

    return last >= 0 && gaps->error_ci[last].high < goal;
}

static void use_model(struct steps *steps, const struct gaps *gaps, double goal)
{
    int last = last_measured(gaps);
    bool below = is_below(gaps, goal);
    struct buf *command =
        steps_add(steps, false,
                  "the goal is reached%s: the error on %s of %.3g (%.3g - "
                  "%.3g) %s the goal of %.3g; use the model%s",
                  below ? "" : " within noise", split_name((enum split)last),
                  gaps->error[last], gaps->error_ci[last].low,
                  gaps->error_ci[last].high, below ? "is below" : "holds", goal,
                  below ? ", or set a harder goal" : "");

    buf_add_text(command, "assay eval --coverage ");
    steps_predictions(command, steps);
}

static void noise_limited(struct steps *steps, const struct gaps *gaps,
                          double goal, enum split last)
{
    use_model(steps, gaps, goal);
    steps_look(steps, split_name(last),
               "or go below it: are the labels of what is still wrong right? "
               "If they are not, the goal is lower");
}

static void fill(struct steps *steps, struct buf *command)
{
    buf_add_text(command, "assay split --fill");
    command_label(command, steps->known->tried);
    buf_add_text(command, " grown.csv");
}

/* Folds and held-out rows say nothing of the error on train. */
static void too_few_to_train(struct steps *steps, const struct gap *gap)
{
    fill(steps,
         steps_add(steps, false,
                   "no gap is beyond noise: to tell whether underfitting "
                   "of %.3g is real takes about %.0f training rows",
                   gap->value, gap->rows_needed));
}

static void too_few(struct steps *steps, const struct gaps *gaps, int seen)
{
    double need = gaps->gap[seen].rows_needed;

    if (seen == GAP_UNDERFITTING) {
        too_few_to_train(steps, &gaps->gap[seen]);
        return;
    }
    folds(steps,
          steps_add(steps, false,
                    "no gap is beyond noise: to tell whether %s of %.3g is "
                    "real takes about %.0f rows a side (with folds every row "
                    "is tested once)",
                    gap_name((enum gap_kind)seen), gaps->gap[seen].value,
                    need));
    fill(steps,
         steps_add(steps, false, "or label more rows for validation and test"));
}

/* A row's label has a probability of 0. */
static void infinite(struct steps *steps)
{
    struct buf *command = steps_add(
        steps, false, "a loss is inf: look at the rows of which that is true");

    buf_add_text(command, "assay confuse --top-losses 20 ");
    steps_predictions(command, steps);
}

static void undecided(struct steps *steps, const struct gaps *gaps, double goal)
{
    int seen = largest_seen(gaps), last = last_measured(gaps);
    double room = fmax(NEAR_SHARE * goal, NEAR_GOAL);

    if (is_below(gaps, goal))
        use_model(steps, gaps, goal);
    else if (seen < 0)
        reached(steps, gaps);
    else if (isinf(gaps->gap[seen].value))
        infinite(steps);
    else if (last >= 0 && gaps->error_ci[last].low <= goal &&
             gaps->error_ci[last].high <= goal + room)
        noise_limited(steps, gaps, goal, (enum split)last);
    else
        too_few(steps, gaps, seen);
}

/* Without training predictions the first two gaps hide behind each other. */
static void unmeasured(struct steps *steps)
{
    struct buf *command =
        steps_add(steps, false,
                  "no rows of split 'train': underfitting and overfitting "
                  "cannot be told apart; predict the training rows too");

    command_train(command, steps->known->tried, NULL, 0);
    buf_add_text(command, " --predict data.csv | assay decompose");
}

void advice_rows(struct rows *rows, const struct gaps *gaps, double goal,
                 const struct split_errors part[SPLIT_COUNT],
                 const struct advice_case *known)
{
    struct advice_case c = known_or_nothing(known);
    struct steps steps = {.known = &c};

    if (!part[SPLIT_TRAIN].present)
        unmeasured(&steps);
    else if (gaps->largest < 0)
        undecided(&steps, gaps, goal);
    else {
        if (is_below(gaps, goal))
            use_model(&steps, gaps, goal);
        steps_for(&steps, (enum gap_kind)gaps->largest, gaps);
    }
    write_steps(rows, &steps);
    steps_release(&steps);
}

/* ---- learning curves ---- */

static void flat(struct steps *steps, const char *why)
{
    struct buf *command =
        steps_add(steps, false,
                  "more data of this kind is not the way: %s; see which gap is "
                  "largest",
                  why);

    buf_add_text(command, "assay decompose ");
    steps_predictions(command, steps);
}

/* Whether the largest training set is enough for the goal, beyond noise. */
static bool is_enough(const struct learning_curve *error, const double *goal)
{
    return goal && error->ci[error->n_sizes - 1].high < *goal;
}

static void enough(struct steps *steps, const struct learning_curve *error,
                   double goal)
{
    size_t last = error->n_sizes - 1;
    struct buf *command = steps_add(
        steps, false,
        "more training data is not needed: with %.0f rows the error of %.3g "
        "(%.3g - %.3g) is below the goal of %.3g; use the model, or set a "
        "harder goal",
        error->size[last], error->measured[last], error->ci[last].low,
        error->ci[last].high, goal);

    buf_add_text(command, "assay eval --coverage ");
    steps_predictions(command, steps);
}

static void few_wrong(struct steps *steps)
{
    struct buf *command =
        steps_add(steps, false,
                  "too few held-out rows are wrong for a curve: test on more");

    buf_add_text(command,
                 "assay split --replace --parts train=.6,val=.2,test=.2");
    command_label(command, steps->known->tried);
    buf_add_text(command, " data.csv");
}

void advice_learning(struct rows *rows, const struct learning_curve *error,
                     const struct learning_curve *gap, const double *goal,
                     const struct advice_case *known)
{
    struct advice_case c = known_or_nothing(known);
    struct steps steps = {.known = &c};
    struct learning_need need = {.answer = LEARNING_FOUND};

    c.error = error;
    c.gap = gap;
    if (goal)
        need = learning_curve_need(error, *goal);
    if (is_enough(error, goal)) {
        enough(&steps, error, *goal);
    } else if (error->few_wrong) {
        few_wrong(&steps);
    } else if (!error->has_law) {
        c.error = NULL;
        steps_more_data(&steps);
    } else if (!(error->law.b > 0)) {
        flat(&steps, "the error does not fall with more rows");
    } else if (need.answer == LEARNING_NEVER) {
        flat(&steps, "the curve levels off above the goal");
        steps_more_data(&steps);
    } else if (need.answer == LEARNING_BEYOND) {
        flat(&steps, "the goal takes more than 4 times the rows");
        steps_more_data(&steps);
    } else {
        steps_more_data(&steps);
    }
    write_steps(rows, &steps);
    steps_release(&steps);
}
