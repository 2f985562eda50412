/*
 * version: what --version prints.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include <stdio.h>

/* Says name and version of a library that is linked: "zlib 1.2.13". */
typedef const char *version_library(void);

/*
 * Version, compiler, build flags, and the libraries (a list that ends in
 * NULL; NULL for none).
 */
void version_print(FILE *out, version_library *const *libraries);

/* "0.1.0". */
const char *version_number(void);

#endif
