/*
 * training_state: a run between two epochs as bytes, and back.
 */
#include <stddef.h>
#include <string.h>

#include "nn/training.h"

/* Of a diagnosis, all that is no pointer: from `epochs` to its end. */
#define DIAGNOSIS_FROM offsetof(struct diagnosis, epochs)

static bool any(const real *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] != 0)
            return true;
    return false;
}

/* Moments that the optimizer does not use are zero: their length is 0. */
static void save_moment(struct buf *bytes, const real *moment, size_t n)
{
    bool used = moment && any(moment, n);

    pack_bytes(bytes, moment, used ? n * sizeof(real) : 0);
}

static bool load_moment(struct unpack *from, real *moment, size_t n)
{
    size_t len;
    const char *bytes = unpack_view(from, &len);

    if (len && (!moment || len != n * sizeof(real)))
        return false;
    if (len)
        memcpy(moment, bytes, len);
    else if (moment)
        memset(moment, 0, n * sizeof(real));
    return !from->failed;
}

static void save_params(const struct training *run, struct buf *bytes)
{
    const struct param *p;

    for (size_t i = 0; (p = net_param(run->net, i)); i++) {
        pack_bytes(bytes, p->value, param_size(p) * sizeof(real));
        save_moment(bytes, p->first, param_size(p));
        save_moment(bytes, p->second, param_size(p));
    }
}

static bool load_params(struct training *run, struct unpack *from)
{
    struct param *p;

    for (size_t i = 0; (p = net_param(run->net, i)); i++) {
        unpack_into(from, p->value, param_size(p) * sizeof(real));
        if (from->failed || !load_moment(from, p->first, param_size(p)) ||
            !load_moment(from, p->second, param_size(p)))
            return false;
    }
    return true;
}

/* The best epoch's parameters: none, those of the network, or others. */
enum { BEST_NONE, BEST_LAST, BEST_OTHER };

static uint64_t which_best(const struct training *run)
{
    if (!run->best.values)
        return BEST_NONE;
    for (size_t i = 0; i < run->best.n; i++) {
        const struct param *p = net_param(run->net, i);
        if (memcmp(run->best.values[i], p->value,
                   param_size(p) * sizeof(real)) != 0)
            return BEST_OTHER;
    }
    return BEST_LAST;
}

static void save_best(const struct training *run, struct buf *bytes)
{
    uint64_t which = which_best(run);

    pack_count(bytes, which);
    for (size_t i = 0; which == BEST_OTHER && i < run->best.n; i++)
        pack_bytes(bytes, run->best.values[i],
                   param_size(net_param(run->net, i)) * sizeof(real));
}

static bool load_best(struct training *run, struct unpack *from)
{
    uint64_t which = unpack_count(from);

    if (which != BEST_NONE)
        snapshot_take(&run->best, run->net);
    for (size_t i = 0; which == BEST_OTHER && i < run->best.n; i++)
        unpack_into(from, run->best.values[i],
                    param_size(net_param(run->net, i)) * sizeof(real));
    return !from->failed;
}

void training_save(const struct training *run, struct buf *bytes)
{
    pack_count(bytes, run->epoch);
    pack_count(bytes, run->best_epoch);
    pack_double(bytes, run->best_loss);
    pack_count(bytes, run->optimizer.step);
    pack_double(bytes, run->schedule.best);
    pack_count(bytes, run->schedule.waited);
    pack_double(bytes, run->schedule.factor);
    pack_bytes(bytes, (const char *)&run->diagnosis + DIAGNOSIS_FROM,
               sizeof(run->diagnosis) - DIAGNOSIS_FROM);
    save_params(run, bytes);
    save_best(run, bytes);
}

bool training_load(struct training *run, struct unpack *from)
{
    run->epoch = unpack_count(from);
    run->best_epoch = unpack_count(from);
    run->best_loss = unpack_double(from);
    run->optimizer.step = unpack_count(from);
    run->schedule.best = unpack_double(from);
    run->schedule.waited = unpack_count(from);
    run->schedule.factor = unpack_double(from);
    unpack_into(from, (char *)&run->diagnosis + DIAGNOSIS_FROM,
                sizeof(run->diagnosis) - DIAGNOSIS_FROM);
    return !from->failed && load_params(run, from) && load_best(run, from);
}
