#include "table/partition.h"

#include <math.h>
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

int parts_parse(struct parts *parts, const char *text, struct err *err)
{
    struct list list = {0};
    double sum = 0;
    int status = list_add_record(&list, text, err);

    memset(parts, 0, sizeof(*parts));
    parts->names = mem_zalloc(list.n, sizeof(char *));
    parts->shares = mem_zalloc(list.n, sizeof(double));
    for (size_t i = 0; i < list.n && status == 0; i++) {
        status = add_part(parts, list.items[i], err);
        if (status == 0)
            sum += parts->shares[i];
    }
    list_release(&list);
    if (status == 0 && fabs(sum - 1) > SUM_TOLERANCE) {
        char total[NUM_SIZE];
        num_format_float(total, (float)sum);
        status = err_set(err, ERR_USAGE,
                         "--parts: the shares of '%s' add up to %s, not 1",
                         text, total);
    }
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
