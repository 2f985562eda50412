#include "table/key.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

static const char *const names[] = {"exact", "path", "name", "stem"};

static const char *const endings[] = {
    "png", "jpg", "jpeg", "jpe", "jfif", "tif", "tiff", "jp2",
    "j2k", "jpf", "jpx",  "gif", "webp", "bmp", "heic", "avif",
    "dng", "psd", "pdf",  "xml", "json", "txt", "csv",  "html"};

enum { ENDINGS = sizeof(endings) / sizeof(*endings) };

const char *key_match_name(enum key_match match)
{
    return names[match];
}

int key_match_parse(enum key_match *match, const char *name, struct err *err)
{
    for (int i = 0; i < KEY_MATCHES; i++)
        if (strcmp(name, names[i]) == 0) {
            *match = (enum key_match)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--match: '%s' is not exact, path, name or stem", name);
}

size_t key_stem(const char *name, size_t len)
{
    size_t dot = len;

    while (dot > 0 && name[dot - 1] != '.')
        dot--;
    if (dot < 2)
        return len;
    for (int i = 0; i < ENDINGS; i++)
        if (strlen(endings[i]) == len - dot &&
            strncasecmp(endings[i], name + dot, len - dot) == 0)
            return dot - 1;
    return len;
}

static size_t behind_folders(const char *text, size_t len)
{
    size_t at = len;

    while (at > 0 && text[at - 1] != '/' && text[at - 1] != '\\')
        at--;
    return at;
}

void key_make(struct buf *out, struct key_rule rule, const char *text,
              size_t len)
{
    size_t skip = 0;

    if (rule.match >= KEY_NAME)
        skip = behind_folders(text, len);
    else
        while (len - skip > 2 && text[skip] == '.' && text[skip + 1] == '/')
            skip += 2;
    buf_reserve(out, 0)[0] = '\0';
    text += skip;
    len -= skip;
    if (rule.match == KEY_STEM)
        len = key_stem(text, len);
    if (rule.ignore_case)
        text_fold(out, text, len);
    else
        text_compose(out, text, len);
}

void key_make_number(struct buf *out, struct key_rule rule, const char *text,
                     size_t len)
{
    size_t begin = out->len, zeros = 0, digits;

    key_make(out, rule, text, len);
    text = out->data + begin;
    len = out->len - begin;
    digits = strspn(text, "0123456789");
    while (digits == len && zeros + 1 < len && text[zeros] == '0')
        zeros++;
    memmove(out->data + begin, text + zeros, len - zeros + 1);
    out->len -= zeros;
}
