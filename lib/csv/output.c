#include "csv/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "base/mem.h"

enum { FLUSH_AT = 1 << 16, MOST_OUTPUTS = 16 };

struct output {
    char *name;  /* for messages */
    char *final; /* renamed to at the end; NULL: written directly */
    char *aside; /* written until then */
    int fd;
    gzFile gz;  /* NULL where plain */
    bool begun; /* bytes have left for a stream */
    struct buf buffer;
};

/* What output_emergency must know; entries are set and cleared whole. */
static struct output *volatile live[MOST_OUTPUTS];

static void set_live(struct output *from, struct output *to)
{
    for (int i = 0; i < MOST_OUTPUTS; i++)
        if (live[i] == from) {
            live[i] = to;
            return;
        }
}

static void output_free(struct output *output)
{
    set_live(output, NULL);
    buf_release(&output->buffer);
    free(output->name);
    free(output->final);
    free(output->aside);
    free(output);
}

static int write_failed(const struct output *output, struct err *err)
{
    err_system(err, "cannot write");
    return err_at(err, output->name, 0);
}

/* The file that path names, through links: a rename must not cut them. */
static char *link_target(const char *path)
{
    char *real = realpath(path, NULL);

    return real ? real : mem_strdup(path);
}

static int open_aside(struct output *output, const struct stat *old,
                      struct err *err)
{
    char *slash = strrchr(output->final, '/');
    int folder = slash ? (int)(slash - output->final) + 1 : 0;
    struct buf aside = {0};
    mode_t mask = umask(0);

    umask(mask);
    buf_printf(&aside, "%.*s.%s.XXXXXX", folder, output->final,
               output->final + folder);
    output->aside = aside.data;
    output->fd = mkostemp(output->aside, O_CLOEXEC);
    if (output->fd < 0) {
        free(output->aside);
        output->aside = NULL;
        return write_failed(output, err);
    }
    if (fchmod(output->fd, old ? old->st_mode & 0777 : 0666 & ~mask) != 0)
        return write_failed(output, err);
    return 0;
}

/*
 * The descriptor of this process that a path names, /dev/fd/1, or -1.  It
 * stands for what a shell opened, perhaps to append to: that is never replaced.
 */
static int own_descriptor(const char *path)
{
    static const struct {
        const char *start, *rest; /* rest: NULL where a number follows */
        int fd;
    } names[] = {{"/dev/std", "out", STDOUT_FILENO},
                 {"/dev/std", "err", STDERR_FILENO},
                 {"/dev/fd/", NULL, 0},
                 {"/proc/self/fd/", NULL, 0}};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        size_t len = strlen(names[i].start);
        const char *rest;
        char *end = NULL;
        long fd;
        if (strncmp(path, names[i].start, len) != 0)
            continue;
        rest = path + len;
        if (names[i].rest && strcmp(rest, names[i].rest) == 0)
            return names[i].fd;
        fd = names[i].rest || !*rest ? -1 : strtol(rest, &end, 10);
        if (fd >= 0 && fd <= INT_MAX && !*end)
            return (int)fd;
    }
    return -1;
}

static int open_file(struct output *output, const char *path, struct err *err)
{
    struct stat status;
    int own = own_descriptor(path);
    bool there = stat(path, &status) == 0;

    if (own >= 0) {
        output->fd = fcntl(own, F_DUPFD_CLOEXEC, 0);
        return output->fd < 0 ? write_failed(output, err) : 0;
    }
    if (there && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return write_failed(output, err);
    }
    if (there && !S_ISREG(status.st_mode)) {
        output->fd = open(path, O_WRONLY | O_CLOEXEC);
        return output->fd < 0 ? write_failed(output, err) : 0;
    }
    output->final = link_target(path);
    return open_aside(output, there ? &status : NULL, err);
}

static bool ends_in_gz(const char *path)
{
    size_t len = strlen(path);

    return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

struct output *output_open(const char *path, struct err *err)
{
    struct output *output = mem_zalloc(1, sizeof(*output));
    bool standard = !path || strcmp(path, "-") == 0;

    output->name = mem_strdup(standard ? "<stdout>" : path);
    output->fd = STDOUT_FILENO;
    if (!standard && open_file(output, path, err) != 0) {
        output_fail(output, "");
        return NULL;
    }
    if (!standard && ends_in_gz(path))
        output->gz = gzdopen(output->fd, "wb");
    set_live(NULL, output);
    return output;
}

int output_check(const char *path, struct err *err)
{
    struct output *output;
    struct stat status;

    /* Opening and closing a FIFO would tell its reader that all is over. */
    if (strcmp(path, "-") == 0 || own_descriptor(path) >= 0 ||
        (stat(path, &status) == 0 && !S_ISREG(status.st_mode) &&
         !S_ISDIR(status.st_mode)))
        return 0;
    output = output_open(path, err);
    if (!output)
        return -1;
    output_fail(output, "");
    return 0;
}

int output_write_fd(int fd, const void *from, size_t len)
{
    const char *bytes = from;

    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

int output_flush(struct output *output, struct err *err)
{
    struct buf *b = &output->buffer;
    int failed;

    if (!b->len)
        return 0;
    output->begun = true;
    if (output->gz)
        failed = gzwrite(output->gz, b->data, (unsigned)b->len) <= 0;
    else
        failed = output_write_fd(output->fd, b->data, b->len);
    b->len = 0;
    return failed ? write_failed(output, err) : 0;
}

int output_write(struct output *output, const void *bytes, size_t len,
                 struct err *err)
{
    buf_add(&output->buffer, bytes, len);
    return output->buffer.len >= FLUSH_AT ? output_flush(output, err) : 0;
}

static int close_fd(struct output *output, struct err *err)
{
    int failed;

    if (output->gz) {
        failed = gzclose(output->gz) != Z_OK;
        output->gz = NULL;
    } else {
        failed = output->final && fsync(output->fd) != 0;
        if (output->fd != STDOUT_FILENO)
            failed |= close(output->fd) != 0;
    }
    output->fd = -1;
    return failed ? write_failed(output, err) : 0;
}

int output_commit(struct output *output, struct err *err)
{
    if (output_flush(output, err) != 0 || close_fd(output, err) != 0) {
        output->buffer.len = 0;
        output_fail(output, "");
        return -1;
    }
    if (output->final && rename(output->aside, output->final) != 0) {
        write_failed(output, err);
        output_fail(output, "");
        return -1;
    }
    output_free(output);
    return 0;
}

/*
 * The failure record.  A quote inside the message is doubled, as in any
 * quoted field; the record stays open, which no strict reader accepts.
 */
static void add_failure(struct buf *buf, const char *message)
{
    buf_add_char(buf, '"');
    for (; *message; message++) {
        if (*message == '"')
            buf_add_char(buf, '"');
        buf_add_char(buf, *message);
    }
    buf_add_char(buf, '\n');
}

void output_fail(struct output *output, const char *message)
{
    struct err ignored;

    if (!output)
        return;
    if (output->aside) {
        unlink(output->aside);
        output->buffer.len = 0;
    } else if (*message && (output->begun || output->buffer.len)) {
        add_failure(&output->buffer, message);
        output_flush(output, &ignored);
    }
    if (output->fd >= 0)
        close_fd(output, &ignored);
    output_free(output);
}

void output_fail_all(const char *message)
{
    for (int i = 0; i < MOST_OUTPUTS; i++)
        output_fail(live[i], message);
}

void output_emergency(const char *message)
{
    for (int i = 0; i < MOST_OUTPUTS; i++) {
        struct output *output = live[i];
        if (!output)
            continue;
        live[i] = NULL;
        if (output->aside)
            unlink(output->aside);
        else if (output->begun && !output->gz &&
                 (write(output->fd, "\"", 1) < 0 ||
                  write(output->fd, message, strlen(message)) < 0 ||
                  write(output->fd, "\n", 1) < 0))
            return;
    }
}

/* ---- histories ---- */

/* The header from the cell that holds byte `at` on, quoted for a message. */
static const char *quote_rest(char *out, size_t size, const char *header,
                              size_t at, size_t len)
{
    const char *end = len ? memchr(header, '\n', len) : NULL;
    size_t stop = end ? (size_t)(end - header) : len;

    at = at < stop ? at : stop;
    while (at > 0 && header[at - 1] != ',')
        at--;
    return err_quote(out, size, header + at, stop - at);
}

static int check_header(int fd, const char *path, const char *header,
                        size_t len, struct err *err)
{
    char *old = mem_alloc(len, 1);
    ssize_t got = pread(fd, old, len, 0);
    size_t n = got > 0 ? (size_t)got : 0, at = 0;
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE];

    while (at < n && old[at] == header[at])
        at++;
    if (at < len) {
        err_set(err, ERR_DATA,
                "has other columns than the rows to append: %s, not %s",
                quote_rest(a, sizeof(a), old, at, n),
                quote_rest(b, sizeof(b), header, at, len));
        err_at(err, path, 1);
    }
    free(old);
    return at < len ? -1 : 0;
}

static int check_last_line(int fd, const char *path, off_t size,
                           struct err *err)
{
    char last = '\n';

    if (pread(fd, &last, 1, size - 1) == 1 && last == '\n')
        return 0;
    err_set(err, ERR_DATA, "its last line has no newline: nothing is appended");
    return err_at(err, path, 0);
}

static int append_locked(int fd, const char *path, const struct buf *rows,
                         size_t header_len, struct err *err)
{
    struct stat status;
    size_t skip = 0;

    if (flock(fd, LOCK_EX) != 0 || fstat(fd, &status) != 0)
        goto failed;
    if (status.st_size > 0) {
        if (check_header(fd, path, rows->data, header_len, err) != 0 ||
            check_last_line(fd, path, status.st_size, err) != 0)
            return -1;
        skip = header_len;
    }
    if (output_write_fd(fd, rows->data + skip, rows->len - skip) == 0)
        return 0;
failed:
    err_system(err, "cannot append");
    return err_at(err, path, 0);
}

int output_append(const char *path, const void *header, size_t header_len,
                  const void *bytes, size_t len, struct err *err)
{
    int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    struct buf rows = {0};
    int status;

    if (fd < 0) {
        err_system(err, "cannot open");
        return err_at(err, path, 0);
    }
    buf_add(&rows, header, header_len);
    buf_add(&rows, bytes, len);
    status = append_locked(fd, path, &rows, header_len, err);
    buf_release(&rows);
    close(fd);
    return status;
}
