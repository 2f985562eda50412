#include "table/sequence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/num.h"
#include "table/column_scan.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static void push(struct sequences *s, float value)
{
    s->value =
        mem_grow(s->value, &s->capacity, s->values + 1, sizeof(*s->value));
    s->value[s->values++] = value;
}

/* The values up to the step's end, at which *at is left; false: no number. */
static bool add_step(struct sequences *s, const char **at, const char *end,
                     struct sequence_fault *fault)
{
    while (*at < end && **at != ';') {
        const char *start = *at;
        double value;
        if (is_blank(*start)) {
            (*at)++;
            continue;
        }
        while (*at < end && **at != ';' && !is_blank(**at))
            (*at)++;
        if (!column_number(start, (size_t)(*at - start), &value)) {
            fault->text = start;
            fault->len = (size_t)(*at - start);
            return false;
        }
        push(s, (float)value);
    }
    return true;
}

static bool add_steps(struct sequences *s, const char *at, const char *end,
                      struct sequence_fault *fault)
{
    for (fault->step = 1;; fault->step++, at++) {
        size_t before = s->values;
        if (!add_step(s, &at, end, fault))
            return false;
        fault->values = s->values - before;
        fault->expected = s->width;
        if (!fault->values || (s->width && fault->values != s->width))
            return false;
        s->width = fault->values;
        if (at == end)
            return true;
    }
}

static void start_cell(struct sequences *s)
{
    s->start =
        mem_grow(s->start, &s->starts_capacity, s->n + 2, sizeof(*s->start));
    if (s->n == 0)
        s->start[0] = 0;
}

bool sequences_add(struct sequences *s, const char *text, size_t len,
                   struct sequence_fault *fault)
{
    size_t values = s->values, width = s->width;

    memset(fault, 0, sizeof(*fault));
    if (!add_steps(s, text, text + len, fault)) {
        s->values = values;
        s->width = width;
        return false;
    }
    start_cell(s);
    s->start[++s->n] = s->values / s->width;
    return true;
}

void sequences_add_missing(struct sequences *s)
{
    start_cell(s);
    for (size_t k = 0; k < s->width; k++)
        push(s, NAN);
    s->n++;
    s->start[s->n] = s->start[s->n - 1] + 1;
}

void sequence_fault_text(const struct sequence_fault *f, struct buf *out)
{
    char quoted[ERR_QUOTE_SIZE];

    if (f->text)
        buf_printf(out, "not a number: %s in step %zu",
                   err_quote(quoted, sizeof(quoted), f->text, f->len), f->step);
    else if (f->expected)
        buf_printf(out, "step %zu has %zu value%s, others have %zu", f->step,
                   f->values, plural(f->values), f->expected);
    else
        buf_printf(out, "step %zu has no value", f->step);
}

void sequences_clear(struct sequences *s)
{
    s->n = s->values = 0;
}

void sequences_release(struct sequences *s)
{
    free(s->start);
    free(s->value);
    memset(s, 0, sizeof(*s));
}
