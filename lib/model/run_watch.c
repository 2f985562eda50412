#include "model/run_watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/checkpoint.h"

/* What a state is worth at least, where the user does not say. */
static const double WRITE_SECONDS = 1;

bool run_watch_stops(const struct run_watch *watch)
{
    return watch && watch->stop && watch->stop();
}

static struct checkpoint *checkpoint_of(const struct watched_run *w)
{
    const struct run_watch *watch = w->shared->options->watch;

    return watch ? watch->checkpoint : NULL;
}

/* ---- the state of a run ---- */

static void pack_run(const struct watched_run *w, bool over, struct buf *state)
{
    const struct run *run = w->run;

    pack_count(state, over);
    pack_count(state, run->epochs);
    pack_bytes(state, w->news.data, w->news.len);
    pack_count(state, run->curve->n_cells);
    for (size_t i = 0; i < run->curve->n_cells; i++)
        pack_bytes(state, run->curve->cells[i], strlen(run->curve->cells[i]));
}

static size_t prob_bytes(const struct watched_run *w)
{
    return w->run->n_held * w->shared->plan->classes.n * sizeof(float);
}

/* Serves all runs: the threads of several wait for the disk in turn. */
static int write_state(struct watched_run *w, const struct buf *state,
                       struct err *err)
{
    size_t number = w->run->number;
    int status;

#pragma omp critical(checkpoint)
    status = checkpoint_write(checkpoint_of(w), number, state, err);
    w->written = clock_seconds();
    return status;
}

static void unpack_curve(struct rows *curve, struct unpack *from)
{
    size_t n = unpack_count(from);

    for (size_t i = 0; i < n && !from->failed; i++) {
        size_t len;
        const char *bytes = unpack_view(from, &len);
        char *cell = mem_strndup(bytes, len);
        rows_text(curve, cell);
        free(cell);
    }
    from->failed |= curve->n_cells % curve->n_columns != 0;
}

/* Of many: the run as it was when it was over. */
static void unpack_over(struct watched_run *w)
{
    struct run *run = w->run;
    size_t bytes = prob_bytes(w);

    run->best_epoch = unpack_count(&w->from);
    if (unpack_count(&w->from)) {
        run->prob = mem_alloc(bytes, 1);
        unpack_into(&w->from, run->prob, bytes);
    }
    run->end = RUN_OVER;
}

static void unpack_run(struct watched_run *w)
{
    bool over = unpack_count(&w->from);
    const char *news;
    size_t len;

    w->run->epochs = unpack_count(&w->from);
    news = unpack_view(&w->from, &len);
    if (len)
        buf_add(&w->news, news, len);
    unpack_curve(w->run->curve, &w->from);
    if (over && w->many)
        unpack_over(w);
    else
        w->watch.from = &w->from;
}

static void tell_resumed(const struct watched_run *w)
{
    struct epoch epoch = {.number = w->run->epochs,
                          .warning = "",
                          .news = w->news.len ? w->news.data : ""};

    if (!w->shared->resumed)
        return;
#pragma omp critical(run_told)
    w->shared->resumed(w->shared->context, w->run, &epoch);
}

static int take_up(struct watched_run *w, struct err *err)
{
    struct checkpoint *checkpoint = checkpoint_of(w);

    if (checkpoint_read(checkpoint, w->run->number, &w->state, err) != 0)
        return -1;
    if (!w->state.len)
        return 0;
    w->from = (struct unpack){w->state.data, w->state.len, false};
    unpack_run(w);
    if (w->from.failed)
        return err_set(err, ERR_DATA, "the checkpoint is damaged");
    tell_resumed(w);
    return 0;
}

/* ---- between epochs ---- */

/* The state is worth its writing: it is lost else, or it took its time. */
static bool is_due(const struct watched_run *w, bool last)
{
    size_t every = w->shared->options->watch->every;

    if (last)
        return true;
    return every ? w->run->epochs % every == 0
                 : clock_seconds() - w->written >= WRITE_SECONDS;
}

static int keep_state(struct watched_run *w, const struct training *training,
                      bool over, struct err *err)
{
    struct buf state = {0};
    int status;

    pack_run(w, over, &state);
    training_save(training, &state);
    status = write_state(w, &state, err);
    buf_release(&state);
    return status;
}

/* Of many, what is over is kept with its predictions, which come later. */
static int ask(void *context, const struct training *training, bool over,
               struct err *err)
{
    struct watched_run *w = context;
    const struct buf *news = &training->diagnosis.news;
    bool stop = !over && run_watch_stops(w->shared->options->watch);

    buf_release(&w->state); /* the network has taken it */
    w->run->epochs = training->epoch;
    if (news->len)
        buf_add(&w->news, news->data, news->len);
    if (stop)
        w->run->end = RUN_CUT;
    if (checkpoint_of(w) && !(over && w->many) && is_due(w, over || stop) &&
        keep_state(w, training, over, err) != 0)
        return -1;
    return stop;
}

int watched_run_begin(struct watched_run *w, struct err *err)
{
    w->watch.ask = ask;
    w->watch.context = w;
    w->many = checkpoint_of(w) && checkpoint_models(checkpoint_of(w)) > 1;
    return checkpoint_of(w) ? take_up(w, err) : 0;
}

int watched_run_over(struct watched_run *w, struct err *err)
{
    struct run *run = w->run;
    struct buf state = {0};
    int status;

    if (!checkpoint_of(w) || !w->many || run->end != RUN_OVER)
        return 0;
    pack_run(w, true, &state);
    pack_count(&state, run->best_epoch);
    pack_count(&state, run->prob != NULL);
    if (run->prob)
        pack_bytes(&state, run->prob, prob_bytes(w));
    status = write_state(w, &state, err);
    buf_release(&state);
    return status;
}

void watched_run_release(struct watched_run *w)
{
    buf_release(&w->state);
    buf_release(&w->news);
}
