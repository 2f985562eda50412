#include "cli/pixel_rows.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

void pixel_rows_header(struct csv_writer *w, size_t n)
{
    char name[32];

    for (size_t i = 1; i <= n; i++) {
        snprintf(name, sizeof(name), "p%zu", i);
        csv_writer_text(w, name);
    }
}

bool pixel_rows_has(const char *name, size_t n)
{
    long number;

    return name[0] == 'p' && name[1] != '0' &&
           num_parse_long(name + 1, 1, (long)n, &number);
}

/* "7," of 7, and so on; four bytes each, of which `digits` count. */
struct digits {
    char text[256][4];
    uint8_t len[256];
};

static void digits_init(struct digits *d)
{
    for (unsigned i = 0; i < 256; i++) {
        char text[8];
        d->len[i] = (uint8_t)snprintf(text, sizeof(text), "%u,", i);
        memcpy(d->text[i], text, 4);
    }
}

void pixel_rows_cells(struct csv_writer *w, const uint8_t *pixels, size_t n,
                      struct buf *text)
{
    static struct digits digits;
    char *to;

    if (!digits.len[0])
        digits_init(&digits);
    buf_clear(text);
    to = buf_reserve(text, 4 * n);
    for (size_t i = 0; i < n; i++) {
        memcpy(to, digits.text[pixels[i]], 4);
        to += digits.len[pixels[i]];
    }
    csv_writer_raw(w, text->data, (size_t)(to - text->data) - 1);
}
