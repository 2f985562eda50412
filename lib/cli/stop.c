#include "cli/stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"

enum { STACK = 1 << 16 };

static atomic_int asked; /* the signal */
static atomic_bool armed;
static sigset_t watched;
static double limit, started;

static const double MOST_SECONDS = 1e9;

/* ---- time ---- */

static double unit_of(char letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    default:
        return 0;
    }
}

int stop_parse_time(const char *option, const char *text, double *seconds,
                    struct err *err)
{
    size_t len = strlen(text);
    double unit = len ? unit_of(text[len - 1]) : 0, value;

    if (num_parse(text, len - (unit > 0), &value)) {
        value *= unit > 0 ? unit : 1;
        if (value > 0 && value <= MOST_SECONDS) {
            *seconds = value;
            return 0;
        }
    }
    return err_set(err, ERR_USAGE,
                   "--%s: '%s' is not a time like 90, 30s, 10m or 1.5h", option,
                   text);
}

void stop_clock(double seconds)
{
    limit = seconds;
    started = clock_seconds();
}

/* ---- signals ---- */

/* The handler of cli/report.h, on this thread. */
static void end_at_once(int number)
{
    sigset_t one;

    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
}

static void *wait_for_signals(void *nothing)
{
    int number;

    for (;;) {
        if (sigwait(&watched, &number) != 0)
            continue;
        if (!armed || asked || (number != SIGINT && number != SIGTERM))
            end_at_once(number);
        asked = number;
    }
    return nothing;
}

static void add_unless_ignored(int number)
{
    struct sigaction action;

    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset(&watched, number);
}

void stop_watch(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    sigemptyset(&watched);
    add_unless_ignored(SIGINT);
    add_unless_ignored(SIGTERM);
    add_unless_ignored(SIGHUP);
    add_unless_ignored(SIGXCPU);
    pthread_sigmask(SIG_BLOCK, &watched, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, wait_for_signals, NULL) != 0)
        pthread_sigmask(SIG_UNBLOCK, &watched, NULL);
    pthread_attr_destroy(&attributes);
}

void stop_arm(void)
{
    armed = true;
}

void stop_disarm(void)
{
    armed = false;
}

/* ---- asking ---- */

bool stop_asked(void)
{
    return asked || (limit > 0 && clock_seconds() - started >= limit);
}

const char *stop_reason(void)
{
    return asked == SIGINT ? "SIGINT" : asked ? "SIGTERM" : "--time-limit";
}
