#include "search/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/clock.h"

enum { CHUNK = 1 << 16, MOST_CHUNKS = 16 }; /* at most a whole pipe */
enum { QUICK = 1, SLOW = 50 };              /* milliseconds */
enum { CANNOT_RUN = 127 };                  /* as the shell has it */
static const double grace = 2;

/* The process as it runs. */
struct running {
    const struct process *process;
    pid_t pid;
    int output; /* its end of the pipe; -1: closed */
    int nap;    /* how long it waits while there is no output */
    double started, told;
    struct process_end *end;
};

/* ---- starting ---- */

/* In the child, where only system calls are safe. */
static void become(const struct process *p, int output, pid_t parent)
{
    char *const words[] = {(char *)"sh", (char *)"-c", (char *)p->command,
                           NULL};
    int nothing = open("/dev/null", O_RDONLY);
    sigset_t none;

    setpgid(0, 0);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(CANNOT_RUN);
#endif
    (void)parent;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
        dup2(output, STDOUT_FILENO) < 0)
        _exit(CANNOT_RUN);
    if (nothing != STDIN_FILENO)
        close(nothing);
    execve("/bin/sh", words, p->environment);
    _exit(CANNOT_RUN);
}

static int start(struct running *r, struct err *err)
{
    pid_t parent = getpid();
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) != 0)
        return err_system(err, "cannot make a pipe");
    r->pid = fork();
    if (r->pid == 0)
        become(r->process, ends[1], parent);
    if (r->pid < 0)
        err_system(err, "cannot start a process");
    close(ends[1]);
    if (r->pid < 0) {
        close(ends[0]);
        return -1;
    }
    setpgid(r->pid, r->pid); /* whichever of the two is first */
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    r->output = ends[0];
    return 0;
}

/* ---- while it runs ---- */

static void close_output(struct running *r)
{
    if (r->output >= 0)
        close(r->output);
    r->output = -1;
}

/* Takes what is there, but comes back from one who never ends. */
static void take_output(struct running *r)
{
    char bytes[CHUNK];
    ssize_t n = 1;

    for (int i = 0; i < MOST_CHUNKS && r->output >= 0 && n > 0; i++) {
        n = read(r->output, bytes, sizeof bytes);
        if (n > 0)
            r->process->take(r->process->take_context, bytes, (size_t)n);
        else if (n == 0 || (errno != EAGAIN && errno != EINTR))
            close_output(r);
    }
}

/* Until there is output, or a moment has passed. */
static void wait_a_moment(struct running *r)
{
    struct pollfd watched = {.fd = r->output, .events = POLLIN};

    if (r->output >= 0) {
        poll(&watched, 1, SLOW);
    } else {
        poll(NULL, 0, r->nap);
        r->nap = 2 * r->nap < SLOW ? 2 * r->nap : SLOW;
    }
}

/* Its number stays taken until it is waited for. */
static bool has_ended(const struct running *r)
{
    siginfo_t info = {0};

    return waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid != 0;
}

/* Ends it where it is time to. */
static void look_after(struct running *r)
{
    const struct process *p = r->process;
    double now = clock_seconds();

    if (r->told > 0) {
        if (now - r->told > grace)
            kill(-r->pid, SIGKILL);
        return;
    }
    if (p->stop && p->stop(p->stop_context))
        r->end->how = PROCESS_STOPPED;
    else if (p->timeout > 0 && now - r->started > p->timeout)
        r->end->how = PROCESS_TIMEOUT;
    else
        return;
    r->told = now;
    kill(-r->pid, SIGTERM);
}

static void finish(struct running *r)
{
    struct process_end *end = r->end;
    int status = 0;

    kill(-r->pid, SIGKILL);
    take_output(r);
    close_output(r);
    while (waitpid(r->pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (r->told > 0)
        return;
    end->how = WIFSIGNALED(status) ? PROCESS_SIGNAL : PROCESS_EXIT;
    end->number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

int process_run(const struct process *process, struct process_end *end,
                struct err *err)
{
    struct running r = {.process = process,
                        .end = end,
                        .nap = QUICK,
                        .started = clock_seconds()};

    *end = (struct process_end){PROCESS_EXIT, 0};
    if (start(&r, err) != 0)
        return -1;
    while (!has_ended(&r)) {
        wait_a_moment(&r);
        take_output(&r);
        look_after(&r);
    }
    finish(&r);
    return 0;
}
