/*
 * target_rows: the rows without labels of --target.
 */
#ifndef CLI_TARGET_ROWS_H
#define CLI_TARGET_ROWS_H

#include "cli/fit_data.h"
#include "cli/train_args.h"

/*
 * Reads them where they are asked for, once the data have been read, into an
 * empty table, and sets setup.fit.adaptation.  Reports what is wrong and exits.
 */
void target_rows_read(struct table *rows, struct train_args *options,
                      const struct args *args, const struct fit_data *data);

#endif
