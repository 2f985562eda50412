#include "base/memory.h"

#include <malloc.h>
#include <stdbool.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PATH = 4096 };

/* A thread's stack by default; what libraries may take. */
#define STACK 8e6
#define SPARE 16e6
#define SPARE_THREAD 4e6

static const char version1[] = "/sys/fs/cgroup/memory",
                  version2[] = "/sys/fs/cgroup";

/* ---- what is used ---- */

struct memory_use memory_used(void)
{
    struct memory_use use = {0};
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    double kilobytes;

    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "VmRSS: %lf", &kilobytes) == 1)
            use.resident = kilobytes * 1024;
        else if (sscanf(line, "VmHWM: %lf", &kilobytes) == 1)
            use.peak = kilobytes * 1024;
        else if (sscanf(line, "VmSize: %lf", &kilobytes) == 1)
            use.address_space = kilobytes * 1024;
    }
    if (file)
        fclose(file);
    return use;
}

/* ---- the container ---- */

/* The number in a file; 0 where there is none ("max"). */
static double number_in(const char *folder, const char *name)
{
    char path[2 * PATH + 64];
    double value = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lf", &value) != 1)
        value = 0;
    fclose(file);
    return value;
}

/* The least limit of a group and all above it. */
static void look_up(char *folder, size_t root, const char *name, double *least)
{
    for (;;) {
        double limit = number_in(folder, name);
        char *slash = strrchr(folder, '/');
        if (limit > 0 && (*least == 0 || limit < *least))
            *least = limit;
        if (!slash || strlen(folder) <= root)
            return;
        *slash = '\0';
    }
}

/* Lines are "4:memory:/group" (version 1) and "0::/group" (version 2). */
static double container_limit(void)
{
    FILE *file = fopen("/proc/self/cgroup", "re");
    char line[PATH], folder[2 * PATH];
    double least = 0;

    while (file && fgets(line, sizeof(line), file)) {
        char *kind = strchr(line, ':'),
             *group = kind ? strchr(kind + 1, ':') : NULL;
        bool two = group == kind + 1;
        if (!group)
            continue;
        group[strcspn(group, "\n")] = '\0';
        *group++ = '\0';
        if (!two && !strstr(kind + 1, "memory"))
            continue;
        if (strcmp(group, "/") == 0)
            group++;
        snprintf(folder, sizeof(folder), "%s%s", two ? version2 : version1,
                 group);
        look_up(folder, strlen(two ? version2 : version1),
                two ? "memory.max" : "memory.limit_in_bytes", &least);
    }
    if (file)
        fclose(file);
    return least;
}

/* ---- all limits ---- */

static double machine_memory(void)
{
    return (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
}

double memory_of_threads(int n)
{
    struct rlimit space, stack;
    double each = STACK;

    if (getrlimit(RLIMIT_AS, &space) != 0 || space.rlim_cur == RLIM_INFINITY)
        return 0;
    mallopt(M_ARENA_MAX, 1);
    if (getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY)
        each = (double)stack.rlim_cur;
    return SPARE + n * (each + SPARE_THREAD);
}

const char *memory_broken(double more, double *need, double *limit)
{
    struct memory_use use = memory_used();
    struct rlimit space;

    *need = use.address_space + more;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        *limit = (double)space.rlim_cur;
        if (*need > *limit)
            return "ulimit -v";
    }
    *need = use.resident + more;
    *limit = container_limit();
    if (*limit > 0 && *need > *limit)
        return "the container";
    *limit = machine_memory();
    return *need > *limit ? "this machine" : NULL;
}
