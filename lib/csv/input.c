#include "csv/input.h"

#include <csv.h>
#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"
#include "csv/copy.h"
#include "csv/output.h"

enum { BLOCK = 1 << 16, GZIP_WINDOW = 15 + 16 };

/* Bytes [at, end) of data wait to be taken by the next layer. */
struct block {
    unsigned char *data;
    size_t at, end;
};

struct input {
    char *name;
    int fd;    /* the file, or the spool once rewound */
    int spool; /* -1 where none is kept */
    off_t start;
    bool seekable, raw_ended, ended;
    struct block raw;   /* as read */
    struct block plain; /* unpacked, waiting for iconv */
    bool sniffed, gzip, in_member;
    z_stream z;
    iconv_t decoder; /* (iconv_t)-1 for UTF-8 */

    bool keeps;     /* what is unpacked goes to `copy` */
    bool from_copy; /* and is read from there */
    bool whole;     /* up to the end */
    struct copy copy;
};

/* ---- bytes from the descriptor, copied to the spool ---- */

int input_spool(struct err *err)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    int fd;

    snprintf(path, sizeof(path), "%s/assay-XXXXXX",
             folder && *folder ? folder : "/tmp");
    fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_system(err, "cannot make a temporary file in '%s'",
                          folder && *folder ? folder : "/tmp");
    unlink(path);
    return fd;
}

static int open_spool(struct input *input, struct err *err)
{
    input->spool = input_spool(err);
    return input->spool < 0 ? -1 : 0;
}

/* As input_read, of the bytes as they are. */
static ssize_t read_raw(struct input *input, unsigned char *out, size_t size,
                        struct err *err)
{
    ssize_t n;

    do
        n = read(input->fd, out, size);
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        err_system(err, "cannot read");
        return err_at(err, input->name, 0);
    }
    input->raw_ended = n == 0;
    if (input->spool >= 0 && input->fd != input->spool &&
        output_write_fd(input->spool, out, (size_t)n) != 0)
        return err_system(err, "cannot write the temporary copy of '%s'",
                          input->name);
    return n;
}

/* Refills raw, which must be empty. 0 also at the end (raw_ended). */
static int fill_raw(struct input *input, struct err *err)
{
    ssize_t n = read_raw(input, input->raw.data, BLOCK, err);

    if (n < 0)
        return -1;
    input->raw.at = 0;
    input->raw.end = (size_t)n;
    return 0;
}

/* Looks at the first two bytes; a pipe may hand out one at a time. */
static int sniff(struct input *input, struct err *err)
{
    unsigned char first[2];
    size_t have = 0;

    while (have < 2 && !input->raw_ended) {
        if (fill_raw(input, err) != 0)
            return -1;
        if (have + input->raw.end >= 2 || input->raw_ended)
            break;
        first[have++] = input->raw.data[0];
    }
    if (have) {
        memmove(input->raw.data + have, input->raw.data, input->raw.end);
        memcpy(input->raw.data, first, have);
        input->raw.end += have;
    }
    input->gzip = input->raw.end >= 2 && input->raw.data[0] == 0x1f &&
                  input->raw.data[1] == 0x8b;
    input->sniffed = true;
    return 0;
}

/* ---- gzip ---- */

static int gzip_error(struct input *input, struct err *err, const char *what)
{
    err_set(err, ERR_DATA, "%s", what);
    return err_at(err, input->name, 0);
}

/* Between members: another one, the end, or padding with zeros. */
static int next_member(struct input *input, struct err *err)
{
    struct block *raw = &input->raw;

    while (raw->at < raw->end && raw->data[raw->at] == 0)
        raw->at++;
    if (raw->at == raw->end)
        return 0;
    if (raw->data[raw->at] != 0x1f)
        return gzip_error(input, err, "garbage after the gzip data");
    inflateReset(&input->z);
    input->in_member = true;
    return 0;
}

static ssize_t inflate_some(struct input *input, unsigned char *out,
                            size_t size, struct err *err)
{
    struct block *raw = &input->raw;
    int status;

    input->z.next_in = raw->data + raw->at;
    input->z.avail_in = (uInt)(raw->end - raw->at);
    input->z.next_out = out;
    input->z.avail_out = (uInt)(size < BLOCK ? size : BLOCK);
    status = inflate(&input->z, Z_NO_FLUSH);
    raw->at = raw->end - input->z.avail_in;
    if (status == Z_STREAM_END)
        input->in_member = false;
    else if (status != Z_OK && status != Z_BUF_ERROR)
        return gzip_error(input, err, "damaged gzip data");
    return (ssize_t)(input->z.next_out - out);
}

static ssize_t read_gzip(struct input *input, unsigned char *out, size_t size,
                         struct err *err)
{
    ssize_t n = 0;

    while (n == 0) {
        if (input->raw.at == input->raw.end && fill_raw(input, err) != 0)
            return -1;
        if (input->raw_ended && input->in_member)
            return gzip_error(input, err, "truncated gzip data");
        if (input->raw_ended)
            return 0;
        if (!input->in_member && next_member(input, err) != 0)
            return -1;
        if (input->in_member)
            n = inflate_some(input, out, size, err);
    }
    return n;
}

static ssize_t read_plain(struct input *input, unsigned char *out, size_t size,
                          struct err *err)
{
    struct block *raw = &input->raw;
    size_t n;

    if (!input->sniffed && sniff(input, err) != 0)
        return -1;
    if (input->gzip)
        return read_gzip(input, out, size, err);
    if (raw->at == raw->end)
        return input->raw_ended ? 0 : read_raw(input, out, size, err);
    n = raw->end - raw->at < size ? raw->end - raw->at : size;
    memcpy(out, raw->data + raw->at, n);
    raw->at += n;
    return (ssize_t)n;
}

/* ---- other encodings ---- */

static int refill_plain(struct input *input, struct err *err)
{
    struct block *plain = &input->plain;
    ssize_t n;

    memmove(plain->data, plain->data + plain->at, plain->end - plain->at);
    plain->end -= plain->at;
    plain->at = 0;
    n = read_plain(input, plain->data + plain->end, BLOCK - plain->end, err);
    if (n < 0)
        return -1;
    plain->end += (size_t)n;
    input->ended = n == 0;
    return 0;
}

static ssize_t read_decoded(struct input *input, char *out, size_t size,
                            struct err *err)
{
    struct block *plain = &input->plain;
    char *to = out;

    while (to == out && !(input->ended && plain->at == plain->end)) {
        char *from = (char *)plain->data + plain->at;
        size_t have = plain->end - plain->at, room = size, status;
        errno = 0;
        status = iconv(input->decoder, &from, &have, &to, &room);
        plain->at = plain->end - have;
        if (status == (size_t)-1 &&
            (errno == EILSEQ || (errno == EINVAL && input->ended)))
            return gzip_error(input, err, "byte that --encoding does not have");
        if (to == out && !input->ended && refill_plain(input, err) != 0)
            return -1;
    }
    return to - out;
}

ssize_t input_read(struct input *input, char *out, size_t size, struct err *err)
{
    bool decodes = input->decoder != (iconv_t)-1;
    ssize_t n;

    if (input->from_copy)
        return (ssize_t)copy_read(&input->copy, out, size);
    n = decodes ? read_decoded(input, out, size, err)
                : read_plain(input, (unsigned char *)out, size, err);
    if (n > 0 && input->keeps && (decodes || input->gzip))
        copy_add(&input->copy, out, (size_t)n);
    input->whole = n == 0;
    return n;
}

bool input_ready(const struct input *input)
{
    struct pollfd one = {.fd = input->fd, .events = POLLIN};

    return input->seekable || input->fd == input->spool || input->from_copy ||
           input->raw_ended || input->raw.at < input->raw.end ||
           poll(&one, 1, 0) != 0;
}

/* ---- opening and rewinding ---- */

static int open_path(struct input *input, const char *path, bool reread,
                     struct err *err)
{
    struct stat status;

    input->fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO)
                                       : open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0 || fstat(input->fd, &status) != 0) {
        err_system(err, "cannot open");
        return err_at(err, input->name, 0);
    }
    if (S_ISDIR(status.st_mode)) {
        err_set(err, ERR_DATA, "is a folder, not a file");
        return err_at(err, input->name, 0);
    }
    input->start = lseek(input->fd, 0, SEEK_CUR);
    input->seekable = S_ISREG(status.st_mode) && input->start >= 0;
    input->keeps = reread;
    if (reread && !input->seekable)
        return open_spool(input, err);
    return 0;
}

static int open_decoder(struct input *input, const char *encoding,
                        struct err *err)
{
    if (!encoding)
        return 0;
    input->decoder = iconv_open("UTF-8", encoding);
    if (input->decoder == (iconv_t)-1)
        return err_set(err, ERR_USAGE, "unknown encoding '%s'", encoding);
    return 0;
}

struct input *input_open(const char *path, const char *encoding, bool reread,
                         struct err *err)
{
    struct input *input = mem_zalloc(1, sizeof(*input));

    input->name = mem_strdup(strcmp(path, "-") == 0 ? "<stdin>" : path);
    input->fd = input->spool = -1;
    input->decoder = (iconv_t)-1;
    input->in_member = true;
    input->raw.data = mem_alloc(BLOCK + 2, 1);
    input->plain.data = mem_alloc(BLOCK, 1);
    inflateInit2(&input->z, GZIP_WINDOW);
    if (open_decoder(input, encoding, err) != 0 ||
        open_path(input, path, reread, err) != 0) {
        input_close(input);
        return NULL;
    }
    return input;
}

/* What was kept serves once. */
static void rewind_copy(struct input *input)
{
    input->from_copy = input->keeps && input->whole && input->copy.n;
    if (!input->from_copy)
        copy_release(&input->copy);
    input->keeps = input->whole = false;
}

void input_forget(struct input *input)
{
    if (!input->from_copy)
        copy_release(&input->copy);
    input->keeps = false;
}

int input_rewind(struct input *input, struct err *err)
{
    rewind_copy(input);
    if (input->spool >= 0 && input->fd != input->spool) {
        while (!input->raw_ended)
            if (fill_raw(input, err) != 0)
                return -1;
        close(input->fd);
        input->fd = input->spool;
        input->start = 0;
    }
    if (lseek(input->fd, input->start, SEEK_SET) < 0)
        return err_system(err, "cannot read '%s' again", input->name);
    input->raw.at = input->raw.end = 0;
    input->plain.at = input->plain.end = 0;
    input->raw_ended = input->ended = input->sniffed = false;
    input->in_member = true;
    inflateReset(&input->z);
    if (input->decoder != (iconv_t)-1)
        iconv(input->decoder, NULL, NULL, NULL, NULL);
    return 0;
}

const char *input_name(const struct input *input)
{
    return input->name;
}

const char *input_library(void)
{
    static char text[64];

    snprintf(text, sizeof(text), "zlib %s, libcsv %d.%d.%d", zlibVersion(),
             CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
    return text;
}

void input_close(struct input *input)
{
    if (!input)
        return;
    if (input->spool >= 0 && input->spool != input->fd)
        close(input->spool);
    if (input->fd >= 0)
        close(input->fd);
    if (input->decoder != (iconv_t)-1)
        iconv_close(input->decoder);
    inflateEnd(&input->z);
    copy_release(&input->copy);
    free(input->raw.data);
    free(input->plain.data);
    free(input->name);
    free(input);
}
