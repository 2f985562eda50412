/*
 * snapshot: a network's parameters, put aside.
 */
#ifndef NN_SNAPSHOT_H
#define NN_SNAPSHOT_H

#include "nn/net.h"

/* values[i] are those of net_param(net, i).  {0} is empty. */
struct snapshot {
    real **values;
    size_t n;
};

void snapshot_take(struct snapshot *snapshot, struct net *net);

/* Puts them back and empties the snapshot; does nothing if it is empty. */
void snapshot_restore(struct snapshot *snapshot, struct net *net);

#endif
