#include "base/parallel.h"

#include <errno.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Cores by the cgroup's quota (v2: cpu.max, "max 100000" or "150000 100000").
 */
static int quota_cores(void)
{
    FILE *file = fopen("/sys/fs/cgroup/cpu.max", "re");
    char quota[32];
    long period;
    int cores = 0;

    if (!file)
        return 0;
    if (fscanf(file, "%31s %ld", quota, &period) == 2 && period > 0 &&
        strcmp(quota, "max") != 0)
        cores = (int)((strtol(quota, NULL, 10) + period - 1) / period);
    fclose(file);
    return cores;
}

static int usable_cores(void)
{
    cpu_set_t set;
    int cores = 1, quota = quota_cores();

    if (sched_getaffinity(0, sizeof(set), &set) == 0)
        cores = CPU_COUNT(&set);
    if (quota > 0 && quota < cores)
        cores = quota;
    return cores > 0 ? cores : 1;
}

int parallel_set_threads(int n)
{
    if (n <= 0)
        n = getenv("OMP_NUM_THREADS") ? omp_get_max_threads() : usable_cores();
    omp_set_num_threads(n);
    return n;
}

void parallel_nest(bool nest)
{
    omp_set_max_active_levels(nest ? 2 : 1);
}

/* The C library loads what pthread_exit needs when it is first called. */
static void *wait_for_end(void *mutex)
{
    pthread_mutex_lock(mutex);
    pthread_mutex_unlock(mutex);
    pthread_exit(NULL);
}

/* Starts them all side by side, for a moment. */
int parallel_check(struct err *err)
{
    int n = omp_get_max_threads() - 1, started = 0, failed = 0;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_t *threads = mem_alloc((size_t)n, sizeof(*threads));

    pthread_mutex_lock(&mutex);
    while (started < n && !failed) {
        failed = pthread_create(&threads[started], NULL, wait_for_end, &mutex);
        started += !failed;
    }
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    errno = failed;
    return failed
               ? err_system(err, "cannot start %d threads (--threads)", n + 1)
               : 0;
}

int parallel_threads(void)
{
    bool one = omp_get_active_level() >= omp_get_max_active_levels();

    return one ? 1 : omp_get_max_threads();
}

void parallel_piece(size_t n, int pieces, int i, size_t *begin, size_t *end)
{
    size_t each = n / (size_t)pieces, rest = n % (size_t)pieces;
    size_t k = (size_t)i;

    *begin = k * each + (k < rest ? k : rest);
    *end = *begin + each + (k < rest ? 1 : 0);
}
