#include "base/shell_word.h"

#include <stdbool.h>
#include <string.h>

static bool is_plain(const char *word)
{
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_-+=.,:/%@";

    return *word && word[strspn(word, harmless)] == '\0';
}

void shell_word(struct buf *out, const char *word)
{
    if (is_plain(word)) {
        buf_add_text(out, word);
        return;
    }
    buf_add_char(out, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buf_add_text(out, "'\\''");
        else
            buf_add_char(out, *word);
    buf_add_char(out, '\'');
}
