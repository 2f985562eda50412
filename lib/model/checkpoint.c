#include "model/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/pack.h"
#include "csv/output.h"

static const char magic[] = "assay checkpoint 1\n";
static const char anew[] = "(remove it to begin anew)";

enum { MAGIC = sizeof(magic) - 1, READ_BLOCK = 1 << 20 };

struct checkpoint {
    char *path;
    const struct checkpoint_identity *identity; /* not owned */
    int lock;                                   /* PATH, locked */
    bool found;
};

/* ---- names and sums ---- */

/* PATH, or PATH.3; model counts from 1. */
static char *path_of(const struct checkpoint *c, size_t model)
{
    struct buf path = {0};

    buf_add_text(&path, c->path);
    if (model && c->identity->n_models > 1)
        buf_printf(&path, ".%zu", model);
    return path.data;
}

/* As base/hash.h, but eight bytes at a time: a state may be large. */
static uint64_t checksum(const char *bytes, size_t len)
{
    uint64_t state = HASH_START, word;
    size_t i = 0;

    for (; i + sizeof(word) <= len; i += sizeof(word)) {
        memcpy(&word, bytes + i, sizeof(word));
        state = (state ^ word) * 0x100000001b3u;
        state ^= state >> 32;
    }
    return hash_finish(hash_add(state, bytes + i, len - i));
}

/* ---- writing ---- */

static void pack_file(const struct checkpoint *c, size_t model,
                      const struct buf *state, struct buf *file)
{
    const struct list *items = &c->identity->items;

    buf_add(file, magic, MAGIC);
    pack_count(file, items->n);
    for (size_t i = 0; i < items->n; i++)
        pack_bytes(file, items->items[i], strlen(items->items[i]));
    pack_count(file, c->identity->n_models);
    pack_count(file, model);
    pack_bytes(file, state ? state->data : NULL, state ? state->len : 0);
    pack_count(file, checksum(file->data, file->len));
}

static int cannot(const char *what, const char *path, struct err *err)
{
    err_system(err, "cannot %s the checkpoint", what);
    return err_at(err, path, 0);
}

/* Closes fd unless it is to stay, locked. */
static int put_in_place(int fd, const struct buf *file, const char *aside,
                        const char *path, bool stay, struct err *err)
{
    int status = -1;

    if (output_write_fd(fd, file->data, file->len) == 0 && fsync(fd) == 0 &&
        (!stay || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
        rename(aside, path) == 0)
        status = 0;
    else
        cannot("write", path, err);
    if (status != 0)
        unlink(aside);
    if (status != 0 || !stay)
        close(fd);
    return status;
}

/* The lock moves to the new file before that has the name. */
static int write_file(struct checkpoint *c, size_t model, const char *path,
                      const struct buf *file, struct err *err)
{
    bool stay = model == 0 || c->identity->n_models == 1;
    struct buf aside = {0};
    int fd, status;

    buf_printf(&aside, "%s.part", path);
    fd = open(aside.data, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    status = fd < 0 ? cannot("write", path, err)
                    : put_in_place(fd, file, aside.data, path, stay, err);
    buf_release(&aside);
    if (status != 0 || !stay)
        return status;
    if (c->lock >= 0)
        close(c->lock);
    c->lock = fd;
    return 0;
}

static int write_model(struct checkpoint *c, size_t model,
                       const struct buf *state, struct err *err)
{
    char *path = path_of(c, model);
    struct buf file = {0};
    int status;

    pack_file(c, model, state, &file);
    status = write_file(c, model, path, &file, err);
    buf_release(&file);
    free(path);
    return status;
}

int checkpoint_write(struct checkpoint *c, size_t model,
                     const struct buf *state, struct err *err)
{
    return write_model(c, model + 1, state, err);
}

/* ---- reading ---- */

static int refuse(const char *path, struct err *err, const char *why)
{
    err_set(err, ERR_DATA, "%s", why);
    return err_at(err, path, 0);
}

static int read_fd(int fd, struct buf *bytes)
{
    ssize_t n;

    do {
        n = read(fd, buf_reserve(bytes, READ_BLOCK), READ_BLOCK);
        bytes->len += n > 0 ? (size_t)n : 0;
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 ? -1 : 0;
}

static int check_whole(const struct buf *bytes, const char *path,
                       struct err *err)
{
    size_t body = bytes->len > MAGIC + sizeof(uint64_t)
                      ? bytes->len - sizeof(uint64_t)
                      : 0;
    uint64_t sum;
    struct buf why = {0};

    if (bytes->len && memcmp(bytes->data, magic,
                             bytes->len < MAGIC ? bytes->len : MAGIC) != 0)
        return refuse(path, err,
                      "is not a checkpoint of this version of assay");
    if (body) {
        memcpy(&sum, bytes->data + body, sizeof(sum));
        if (sum == checksum(bytes->data, body))
            return 0;
    }
    buf_printf(&why, "the checkpoint is damaged or cut short %s", anew);
    refuse(path, err, why.data);
    buf_release(&why);
    return -1;
}

/* The value of an item of this name; "" where there is none. */
static const char *value_in(const struct list *items, const char *name,
                            size_t len)
{
    for (size_t i = 0; i < items->n; i++)
        if (strncmp(items->items[i], name, len) == 0 &&
            items->items[i][len] == '=')
            return items->items[i] + len + 1;
    return "";
}

/* How they differ, in words: "with --seed 1, not 2". */
static void add_difference(struct buf *text, const char *name, size_t len,
                           const char *its, const char *own)
{
    int n = (int)len;

    if (len == 4 && memcmp(name, "rows", 4) == 0)
        buf_printf(text, "of %s rows, not %s", its, own);
    else if (strncmp(name, "version", len) == 0)
        buf_printf(text, "by version %s, not %s", its, own);
    else if (name[0] != '-')
        buf_printf(text, "of other %.*s", n, name);
    else if (!*its)
        buf_printf(text, "without %.*s %s", n, name, own);
    else if (!*own)
        buf_printf(text, "with %.*s %s", n, name, its);
    else
        buf_printf(text, "with %.*s %s, not %s", n, name, its, own);
}

static int compare(const struct list *own, const struct list *its,
                   const char *path, struct err *err)
{
    for (size_t i = 0; i < own->n; i++) {
        const char *name = own->items[i], *value = strchr(name, '=') + 1;
        size_t len = (size_t)(value - name) - 1;
        const char *other = value_in(its, name, len);
        struct buf text = {0};
        if (strcmp(value, other) == 0)
            continue;
        buf_add_text(&text, "the checkpoint was made ");
        add_difference(&text, name, len, other, value);
        buf_printf(&text, " %s", anew);
        refuse(path, err, text.data);
        buf_release(&text);
        return -1;
    }
    return 0;
}

static void unpack_items(struct unpack *from, struct list *items)
{
    size_t n = unpack_count(from);

    for (size_t i = 0; i < n && !from->failed; i++) {
        size_t len;
        const char *bytes = unpack_view(from, &len);
        char *item = mem_strndup(bytes, len);
        list_add(items, item);
        free(item);
    }
}

/* Whether the bytes are those of this model; its state goes to *state. */
static int take_file(const struct checkpoint *c, const struct buf *bytes,
                     size_t model, const char *path, struct buf *state,
                     struct err *err)
{
    struct unpack from = {bytes->data + MAGIC,
                          bytes->len - MAGIC - sizeof(uint64_t), false};
    struct list items = {0};
    size_t n_models, number, len;
    const char *view;
    int status;

    unpack_items(&from, &items);
    n_models = unpack_count(&from);
    number = unpack_count(&from);
    view = unpack_view(&from, &len);
    status = from.failed ? refuse(path, err, "the checkpoint is damaged")
                         : compare(&c->identity->items, &items, path, err);
    if (status == 0 && (n_models != c->identity->n_models || number != model))
        status = refuse(path, err, "the checkpoint is of another model");
    if (status == 0 && state && len)
        buf_add(state, view, len);
    list_release(&items);
    return status;
}

static int read_file(const struct checkpoint *c, int fd, size_t model,
                     const char *path, struct buf *state, struct err *err)
{
    struct buf bytes = {0};
    int status = read_fd(fd, &bytes) == 0 ? 0 : cannot("read", path, err);

    if (status == 0)
        status = check_whole(&bytes, path, err);
    if (status == 0)
        status = take_file(c, &bytes, model, path, state, err);
    buf_release(&bytes);
    return status;
}

int checkpoint_read(struct checkpoint *c, size_t model, struct buf *state,
                    struct err *err)
{
    char *path = path_of(c, model + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC), status = 0;

    if (fd >= 0)
        status = read_file(c, fd, model + 1, path, state, err);
    else if (errno != ENOENT)
        status = cannot("open", path, err);
    if (fd >= 0)
        close(fd);
    free(path);
    return status;
}

/* ---- opening ---- */

static void remove_file(const char *path)
{
    struct buf aside = {0};

    buf_printf(&aside, "%s.part", path);
    unlink(aside.data);
    unlink(path);
    buf_release(&aside);
}

/* Those of the models, then PATH itself, which says that they are there. */
static void remove_files(const struct checkpoint *c)
{
    for (size_t i = c->identity->n_models; i > 0; i--) {
        char *path = path_of(c, i);
        remove_file(path);
        free(path);
    }
    remove_file(c->path);
}

/* Locks PATH: 1; 0 where it is not there. */
static int lock_path(struct checkpoint *c, struct err *err)
{
    struct stat own, there;

    for (;;) {
        c->lock = open(c->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (c->lock < 0)
            return errno == ENOENT ? 0 : cannot("open", c->path, err);
        if (flock(c->lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
            return refuse(c->path, err,
                          "the checkpoint is in use by another run");
        if (fstat(c->lock, &own) != 0)
            return cannot("open", c->path, err);
        if (!S_ISREG(own.st_mode))
            return refuse(c->path, err, "is not a regular file");
        if (stat(c->path, &there) == 0 && there.st_ino == own.st_ino)
            return 1;
        close(c->lock);
    }
}

static int open_path(struct checkpoint *c, struct err *err)
{
    size_t model = c->identity->n_models == 1;
    int there = lock_path(c, err);

    if (there < 0)
        return -1;
    c->found = there > 0;
    if (there)
        return read_file(c, c->lock, model, c->path, NULL, err);
    remove_files(c);
    return write_model(c, model, NULL, err);
}

/* The file at the end of a link, which a rename must not cut; NULL: no link. */
static char *link_target(const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0 || !S_ISLNK(status.st_mode))
        return NULL;
    return realpath(path, NULL);
}

struct checkpoint *checkpoint_open(const char *path,
                                   const struct checkpoint_identity *identity,
                                   struct err *err)
{
    struct checkpoint *c = mem_zalloc(1, sizeof(*c));
    char *target = link_target(path);

    c->path = target ? target : mem_strdup(path);
    c->identity = identity;
    c->lock = -1;
    if (open_path(c, err) == 0)
        return c;
    checkpoint_close(c, false);
    return NULL;
}

bool checkpoint_found(const struct checkpoint *c)
{
    return c->found;
}

size_t checkpoint_models(const struct checkpoint *c)
{
    return c->identity->n_models;
}

void checkpoint_close(struct checkpoint *c, bool remove)
{
    if (!c)
        return;
    if (remove)
        remove_files(c);
    if (c->lock >= 0)
        close(c->lock);
    free(c->path);
    free(c);
}
