#include "search/workers.h"

#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/parallel.h"

/* While others have all the jobs there are. */
static const struct timespec pause = {.tv_nsec = 20000000};

struct shared {
    struct study *study;
    struct states *states;
    const struct workers *workers;
    bool failed; /* somebody has */
};

static bool has_failed(struct shared *s)
{
    bool failed;

#pragma omp critical(search_workers)
    failed = s->failed;
    return failed;
}

static void set_failed(struct shared *s)
{
#pragma omp critical(search_workers)
    s->failed = true;
}

/* A trial that could go on keeps its state until it is over. */
static int keep_state(struct states *states, const struct study_job *job,
                      const struct outcome *o, const struct buf *state,
                      struct err *err)
{
    bool goes_on = o->state == OUTCOME_RUNG || o->state == OUTCOME_CUT;

    if (goes_on && state->len)
        return states_put(states, job->trial, state, err);
    if (!goes_on)
        states_drop(states, job->trial);
    return 0;
}

/* The state is on disk before the log says so. */
static int do_job(struct shared *s, const struct study_job *job,
                  struct err *err)
{
    struct outcome outcome = {0};
    struct buf state = {0};
    int status;

    states_get(s->states, job->trial, &state);
    status = s->workers->run(s->workers->context, job, &state, &outcome, err);
    if (status == 0)
        status = keep_state(s->states, job, &outcome, &state, err);
    if (status == 0 && study_tell(s->study, job->trial, &outcome, err) < 0)
        status = -1;
    buf_release(&state);
    buf_release(&outcome.note);
    buf_release(&outcome.per_row);
    return status;
}

/* Until there is nothing to do; whether the study is over. */
static bool work(struct shared *s, struct err *err)
{
    const struct workers *w = s->workers;
    struct study_job job;

    while (!has_failed(s) && !(w->stop && w->stop())) {
        enum study_next next = study_ask(s->study, &job, err);
        if (next == STUDY_OVER)
            return true;
        if (next == STUDY_WAIT)
            nanosleep(&pause, NULL);
        else if (next == STUDY_FAILED || do_job(s, &job, err) != 0)
            set_failed(s);
    }
    return false;
}

/* What is kept of trials that will not be trained further. */
static void clear_states(struct shared *s)
{
    for (size_t i = 0; i < study_trials(s->study); i++)
        if (study_trial(s->study, i)->state == TRIAL_STOPPED)
            states_drop(s->states, i + 1);
}

int workers_run(struct study *study, struct states *states,
                const struct workers *w, bool *over, struct err *err)
{
    struct shared shared = {study, states, w, false};
    struct err *errs = mem_zalloc((size_t)w->n, sizeof(*errs));
    bool *ended = mem_zalloc((size_t)w->n, sizeof(*ended));
    int status = 0;

    parallel_nest(w->n > 1 && w->threads > 1);
#pragma omp parallel for schedule(static, 1) num_threads(w->n)
    for (int i = 0; i < w->n; i++) {
        parallel_set_threads(w->threads);
        ended[i] = work(&shared, &errs[i]);
    }
    parallel_nest(false);
    parallel_set_threads(w->n * w->threads);
    *over = false;
    for (int i = w->n; i-- > 0;) {
        *over |= ended[i];
        if (errs[i].kind != ERR_NONE) {
            *err = errs[i];
            status = -1;
        }
    }
    *over &= status == 0;
    if (*over)
        clear_states(&shared);
    free(errs);
    free(ended);
    return status;
}
