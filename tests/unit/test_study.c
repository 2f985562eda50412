/* Searches and their logs: halving, journals, states, studies, workers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "scratch.h"
#include "search/journal.h"
#include "search/workers.h"

/* ---- halving ---- */

static void halving__rungs_rise_to_the_end(void **state)
{
    struct halving h;

    (void)state;
    halving_init(&h, 1, 100, 3);
    assert_int_equal(h.n, 6);
    assert_int_equal(h.rungs[0], 1);
    assert_int_equal(h.rungs[4], 81);
    assert_int_equal(h.rungs[5], 100);
    halving_init(&h, 5, 4, 2);
    assert_int_equal(h.n, 1);
    assert_int_equal(h.rungs[0], 4);
}

/* n trials at the first rung, the objective is the number. */
static void stand_at(struct climb *climbs, size_t n)
{
    memset(climbs, 0, n * sizeof(*climbs));
    for (size_t i = 0; i < n; i++) {
        climbs[i].rungs = 1;
        climbs[i].objective[0] = (double)i;
    }
}

static void halving__one_of_eta_is_promoted_the_best(void **state)
{
    struct climb climbs[9];
    struct halving h;

    (void)state;
    halving_init(&h, 1, 9, 3);
    stand_at(climbs, 9);
    assert_int_equal(halving_promote(&h, climbs, 2, false), SIZE_MAX);
    assert_int_equal(halving_promote(&h, climbs, 2, true), 0);
    assert_int_equal(halving_promote(&h, climbs, 3, false), 0);
    climbs[0].runs = true;
    assert_int_equal(halving_promote(&h, climbs, 5, false), SIZE_MAX);
    assert_int_equal(halving_promote(&h, climbs, 6, false), 1);
}

static void halving__looks_from_the_top(void **state)
{
    struct climb climbs[9];
    struct halving h;

    (void)state;
    halving_init(&h, 1, 9, 3);
    stand_at(climbs, 9);
    for (int i = 0; i < 3; i++) {
        climbs[i].rungs = 2;
        climbs[i].objective[1] = 2 - i;
    }
    assert_int_equal(halving_promote(&h, climbs, 9, false), 2);
    climbs[2].rungs = 3;
    climbs[2].objective[2] = 0;
    assert_int_equal(halving_promote(&h, climbs, 9, false), SIZE_MAX);
}

static void halving__failures_are_not_promoted(void **state)
{
    struct climb climbs[3];
    struct halving h;

    (void)state;
    halving_init(&h, 1, 9, 3);
    stand_at(climbs, 3);
    for (int i = 0; i < 3; i++)
        climbs[i].objective[0] = INFINITY;
    assert_int_equal(halving_promote(&h, climbs, 3, true), SIZE_MAX);
}

/* Equally good ones: the smaller loss. */
static void halving__losses_decide_between_equals(void **state)
{
    struct climb climbs[3];
    struct halving h;

    (void)state;
    halving_init(&h, 1, 9, 3);
    stand_at(climbs, 3);
    for (int i = 0; i < 3; i++) {
        climbs[i].objective[0] = .1;
        climbs[i].loss[0] = i == 1 ? .2 : .3;
    }
    assert_int_equal(halving_promote(&h, climbs, 3, false), 1);
    climbs[1].loss[0] = NAN;
    assert_int_equal(halving_promote(&h, climbs, 3, false), 0);
}

/* A trial that was over at the first rung is the best of the second, too. */
static void halving__what_is_over_rises_by_itself(void **state)
{
    struct climb climbs[3];
    struct halving h;

    (void)state;
    halving_init(&h, 1, 9, 3);
    stand_at(climbs, 3);
    climbs[0].over = true;
    assert_int_equal(halving_promote(&h, climbs, 3, false), SIZE_MAX);
    halving_settle(&h, climbs, 3, true);
    assert_int_equal(climbs[0].rungs, 3);
    assert_int_equal(halving_promote(&h, climbs, 3, true), SIZE_MAX);
}

/* ---- journals ---- */

static int count_record(void *context, const char *const *cells, size_t n,
                        long line, struct err *err)
{
    size_t *count = context;

    (void)cells;
    (void)line;
    (void)err;
    *count += n;
    return 0;
}

static size_t count_cells(struct journal *j)
{
    struct err err = {0};
    size_t count = 0;

    assert_int_equal(journal_lock(j, &err), 0);
    assert_int_equal(journal_read(j, count_record, &count, &err), 0);
    journal_unlock(j);
    return count;
}

static void append(struct journal *j, const char *text)
{
    struct buf lines = {0};
    struct err err = {0};

    buf_add_text(&lines, text);
    assert_int_equal(journal_lock(j, &err), 0);
    assert_int_equal(journal_append(j, &lines, &err), 0);
    journal_unlock(j);
    buf_release(&lines);
}

static void journal__tells_of_others_and_once(void **state)
{
    const char *path = scratch_path("journal.csv");
    struct err err = {0};
    struct journal *a = journal_open(path, "a,b", &err),
                   *b = journal_open(path, "a,b", &err);

    (void)state;
    append(a, "a,b\n1,2\n");
    assert_int_equal(count_cells(b), 4);
    append(b, "\"x\"\"y\",\n");
    assert_int_equal(count_cells(a), 6);
    assert_int_equal(count_cells(a), 0);
    assert_int_equal(count_cells(b), 2);
    journal_close(a);
    journal_close(b);
    unlink(path);
}

static void journal__cuts_off_a_torn_line(void **state)
{
    const char *path = scratch_path("torn.csv");
    struct err err = {0};
    struct journal *a = journal_open(path, "a,b", &err), *reads;

    (void)state;
    append(a, "a,b\n1,2\n3,\"4");
    reads = journal_open_read(path, "a,b", &err);
    assert_int_equal(count_cells(reads), 4);
    assert_int_equal(count_cells(a), 4);
    append(a, "5,6\n");
    assert_int_equal(count_cells(reads), 2);
    assert_int_equal(count_cells(a), 2);
    journal_close(a);
    journal_close(reads);
    unlink(path);
}

static void journal__bad_csv_names_the_line(void **state)
{
    const char *path = scratch_path("bad.csv");
    struct err err = {0};
    struct journal *a = journal_open(path, "a,b", &err);
    size_t count = 0;

    (void)state;
    append(a, "a,b\n1,2\n3,4\"\n");
    assert_int_equal(journal_lock(a, &err), 0);
    assert_int_equal(journal_read(a, count_record, &count, &err), -1);
    journal_unlock(a);
    assert_int_equal(err.line, 3);
    assert_string_equal(err.file, path);
    journal_close(a);
    unlink(path);
}

/* A claim ends with its process. */
static void journal__claims_die_with_their_process(void **state)
{
    const char *path = scratch_path("claims.csv");
    struct err err = {0};
    struct journal *a = journal_open(path, "a,b", &err);
    int said[2], ends[2];
    pid_t child;
    char c;

    (void)state;
    assert_int_equal(pipe(said), 0);
    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        struct journal *b = journal_open(path, "a,b", &err);
        c = journal_claim(b, 7) ? 'y' : 'n';
        _exit(write(said[1], &c, 1) == 1 && close(ends[1]) == 0 &&
                      read(ends[0], &c, 1) == 1
                  ? 0
                  : 1);
    }
    assert_int_equal(read(said[0], &c, 1), 1);
    assert_int_equal(c, 'y');
    assert_false(journal_claim(a, 7));
    assert_true(journal_claim(a, 8));
    assert_int_equal(write(ends[1], "x", 1), 1);
    waitpid(child, NULL, 0);
    assert_true(journal_claim(a, 7));
    for (int i = 0; i < 2; i++) {
        close(said[i]);
        close(ends[i]);
    }
    journal_close(a);
    unlink(path);
}

/* ---- states ---- */

static void keep_and_get(struct states *s)
{
    struct buf put = {0}, got = {0};
    struct err err = {0};

    buf_add(&put, "some\0bytes", 10);
    assert_int_equal(states_put(s, 3, &put, &err), 0);
    states_get(s, 3, &got);
    assert_int_equal(got.len, 10);
    assert_memory_equal(got.data, put.data, 10);
    buf_clear(&got);
    states_get(s, 2, &got);
    assert_int_equal(got.len, 0);
    states_drop(s, 3);
    states_get(s, 3, &got);
    assert_int_equal(got.len, 0);
    buf_release(&put);
    buf_release(&got);
}

static void states__are_kept_in_memory_and_files(void **state)
{
    const char *log = scratch_path("states.log");
    struct buf folder = {0};
    struct states *s = states_new(NULL);

    (void)state;
    keep_and_get(s);
    states_free(s);
    s = states_new(log);
    keep_and_get(s);
    states_free(s);
    buf_printf(&folder, "%s.states", log);
    assert_int_not_equal(access(folder.data, F_OK), 0);
    buf_release(&folder);
}

/* Half a file is no state: the trial is trained from its beginning. */
static void states__that_are_torn_are_none(void **state)
{
    const char *log = scratch_path("torn.log");
    struct states *s = states_new(log);
    struct buf bytes = {0}, got = {0}, path = {0};
    struct err err = {0};

    (void)state;
    buf_add_text(&bytes, "the state of a trial");
    assert_int_equal(states_put(s, 1, &bytes, &err), 0);
    buf_printf(&path, "%s.states/1", log);
    assert_int_equal(truncate(path.data, 9), 0);
    states_get(s, 1, &got);
    assert_int_equal(got.len, 0);
    states_drop(s, 1);
    states_free(s);
    buf_release(&bytes);
    buf_release(&path);
}

/* ---- studies ---- */

enum { TRIALS = 9 };

static const char SPACE[] = "x=log:1e-4..1 n=int:1..9 o=a,b m=0..1 if o=b";

static void open_space(struct space *space)
{
    struct err err = {0};

    assert_int_equal(space_parse(space, SPACE, &err), 0);
}

static struct study_options options_of(const char *log, bool halving)
{
    struct study_options o = {
        .sampler = {.method = METHOD_RANDOM, .seed = 3, .trials = TRIALS},
        .log = log};

    if (halving)
        halving_init(&o.halving, 1, 9, 3);
    list_add(&o.fixed, "space=the same");
    list_add(&o.free_, "workers=1");
    return o;
}

static void release_options(struct study_options *o)
{
    list_release(&o->fixed);
    list_release(&o->free_);
}

/* Trials that were to go on, and began anew for want of their state. */
static int begun_anew;

/* What a trial comes to depends on nothing but itself; one in seven fails. */
static int make_trial(void *context, const struct study_job *job,
                      struct buf *state, struct outcome *o, struct err *err)
{
    size_t until = job->until ? job->until : 9;

    (void)context;
    (void)err;
    if (until > 1 && until < 9 && !state->len)
        begun_anew++;
    buf_clear(state);
    buf_printf(state, "%zu epochs", until);
    o->state = job->until ? OUTCOME_RUNG : OUTCOME_DONE;
    o->objective = fabs(log(job->value[0]) + 3) + 1. / (double)until;
    o->val_error = o->objective / 10;
    o->val_loss = NAN;
    o->epochs_run = until;
    if (job->trial % 7 == 0) {
        o->state = OUTCOME_FAILED;
        o->objective = NAN;
        buf_add_text(&o->note, "it never works,\nthis one");
    }
    return 0;
}

static bool run_study(const char *log, bool halving, int workers)
{
    struct study_options o = options_of(log, halving);
    struct workers w = {.n = workers, .threads = 1, .run = make_trial};
    struct states *states = states_new(log);
    struct err err = {0};
    struct space space;
    struct study *s;
    bool over;

    open_space(&space);
    s = study_open(&space, &o, &err);
    assert_non_null(s);
    study_repeat(s, (const size_t[]){2, 5}, 2, 2);
    assert_int_equal(workers_run(s, states, &w, &over, &err), 0);
    for (size_t i = 0; i < study_trials(s); i++)
        assert_true(study_trial(s, i)->state > TRIAL_RUNG);
    assert_int_equal(study_trials(s), TRIALS + 4);
    study_close(s);
    states_free(states);
    space_release(&space);
    release_options(&o);
    return over;
}

static char *read_log(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rbe");
    char *bytes = mem_zalloc(1 << 16, 1);

    assert_non_null(file);
    *len = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return bytes;
}

static void write_log(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wbe");

    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

/*
 * Whatever a kill leaves of the log, whole lines or the middle of one,
 * the search that goes on ends in the same log.
 */
static void survives_cuts(bool halving)
{
    const char *path = scratch_path("study.log");
    size_t len, again;
    char *whole, *now;

    assert_true(run_study(path, halving, 1));
    whole = read_log(path, &len);
    for (size_t cut = 0; cut < len; cut += 220 + cut % 37) {
        write_log(path, whole, cut);
        assert_true(run_study(path, halving, 1));
        now = read_log(path, &again);
        assert_int_equal(again, len);
        assert_memory_equal(now, whole, len);
        free(now);
    }
    free(whole);
    unlink(path);
}

static void study__goes_on_as_it_would_have(void **state)
{
    (void)state;
    survives_cuts(false);
}

static void study__with_halving_goes_on_as_it_would_have(void **state)
{
    (void)state;
    survives_cuts(true);
}

static void study__several_workers_make_each_trial_once(void **state)
{
    const char *path = scratch_path("workers.log");

    (void)state;
    assert_true(run_study(path, true, 4));
    assert_true(run_study(path, true, 2));
    unlink(path);
}

/* Two processes, each with two workers, over one log. */
static void study__processes_share_a_log(void **state)
{
    const char *path = scratch_path("shared.log");
    size_t len, asked = 0;
    char *whole;
    pid_t child[2];
    int status;

    (void)state;
    for (int i = 0; i < 2; i++) {
        child[i] = fork();
        if (child[i] == 0)
            _exit(run_study(path, false, 1) ? 0 : 1);
    }
    for (int i = 0; i < 2; i++) {
        waitpid(child[i], &status, 0);
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    whole = read_log(path, &len);
    for (char *at = whole; (at = strstr(at, ",asked,")); at++)
        asked++;
    assert_int_equal(asked, TRIALS + 4);
    free(whole);
    unlink(path);
}

static void study__refuses_another_search(void **state)
{
    const char *path = scratch_path("other.log");
    struct study_options o = options_of(path, false);
    struct err err = {0};
    struct space space;

    (void)state;
    assert_true(run_study(path, false, 1));
    open_space(&space);
    list_release(&o.fixed);
    list_add(&o.fixed, "space=another");
    assert_null(study_open(&space, &o, &err));
    assert_string_equal(err.message, "the log is of another search: space was "
                                     "'the same', not 'another'");
    release_options(&o);
    space_release(&space);
    unlink(path);
}

/* What is free may change, and is written down; the rest stays known. */
static void study__notes_what_is_free(void **state)
{
    const char *path = scratch_path("free.log");
    struct study_options o = options_of(path, false);
    struct list items = {0};
    struct err err = {0};
    struct space space;
    struct study *s;

    (void)state;
    open_space(&space);
    s = study_open(&space, &o, &err);
    study_close(s);
    release_options(&o);
    list_add(&o.free_, "workers=2");
    s = study_open(&space, &o, &err);
    assert_non_null(s);
    study_close(s);
    assert_int_equal(study_items(path, &items, &err), 0);
    assert_string_equal(study_item(&items, "workers"), "2");
    assert_string_equal(study_item(&items, "space"), "the same");
    list_release(&items);
    release_options(&o);
    space_release(&space);
    unlink(path);
}

/* Jobs for others are asked again when their time is up, and told once. */
static void study__gives_jobs_to_others(void **state)
{
    struct study_options o = options_of(NULL, false);
    struct outcome done = {.state = OUTCOME_DONE, .objective = 1};
    struct study_job job;
    struct err err = {0};
    struct space space;
    struct study *s;

    (void)state;
    open_space(&space);
    o.gives = true;
    o.sampler.trials = 2;
    o.timeout = .5;
    s = study_open(&space, &o, &err);
    assert_int_equal(study_ask(s, &job, &err), STUDY_JOB);
    assert_int_equal(study_ask(s, &job, &err), STUDY_JOB);
    assert_int_equal(job.trial, 2);
    assert_int_equal(study_ask(s, &job, &err), STUDY_WAIT);
    assert_int_equal(study_tell(s, 2, &done, &err), 0);
    assert_int_equal(study_tell(s, 2, &done, &err), 1);
    assert_int_equal(study_tell(s, 3, &done, &err), -1);
    usleep(1600000);
    assert_int_equal(study_ask(s, &job, &err), STUDY_JOB);
    assert_int_equal(job.trial, 1);
    assert_true(job.again);
    assert_int_equal(study_tell(s, 1, &done, &err), 0);
    assert_int_equal(study_ask(s, &job, &err), STUDY_OVER);
    study_close(s);
    release_options(&o);
    space_release(&space);
}

/* Which lines a log may have: cells of a record behind the `search` row. */
static void refuses(const char *events, const char *message)
{
    const char *path = scratch_path("events.log");
    struct study_options o = options_of(path, false);
    struct buf log = {0};
    struct err err = {0};
    struct space space;
    struct study *s;

    open_space(&space);
    s = study_open(&space, &o, &err);
    study_close(s);
    buf_add_text(&log, events);
    FILE *file = fopen(path, "abe");
    assert_int_equal(fwrite(log.data, 1, log.len, file), log.len);
    fclose(file);
    s = study_open(&space, &o, &err);
    if (message) {
        assert_null(s);
        assert_string_equal(err.message, message);
    } else {
        assert_non_null(s);
    }
    study_close(s);
    buf_release(&log);
    space_release(&space);
    release_options(&o);
    unlink(path);
}

static void study__events_follow_each_other(void **state)
{
    const char asked[] = "1,asked,,,,0,5,.1,3,a,,,,\n",
               done[] = "1,done,.5,,,9,5,.1,3,a,,,,\n",
               stopped[] = "1,stopped:0,.5,,,9,5,.1,3,a,,,,\n",
               second[] = "3,asked,,,,0,5,.1,3,a,,,,\n";
    char text[400];

    (void)state;
    refuses(asked, NULL);
    refuses(done, "trial 1 cannot be 'done' here");
    refuses(second, "trial 3 does not follow trial 0");
    snprintf(text, sizeof(text), "%s%s", asked, done);
    refuses(text, NULL);
    snprintf(text, sizeof(text), "%s%s%s", asked, done, done);
    refuses(text, "trial 1 cannot be 'done' here");
    snprintf(text, sizeof(text), "%s%s%s", asked, done, asked);
    refuses(text, "trial 1 cannot be 'asked' here");
    snprintf(text, sizeof(text), "%s%s", asked, stopped);
    refuses(text, "trial 1 cannot be 'stopped:0' here");
}

/* Objectives of one rung: of the highest that so many came to. */
static void study__history_is_of_one_rung(void **state)
{
    const char *path = scratch_path("history.log");
    struct study_options o = options_of(path, true);
    struct err err = {0};
    struct history h;
    struct space space;
    struct study *s;

    (void)state;
    assert_true(run_study(path, true, 1));
    open_space(&space);
    s = study_open_read(&space, &o, &err);
    assert_non_null(s);
    study_history(s, TRIALS, &h);
    assert_int_equal(h.n, TRIALS); /* without repeats */
    assert_int_equal(history_done(&h), TRIALS - 1);
    history_release(&h);
    study_history(s, 2, &h);
    assert_int_equal(history_done(&h), 3);
    history_release(&h);
    study_close(s);
    space_release(&space);
    release_options(&o);
    unlink(path);
}

static void count_told(void *context, const struct study *study, size_t i)
{
    size_t *told = context;

    (void)study;
    told[i]++;
}

/* A trial that was stopped and goes on, since there are more, ends once. */
static void study__stopped_trials_go_on(void **state)
{
    const char *path = scratch_path("more.log");
    size_t told[2 * TRIALS + 4] = {0};
    struct study_options o;
    struct workers w = {.n = 1, .threads = 1, .run = make_trial};
    struct err err = {0};
    struct space space;
    struct study *s;
    bool over;

    (void)state;
    for (int more = 1; more <= 2; more++) {
        struct states *states = states_new(path);
        o = options_of(path, true);
        o.sampler.trials = (size_t)more * TRIALS;
        open_space(&space);
        s = study_open(&space, &o, &err);
        assert_non_null(s);
        assert_int_equal(workers_run(s, states, &w, &over, &err), 0);
        study_close(s);
        states_free(states);
        release_options(&o);
        if (more == 1)
            space_release(&space);
    }
    o = options_of(path, true);
    o.finished = count_told;
    o.context = told;
    s = study_open(&space, &o, &err);
    assert_non_null(s);
    assert_int_equal(study_trials(s), 2 * TRIALS);
    for (size_t i = 0; i < 2 * TRIALS; i++)
        assert_int_equal(told[i], 1);
    study_close(s);
    release_options(&o);
    space_release(&space);
    unlink(path);
}

/* What is no log is left as it is. */
static void study__other_files_are_not_touched(void **state)
{
    const char *path = scratch_path("letter.txt");
    struct study_options o = options_of(path, false);
    struct err err = {0};
    struct space space;
    size_t len;
    char *text;

    (void)state;
    write_log(path, "hello", 5);
    open_space(&space);
    assert_null(study_open(&space, &o, &err));
    assert_string_equal(err.message, "not the log of a search");
    text = read_log(path, &len);
    assert_string_equal(text, "hello");
    free(text);
    space_release(&space);
    release_options(&o);
    unlink(path);
}

/* A sampler learns from trials that were measured at the same rung. */
static void study__halving_spends_less(void **state)
{
    const char *path = scratch_path("epochs.log");
    size_t len, promoted = 0;
    char *whole;

    (void)state;
    begun_anew = 0;
    assert_true(run_study(path, true, 1));
    assert_int_equal(begun_anew, 0);
    whole = read_log(path, &len);
    for (char *at = whole; (at = strstr(at, ",rung,")); at++)
        promoted++;
    /* 8 that do not fail at the first rung, 3 at the second */
    assert_int_equal(promoted, 8 + 3);
    free(whole);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halving__rungs_rise_to_the_end),
        cmocka_unit_test(halving__one_of_eta_is_promoted_the_best),
        cmocka_unit_test(halving__looks_from_the_top),
        cmocka_unit_test(halving__failures_are_not_promoted),
        cmocka_unit_test(halving__losses_decide_between_equals),
        cmocka_unit_test(halving__what_is_over_rises_by_itself),
        cmocka_unit_test(journal__tells_of_others_and_once),
        cmocka_unit_test(journal__cuts_off_a_torn_line),
        cmocka_unit_test(journal__bad_csv_names_the_line),
        cmocka_unit_test(journal__claims_die_with_their_process),
        cmocka_unit_test(states__are_kept_in_memory_and_files),
        cmocka_unit_test(states__that_are_torn_are_none),
        cmocka_unit_test(study__goes_on_as_it_would_have),
        cmocka_unit_test(study__with_halving_goes_on_as_it_would_have),
        cmocka_unit_test(study__several_workers_make_each_trial_once),
        cmocka_unit_test(study__processes_share_a_log),
        cmocka_unit_test(study__refuses_another_search),
        cmocka_unit_test(study__notes_what_is_free),
        cmocka_unit_test(study__gives_jobs_to_others),
        cmocka_unit_test(study__halving_spends_less),
        cmocka_unit_test(study__events_follow_each_other),
        cmocka_unit_test(study__history_is_of_one_rung),
        cmocka_unit_test(study__stopped_trials_go_on),
        cmocka_unit_test(study__other_files_are_not_touched),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
