#include "table/partition.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/num.h"
#include "csv/list.h"
#include "stats/apportion.h"

static const double SUM_TOLERANCE = 1e-9;

void parts_release(struct parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        free(parts->names[i]);
    free(parts->names);
    free(parts->shares);
    memset(parts, 0, sizeof(*parts));
}

static int add_part(struct parts *parts, char *item, struct err *err)
{
    char *whole = mem_strdup(item), *share = list_split_pair(item, true);
    double value = 0;
    int status = 0;

    if (!share || !*item || !num_parse(share, strlen(share), &value) ||
        value <= 0 || value > 1)
        status = err_set(err, ERR_USAGE,
                         "--parts: '%s' is not NAME=SHARE with a share above "
                         "0 and at most 1",
                         whole);
    free(whole);
    if (status != 0)
        return -1;
    for (size_t i = 0; i < parts->n; i++)
        if (strcmp(parts->names[i], item) == 0)
            return err_set(err, ERR_USAGE, "--parts: '%s' occurs twice", item);
    parts->names[parts->n] = mem_strdup(item);
    parts->shares[parts->n++] = value;
    return 0;
}

/* The parts as they are listed, whatever the shares add up to. */
static int read_parts(struct parts *parts, const char *text, struct err *err)
{
    struct list list = {0};
    int status = list_add_record(&list, text, err);

    memset(parts, 0, sizeof(*parts));
    parts->names = mem_zalloc(list.n, sizeof(char *));
    parts->shares = mem_zalloc(list.n, sizeof(double));
    for (size_t i = 0; i < list.n && status == 0; i++)
        status = add_part(parts, list.items[i], err);
    list_release(&list);
    return status;
}

static double sum_of(const struct parts *parts)
{
    double sum = 0;

    for (size_t i = 0; i < parts->n; i++)
        sum += parts->shares[i];
    return sum;
}

int parts_parse(struct parts *parts, const char *text, struct err *err)
{
    int status = read_parts(parts, text, err);

    if (status == 0 && fabs(sum_of(parts) - 1) > SUM_TOLERANCE) {
        char total[NUM_SIZE];
        num_format_float(total, (float)sum_of(parts));
        status = err_set(err, ERR_USAGE,
                         "--parts: the shares of '%s' add up to %s, not 1",
                         text, total);
    }
    return status;
}

static bool is_one_of(const char *name, const char *const *names)
{
    return strcmp(name, names[0]) == 0 || strcmp(name, names[1]) == 0;
}

static void keep_parts(struct parts *to, const struct parts *from,
                       const char *const *names)
{
    memset(to, 0, sizeof(*to));
    to->names = mem_zalloc(from->n, sizeof(char *));
    to->shares = mem_zalloc(from->n, sizeof(double));
    for (size_t i = 0; i < from->n; i++)
        if (is_one_of(from->names[i], names)) {
            to->names[to->n] = mem_strdup(from->names[i]);
            to->shares[to->n++] = from->shares[i];
        }
}

int parts_parse_two(struct parts *first, struct parts *second, const char *text,
                    struct err *err)
{
    static const char *const before[] = {"train", "trainval"};
    static const char *const behind[] = {"testval", "test"};
    struct parts all;
    int status = read_parts(&all, text, err);

    keep_parts(first, &all, before);
    keep_parts(second, &all, behind);
    if (status == 0 && (first->n + second->n != all.n ||
                        fabs(sum_of(first) - 1) > SUM_TOLERANCE ||
                        fabs(sum_of(second) - 1) > SUM_TOLERANCE))
        status = err_set(err, ERR_USAGE,
                         "--parts: '%s' is not what --target needs: shares of "
                         "train and trainval that add up to 1, and shares of "
                         "testval and test that do",
                         text);
    parts_release(&all);
    return status;
}

void partition_init(struct partition *p, const size_t *stratum_n,
                    size_t n_strata, const double *shares, size_t n_parts,
                    uint64_t seed, uint64_t stream)
{
    p->n_parts = n_parts;
    p->n_strata = n_strata;
    p->left = mem_zalloc(n_strata * n_parts, sizeof(*p->left));
    p->total = mem_alloc(n_strata, sizeof(*p->total));
    memcpy(p->total, stratum_n, n_strata * sizeof(*p->total));
    apportion_strata(stratum_n, n_strata, shares, n_parts, p->left);
    rng_init(&p->rng, seed, stream);
}

void partition_release(struct partition *p)
{
    free(p->left);
    free(p->total);
    memset(p, 0, sizeof(*p));
}

size_t partition_next(struct partition *p, size_t stratum)
{
    size_t *left = p->left + stratum * p->n_parts;
    size_t ticket, part = 0;

    if (stratum >= p->n_strata || p->total[stratum] == 0)
        return PARTITION_NONE;
    ticket = rng_below(&p->rng, p->total[stratum]--);
    while (ticket >= left[part])
        ticket -= left[part++];
    left[part]--;
    return part;
}

size_t partition_by_hash(const struct parts *parts, const char *key, size_t len,
                         const char *within, uint64_t seed)
{
    uint64_t hash = hash_add(HASH_START, &seed, sizeof(seed));
    double at, edge = 0;

    hash = hash_add(hash, within, strlen(within));
    hash = hash_finish(hash_add(hash, key, len));
    at = (double)(hash >> 11) * 0x1p-53;
    for (size_t i = 0; i + 1 < parts->n; i++) {
        edge += parts->shares[i];
        if (at < edge)
            return i;
    }
    return parts->n - 1;
}
