#include "search/states.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/mem.h"
#include "csv/output.h"

/* In memory: held[trial]. */
struct states {
    char *folder; /* NULL: in memory */
    struct buf *held;
    size_t n, capacity;
};

struct states *states_new(const char *log)
{
    struct states *s = mem_zalloc(1, sizeof(*s));
    struct buf name = {0};

    if (log) {
        buf_printf(&name, "%s.states", log);
        s->folder = name.data;
    }
    return s;
}

void states_free(struct states *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        buf_release(&s->held[i]);
    free(s->held);
    free(s->folder);
    free(s);
}

/* ---- in memory ---- */

static struct buf *held(struct states *s, size_t trial)
{
    s->held = mem_grow(s->held, &s->capacity, trial + 1, sizeof(*s->held));
    for (; s->n <= trial; s->n++)
        s->held[s->n] = (struct buf){0};
    return &s->held[trial];
}

/* ---- in files ---- */

static void file_name(const struct states *s, size_t trial, const char *end,
                      struct buf *name)
{
    buf_printf(name, "%s/%zu%s", s->folder, trial, end);
}

static void read_file(const char *name, struct buf *bytes)
{
    FILE *file = fopen(name, "rbe");
    size_t got;

    if (!file)
        return;
    do {
        got = fread(buf_reserve(bytes, 1 << 16), 1, 1 << 16, file);
        bytes->len += got;
    } while (got);
    fclose(file);
}

static void get_file(const struct states *s, size_t trial, struct buf *state)
{
    struct buf name = {0}, bytes = {0};
    uint64_t sum;

    file_name(s, trial, "", &name);
    read_file(name.data, &bytes);
    if (bytes.len >= sizeof(sum)) {
        bytes.len -= sizeof(sum);
        memcpy(&sum, bytes.data + bytes.len, sizeof(sum));
        if (sum == hash_bytes(bytes.data, bytes.len))
            buf_add(state, bytes.data, bytes.len);
    }
    buf_release(&bytes);
    buf_release(&name);
}

static int write_file(const char *name, const struct buf *state)
{
    uint64_t sum = hash_bytes(state->data, state->len);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), failed;

    if (fd < 0)
        return -1;
    failed = output_write_fd(fd, state->data, state->len) != 0 ||
             output_write_fd(fd, &sum, sizeof(sum)) != 0 || fsync(fd) != 0;
    return close(fd) != 0 || failed ? -1 : 0;
}

static int put_file(const struct states *s, size_t trial,
                    const struct buf *state, struct err *err)
{
    struct buf name = {0}, aside = {0};
    int status = 0;

    file_name(s, trial, "", &name);
    file_name(s, trial, ".part", &aside);
    if ((mkdir(s->folder, 0777) != 0 && errno != EEXIST) ||
        write_file(aside.data, state) != 0 ||
        rename(aside.data, name.data) != 0) {
        err_system(err, "cannot write the state of a trial");
        status = err_at(err, name.data, 0);
        unlink(aside.data);
    }
    buf_release(&name);
    buf_release(&aside);
    return status;
}

/* ---- both ---- */

void states_get(struct states *s, size_t trial, struct buf *state)
{
    if (s->folder)
        get_file(s, trial, state);
    else
#pragma omp critical(search_states)
        buf_add(state, held(s, trial)->data, held(s, trial)->len);
}

int states_put(struct states *s, size_t trial, const struct buf *state,
               struct err *err)
{
    if (s->folder)
        return put_file(s, trial, state, err);
#pragma omp critical(search_states)
    {
        buf_clear(held(s, trial));
        buf_add(held(s, trial), state->data, state->len);
    }
    return 0;
}

void states_drop(struct states *s, size_t trial)
{
    struct buf name = {0};

    if (!s->folder) {
#pragma omp critical(search_states)
        buf_release(held(s, trial));
        return;
    }
    file_name(s, trial, "", &name);
    unlink(name.data);
    rmdir(s->folder);
    buf_release(&name);
}
