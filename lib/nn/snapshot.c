#include "nn/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void make_room(struct snapshot *s, struct net *net)
{
    const struct param *p;

    while (net_param(net, s->n))
        s->n++;
    s->values = mem_zalloc(s->n, sizeof(*s->values));
    for (size_t i = 0; i < s->n; i++) {
        p = net_param(net, i);
        s->values[i] = mem_alloc(param_size(p), sizeof(real));
    }
}

void snapshot_take(struct snapshot *s, struct net *net)
{
    if (!s->values)
        make_room(s, net);
    for (size_t i = 0; i < s->n; i++) {
        const struct param *p = net_param(net, i);
        memcpy(s->values[i], p->value, param_size(p) * sizeof(real));
    }
}

void snapshot_restore(struct snapshot *s, struct net *net)
{
    for (size_t i = 0; i < s->n; i++) {
        struct param *p = net_param(net, i);
        memcpy(p->value, s->values[i], param_size(p) * sizeof(real));
        free(s->values[i]);
    }
    free(s->values);
    memset(s, 0, sizeof(*s));
}
