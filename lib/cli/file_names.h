/*
 * file_names: outputs that would take each other's place, or that of a file
 * which is read.
 */
#ifndef CLI_FILE_NAMES_H
#define CLI_FILE_NAMES_H

#include <stddef.h>

#include "cli/args.h"

/* One output: what names it ("--curve"), and its path; NULL: not given. */
struct file_name {
    const char *option, *path;
};

/*
 * Reports and exits (usage) where two of the outputs, those that all tools
 * share and the n of `more`, are the same file or both standard output, or
 * where one is a FILE that is read or `input` (NULL: none).  Only -o may be
 * what is read: it is put in place at the end.  Devices are nobody's.
 */
void file_names_check(const struct args *args, const struct file_name *more,
                      size_t n, const char *input);

#endif
