/* assay tune: searches hyperparameters of a network, or of any command. */
#include "analysis/net_space.h"
#include "analysis/trial.h"
#include "base/parallel.h"
#include "cli/fit_data.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/stop.h"
#include "cli/timings.h"
#include "cli/trial_stream.h"
#include "cli/tune_look.h"
#include "cli/tune_others.h"
#include "cli/tune_study.h"
#include "search/command.h"
#include "search/workers.h"

/* ---- searching ---- */

/* Runs the study to its end, or to a wish. */
static void run_trials(struct tune_study *tune, const struct tune_args *o,
                       struct workers *workers)
{
    struct states *states = states_new(o->log);
    struct err err = {0};
    bool over;

    workers->stop = stop_asked;
    stop_arm();
    report_check(workers_run(tune->study, states, workers, &over, &err), &err);
    if (over && o->repeat) {
        tune_plan_repeats(tune, o);
        report_check(workers_run(tune->study, states, workers, &over, &err),
                     &err);
    }
    stop_disarm();
    states_free(states);
    if (over)
        return;
    report_note("stopped by %s after %zu trial%s%s%s%s", stop_reason(),
                study_trials(tune->study), plural(study_trials(tune->study)),
                o->log ? "; the same command goes on from '" : "",
                o->log ? o->log : "", o->log ? "'" : "");
}

/* The whole search, from opening its log to the end of the stream. */
static int search(struct tune_study *tune, const struct tune_args *o,
                  struct workers *workers, const struct args *args)
{
    struct trial_stream stream;
    struct rows gated;
    int status;

    trial_stream_init(&stream, args, o->trials);
    tune_study_open(tune, o, workers->n, trial_stream_add, &stream);
    run_trials(tune, o, workers);
    tune_note_winner(tune, &gated);
    status = trial_stream_end(&stream, tune->study, &gated);
    rows_release(&gated);
    tune_study_release(tune);
    return status;
}

/* ---- networks ---- */

struct networks {
    const struct tune_args *options;
    const struct space *space;
    struct trial_subject subject;
};

static int train_trial(void *context, const struct study_job *job,
                       struct buf *state, struct outcome *outcome,
                       struct err *err)
{
    const struct networks *n = context;
    struct hyper hyper = n->options->setup.fit.hyper;

    if (net_space_apply(n->space, job->value, &hyper, err) != 0)
        return -1;
    return trial_train(&n->subject, &hyper, job->seed, job->until, state,
                       outcome, err);
}

static void read_data(struct fit_data *data, struct tune_args *o,
                      const struct args *args)
{
    struct buf notes = {0};

    timings_phase("types");
    o->setup.schema.quick = true;
    fit_data_open(data, args, true);
    fit_data_types(data, &o->setup, &notes);
    report_notes(&notes);
    fit_data_read(data, o->setup.root, "learn from");
    report_skipped(csv_reader_skipped(data->reader));
    fit_data_plan(data, &o->setup.fit);
    buf_release(&notes);
}

/* As many trials at a time as are best for the cores, unless it was said. */
static void divide_cores(struct workers *workers, const struct tune_args *o,
                         const struct trial_subject *subject)
{
    struct trial_speed speed;
    int cores = parallel_threads();

    workers->threads = 1;
    workers->n = (int)o->workers;
    if (workers->n)
        workers->threads = cores / workers->n > 1 ? cores / workers->n : 1;
    else if (cores > 1)
        workers->threads =
            trial_threads(subject, &o->setup.fit.hyper, cores, &speed);
    if (!workers->n)
        workers->n = cores / workers->threads;
    report_note("%d trial%s at a time, %d thread%s each", workers->n,
                plural((size_t)workers->n), workers->threads,
                plural((size_t)workers->threads));
}

static int tune_networks(struct tune_args *o, const struct args *args)
{
    struct networks nets = {.options = o};
    struct workers workers = {.run = train_trial, .context = &nets};
    struct tune_study tune;
    struct fit_data data;
    struct err err = {0};
    int status;

    read_data(&data, o, args);
    tune_study_init(&tune, o, args, &data);
    nets.space = &tune.space;
    nets.subject = (struct trial_subject){.table = &data.table,
                                          .plan = &data.plan,
                                          .options = &o->setup.fit,
                                          .metric = o->metric,
                                          .stop = stop_asked};
    report_check(trial_prepare(&nets.subject, &err), &err);
    divide_cores(&workers, o, &nets.subject);
    timings_phase("tune");
    status = search(&tune, o, &workers, args);
    trial_release(&nets.subject);
    fit_data_release(&data);
    return status;
}

/* ---- commands ---- */

struct commands {
    struct command command;
    const struct space *space;
};

static bool stop_command(void *context)
{
    (void)context;
    return stop_asked();
}

static int run_command(void *context, const struct study_job *job,
                       struct buf *state, struct outcome *outcome,
                       struct err *err)
{
    const struct commands *c = context;
    struct command_trial trial = {.space = c->space,
                                  .value = job->value,
                                  .number = job->trial,
                                  .seed = job->seed};

    (void)state;
    return command_run(&c->command, &trial, outcome, err);
}

static int tune_command(struct tune_args *o, const struct args *args)
{
    struct commands commands = {
        .command = {.text = o->command,
                    .timeout = o->has_timeout ? o->timeout : 0,
                    .stop = stop_command}};
    struct workers workers = {.run = run_command, .context = &commands};
    struct tune_study tune;

    workers.n = o->workers ? (int)o->workers : parallel_threads();
    workers.threads = 1;
    tune_study_init(&tune, o, args, NULL);
    commands.space = &tune.space;
    timings_phase("tune");
    return search(&tune, o, &workers, args);
}

/* A gate that names nothing is known before the search. */
static void check_gates(const struct args *args)
{
    struct rows names;

    tune_gated_names(&names);
    result_check_gates(&names, "name", "score", args);
    rows_release(&names);
}

int main(int argc, char **argv)
{
    struct tune_args options;
    struct args args;
    int status;

    tune_args_parse(&args, &options, argc, argv);
    if (options.mode <= TUNE_COMMAND || options.mode == TUNE_BEST)
        check_gates(&args);
    switch (options.mode) {
    case TUNE_COMMAND:
        status = tune_command(&options, &args);
        break;
    case TUNE_ASK:
        status = tune_ask(&options, &args);
        break;
    case TUNE_TELL:
        status = tune_tell(&options, &args);
        break;
    case TUNE_NETWORK:
        status = tune_networks(&options, &args);
        break;
    default:
        status = tune_look(&options, &args);
    }
    tune_args_release(&options);
    args_release(&args);
    return status;
}
