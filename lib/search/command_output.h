/*
 * command_output: what a command printed, of which little is kept.
 */
#ifndef SEARCH_COMMAND_OUTPUT_H
#define SEARCH_COMMAND_OUTPUT_H

#include <stdbool.h>

#include "search/outcome.h"

/*
 * The line that is being read, the last one that was not blank, and the last
 * that has a cell `objective`.  {0} is empty.
 */
struct command_output {
    struct buf line, last, header;
};

/* The next bytes, cut anywhere. */
void command_output_add(struct command_output *output, const char *bytes,
                        size_t len);

/* After the last byte: false where there is no finite number. */
bool command_output_end(struct command_output *output, struct outcome *outcome);
void command_output_release(struct command_output *output);

#endif
