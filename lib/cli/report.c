#include "cli/report.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "csv/output.h"

enum { HANDLER_STACK = 1 << 16 };

static char name[64] = "assay";
static char emergency[128];
static bool is_quiet;
static report_clear *clear_line;
static void *clear_context;
static volatile sig_atomic_t finished;

/* Only what is safe in a handler: two writes, some unlinks. */
static void on_signal(int number)
{
    output_emergency(emergency);
    signal(number, SIG_DFL);
    raise(number);
}

static void on_exit_early(void)
{
    if (!finished)
        output_emergency(emergency);
}

/*
 * A descriptor that is closed would be given to the next file opened, and
 * what is meant for standard output would go into it.
 */
static void hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 1 ? O_RDONLY : O_RDWR);
}

/*
 * Compiled kernels of libraries use the stack pointer for numbers, and a
 * handler on their stack would write there.
 */
static void handle_on_own_stack(void)
{
    static char stack[HANDLER_STACK];
    stack_t own = {.ss_sp = stack, .ss_size = sizeof(stack)};

    sigaltstack(&own, NULL);
}

void report_start(const char *tool)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU, SIGXFSZ};
    struct sigaction action;

    hold_standard_descriptors();
    if (tool)
        snprintf(name, sizeof(name), "assay %s", tool);
    snprintf(emergency, sizeof(emergency), "%s failed: it was stopped", name);
    mem_set_program(name);
    memset(&action, 0, sizeof(action));
    handle_on_own_stack();
    action.sa_handler = on_signal;
    action.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
        struct sigaction old; /* nohup's wish is respected */
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    }
    atexit(on_exit_early);
}

const char *report_name(void)
{
    return name;
}

void report_before(report_clear *clear, void *context)
{
    clear_line = clear;
    clear_context = context;
}

static void begin_line(void)
{
    if (clear_line)
        clear_line(clear_context);
}

void report_quiet(bool quiet)
{
    is_quiet = quiet;
}

void report_note(const char *format, ...)
{
    va_list args;

    if (is_quiet)
        return;
    begin_line();
    va_start(args, format);
    fprintf(stderr, "%s: ", name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

void report_notes(const struct buf *notes)
{
    const char *line = notes->len ? notes->data : "";

    while (*line) {
        int len = (int)strcspn(line, "\n");
        report_note("%.*s", len, line);
        line += len + (line[len] == '\n');
    }
}

void report_skipped(size_t n)
{
    if (n)
        report_note("%zu bad record%s left out", n, plural(n));
}

_Noreturn void report_fail(const struct err *err)
{
    char line[ERR_FILE_SIZE + ERR_MESSAGE_SIZE + 256];
    struct buf record = {0};

    err_format(err, line, sizeof(line));
    begin_line();
    fprintf(stderr, "%s: %s\n", name, line);
    buf_printf(&record, "%s failed: %s", name, line);
    output_fail_all(record.data);
    buf_release(&record);
    exit(err->kind == ERR_USAGE ? EXIT_USAGE : EXIT_DATA);
}

void report_check(int status, const struct err *err)
{
    if (status != 0)
        report_fail(err);
}

static _Noreturn void fail_with(enum err_kind kind, const char *file,
                                const char *format, va_list args)
{
    char text[ERR_MESSAGE_SIZE];
    struct err err;

    vsnprintf(text, sizeof(text), format, args);
    err_set(&err, kind, "%s", text);
    err_at(&err, file, 0);
    report_fail(&err);
}

_Noreturn void report_usage(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail_with(ERR_USAGE, "", format, args);
}

_Noreturn void report_bad(const char *file, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fail_with(ERR_DATA, file, format, args);
}

void report_done(void)
{
    finished = 1;
}
