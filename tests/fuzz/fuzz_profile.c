/* Any bytes as a profile: an error, or what is written and read to the same
 * bytes from then on. */
#include "memory_file.h"

#include <string.h>

#include "stream/profile.h"

/* 0 with the profile, or -1. */
static int load(struct profile *profile, char *path)
{
    static const struct csv_options options = {0};
    struct err err = {0};
    struct csv_reader *reader = csv_reader_open(&path, 1, &options, &err);
    int status = reader ? profile_read(profile, reader, &err) : -1;

    if (status != 0 && err.kind == ERR_NONE)
        abort();
    csv_reader_close(reader);
    return status;
}

static struct buf written(const struct profile *profile)
{
    struct csv_writer writer;
    struct err err = {0};
    struct buf text;

    csv_writer_init(&writer, NULL);
    writer.keep = true;
    if (profile_write(profile, &writer, &err) != 0)
        abort();
    text = writer.history;
    writer.history = (struct buf){0};
    csv_writer_release(&writer);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static struct memory_file input, again;
    struct profile profile, back;
    struct buf first, second;

    if (load(&profile, memory_file(&input, bytes, len)) != 0)
        return 0;
    first = written(&profile);
    if (load(&back, memory_file(&again, (uint8_t *)first.data, first.len)) != 0)
        abort();
    second = written(&back);
    if (first.len != second.len ||
        memcmp(first.data, second.data, first.len) != 0)
        abort();
    profile_release(&profile);
    profile_release(&back);
    buf_release(&first);
    buf_release(&second);
    return 0;
}
