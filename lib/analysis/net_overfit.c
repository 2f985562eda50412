/*
 * One batch by heart, and what mends it where it is not learned: another
 * learning rate, no regularisation.
 */
#include <math.h>
#include <stdlib.h>

#include "analysis/net_steps.h"
#include "base/mem.h"
#include "base/num.h"
#include "stats/course.h"

enum {
    BATCH_ROWS = 32,
    STEPS = 400,
    FEW_STEPS = 40,
    EARLY_STEPS = 5,
    RATES = 6,
    RANGE_STEPS = 200
};

/*
 * Learned, hardly: a loss of so much of guessing's; getting there: fallen so
 * much.
 */
static const double LEARNED = .5, HARDLY = .7, FALLS = .1, FALLS_WELL = .3,
                    WORK = 4e9, RANGE_WORK = 4e10, JUMPS = 3, HIGH_UPDATE = .15;

/* ---- the batch ---- */

/* Rows with different features, each class in turn as far as there are any. */
static size_t choose_batch(const struct net_state *s, size_t *rows)
{
    const struct table *t = s->subject->table;
    size_t n = 0, classes = s->subject->plan->classes.n;
    bool found = true;

    for (size_t round = 0; found && n < BATCH_ROWS; round++) {
        found = false;
        for (size_t k = 0; k < classes && n < BATCH_ROWS; k++) {
            size_t seen = 0;
            for (size_t i = 0; i < s->rows.n_fit; i++) {
                size_t row = s->rows.fit[i];
                bool again = false;
                if (s->subject->plan->class_of[t->label[row]] != k)
                    continue;
                for (size_t j = 0; j < n && !again; j++)
                    again = t->fingerprint[rows[j]] == t->fingerprint[row] &&
                            rows[j] != row;
                if (again || seen++ < round)
                    continue;
                rows[n++] = row;
                found = true;
                break;
            }
        }
    }
    return n;
}

/* ---- a course ---- */

/* What became of a batch under one setting. */
struct course_of {
    double loss[STEPS];
    size_t n, most;
    double guess;  /* the loss of guessing */
    double update; /* mean update ratio of steps 2 to 6 */
    double learning_rate;
    bool lost;      /* the loss was not finite */
    bool from_zero; /* the weights were */
};

static void note(void *context, const struct epoch *e)
{
    struct course_of *c = context;

    if (c->n < STEPS)
        c->loss[c->n++] = e->train_loss;
    if (c->n > 1 && c->n <= 1 + EARLY_STEPS && e->update_ratio > 0)
        c->update += e->update_ratio / EARLY_STEPS;
}

/* Enough is known once the batch is learned. */
static int is_learned(void *context, const struct training *run, bool over,
                      struct err *err)
{
    const struct course_of *c = context;

    (void)run;
    (void)over;
    (void)err;
    return c->n > FEW_STEPS && c->loss[c->n - 1] < .2 * c->guess;
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

/* The mean of the last tenth. */
static double final_loss(const struct course_of *c)
{
    size_t n = c->n / 10 + 1;

    return c->n && !c->lost ? mean_of(c->loss + c->n - n, n) : INFINITY;
}

static double highest(const struct course_of *c)
{
    double most = 0;

    for (size_t i = 0; i < c->n; i++)
        most = fmax(most, c->loss[i]);
    return c->lost ? INFINITY : most;
}

/* How far the loss fell, as a share of where it began; below 0: it rose. */
static double fallen(const struct course_of *c)
{
    return c->n ? 1 - final_loss(c) / fmax(c->loss[0], 1e-12) : -INFINITY;
}

static bool jumps(const struct course_of *c)
{
    return !(highest(c) <= JUMPS * fmax(c->loss[0], c->guess));
}

static bool learned(const struct course_of *c)
{
    return final_loss(c) <= LEARNED * c->guess;
}

/* Whether the learning rate is to be asked about. */
enum pace { PACE_GOOD, PACE_SLOWISH, PACE_SLOW, PACE_WILD };

/*
 * Wild: the loss jumps, or the first steps change the values by a sixth each
 * (a linear network starts at zero, where that means nothing).
 */
static enum pace pace_of(const struct course_of *c)
{
    if (jumps(c) || (c->update > HIGH_UPDATE && !c->from_zero))
        return PACE_WILD;
    if (learned(c) || fallen(c) >= FALLS_WELL)
        return PACE_GOOD;
    return fallen(c) < FALLS ? PACE_SLOW : PACE_SLOWISH;
}

/* How it went, in words: "the loss of one batch …". */
static const char *how_it_went(const struct course_of *c)
{
    static const char *const words[] = {[COURSE_UNDECIDED] = "goes nowhere",
                                        [COURSE_FALLS] = "falls slowly",
                                        [COURSE_PLATEAUS] = "plateaus",
                                        [COURSE_OSCILLATES] = "oscillates",
                                        [COURSE_UP] = "goes up",
                                        [COURSE_EXPLODES] = "explodes"};

    enum course_kind kind = course_read(c->loss, c->n, c->guess).kind;

    if (c->lost || kind == COURSE_EXPLODES)
        return words[COURSE_EXPLODES];
    return jumps(c) ? "jumps" : learned(c) ? "is learned" : words[kind];
}

struct task {
    struct net_state *s;
    const size_t *rows;
    size_t n, steps;
};

static int run_course(const struct task *task, const struct hyper *hyper,
                      struct course_of *c, struct err *err)
{
    struct train_watch watch = {.ask = is_learned, .context = c};
    struct hyper h = *hyper;
    struct rehearsal r;
    struct err lost = {0};

    h.batch = task->n;
    h.epochs = h.patience = task->steps;
    h.schedule = SCHEDULE_CONSTANT;
    h.warmup = 0;
    *c = (struct course_of){.most = task->steps,
                            .learning_rate = h.learning_rate,
                            .from_zero = h.net == NET_LINEAR};
    if (rehearsal_init(&r, task->s->subject, &h, task->rows, task->n, NULL, 0,
                       err) != 0)
        return -1;
    c->guess = rehearsal_guess(&r);
    c->lost = rehearsal_train(&r, note, c, &watch, &lost) != 0;
    rehearsal_release(&r);
    return 0;
}

/* ---- what would help ---- */

static const double lower[] = {.1, .01, .001, 10, 100, 1000},
                    higher[] = {10, 100, 1000, .1, .01, .001};

/*
 * The factor of the learning rate that does clearly better, the nearest first:
 * up where the loss hardly falls, down where it is wild.  0: none.
 */
static int better_rate(const struct task *task, const struct hyper *hyper,
                       const struct course_of *given, double *factor,
                       struct err *err)
{
    const double *factors = pace_of(given) == PACE_WILD ? lower : higher;

    *factor = 0;
    for (size_t i = 0; i < RATES; i++) {
        struct hyper h = *hyper;
        struct course_of c;
        h.learning_rate *= factors[i];
        if (h.learning_rate < 1e-9 || h.learning_rate > 10)
            continue;
        if (run_course(task, &h, &c, err) != 0)
            return -1;
        if (pace_of(&c) == PACE_GOOD &&
            (pace_of(given) == PACE_WILD || learned(&c) ||
             fallen(&c) > 2 * fallen(given))) {
            *factor = factors[i];
            return 0;
        }
    }
    return 0;
}

static void add_course(struct net_state *s, const char *check,
                       enum finding_status status, const struct course_of *c,
                       const char *advice)
{
    struct finding f = finding_of(check, "one batch", status);
    struct buf test = {0};

    buf_printf(&test,
               "loss of one batch after %zu step%s (it %s); limit: half of "
               "guessing; effect: share that it fell",
               c->n, plural(c->n), how_it_went(c));
    f.value = final_loss(c);
    f.limit = LEARNED * c->guess;
    f.effect = fallen(c);
    f.n_current = (double)c->n;
    f.test = test.data;
    f.advice = advice;
    net_add(s, &f);
    buf_release(&test);
}

/*
 * The range test: where the loss falls fastest, and where it is least; NaN for
 * networks that take too long.
 */
struct range {
    double fastest, least, at;
};

static void note_rate(void *context, const struct epoch *e)
{
    struct range *range = context;

    if (e->train_loss < range->least) {
        range->least = e->train_loss;
        range->at = e->learning_rate;
    }
}

static int test_range(struct net_state *s, const struct hyper *hyper,
                      struct range *range, struct err *err)
{
    struct err lost = {0};
    struct rehearsal r;

    *range = (struct range){NAN, INFINITY, NAN};
    if (rehearsal_init(&r, s->subject, hyper, s->rows.fit, s->rows.n_fit, NULL,
                       0, err) != 0)
        return -1;
    if (RANGE_STEPS * rehearsal_step_work(&r, hyper->batch) < RANGE_WORK)
        train_range_test(r.net, &r.rows, s->subject->options->seed, note_rate,
                         range, &range->fastest, &lost);
    rehearsal_release(&r);
    return 0;
}

static void add_rate(struct net_state *s, enum finding_status status,
                     const struct course_of *given, double factor,
                     const struct range *range)
{
    struct finding f = finding_of("learning_rate", "one batch", status);
    struct buf advice = {0};

    f.value = given->learning_rate;
    f.effect = given->update;
    f.ci = (struct interval){range->fastest, range->at};
    f.limit = factor > 0 ? given->learning_rate * factor : NAN;
    f.test = status == FINDING_OK
                 ? "learning rate; effect: size of a step, relative to the "
                   "values; low, high: where the loss falls fastest, and is "
                   "least, as it rises"
                 : "learning rate; limit: one that does better; effect: size "
                   "of a step, relative to the values; low, high: where the "
                   "loss falls fastest, and is least, as it rises";
    if (status != FINDING_OK) {
        buf_printf(&advice,
                   "too %s: the loss of one batch %s%s, with %.2g it is "
                   "learned steadily; see assay train --lr-range",
                   factor < 1 ? "high" : "low", how_it_went(given),
                   pace_of(given) == PACE_WILD && learned(given)
                       ? " by steps as large as the values"
                       : "",
                   given->learning_rate * factor);
        f.advice = advice.data;
    }
    net_add(s, &f);
    buf_release(&advice);
}

static int check_rate(const struct task *task, const struct hyper *hyper,
                      const struct course_of *given, bool *found,
                      struct err *err)
{
    enum pace pace = pace_of(given);
    struct range range;
    double factor = 0;

    if (test_range(task->s, hyper, &range, err) != 0)
        return -1;
    if (pace != PACE_GOOD && better_rate(task, hyper, given, &factor, err) != 0)
        return -1;
    *found = factor > 0;
    add_rate(task->s,
             !*found ? FINDING_OK
             : pace == PACE_SLOWISH || (learned(given) && !jumps(given))
                 ? FINDING_WARN
                 : FINDING_FAIL,
             given, factor, &range);
    return 0;
}

/* Without regularisation the batch is learned. */
static int check_regularisation(const struct task *task,
                                const struct course_of *given, bool *found,
                                struct err *err)
{
    const struct hyper *hyper = &task->s->subject->options->hyper;
    struct finding f = finding_of("regularisation", "one batch", FINDING_OK);
    struct hyper h = *hyper;
    struct course_of c;

    *found = false;
    f.value = final_loss(given);
    f.test = "loss of one batch; limit: without regularisation";
    if (!rehearsal_regularised(hyper))
        return 0;
    if (!learned(given)) {
        h.dropout = h.weight_decay = h.l1 = h.label_smoothing = 0;
        if (run_course(task, &h, &c, err) != 0)
            return -1;
        f.limit = final_loss(&c);
        *found = !jumps(&c) && f.limit < .6 * f.value &&
                 f.value > HARDLY * given->guess &&
                 (learned(&c) || fallen(given) < FALLS / 2);
    }
    if (*found) {
        f.status = FINDING_FAIL;
        f.advice = "too strong to learn even one batch: lower --weight-decay, "
                   "--l1, --dropout, --label-smoothing; start without";
    }
    net_add(task->s, &f);
    return 0;
}

static void add_overfit(struct net_state *s, const struct course_of *given)
{
    if (learned(given))
        add_course(s, "overfit", FINDING_OK, given, "");
    else if (fallen(given) > FALLS && !jumps(given))
        add_course(s, "overfit", FINDING_OK, given,
                   "not to its end, but on its way");
    else
        add_course(s, "overfit", FINDING_FAIL, given,
                   "no learning rate learns even one batch: look at the loss, "
                   "the labels, and what the network is given");
}

int net_check_overfit(struct net_state *s, struct err *err)
{
    struct hyper hyper = s->subject->options->hyper, plain;
    size_t rows[BATCH_ROWS];
    struct task task = {s, rows, choose_batch(s, rows), STEPS};
    struct course_of given;
    struct rehearsal r;
    bool found = false;

    /* Augmentation and mixing are no part of learning by heart. */
    plain = rehearsal_plain(&hyper);
    plain.dropout = hyper.dropout;
    plain.weight_decay = hyper.weight_decay;
    plain.l1 = hyper.l1;
    plain.label_smoothing = hyper.label_smoothing;
    if (rehearsal_init(&r, s->subject, &plain, rows, task.n, NULL, 0, err) != 0)
        return -1;
    task.steps = (size_t)fmin(
        STEPS, fmax(FEW_STEPS, WORK / rehearsal_step_work(&r, task.n)));
    rehearsal_release(&r);
    if (run_course(&task, &plain, &given, err) != 0 ||
        check_regularisation(&task, &given, &found, err) != 0)
        return -1;
    if (!found && check_rate(&task, &plain, &given, &found, err) != 0)
        return -1;
    if (!found)
        add_overfit(s, &given);
    return 0;
}
