#include "search/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "csv/output.h"
#include "csv/record.h"

enum { BEHIND = 16 }; /* bytes that the parser may look at behind the end */

/*
 * All that was read of the file, of which [0, told) has been told; without a
 * path it is the log.
 */
struct journal {
    char *path;
    int fd;
    bool reads; /* and never writes */
    struct buf bytes;
    size_t told;
    long line; /* of the byte at told, from 1 */
};

/* Whether what there is of the file is the beginning of a log. */
static bool is_log(int fd, const char *begins)
{
    char first[64];
    ssize_t got = pread(fd, first, sizeof(first), 0);
    size_t len = strlen(begins);

    if (got >= 0 && (size_t)got < len)
        len = (size_t)got;
    return got >= 0 && memcmp(first, begins, len) == 0;
}

static struct journal *open_log(const char *path, const char *begins, int how,
                                struct err *err)
{
    struct journal *j = mem_zalloc(1, sizeof(*j));
    struct stat now;

    j->fd = -1;
    j->line = 1;
    j->reads = how == O_RDONLY;
    if (!path)
        return j;
    j->path = mem_strdup(path);
    if (stat(path, &now) == 0 && !S_ISREG(now.st_mode)) {
        err_set(err, ERR_DATA, "a log is a file");
        err_at(err, path, 0);
        journal_close(j);
        return NULL;
    }
    j->fd = open(path, how | O_CLOEXEC, 0666);
    if (j->fd >= 0 && is_log(j->fd, begins))
        return j;
    if (j->fd < 0)
        err_system(err, "cannot open the log");
    else
        err_set(err, ERR_DATA, "not the log of a search");
    err_at(err, path, 0);
    journal_close(j);
    return NULL;
}

struct journal *journal_open(const char *path, const char *begins,
                             struct err *err)
{
    return open_log(path, begins, O_RDWR | O_APPEND | O_CREAT, err);
}

struct journal *journal_open_read(const char *path, const char *begins,
                                  struct err *err)
{
    return open_log(path, begins, O_RDONLY, err);
}

void journal_close(struct journal *j)
{
    if (!j)
        return;
    if (j->fd >= 0)
        close(j->fd);
    buf_release(&j->bytes);
    free(j->path);
    free(j);
}

/* ---- locks ---- */

static int lock(const struct journal *j, size_t behind, short type, int how)
{
    struct flock byte = {.l_type = type,
                         .l_whence = SEEK_SET,
                         .l_start = JOURNAL_BYTE + (off_t)behind,
                         .l_len = 1};
    int status;

    if (j->fd < 0)
        return 0;
    do
        status = fcntl(j->fd, how, &byte);
    while (status < 0 && errno == EINTR);
    return status;
}

/* Somebody took bytes away that were read, or the file itself. */
static int check_whole(const struct journal *j, struct err *err)
{
    struct stat now;

    if (j->fd < 0 || (fstat(j->fd, &now) == 0 && now.st_nlink > 0 &&
                      now.st_size >= (off_t)j->bytes.len))
        return 0;
    err_set(err, ERR_DATA, "the log was cut or removed while it was in use");
    return err_at(err, j->path, 0);
}

/* Cuts off what a crash left of a line. */
static int mend(const struct journal *j)
{
    struct stat now;
    off_t end;
    char c;

    if (j->fd < 0 || j->reads)
        return 0;
    if (fstat(j->fd, &now) != 0)
        return -1;
    for (end = now.st_size; end > 0; end--) {
        if (pread(j->fd, &c, 1, end - 1) != 1)
            return -1;
        if (c == '\n')
            break;
    }
    return end == now.st_size ? 0 : ftruncate(j->fd, end);
}

int journal_lock(struct journal *j, struct err *err)
{
    short type = j->reads ? F_RDLCK : F_WRLCK;

    if (lock(j, 0, type, F_OFD_SETLKW) == 0 && mend(j) == 0) {
        if (check_whole(j, err) == 0)
            return 0;
        journal_unlock(j);
        return -1;
    }
    err_system(err, "cannot lock the log");
    return err_at(err, j->path, 0);
}

void journal_unlock(struct journal *j)
{
    lock(j, 0, F_UNLCK, F_OFD_SETLK);
}

bool journal_claim(struct journal *j, size_t number)
{
    return lock(j, number, F_WRLCK, F_OFD_SETLK) == 0;
}

void journal_unclaim(struct journal *j, size_t number)
{
    lock(j, number, F_UNLCK, F_OFD_SETLK);
}

/* ---- reading ---- */

/* What the file has grown by is added to the bytes. */
static int take_new(struct journal *j, struct err *err)
{
    char *to;
    ssize_t got;

    if (j->fd < 0)
        return 0;
    do {
        to = buf_reserve(&j->bytes, 1 << 16);
        got = pread(j->fd, to, 1 << 16, (off_t)j->bytes.len);
        if (got > 0)
            j->bytes.len += (size_t)got;
    } while (got > 0 || (got < 0 && errno == EINTR));
    while (j->bytes.len && j->bytes.data[j->bytes.len - 1] != '\n')
        j->bytes.len--; /* torn, and not ours to cut off */
    if (got == 0)
        return 0;
    err_system(err, "cannot read the log");
    return err_at(err, j->path, 0);
}

static int tell(const struct cells *cells, size_t n, long line,
                journal_fn *told, void *context, struct err *err)
{
    const char **text = mem_alloc(n, sizeof(*text));
    int status;

    for (size_t i = 0; i < n; i++)
        text[i] = cells->text + cells->start[i];
    status = told(context, text, n, line, err);
    free(text);
    return status;
}

static int read_records(struct journal *j, struct record_parser *parser,
                        struct cells *cells, journal_fn *told, void *context,
                        struct err *err)
{
    int got;
    bool bad;

    for (;;) {
        cells_clear(cells);
        got = record_next(parser, &bad, err);
        if (got <= 0)
            break;
        if (parser->n_fields &&
            tell(cells, parser->n_fields, j->line + parser->line, told, context,
                 err) != 0)
            return -1;
    }
    if (got < 0 && err->line >= 0)
        err->line += j->line;
    return got;
}

int journal_read(struct journal *j, journal_fn *told, void *context,
                 struct err *err)
{
    struct record_form form = {.name = j->path ? j->path : "",
                               .delimiter = ','};
    struct record_parser parser;
    struct cells cells = {0};
    int status;

    if (take_new(j, err) != 0)
        return -1;
    if (j->told == j->bytes.len)
        return 0;
    memset(buf_reserve(&j->bytes, BEHIND), 0, BEHIND);
    record_start(&parser, &form, &cells, j->bytes.data, j->told, j->bytes.len);
    parser.last = true;
    parser.too_long = parser.clean = false;
    status = read_records(j, &parser, &cells, told, context, err);
    if (status == 0) {
        j->line += parser.next_line;
        j->told = j->bytes.len;
    } else if (!err->file[0])
        err_at(err, form.name, err->line);
    record_release(&parser);
    cells_release(&cells);
    return status;
}

/* ---- writing ---- */

int journal_append(struct journal *j, const struct buf *lines, struct err *err)
{
    if (j->fd < 0) {
        buf_add(&j->bytes, lines->data, lines->len);
        return 0;
    }
    if (output_write_fd(j->fd, lines->data, lines->len) == 0 &&
        fdatasync(j->fd) == 0)
        return 0;
    err_system(err, "cannot write to the log");
    return err_at(err, j->path, 0);
}
