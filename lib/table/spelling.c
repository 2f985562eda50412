#include "table/spelling.h"

#include <stdbool.h>
#include <string.h>

#include "base/num.h"
#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Or part of a character that is not ASCII. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Characters of folded text, which ends in NUL, and how they are counted. */
static bool is_dropped(const char *s, size_t i)
{
    return strchr(".'", s[i]) &&
           !(i && is_digit(s[i - 1]) && is_digit(s[i + 1]));
}

static bool is_blank(const char *s, size_t i)
{
    if (s[i] == '-')
        return i && (is_letter(s[i - 1]) || is_digit(s[i - 1])) &&
               (is_letter(s[i + 1]) || is_digit(s[i + 1]));
    return strchr(" \t\n\r,;:_\"`()[]{}", s[i]) != NULL;
}

void spelling_key(struct buf *out, const char *text, size_t len)
{
    struct buf folded = {0};
    size_t begin = out->len;
    char number[NUM_SIZE];
    bool blank = false;
    double value;

    if (num_parse(text, len, &value)) {
        buf_add(out, number, num_format(number, value));
        return;
    }
    text_fold(&folded, text, len);
    for (size_t i = 0; i < folded.len; i++) {
        if (is_dropped(folded.data, i))
            continue;
        if (is_blank(folded.data, i)) {
            blank = out->len > begin;
            continue;
        }
        if (blank)
            buf_add_char(out, ' ');
        blank = false;
        buf_add_char(out, folded.data[i]);
    }
    if (out->len == begin)
        buf_add(out, text, len);
    buf_release(&folded);
}
