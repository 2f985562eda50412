#include "stream/advice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One step to try: what the lecture calls it, and the command. */
struct step {
    const char *advice, *command;
};

enum { MOST_STEPS = 10 };

/* A half interval wider than this tells little. */
static const double FEW_ROWS_WIDTH = .05;

static const struct step underfitting[MOST_STEPS + 1] = {
    {"bigger model", "assay train --hidden 256,128 ..."},
    {"less regularisation, longer training",
     "assay train --weight-decay 0 --dropout 0 --epochs 300 --patience 20 "
     "..."},
    {"error analysis on the training rows",
     "assay confuse --on train --top-losses 20 pred.csv"},
    {"another kind of model (is the simpler one no worse?)",
     "assay train --net linear ..."},
    {"tune, the learning rate first", "assay train --learning-rate 1e-3 ..."},
    {"more features (which columns are not used?)",
     "assay train --explain ..."},
    {0}};

static const struct step overfitting[MOST_STEPS + 1] = {
    {"more training data: append labelled rows; old ones keep their part",
     "assay split --fill --label LABEL grown.csv"},
    {"more regularisation",
     "assay train --weight-decay 0.001 --dropout 0.3 ..."},
    {"error analysis on the held-out rows",
     "assay confuse --on SPLIT --top-losses 20 pred.csv"},
    {"another kind of model", "assay train --net linear ..."},
    {"tune, the learning rate first", "assay train --learning-rate 1e-4 ..."},
    {"stop earlier", "assay train --patience 3 ..."},
    {"fewer features", "assay train --exclude COLUMN ..."},
    {"smaller model", "assay train --hidden 32 ..."},
    {0}};

static const struct step shift[MOST_STEPS + 1] = {
    {"look at the errors on rows like the test's, and collect more such rows",
     "assay confuse --on SPLIT --top-losses 20 pred.csv"},
    {"train on some of them too", "assay train --on train,testval ..."},
    {0}};

static const struct step val_overfitting[MOST_STEPS + 1] = {
    {"divide the data anew: validation has become too easy",
     "assay split --replace --seed 2 --label LABEL data.csv"},
    {"larger validation and test sets",
     "assay split --replace --parts train=.6,val=.2,test=.2 --label LABEL "
     "data.csv"},
    {0}};

static const struct step *const steps[GAP_COUNT] = {underfitting, overfitting,
                                                    shift, val_overfitting};

/* Without a name: `overfitting` is to name the gap alone, for gates. */
static void add_next(struct rows *rows, int rank, const char *advice,
                     const char *command)
{
    char note[512];

    snprintf(note, sizeof(note), "%s: %s", advice, command);
    rows_text(rows, "next");
    rows_text(rows, "");
    rows_text(rows, "");
    rows_count(rows, (size_t)rank);
    rows_text(rows, "");
    rows_text(rows, "");
    rows_text(rows, "");
    rows_text(rows, note);
}

/* A step whose command may name the split that shows the gap. */
static void add_step(struct rows *rows, int rank, const struct step *step,
                     enum split to)
{
    const char *at = strstr(step->command, "SPLIT");
    char command[256];

    if (!at) {
        add_next(rows, rank, step->advice, step->command);
        return;
    }
    snprintf(command, sizeof(command), "%.*s%s%s", (int)(at - step->command),
             step->command, split_name(to), at + strlen("SPLIT"));
    add_next(rows, rank, step->advice, command);
}

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

/* No gap is seen: because there is none, or because few rows were looked at. */
static void add_reached(struct rows *rows, const struct gaps *gaps)
{
    char advice[256];

    for (int i = SPLIT_COUNT - 1; i > SPLIT_TRAIN; i--) {
        double high = gaps->error_ci[i].high;
        if (!(high - gaps->error[i] > FEW_ROWS_WIDTH))
            continue;
        snprintf(advice, sizeof(advice),
                 "no gap is seen, but the rows of %s are too few to tell: "
                 "their error may be as large as %.2g",
                 split_name((enum split)i), high);
        add_next(rows, 1, advice, "assay train --folds 10 --predict ...");
        return;
    }
    add_next(rows, 1,
             "no gap: the goal is reached; set a harder one, or use the model",
             "assay eval --coverage --goal 0.01 pred.csv");
}

static void add_undecided(struct rows *rows, const struct gaps *gaps)
{
    int i = largest_seen(gaps);
    char advice[256];

    if (i < 0) {
        add_reached(rows, gaps);
        return;
    }
    snprintf(advice, sizeof(advice),
             "no gap is beyond noise: to tell whether %s of %.3g is real takes "
             "about %.0f rows a side (with folds every row is tested once)",
             gap_name((enum gap_kind)i), gaps->gap[i].value,
             gaps->gap[i].rows_needed);
    add_next(rows, 1, advice, "assay train --folds 10 --predict ...");
}

/* Without training predictions the first two gaps hide behind each other. */
static void add_unmeasured(struct rows *rows)
{
    add_next(rows, 1,
             "no rows of split 'train': underfitting and overfitting cannot "
             "be told apart; predict the training rows too",
             "assay train --predict ...");
}

void advice_rows(struct rows *rows, const struct gaps *gaps,
                 const struct split_errors part[SPLIT_COUNT])
{
    const struct step *list;

    if (!part[SPLIT_TRAIN].present) {
        add_unmeasured(rows);
        return;
    }
    if (gaps->largest < 0) {
        add_undecided(rows, gaps);
        return;
    }
    list = steps[gaps->largest];
    for (int i = 0; list[i].advice; i++)
        add_step(rows, i + 1, &list[i], gaps->gap[gaps->largest].to);
}
