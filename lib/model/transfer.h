/*
 * transfer: starting from a file (--init-from): what a model of ours says of
 * its network and its columns.
 */
#ifndef MODEL_TRANSFER_H
#define MODEL_TRANSFER_H

#include <stdbool.h>

#include "nn/hyper.h"
#include "table/schema.h"

/*
 * Fills *hyper: where the file is a model of ours and `given` is false or names
 * its network, the network's part from it; everything else by default.
 * *foreign says whether the file is not one of ours; then `given` must be true.
 */
int transfer_hyper(struct hyper *hyper, bool given, const char *path,
                   bool *foreign, struct err *err);

/*
 * Fills what a request leaves open of shape, tokens, steps, n-grams and pixels
 * (0 in each) from the model.  What the request has and the model has
 * otherwise, a type among them, is an error that names the option.
 */
int transfer_request(struct schema_request *request, const char *path,
                     struct err *err);

/*
 * Makes the features of a schema those of the model: the same columns must be
 * features, in the same order; types, shifts, n-grams, tokens and shape become
 * the model's.  Steps of long rows must be the same columns.
 */
int transfer_schema(struct schema *schema, const char *path, struct err *err);

#endif
