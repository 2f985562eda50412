#include "cli/file_names.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/report.h"

enum { SHARED = 3, MOST = 8 };

/* The path without links, also of a file that is not there yet; owned. */
static char *real_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *real = realpath(path, NULL), *folder, *name;
    struct buf joined = {0};

    if (real)
        return real;
    name = mem_strndup(path, slash ? (size_t)(slash + 1 - path) : 0);
    folder = realpath(slash ? name : ".", NULL);
    free(name);
    if (!folder)
        return mem_strdup(path);
    buf_printf(&joined, "%s/%s", folder, slash ? slash + 1 : path);
    free(folder);
    return joined.data;
}

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

static bool same_file(const char *a, const char *b)
{
    struct stat status;
    char *real_a, *real_b;
    bool same;

    if (is_standard(a) || is_standard(b))
        return is_standard(a) && is_standard(b);
    if (stat(a, &status) == 0 && !S_ISREG(status.st_mode))
        return false;
    real_a = real_path(a);
    real_b = real_path(b);
    same = strcmp(real_a, real_b) == 0;
    free(real_a);
    free(real_b);
    return same;
}

static void check_two(const struct file_name *a, const struct file_name *b)
{
    if (!a->path || !b->path || !same_file(a->path, b->path))
        return;
    if (is_standard(a->path))
        report_usage("%s: standard output is for the stream: name a file",
                     b->option);
    report_usage("%s and %s are to be different files", a->option, b->option);
}

static void check_input(const struct file_name *output, const char *input)
{
    if (output->path && input && !is_standard(input) &&
        same_file(output->path, input))
        report_usage("%s: '%s' is read too: name another file", output->option,
                     output->path);
}

void file_names_check(const struct args *args, const struct file_name *more,
                      size_t n, const char *input)
{
    struct file_name all[MOST] = {
        {"-o", args->output ? args->output : "-"},
        {"--append", args->append},
        {"--timings", args->timings},
    };

    assert(n <= MOST - SHARED);
    for (size_t i = 0; i < n; i++)
        all[SHARED + i] = more[i];
    for (size_t i = 1; i < SHARED + n; i++) {
        for (size_t j = 0; j < i; j++)
            check_two(&all[j], &all[i]);
        for (size_t j = 0; j < args->n_files; j++)
            check_input(&all[i], args->files[j]);
        check_input(&all[i], input);
    }
}
