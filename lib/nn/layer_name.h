/*
 * layer_name: what messages call a layer.
 */
#ifndef NN_LAYER_NAME_H
#define NN_LAYER_NAME_H

#include "nn/net.h"

enum { LAYER_NAME = PARAM_NAME + 40 };

/* "hidden.0", of its "hidden.0.weight"; the layer has parameters. */
void layer_base_name(char name[PARAM_NAME], const struct layer *layer);

/*
 * The layer with parameters that layer i is or comes after: "hidden.0", or
 * "the input".
 */
void layer_name_near(char name[PARAM_NAME], const struct net *net, size_t i);

/* "hidden.0", or "the activation after hidden.0". */
void layer_full_name(char name[LAYER_NAME], const struct net *net, size_t i);

#endif
