#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

static utf8proc_ssize_t decode(const char *s, size_t len, utf8proc_int32_t *cp)
{
    return utf8proc_iterate((const utf8proc_uint8_t *)s,
                            len < 4 ? (utf8proc_ssize_t)len : 4, cp);
}

size_t text_utf8_length(const char *s, size_t len)
{
    utf8proc_int32_t cp;
    utf8proc_ssize_t n = len ? decode(s, len, &cp) : 0;

    return n > 0 ? (size_t)n : 0;
}

size_t text_utf8_valid(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len) {
        uint64_t eight;
        size_t n;
        if (i + 8 <= len) {
            memcpy(&eight, s + i, 8);
            if (!(eight & 0x8080808080808080u)) {
                i += 8;
                continue;
            }
        }
        n = (unsigned char)s[i] < 0x80 ? 1 : text_utf8_length(s + i, len - i);
        if (!n)
            return i;
        i += n;
    }
    return len;
}

static void add_mapped(struct buf *out, const char *s, size_t len,
                       utf8proc_option_t options)
{
    utf8proc_uint8_t *mapped = NULL;
    utf8proc_ssize_t n =
        utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)len,
                     &mapped, UTF8PROC_STABLE | UTF8PROC_COMPOSE | options);

    if (n >= 0)
        buf_add(out, mapped, (size_t)n);
    else
        buf_add(out, s, len);
    free(mapped);
}

static bool is_ascii(const char *s, size_t len)
{
    size_t i = 0;

    while (i < len && (unsigned char)s[i] < 0x80)
        i++;
    return i == len;
}

static void add_lower(struct buf *out, const char *s, size_t len)
{
    char *to = buf_reserve(out, len);

    for (size_t i = 0; i < len; i++)
        to[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 'a' - 'A') : s[i];
    to[len] = '\0';
    out->len += len;
}

void text_fold(struct buf *out, const char *s, size_t len)
{
    if (is_ascii(s, len)) {
        add_lower(out, s, len);
        return;
    }
    add_mapped(out, s, len,
               UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
}

void text_compose(struct buf *out, const char *s, size_t len)
{
    if (is_ascii(s, len))
        buf_add(out, s, len);
    else
        add_mapped(out, s, len, 0);
}

enum class { BLANK, WORD, SYMBOL };

static enum class class_of(utf8proc_int32_t cp) {
    utf8proc_category_t c = utf8proc_category(cp);

    if (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_NO) return WORD;
    if (c >= UTF8PROC_CATEGORY_PC && c <= UTF8PROC_CATEGORY_SO) return SYMBOL;
    return BLANK;
}

bool text_next_word(const char **s, const char *end, struct text_word *word)
{
    const char *at = *s;

    word->len = 0;
    while (at < end) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = decode(at, (size_t)(end - at), &cp);
        enum class kind = n > 0 ? class_of(cp) : BLANK;
        if (kind != WORD && word->len)
            break;
        if (kind != BLANK && !word->len) {
            word->start = at;
            word->symbol = kind == SYMBOL;
        }
        at += n > 0 ? n : 1;
        if (kind != BLANK)
            word->len = (size_t)(at - word->start);
        if (kind == SYMBOL)
            break;
    }
    *s = at;
    return word->len > 0;
}

size_t text_prefix(const char *s, size_t len, size_t columns)
{
    size_t i = 0, used = 0;

    while (i < len) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = decode(s + i, len - i, &cp);
        size_t wide = n > 0 ? (size_t)utf8proc_charwidth(cp) : 1;
        if (used + wide > columns)
            break;
        used += wide;
        i += n > 0 ? (size_t)n : 1;
    }
    return i;
}

size_t text_width(const char *s, size_t len)
{
    size_t used = 0;

    for (size_t i = 0; i < len;) {
        utf8proc_int32_t cp;
        utf8proc_ssize_t n = decode(s + i, len - i, &cp);
        used += n > 0 ? (size_t)utf8proc_charwidth(cp) : 1;
        i += n > 0 ? (size_t)n : 1;
    }
    return used;
}

const char *text_library(void)
{
    static char text[32];

    snprintf(text, sizeof(text), "utf8proc %s", utf8proc_version());
    return text;
}
