#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/rng.h"
#include "search/study_events.h"

enum { SEEDS = 1000000000 };

/* ---- what a sampler sees ---- */

static size_t common_rung(const struct study *s, size_t least)
{
    const struct halving *h = &s->options->halving;

    for (size_t rung = h->n; rung-- > 1;) {
        size_t there = 0;
        for (size_t i = 0; i < s->n; i++)
            there += !s->trials[i].repeat_of && s->climbs[i].rungs > rung;
        if (there >= least)
            return rung;
    }
    return 0;
}

static double seen(const struct study *s, const struct study_trial *t,
                   size_t rung)
{
    const struct climb *c = &s->climbs[t->number - 1];

    if (s->options->halving.n)
        return c->rungs > rung ? c->objective[rung] : c->rungs ? INFINITY : NAN;
    if (t->state == TRIAL_ASKED)
        return NAN;
    return t->state == TRIAL_DONE && !isnan(t->objective) ? t->objective
                                                          : INFINITY;
}

void study_history(const struct study *s, size_t least, struct history *h)
{
    size_t rung = common_rung(s, least);

    *h = (struct history){.space = s->space};
    for (size_t i = 0; i < s->n; i++)
        if (!s->trials[i].repeat_of)
            history_add(h, study_value(s, i), seen(s, &s->trials[i], rung));
}

/* ---- asking ---- */

static double seconds_now(void)
{
    return (double)time(NULL);
}

static uint64_t new_seed(const struct study *s, size_t number)
{
    struct rng rng;

    rng_init(&rng, s->options->sampler.seed,
             RNG_SEARCH_TRIAL + ((uint64_t)number << 8));
    return rng_below(&rng, SEEDS);
}

/* Whether nobody trains a trial that was asked. */
static bool is_free(struct study *s, const struct study_trial *t)
{
    double timeout = s->options->timeout;

    if (t->state != TRIAL_ASKED || t->claimed)
        return false;
    if (t->asked_at > 0 &&
        (timeout <= 0 || seconds_now() - t->asked_at <= timeout))
        return false;
    if (!journal_claim(s->journal, t->number))
        return false;
    journal_unclaim(s->journal, t->number);
    return true;
}

static bool others_run(const struct study *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->trials[i].state == TRIAL_ASKED)
            return true;
    return false;
}

static void fill_job(const struct study *s, const struct study_trial *t,
                     struct study_job *job, bool again)
{
    const struct halving *h = &s->options->halving;
    size_t rungs;

    memset(job, 0, sizeof(*job));
    job->trial = t->number;
    job->seed = t->seed;
    job->again = again;
    memcpy(job->value, study_value(s, t->number - 1),
           s->space->n * sizeof(*job->value));
    rungs = s->climbs[t->number - 1].rungs;
    if (!t->repeat_of && rungs + 1 < h->n)
        job->until = h->rungs[rungs];
}

/* The event, the claim, the job. */
static int give(struct study *s, size_t number, const double *value,
                const char *note, struct study_job *job, struct err *err)
{
    bool known = number <= s->n, claims = !s->options->gives;
    struct study_event event = {
        .trial = number,
        .state = "asked",
        .objective = NAN,
        .val_error = NAN,
        .val_loss = NAN,
        .asked_at = claims ? NAN : seconds_now(),
        .value = value,
        .note = note,
        .epochs_run = known ? s->trials[number - 1].epochs_run : 0,
        .seed = known ? s->trials[number - 1].seed : new_seed(s, number)};

    if (study_append(s, &event, err) != 0)
        return -1;
    s->trials[number - 1].claimed = claims && journal_claim(s->journal, number);
    fill_job(s, &s->trials[number - 1], job, known);
    return 0;
}

/* One that was left: its event stands, but for the time. */
static int give_again(struct study *s, struct study_trial *t,
                      struct study_job *job, struct err *err)
{
    if (s->options->gives)
        return give(s, t->number, study_value(s, t->number - 1), t->note, job,
                    err);
    t->claimed = journal_claim(s->journal, t->number);
    t->asked_at = 0;
    fill_job(s, t, job, true);
    return 0;
}

static struct study_trial *find_free(struct study *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (is_free(s, &s->trials[i]))
            return &s->trials[i];
    return NULL;
}

static size_t find_promoted(const struct study *s, bool last)
{
    return halving_promote(&s->options->halving, s->climbs, s->n, last);
}

static int give_new(struct study *s, struct study_job *job, struct err *err)
{
    double value[SPACE_MOST];
    struct history history;

    study_history(s, s->space->n + 2, &history);
    sampler_propose(s->sampler, &history, s->sampled, value);
    history_release(&history);
    return give(s, s->n + 1, value, "", job, err);
}

static size_t count_repeats(const struct study *s, size_t trial)
{
    size_t n = 0;

    for (size_t i = 0; i < s->n; i++)
        n += s->trials[i].repeat_of == trial;
    return n;
}

/* The next repeat: 1 and a job, or 0. */
static int give_repeat(struct study *s, struct study_job *job, struct err *err)
{
    char note[48];

    for (size_t round = 0; round < s->repeats; round++)
        for (size_t i = 0; i < s->repeated.n; i++) {
            size_t trial = strtoull(s->repeated.items[i], NULL, 10);
            if (count_repeats(s, trial) > round)
                continue;
            snprintf(note, sizeof(note), "repeat of %zu", trial);
            return give(s, s->n + 1, study_value(s, trial - 1), note, job,
                        err) == 0
                       ? 1
                       : -1;
        }
    return 0;
}

/* The end: what was not promoted stays where it is. */
static int stop_others(struct study *s, struct err *err)
{
    char state[32];

    for (size_t i = 0; i < s->n; i++) {
        const struct study_trial *t = &s->trials[i];
        struct study_event event = {.trial = t->number,
                                    .state = state,
                                    .objective = t->objective,
                                    .val_error = t->val_error,
                                    .val_loss = t->val_loss,
                                    .epochs_run = t->epochs_run,
                                    .seed = t->seed,
                                    .value = study_value(s, i),
                                    .note = t->note,
                                    .per_row = t->per_row,
                                    .asked_at = NAN};
        if (t->state != TRIAL_RUNG)
            continue;
        snprintf(state, sizeof(state), "stopped:%zu", s->climbs[i].rungs - 1);
        if (study_append(s, &event, err) != 0)
            return -1;
    }
    return 0;
}

static enum study_next give_any(struct study *s, struct study_job *job,
                                struct err *err)
{
    size_t most = sampler_most(s->sampler), trials = s->options->sampler.trials,
           promoted;
    bool more;
    struct study_trial *left;
    int given;

    if (study_catch_up(s, err) != 0)
        return STUDY_FAILED;
    more = s->sampled < (most < trials ? most : trials);
    left = find_free(s);
    if (left)
        return give_again(s, left, job, err) == 0 ? STUDY_JOB : STUDY_FAILED;
    promoted = find_promoted(s, !more && !others_run(s));
    if (promoted != SIZE_MAX)
        return give(s, promoted + 1, study_value(s, promoted),
                    s->trials[promoted].note, job, err) == 0
                   ? STUDY_JOB
                   : STUDY_FAILED;
    if (more)
        return give_new(s, job, err) == 0 ? STUDY_JOB : STUDY_FAILED;
    given = give_repeat(s, job, err);
    if (given != 0)
        return given > 0 ? STUDY_JOB : STUDY_FAILED;
    if (others_run(s))
        return STUDY_WAIT;
    return stop_others(s, err) == 0 ? STUDY_OVER : STUDY_FAILED;
}

enum study_next study_ask(struct study *s, struct study_job *job,
                          struct err *err)
{
    enum study_next next = STUDY_FAILED;

#pragma omp critical(search_study)
    if (journal_lock(s->journal, err) == 0) {
        next = give_any(s, job, err);
        journal_unlock(s->journal);
    }
    return next;
}
