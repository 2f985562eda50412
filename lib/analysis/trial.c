#include "analysis/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/trial_score.h"
#include "base/hash.h"
#include "base/mem.h"
#include "model/memory_plan.h"
#include "model/runs.h"
#include "nn/finite.h"
#include "nn/training.h"

/*
 * In trouble, so many epochs without a better one are enough; one that is slow
 * is given so many, and a share of all.
 */
enum { STALLED = 5, SLOW_EPOCHS = 15, SLOW_SHARE = 3 };

static const uint64_t STATE_FORMAT = 0x0001747269616c01;

/* ---- one trial ---- */

/* A network of the trial: the only one, or that of a fold. */
struct leg {
    bool over;
    size_t epochs;
    struct trial_score score; /* of the best epoch so far */
    struct buf per_row;       /* [rows that decide] */
    struct buf training;      /* its state; empty: not begun, or over */
};

struct trial {
    const struct trial_subject *subject;
    struct fit_options options;
    uint64_t seed;
    size_t until;
    struct leg *legs; /* [runs] */
    struct outcome *outcome;
};

/* The rows that a leg is judged by. */
static const size_t *judging(const struct trial *t, size_t i, size_t *n)
{
    const struct run *run = &t->subject->runs->items[i];

    *n = t->options.folds ? run->n_held : run->n_stop;
    return t->options.folds ? run->held : run->stop;
}

static bool stops(const struct trial *t)
{
    return t->subject->stop && t->subject->stop();
}

/* The trial ends here, as `state`. */
static void end_as(struct trial *t, enum outcome_state state, const char *note)
{
    t->outcome->state = state;
    buf_clear(&t->outcome->note);
    buf_add_text(&t->outcome->note, note);
}

/* ---- its state ---- */

/* What makes it this trial and no other. */
static uint64_t identity(const struct trial *t)
{
    const struct hyper *hyper = &t->options.hyper;
    uint64_t hash = hash_add(HASH_START, &t->seed, sizeof(t->seed));
    struct buf text = {0};

    buf_printf(&text, "%s %zu", net_kind_name(hyper->net), t->subject->runs->n);
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        buf_printf(&text, " %s=", e->name);
        hyper_format(hyper, e, &text);
    }
    hash = hash_add(hash, text.data, text.len);
    buf_release(&text);
    return hash_finish(hash);
}

static void save(const struct trial *t, struct buf *state)
{
    buf_clear(state);
    pack_count(state, STATE_FORMAT);
    pack_count(state, identity(t));
    for (size_t i = 0; i < t->subject->runs->n; i++) {
        const struct leg *leg = &t->legs[i];
        pack_count(state, leg->over);
        pack_count(state, leg->epochs);
        pack_double(state, leg->score.objective);
        pack_double(state, leg->score.error);
        pack_double(state, leg->score.loss);
        pack_bytes(state, leg->per_row.data, leg->per_row.len);
        pack_bytes(state, leg->training.data, leg->training.len);
    }
}

static void unpack_buf(struct unpack *from, struct buf *to)
{
    size_t len;
    const char *bytes = unpack_view(from, &len);

    if (len)
        buf_add(to, bytes, len);
}

static int load(struct trial *t, const struct buf *state, struct err *err)
{
    struct unpack from = {state->data, state->len, false};
    bool fits = true;
    size_t n;

    if (!state->len)
        return 0;
    if (unpack_count(&from) != STATE_FORMAT ||
        unpack_count(&from) != identity(t))
        return err_set(err, ERR_DATA, "the state is not of this trial");
    for (size_t i = 0; i < t->subject->runs->n; i++) {
        struct leg *leg = &t->legs[i];
        leg->over = unpack_count(&from);
        leg->epochs = unpack_count(&from);
        leg->score.objective = unpack_double(&from);
        leg->score.error = unpack_double(&from);
        leg->score.loss = unpack_double(&from);
        unpack_buf(&from, &leg->per_row);
        unpack_buf(&from, &leg->training);
        judging(t, i, &n);
        fits &= !leg->epochs || leg->per_row.len == n;
    }
    if (from.failed || from.left || !fits)
        return err_set(err, ERR_DATA, "the state of a trial is damaged");
    return 0;
}

/* ---- between epochs ---- */

/* A leg under way. */
struct walk {
    struct trial *trial;
    struct leg *leg;
};

static bool has_word(const struct buf *words, const char *word)
{
    const char *at = words->len ? strstr(words->data, word) : NULL;
    size_t len = strlen(word);

    return at && (at == words->data || at[-1] == ' ') &&
           (at[len] == ' ' || !at[len]);
}

/* No better for some epochs; where no rows decide, nobody can tell. */
static bool is_stalled(const struct training *run)
{
    size_t since = run->rows->n_stop ? run->best_epoch : 0;

    return run->epoch - since >= STALLED;
}

/* Three quarters of the errors of naming the most frequent class are left. */
static bool has_not_learned(const struct training *run)
{
    size_t n = run->rows->n_fit, classes = run->net->spec.n_classes, most = 0;
    size_t *count = mem_zalloc(classes, sizeof(*count));

    for (size_t i = 0; i < n; i++)
        if (++count[run->classes[i]] > most)
            most = count[run->classes[i]];
    free(count);
    return 4 * run->error * (double)n > 3 * run->weight * (double)(n - most);
}

/* Why the training is not worth going on with; NULL: it may be. */
static const char *trouble(const struct training *run)
{
    const struct buf *warning = &run->diagnosis.warning;

    if (is_stalled(run) && has_word(warning, "exploding"))
        return "exploding";
    if (is_stalled(run) && has_word(warning, "dead") && has_not_learned(run))
        return "dead";
    if (run->epoch >= SLOW_EPOCHS &&
        run->epoch * SLOW_SHARE >= run->hyper->epochs &&
        has_word(warning, "slow"))
        return "slow";
    return NULL;
}

static int ask(void *context, const struct training *run, bool over,
               struct err *err)
{
    struct walk *w = context;
    const char *why = over ? NULL : trouble(run);
    bool reached = run->epoch >= w->trial->until;

    (void)err;
    w->leg->epochs = run->epoch;
    w->leg->over = over;
    buf_clear(&w->leg->training);
    if (over)
        return 0;
    if (why) {
        end_as(w->trial, OUTCOME_PRUNED, why);
        return 1;
    }
    if (!reached && !stops(w->trial))
        return 0;
    if (!reached)
        end_as(w->trial, OUTCOME_CUT, "");
    training_save(run, &w->leg->training);
    return 1;
}

static void tell(void *context, const struct epoch *epoch)
{
    (void)context;
    (void)epoch;
}

/* ---- one leg ---- */

/* That which the fold's run would have, were the trial's seed the subject's. */
static uint64_t seed_of(const struct trial *t, size_t i)
{
    const struct trial_subject *s = t->subject;

    return t->seed + s->runs->items[i].seed - s->options->seed;
}

static struct net *make_net(struct trial *t, size_t i, struct err *err)
{
    const struct trial_subject *s = t->subject;
    const struct run *run = &s->runs->items[i];
    const struct hyper *hyper = &t->options.hyper;
    struct fit_rows rows = {run->fit, run->stop, run->n_fit, run->n_stop,
                            seed_of(t, i)};

    if (hyper->norm == NORM_BATCH && hyper->batch == 1) {
        err_set(err, ERR_USAGE, "--norm batch needs a --batch of 2 or more");
        return NULL;
    }
    return fit_network(&s->encoders[i], &rows, &s->plan->classes, &t->options,
                       NULL, err);
}

/* What is there now, without numbers: a log should not depend on them. */
static bool has_memory(const struct trial *t, struct net *net, size_t i)
{
    struct fit_options one = t->options;
    struct err err = {0};

    one.folds = 0;
    return memory_check(memory_plan(net, &t->subject->encoders[i],
                                    t->subject->table, t->subject->plan, &one,
                                    false)
                            .model,
                        "the trial needs", &err) == 0;
}

static void judge(struct trial *t, size_t i, struct net *net,
                  const struct train_rows *of)
{
    struct leg *leg = &t->legs[i];
    size_t n;
    const size_t *rows = judging(t, i, &n);

    buf_clear(&leg->per_row);
    leg->score = trial_score(net, of, rows, n, t->subject->metric,
                             buf_reserve(&leg->per_row, n));
    leg->per_row.len = n;
    leg->per_row.data[n] = '\0';
}

/*
 * From where the leg is to `until`.  A loss that is not finite ends the trial,
 * not the search; a state that does not fit was not read to its end.
 */
static int train_leg(struct trial *t, size_t i, struct net *net,
                     struct err *err)
{
    const struct trial_subject *s = t->subject;
    const struct run *run = &s->runs->items[i];
    struct leg *leg = &t->legs[i];
    struct train_rows rows = {.table = s->table,
                              .encoder = &s->encoders[i],
                              .class_of = s->plan->class_of,
                              .fit = run->fit,
                              .stop = run->stop,
                              .n_fit = run->n_fit,
                              .n_stop = run->n_stop,
                              .hooks = t->options.hooks};
    struct buf from = leg->training;
    struct unpack unpack = {from.data, from.len, false};
    struct walk walk = {t, leg};
    struct train_watch watch = {from.len ? &unpack : NULL, ask, &walk};
    struct err why = {0};
    size_t best = 0;
    int status;

    memset(&leg->training, 0, sizeof(leg->training));
    status = train_watched(net, &rows, seed_of(t, i), tell, NULL, &watch, &best,
                           &why);
    if (t->options.hyper.net == NET_MAJORITY) {
        leg->over = true;
        leg->epochs = 1;
    }
    if (status != 0 && table_lost(s->table, &why) == 0 && !unpack.failed &&
        !unpack.left) {
        end_as(t, OUTCOME_PRUNED, "exploding");
        status = 0;
    }
    if (status != 0)
        *err = why;
    buf_release(&from);
    if (status == 0 && best > 0 && finite_weights(net))
        judge(t, i, net, &rows);
    return status;
}

/* 0 as well where the trial has ended: t->outcome->state says so. */
static int run_leg(struct trial *t, size_t i, struct err *err)
{
    struct err why = {0};
    char note[ERR_FILE_SIZE + ERR_MESSAGE_SIZE];
    struct net *net;
    int status;

    if (t->legs[i].over || t->legs[i].epochs >= t->until)
        return 0;
    if (stops(t)) {
        end_as(t, OUTCOME_CUT, "");
        return 0;
    }
    net = make_net(t, i, &why);
    if (!net && why.kind == ERR_SYSTEM) {
        *err = why;
        return -1;
    }
    if (!net) {
        err_format(&why, note, sizeof(note));
        end_as(t, OUTCOME_FAILED, note);
        return 0;
    }
    if (has_memory(t, net, i)) {
        status = train_leg(t, i, net, err);
    } else {
        end_as(t, OUTCOME_FAILED, "not enough memory");
        status = 0;
    }
    net_free(net);
    return status;
}

/* ---- all of them ---- */

static void clear_outcome(struct outcome *o)
{
    o->state = OUTCOME_RUNG;
    o->objective = o->val_error = o->val_loss = NAN;
    o->epochs_run = 0;
    buf_clear(&o->note);
    buf_clear(&o->per_row);
}

/* The rows of all folds in the order of the file. */
static void merge_rows(const struct trial *t, struct buf *per_row)
{
    const struct fit_plan *plan = t->subject->plan;
    char *to = buf_reserve(per_row, plan->n_fit);

    for (size_t i = 0; i < t->subject->runs->n; i++) {
        const struct run *run = &t->subject->runs->items[i];
        for (size_t k = 0, at = 0; k < run->n_held; k++, at++) {
            while (plan->fit[at] != run->held[k])
                at++;
            to[at] = t->legs[i].per_row.data[k];
        }
    }
    per_row->len = plan->n_fit;
    per_row->data[per_row->len] = '\0';
}

/* Means over the legs; nothing where some have not been judged. */
static void fill_scores(const struct trial *t, struct outcome *o)
{
    double n = (double)t->subject->runs->n, objective = 0, error = 0, loss = 0;

    for (size_t i = 0; i < t->subject->runs->n; i++) {
        const struct leg *leg = &t->legs[i];
        if (!leg->per_row.len)
            return;
        objective += leg->score.objective / n;
        error += leg->score.error / n;
        loss += leg->score.loss / n;
    }
    o->objective = objective;
    o->val_error = error;
    o->val_loss = loss;
    if (t->options.folds)
        merge_rows(t, &o->per_row);
    else
        buf_add(&o->per_row, t->legs[0].per_row.data, t->legs[0].per_row.len);
}

static void finish(struct trial *t, struct buf *state)
{
    struct outcome *o = t->outcome;
    bool over = true;

    for (size_t i = 0; i < t->subject->runs->n; i++) {
        over &= t->legs[i].over;
        if (t->legs[i].epochs > o->epochs_run)
            o->epochs_run = t->legs[i].epochs;
    }
    if (o->state == OUTCOME_RUNG && over)
        o->state = OUTCOME_DONE;
    if (o->state == OUTCOME_RUNG || o->state == OUTCOME_DONE ||
        (o->state == OUTCOME_PRUNED && !t->options.folds))
        fill_scores(t, o);
    if (o->state == OUTCOME_PRUNED || o->state == OUTCOME_FAILED)
        buf_clear(state);
    else
        save(t, state);
}

int trial_train(const struct trial_subject *s, const struct hyper *hyper,
                uint64_t seed, size_t until, struct buf *state,
                struct outcome *outcome, struct err *err)
{
    struct trial t = {
        .subject = s, .options = *s->options, .seed = seed, .outcome = outcome};
    int status;

    t.options.hyper = *hyper;
    t.options.watch = NULL;
    t.until = until && until < hyper->epochs ? until : hyper->epochs;
    t.legs = mem_zalloc(s->runs->n, sizeof(*t.legs));
    clear_outcome(outcome);
    status = load(&t, state, err);
    for (size_t i = 0; i < s->runs->n && status == 0; i++) {
        status = run_leg(&t, i, err);
        if (outcome->state != OUTCOME_RUNG)
            break;
    }
    if (status == 0)
        finish(&t, state);
    for (size_t i = 0; i < s->runs->n; i++) {
        buf_release(&t.legs[i].per_row);
        buf_release(&t.legs[i].training);
    }
    free(t.legs);
    return status;
}
