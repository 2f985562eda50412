/* The names of the methods. */
#include <string.h>

#include "stats/label_shift.h"

static const char *const names[LABEL_SHIFT_METHODS] = {"bbse-hard", "bbse-soft",
                                                       "rlls", "em"};

const char *label_shift_method_name(enum label_shift_method method)
{
    return names[method];
}

int label_shift_method_parse(const char *word, enum label_shift_method *method)
{
    for (int i = 0; i < LABEL_SHIFT_METHODS; i++)
        if (strcmp(word, names[i]) == 0) {
            *method = (enum label_shift_method)i;
            return 0;
        }
    return -1;
}
