/*
 * weights: the parameters of a network as the tensors of a file, by name.
 */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include "csv/list.h"
#include "model/safetensors.h"
#include "nn/net.h"

/* Adds all parameters. */
void weights_add(struct tensors *tensors, struct net *net);

/* Sets all parameters; one that is missing or of another shape is an error. */
int weights_load(struct net *net, const struct tensors *tensors,
                 const char *path, struct err *err);

/*
 * The start of a fine-tuning: sets all parameters but those of the last layer,
 * which are zero where they are `anew` (other classes), where their shape
 * differs, or where the file has none; their names are added to `left`.
 * Anything else that is missing or of another shape is an error.  Tensors that
 * the network lacks do not matter.
 */
int weights_transfer(struct net *net, const struct tensors *tensors,
                     const char *path, bool anew, struct list *left,
                     struct err *err);

#endif
