#include <stdlib.h>

#include "base/mem.h"
#include "stream/profile.h"

void word_rows_merge(struct word_rows *words, const struct word_rows *other)
{
    if (!other->rows)
        return;
    if (!words->rows)
        words->rows = mem_zalloc(PROFILE_WORDS, 1);
    for (size_t i = 0; i < PROFILE_WORDS; i++) {
        unsigned sum = words->rows[i] + (unsigned)other->rows[i];
        words->rows[i] = (uint8_t)(sum < 2 ? sum : 2);
    }
}

void word_rows_release(struct word_rows *words)
{
    free(words->rows);
    words->rows = NULL;
}
