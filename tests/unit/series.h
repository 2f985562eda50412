/*
 * series: lines of a name and numbers, as make.py writes them.
 *
 * To be included after <cmocka.h>.  A name that is not there, or another
 * number of values than `n`, fails the test.
 */
#ifndef TESTS_SERIES_H
#define TESTS_SERIES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef TEST_DATA
#define TEST_DATA "tests/data"
#endif

static inline void series_read(const char *path, const char *name,
                               double *values, size_t n)
{
    FILE *file = fopen(path, "r");
    char *line = NULL, *at, *end;
    size_t capacity = 0, len = strlen(name), found = 0;

    if (!file)
        fail_msg("cannot open %s", path);
    while (!found && getline(&line, &capacity, file) > 0) {
        if (strncmp(line, name, len) != 0 || line[len] != ' ')
            continue;
        for (at = line + len; *at != '\n' && found <= n; at = end, found++) {
            double value = strtod(at, &end);
            if (end == at)
                fail_msg("%s: not a number: '%s'", name, at);
            if (found < n)
                values[found] = value;
        }
    }
    free(line);
    fclose(file);
    if (found != n)
        fail_msg("%s: not %zu values of '%s'", path, n, name);
}

#endif
