#ifndef NN_DIAGNOSE_H
#define NN_DIAGNOSE_H
#include "base/buf.h"
#include "nn/net.h"
struct diagnosis {
    struct buf warning, news;
    double dead_share;
};
static inline void diagnosis_release(struct diagnosis *d)
{
    (void)d;
}
static inline void diagnose_before(struct diagnosis *d, struct net *n)
{
    (void)d;
    (void)n;
}
static inline void diagnose_after(struct diagnosis *d, struct net *n)
{
    (void)d;
    (void)n;
}
static inline void diagnose_epoch(struct diagnosis *d, struct net *n, double l,
                                  double e)
{
    (void)l;
    (void)e;
    d->dead_share = net_dead_units(n);
}
static inline const char *diagnose_not_finite(struct net *n, struct tape *t,
                                              struct batch *b)
{
    (void)n;
    (void)t;
    (void)b;
    return "?";
}
#endif
