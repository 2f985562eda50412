/*
 * faults: puts faults into tables and trainings, one at a time, and counts how
 * often `check` tells of them, names their cause first, and cries wolf.
 *
 *     make faults                          all of it
 *     make faults SEEDS=1                  a small part, in a minute
 *     make faults ARGS='--fault sign,leak --data blobs --seeds 3'
 *     make faults ARGS='--fault sign --data blobs --seed 2 --show'
 *
 * The data sets (corpus.c) are in two halves, with seeds of their own, that
 * have no row in common: thresholds are looked for in half A, half B is what is
 * reported.  Each data set at each seed has other rows, parts, network and
 * settings; it is run without a fault, and with each fault that it can have
 * (data_faults.c, training_faults.c); of all faults it gets every other one, by
 * turns (--every 2; 10 with a single seed, 1 for faults named by --fault).  For
 * faults of the data the data checks are asked alone; for those of a training
 * both, as in `check --net`.
 *
 * In the tables, by fault: `runs`; `recall`, the share of them in which
 * something fails or warns that does not without the fault; `named`, in which
 * a check that names the fault does; `first`, in which that one comes first
 * (fails before warns, then in the order of the checks).  HELD OUT are faults
 * that no check was made for.  The exit status is 1 if a figure that must hold
 * is missed by more than chance (binomial, p < .001), or a run breaks.
 *
 * Measured on the first 77 of the 340 samples (2,017 runs with a fault):
 *
 *                          half A                   half B
 *                     runs  recall  first     runs  recall  first
 *     data             563     .96    .94      442     .98    .93
 *     training         397     .97    .96      298     .99    .98
 *     held out         179     .93    .90      138     .93    .90
 *     clean             45 runs, fail .000,     34 runs, fail .000,
 *                          warn .022                warn .059
 *
 * What was fitted to what was seen, of both halves: how strong a fault is where
 * a milder one did no harm (dropout .99, adamw's decay 100) or lay on a check's
 * limit (copies of a quarter), and that `sizes` (a part has one class) and
 * `prior` also name classes that stand in one part, and `dependency` the rows
 * of a batch in reverse.  With `absent`, `sorted` and `classes` alone half B
 * would have .90 in place of .95 at the least.
 *
 * What is missed most: alignment of a quarter of a few hundred rows; a giveaway
 * that other columns come near to; copies, where rows can hardly differ; sums
 * of gradients over 64 rows and more; what training alone does to inputs, where
 * batch normalisation mixes rows.
 */
#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/parallel.h"
#include "judge.h"
#include "look.h"

enum { FAULTS_MOST = 100, JOBS_MOST = 4000, WORKERS_MOST = 64 };

struct work {
    const struct fault *faults[FAULTS_MOST];
    size_t n_faults;
    struct job jobs[JOBS_MOST];
    size_t n_jobs;
    size_t every; /* of so many faults a sample gets one, by turns */
    bool net;     /* the network is asked too */
    bool show;    /* every finding is printed */
    char folder[64];
    struct shared *shared;
};

/* What the processes have in common. */
struct shared {
    atomic_size_t next, done, runs;
    struct verdict verdicts[];
};

/* ---- the command line ---- */

struct choice {
    struct list faults, data;
    size_t seeds, seed, every, workers;
    char half; /* 0: both */
    bool show;
};

static _Noreturn void usage(const char *message)
{
    fprintf(stderr,
            "faults: %s\n"
            "usage: faults [--fault A,B|data|training|held_out|none] "
            "[--data A,B] [--half A|B]\n"
            "              [--seeds N | --seed N] [--jobs N] [--show] "
            "[--list]\n",
            message);
    exit(2);
}

static size_t count_of(const char *text)
{
    long value;

    if (!num_parse_long(text, 1, 10000, &value))
        usage("not a count");
    return (size_t)value;
}

static void list_names(void)
{
    for (const struct data_set *set = corpus; set->name; set++)
        printf("data   %-17s half %c\n", set->name, set->half);
    for (const struct fault *f = data_faults; f->name; f++)
        printf("fault  %-17s %s\n", f->name, f->causes);
    for (const struct fault *f = training_faults; f->name; f++)
        printf("fault  %-17s %s\n", f->name, f->causes);
    exit(0);
}

static void take_list(struct list *list, const char *text)
{
    struct err err;

    if (list_add_record(list, text, &err) != 0)
        usage(err.message);
}

static void parse(struct choice *c, int argc, char **argv)
{
    static const struct option options[] = {
        {"fault", 1, 0, 'f'}, {"data", 1, 0, 'd'},
        {"half", 1, 0, 'h'},  {"seeds", 1, 0, 'n'},
        {"seed", 1, 0, 's'},  {"every", 1, 0, 'e'},
        {"jobs", 1, 0, 'j'},  {"show", 0, 0, 'v'},
        {"list", 0, 0, 'l'},  {0}};
    int key;

    *c = (struct choice){.seeds = 20,
                         .workers = (size_t)parallel_set_threads(0)};
    while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (key) {
        case 'f':
            take_list(&c->faults, optarg);
            break;
        case 'd':
            take_list(&c->data, optarg);
            break;
        case 'h':
            c->half = optarg[0];
            break;
        case 'n':
            c->seeds = count_of(optarg);
            break;
        case 's':
            c->seed = count_of(optarg);
            break;
        case 'e':
            c->every = count_of(optarg);
            break;
        case 'j':
            c->workers = count_of(optarg);
            break;
        case 'v':
            c->show = true;
            break;
        case 'l':
            list_names();
            break;
        default:
            usage("no such option");
        }
    if (optind < argc)
        usage("no operand is taken");
}

static void choose_faults(struct work *w, const struct choice *c,
                          const struct fault *all)
{
    static const char *const kinds[] = {"data", "training", "held_out"};

    for (const struct fault *f = all; f->name; f++)
        if (!c->faults.n || list_has(&c->faults, f->name) ||
            list_has(&c->faults, kinds[f->kind])) {
            w->faults[w->n_faults++] = f;
            w->net = w->net || f->kind != FAULT_DATA;
        }
}

/* Seeds go round before data sets, so that all are seen early. */
static void choose_jobs(struct work *w, const struct choice *c)
{
    for (size_t i = 0; i < (c->seed ? 1 : c->seeds); i++)
        for (const struct data_set *set = corpus; set->name; set++) {
            size_t seed = c->seed ? c->seed : i + (set->half == 'B' ? 21 : 1);
            if ((c->data.n && !list_has(&c->data, set->name)) ||
                (c->half && c->half != set->half) || w->n_jobs == JOBS_MOST)
                continue;
            w->jobs[w->n_jobs++] = (struct job){.set = set, .seed = seed};
        }
    if (!w->n_jobs)
        usage("no such data");
}

static void share(struct work *w)
{
    size_t each = 1 + w->n_faults;

    w->shared = mmap(
        NULL, sizeof(*w->shared) + w->n_jobs * each * sizeof(struct verdict),
        PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w->shared == MAP_FAILED)
        usage("no memory to share");
    for (size_t j = 0; j < w->n_jobs; j++)
        w->jobs[j].verdict = w->shared->verdicts + j * each;
}

/* ---- runs ---- */

static void show(const struct job *job, const char *fault,
                 const struct findings *found, const struct verdict *v)
{
    struct rows rows;

    printf("---- %s %llu %s:%s%s%s\n", job->set->name,
           (unsigned long long)job->seed, fault, v->noticed ? " noticed" : "",
           v->named ? " named" : "", v->right ? " right" : "");
    finding_rows(&rows, found);
    for (size_t i = 0; i < rows_n(&rows); i++)
        printf("%-10s %-16s %-14s %10.9s %8.7s %8.7s  %s\n",
               rows_named(&rows, i, "status"), rows_named(&rows, i, "check"),
               rows_named(&rows, i, "subject"), rows_named(&rows, i, "value"),
               rows_named(&rows, i, "limit"), rows_named(&rows, i, "p_value"),
               rows_named(&rows, i, "advice"));
    rows_release(&rows);
    fflush(stdout);
}

static void break_off(struct verdict *v, const struct err *err)
{
    v->broken = true;
    err_format(err, v->message, sizeof(v->message));
}

static void run_fault(const struct work *w, const struct job *job, size_t f,
                      const struct clean *clean, const char *scratch)
{
    const struct fault *fault = w->faults[f];
    struct verdict *v = &job->verdict[1 + f];
    struct findings found = {0};
    struct err err = {0};
    int status = fault_look(clean, fault, scratch, &found, &err);

    if (status < 0)
        break_off(v, &err);
    if (status > 0) {
        judge(v, &found, fault->kind == FAULT_DATA ? &clean->data : &clean->all,
              fault->causes);
        if (w->show)
            show(job, fault->name, &found, v);
        atomic_fetch_add(&w->shared->runs, 1);
    }
    findings_release(&found);
}

static void describe(const struct clean *c)
{
    struct buf text = {0};
    const struct hyper *h = &c->sample.hyper;

    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct buf value = {0};
        hyper_format(h, e, &value);
        if (hyper_applies(e, h->net) &&
            strcmp(value.data, hyper_default(e, h->net)) != 0)
            buf_printf(&text, " --%s=%s", e->name, value.data);
        buf_release(&value);
    }
    printf("---- %zu rows, --net=%s%s\n", c->sample.grid.n,
           net_kind_name(h->net), text.data ? text.data : "");
    buf_release(&text);
}

static void run_job(const struct work *w, size_t j, const char *scratch)
{
    const struct job *job = &w->jobs[j];
    struct clean clean;
    struct err err = {0};

    if (clean_make(&clean, job->set, job->seed, w->net, scratch, &err) != 0) {
        break_off(&job->verdict[0], &err);
    } else {
        judge(&job->verdict[0], &clean.all, NULL, "");
        atomic_fetch_add(&w->shared->runs, 1);
        if (w->show) {
            describe(&clean);
            show(job, "clean", &clean.all, &job->verdict[0]);
        }
        for (size_t f = 0; f < w->n_faults; f++)
            if ((f + (size_t)(job->set - corpus) + job->seed) % w->every == 0)
                run_fault(w, job, f, &clean, scratch);
    }
    clean_release(&clean);
    atomic_fetch_add(&w->shared->done, 1);
}

enum { PATH_SIZE = 128 };

static void scratch_path(const struct work *w, size_t number,
                         char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%zu.csv", w->folder, number);
}

static _Noreturn void worker(const struct work *w, size_t number)
{
    char scratch[PATH_SIZE];
    size_t j;

    signal(SIGINT, SIG_IGN); /* the terminal's; the parent ends us */
    parallel_set_threads(1);
    scratch_path(w, number, scratch);
    while ((j = atomic_fetch_add(&w->shared->next, 1)) < w->n_jobs)
        run_job(w, j, scratch);
    exit(0);
}

static void clear_folder(const struct work *w)
{
    char path[PATH_SIZE + 256];
    DIR *folder = opendir(w->folder);
    struct dirent *entry;

    while (folder && (entry = readdir(folder))) {
        snprintf(path, sizeof(path), "%s/%s", w->folder, entry->d_name);
        unlink(path);
    }
    if (folder)
        closedir(folder);
    rmdir(w->folder);
}

/* ---- all together ---- */

static void progress(const struct work *w, time_t begin, bool end)
{
    size_t done = atomic_load(&w->shared->done);
    double seconds = difftime(time(NULL), begin);

    if (isatty(STDERR_FILENO) || end)
        fprintf(stderr, "%s%zu of %zu samples, %zu runs, %.0f s%s",
                isatty(STDERR_FILENO) ? "\r" : "", done, w->n_jobs,
                atomic_load(&w->shared->runs), seconds, end ? "\n" : " ");
}

static volatile sig_atomic_t cut_short;

static void cut(int signal)
{
    (void)signal;
    cut_short = 1;
}

static void end_all(const pid_t *pids, size_t workers)
{
    cut_short = 2;
    for (size_t i = 0; i < workers; i++)
        kill(pids[i], SIGTERM);
}

/*
 * A process that dies takes its runs with it: then the whole is no result.
 * After an interrupt the runs so far are shown.
 */
static bool wait_for(const struct work *w, const pid_t *pids, size_t workers,
                     time_t begin)
{
    const struct timespec tick = {.tv_nsec = 200000000};
    size_t left = workers;
    bool fine = true;
    int status;

    while (left) {
        pid_t ended = waitpid(-1, &status, WNOHANG);
        if (cut_short == 1)
            end_all(pids, workers);
        if (ended > 0) {
            left--;
            fine = fine && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        } else {
            progress(w, begin, false);
            nanosleep(&tick, NULL);
        }
    }
    progress(w, begin, true);
    if (!fine)
        fprintf(stderr, "faults: %s\n",
                cut_short ? "cut short"
                          : "a process ended before its work was done");
    return fine;
}

static bool run_all(struct work *w, size_t workers)
{
    const struct sigaction on_cut = {.sa_handler = cut};
    const char *tmp = getenv("TMPDIR");
    time_t begin = time(NULL);
    pid_t pids[WORKERS_MOST];
    bool fine;

    workers = workers < WORKERS_MOST ? workers : WORKERS_MOST;

    snprintf(w->folder, sizeof(w->folder), "%.40s/faults-XXXXXX",
             tmp ? tmp : "/tmp");
    if (!mkdtemp(w->folder))
        usage("no folder to write to");
    fflush(stdout);
    for (size_t i = 0; i < workers; i++)
        if ((pids[i] = fork()) == 0)
            worker(w, i);
    sigaction(SIGINT, &on_cut, NULL);
    sigaction(SIGTERM, &on_cut, NULL);
    fine = wait_for(w, pids, workers, begin);
    clear_folder(w);
    return fine;
}

int main(int argc, char **argv)
{
    static struct work work;
    struct choice choice;
    bool fine;

    parse(&choice, argc, argv);
    choose_faults(&work, &choice, data_faults);
    choose_faults(&work, &choice, training_faults);
    if (choice.faults.n && !work.n_faults && !list_has(&choice.faults, "none"))
        usage("no such fault");
    work.net = work.net || list_has(&choice.faults, "none");
    work.show = choice.show;
    work.every = choice.every                      ? choice.every
                 : choice.faults.n                 ? 1
                 : choice.seeds < 2 || choice.seed ? 10
                                                   : 2;
    choose_jobs(&work, &choice);
    share(&work);
    fine = run_all(&work, work.show ? 1 : choice.workers);
    fine &= judge_report(work.jobs, work.n_jobs, work.faults, work.n_faults,
                         stdout);
    list_release(&choice.faults);
    list_release(&choice.data);
    return fine ? 0 : 1;
}
