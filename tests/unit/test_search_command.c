#include "search/command.h"

#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "scratch.h"
#include "search/command_output.h"

enum { PARAMS = 6 };

/* Adam, on paper; momentum, with an apostrophe. */
static const double adam[PARAMS] = {.01, 3, 0, 0, NAN, .5},
                    momentum[PARAMS] = {2.5e-5, 9, 1, 1, .9, 0};

static struct space space;

static int start_space(void **state)
{
    struct err err = {0};

    (void)state;
    if (space_parse(&space,
                    "learning_rate=log:1e-5..0.1 hidden=int:1..9 "
                    "optimizer=adam,momentum "
                    "medium=\"on paper, print\",it's,plain "
                    "momentum=0..0.99 if optimizer=momentum "
                    "weight-decay=0..1",
                    &err) != 0)
        fail_msg("%s", err.message);
    return 0;
}

static int end_space(void **state)
{
    space_release(&space);
    return scratch_remove(state);
}

static struct command_trial trial_of(const double *value)
{
    return (struct command_trial){&space, value, 7, 12345678901234567890u};
}

/* ---- the text ---- */

static void assert_expands(const double *value, const char *text,
                           const char *wanted)
{
    struct command_trial trial = trial_of(value);
    struct buf out = {0};

    buf_add_text(&out, "");
    command_expand(text, &trial, &out);
    assert_string_equal(out.data, wanted);
    buf_release(&out);
}

static void command_expand__names(void **state)
{
    (void)state;
    assert_expands(adam, "", "");
    assert_expands(adam, "run {learning_rate}{hidden}", "run 0.013");
    assert_expands(adam, "{trial} {trial_seed}", "7 12345678901234567890");
    assert_expands(adam, "--decay={weight-decay} --m {momentum}.",
                   "--decay=0.5 --m ''.");
    assert_expands(momentum, "{medium} {optimizer} {momentum}",
                   "'it'\\''s' momentum 0.9");
    assert_expands(adam, "{medium}", "'on paper, print'");
}

static void command_expand__other_braces(void **state)
{
    (void)state;
    assert_expands(adam, "awk '{ print $1 }' {", "awk '{ print $1 }' {");
    assert_expands(adam, "{\"hidden\":{hidden}}", "{\"hidden\":3}");
    assert_expands(adam, "{{hidden}} {hidden {Hidden} {} ${hidden}",
                   "{3} {hidden {Hidden} {} $3");
}

/* ---- the output ---- */

static struct outcome read_output(const char *text, size_t piece, bool *found)
{
    struct command_output output = {0};
    struct outcome outcome = {.objective = NAN, .val_error = NAN};
    size_t len = strlen(text);

    for (size_t at = 0; at < len; at += piece)
        command_output_add(&output, text + at,
                           at + piece < len ? piece : len - at);
    *found = command_output_end(&output, &outcome);
    command_output_release(&output);
    return outcome;
}

/* NaN: there is no number. */
static void assert_objective(const char *text, double wanted)
{
    for (size_t piece = 1; piece < 9; piece += 7) {
        bool found;
        struct outcome outcome = read_output(text, piece, &found);

        if (found != !isnan(wanted) || (found && outcome.objective != wanted))
            fail_msg("'%s': %g", text, outcome.objective);
    }
}

static void command_output__last_line(void **state)
{
    (void)state;
    assert_objective("0.25", .25);
    assert_objective("epoch 1\n3\n -1.5e-3 \r\n\n  \n", -1.5e-3);
    assert_objective("", NAN);
    assert_objective("\n\n", NAN);
    assert_objective("0.5\nloss 0.25\n", NAN);
    assert_objective("0.5\n0.25 0.3\n", NAN);
    assert_objective("nan\n", NAN);
    assert_objective("inf", NAN);
    assert_objective("1e999", NAN);
    assert_objective("0x10", NAN);
}

static void command_output__column(void **state)
{
    bool found;
    struct outcome outcome = read_output(
        "loading\nepoch,\"objective\",val_loss,val_error,epochs_run,name\n"
        "1,0.5,,,1,a\n12,0.125,0.7,0.25,12,\"on paper, print\"\r\n",
        5, &found);

    (void)state;
    assert_true(found);
    assert_true(outcome.objective == .125 && outcome.val_loss == .7);
    assert_true(outcome.val_error == .25);
    assert_int_equal(outcome.epochs_run, 12);
    assert_objective("objective\n3\n4\n", 4);
    assert_objective("objective\n", NAN);
    assert_objective("a,objective\n1,2\n3,\n", NAN);
    assert_objective("a,objective\n1,2\n3,nan\n", NAN);
    assert_objective("a,objective\n1,2\n5\n", 5); /* no row of it */
    assert_objective("a,objective\n1,2\n\"5,1\n", NAN);
    assert_objective("a,objective\n1,2\nobjective,a\n5,6\n", 5);
    assert_objective("the objective, as it were\n5,6\n", NAN);
}

static void command_output__long_line(void **state)
{
    struct command_output output = {0};
    struct outcome outcome;
    char zeros[1000];

    (void)state;
    memset(zeros, '0', sizeof zeros);
    for (int i = 0; i < 5000; i++)
        command_output_add(&output, zeros, sizeof zeros);
    assert_true(output.line.capacity < 3 << 20);
    assert_false(command_output_end(&output, &outcome));
    command_output_add(&output, "\n4\n", 3);
    assert_true(command_output_end(&output, &outcome));
    assert_true(outcome.objective == 4);
    command_output_release(&output);
}

/* ---- running ---- */

static struct outcome run(struct command command, const double *value)
{
    struct command_trial trial = trial_of(value);
    struct outcome outcome = {0};
    struct err err = {0};

    if (command_run(&command, &trial, &outcome, &err) != 0)
        fail_msg("%s", err.message);
    return outcome;
}

static void assert_fails(const char *text, double timeout, const char *note)
{
    struct outcome outcome =
        run((struct command){.text = text, .timeout = timeout}, adam);

    assert_int_equal(outcome.state, OUTCOME_FAILED);
    assert_string_equal(outcome.note.data, note);
    assert_true(isnan(outcome.objective) && isnan(outcome.val_error));
    buf_release(&outcome.note);
}

static void assert_prints(const char *text, const double *value, double wanted)
{
    struct outcome outcome = run((struct command){.text = text}, value);

    if (outcome.state != OUTCOME_DONE || outcome.objective != wanted)
        fail_msg("%s: %g %s", text, outcome.objective,
                 outcome.note.len ? outcome.note.data : "");
    assert_true(outcome.note.len == 0);
}

static void command_run__environment(void **state)
{
    (void)state;
    setenv("momentum", "inherited", 1);
    setenv("trial", "inherited", 1);
    assert_prints("echo $learning_rate", adam, .01);
    assert_prints("echo $learning_rate", momentum, 2.5e-5);
    assert_prints("test -z \"${momentum+set}\" && echo $trial", adam, 7);
    assert_prints("echo $momentum", momentum, .9);
    assert_prints("test \"$medium\" = \"on paper, print\" && echo 1", adam, 1);
    assert_prints("test \"$medium\" = {medium} && echo 1", momentum, 1);
    assert_prints("test $trial_seed = 12345678901234567890 && echo 1", adam, 1);
    assert_prints("env | grep -c weight || :", adam, 0);
    assert_prints("test -n \"$PATH\" && echo 1", adam, 1);
    unsetenv("momentum");
    unsetenv("trial");
}

static void command_run__failures(void **state)
{
    (void)state;
    assert_fails("", 0, "no number");
    assert_fails("echo 1; exit 3", 0, "exit 3");
    assert_fails("echo objective,val_error; echo 1,2; exit 3", 0, "exit 3");
    assert_fails("kill -9 $$", 0, "signal 9");
    assert_fails("sh -c 'kill -15 $$'; exit $?", 0, "signal 15");
    assert_fails("exit 128", 0, "exit 128");
    assert_fails("exit 255", 0, "exit 255");
    assert_fails("echo good", 0, "no number");
    assert_fails("exec /nonexistent/program 2>/dev/null", 0, "exit 127");
}

static void command_run__reads_nothing(void **state)
{
    (void)state;
    assert_prints("cat; echo 4", adam, 4);
}

static void command_run__output_closed_early(void **state)
{
    (void)state;
    assert_prints("echo 4; exec >&-; sleep .02", adam, 4);
}

static void command_run__much_output(void **state)
{
    (void)state;
    assert_prints("seq 300000", adam, 300000);
}

/* The process whose number the file has is no more, or about to be. */
static void assert_gone(const char *path)
{
    char text[500];

    snprintf(text, sizeof text,
             "i=0; read -r pid < %s; while [ $i -lt 200 ] && kill -0 $pid "
             "2>/dev/null && ! grep -q '^State:.[ZX]' /proc/$pid/status; do "
             "i=$((i+1)); sleep .01; done; [ $i -lt 200 ] && echo 1",
             path);
    assert_prints(text, adam, 1);
}

/* What it left behind holds the pipe, and must not hold us. */
static void command_run__left_behind(void **state)
{
    double before = clock_seconds();
    char text[400], *path = scratch_path("left");

    (void)state;
    snprintf(text, sizeof text, "sleep 30 & echo $! > %s; echo 5", path);
    assert_prints(text, adam, 5);
    assert_true(clock_seconds() - before < 10);
    assert_gone(path);
}

static void command_run__timeout(void **state)
{
    double before = clock_seconds();

    (void)state;
    assert_fails("sleep 30; echo 1", .05, "timeout");
    assert_fails("sleep 30 | sleep 30; echo 1", .05, "timeout");
    assert_fails("yes", .05, "timeout"); /* and never a pause */
    assert_true(clock_seconds() - before < 20);
    assert_true(
        run((struct command){.text = "echo 1", .timeout = 30}, adam).state ==
        OUTCOME_DONE);
}

static bool third_time(void *count)
{
    return ++*(int *)count >= 3;
}

static void command_run__stop(void **state)
{
    int count = 0;
    struct outcome outcome = run((struct command){.text = "sleep 30",
                                                  .stop = third_time,
                                                  .context = &count},
                                 adam);

    (void)state;
    assert_int_equal(outcome.state, OUTCOME_CUT);
    assert_int_equal(count, 3);
    assert_true(isnan(outcome.objective));
}

static void command_run__many_at_once(void **state)
{
    double sum = 0;
    struct outcome outcome[32] = {{0}};

    (void)state;
#pragma omp parallel for num_threads(8) schedule(dynamic, 1)
    for (int i = 0; i < 32; i++) {
        double value[PARAMS] = {.01, 1 + i % 9, 0, 0, NAN, i / 32.};
        struct command_trial trial = trial_of(value);
        struct command command = {.text = "echo {weight-decay}"};
        struct err err;

        command_run(&command, &trial, &outcome[i], &err);
    }
    for (int i = 0; i < 32; i++)
        sum += outcome[i].objective;
    assert_true(sum == 15.5);
}

/* Where no process may be started, that is an error, not a failed trial. */
static void command_run__no_process(void **state)
{
    struct rlimit before, none = {0};
    struct command_trial trial = trial_of(adam);
    struct command command = {.text = "echo 1"};
    struct outcome outcome = {0};
    struct err err = {0};
    int status;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    none.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_NOFILE, &none);
    status = command_run(&command, &trial, &outcome, &err);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_int_equal(status, -1);
    assert_int_equal(err.kind, ERR_SYSTEM);
}

/* The shell does not live longer than we do. */
static void command_run__killed_with_us(void **state)
{
    char text[400], *path = scratch_path("killed");
    pid_t pid = fork();

    (void)state;
    snprintf(text, sizeof text, "echo $$ > %s.new; mv %s.new %s; exec sleep 30",
             path, path, path);
    if (pid == 0) {
        struct outcome unused = run((struct command){.text = text}, adam);

        _exit(unused.state == OUTCOME_DONE);
    }
    for (int i = 0; i < 1000 && access(path, R_OK) != 0; i++)
        usleep(5000);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_gone(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_expand__names),
        cmocka_unit_test(command_expand__other_braces),
        cmocka_unit_test(command_output__last_line),
        cmocka_unit_test(command_output__column),
        cmocka_unit_test(command_output__long_line),
        cmocka_unit_test(command_run__environment),
        cmocka_unit_test(command_run__failures),
        cmocka_unit_test(command_run__reads_nothing),
        cmocka_unit_test(command_run__output_closed_early),
        cmocka_unit_test(command_run__much_output),
        cmocka_unit_test(command_run__left_behind),
        cmocka_unit_test(command_run__timeout),
        cmocka_unit_test(command_run__stop),
        cmocka_unit_test(command_run__many_at_once),
        cmocka_unit_test(command_run__no_process),
        cmocka_unit_test(command_run__killed_with_us),
    };

    return cmocka_run_group_tests(tests, start_space, end_space);
}
