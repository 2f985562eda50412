#include "csv/scan.h"

#include <string.h>

#include "base/mem.h"
#include "base/simd.h"
#include "base/text.h"

#if defined(__x86_64__) && !defined(SIMD_PLAIN)
#include <immintrin.h>
#endif

enum { WORD = 64, WORDS = 64 }; /* bits of a mask; masks made at a time */

/* Of 64 bytes each: where delimiters and newlines are, newlines, returns. */
struct marks {
    uint64_t separators[WORDS], newlines[WORDS], returns[WORDS];
    uint64_t high; /* not 0: there are bytes beyond ASCII */
    bool odd;      /* a quote or a NUL byte */
};

/*
 * Marks n x 64 bytes; `out` gets the bytes, with NUL for what separates.  What
 * is behind the text's end, `left` bytes from here, counts for nothing.
 */
typedef void mark_words(struct marks *m, const char *in, char *out, size_t n,
                        size_t left, char delimiter);

static uint64_t within(size_t word, size_t left)
{
    size_t at = word * WORD;

    if (left >= at + WORD)
        return UINT64_MAX;
    return left > at ? ((uint64_t)1 << (left - at)) - 1 : 0;
}

/* ---- marks ---- */

#if defined(__x86_64__) && !defined(SIMD_PLAIN)

__attribute__((target("avx512bw"))) static void
mark_avx512(struct marks *m, const char *in, char *out, size_t n, size_t left,
            char delimiter)
{
    const __m512i delimiters = _mm512_set1_epi8(delimiter),
                  newline = _mm512_set1_epi8('\n'),
                  carriage = _mm512_set1_epi8('\r'),
                  quote = _mm512_set1_epi8('"');

    for (size_t w = 0; w < n; w++) {
        __m512i bytes = _mm512_loadu_si512(in + w * WORD);
        uint64_t valid = within(w, left);
        uint64_t lf = _mm512_cmpeq_epi8_mask(bytes, newline),
                 cr = _mm512_cmpeq_epi8_mask(bytes, carriage),
                 separators = _mm512_cmpeq_epi8_mask(bytes, delimiters) | lf,
                 odd = _mm512_cmpeq_epi8_mask(bytes, quote) |
                       _mm512_testn_epi8_mask(bytes, bytes);
        _mm512_storeu_si512(out + w * WORD,
                            _mm512_maskz_mov_epi8(~(separators | cr), bytes));
        m->newlines[w] = lf & valid;
        m->separators[w] = separators & valid;
        m->returns[w] = cr & valid;
        m->odd |= (odd & valid) != 0;
        m->high |= _mm512_movepi8_mask(bytes) & valid;
    }
}

static uint64_t mask_of(__m128i a, __m128i b, __m128i c, __m128i d)
{
    return (uint64_t)(unsigned)_mm_movemask_epi8(a) |
           (uint64_t)(unsigned)_mm_movemask_epi8(b) << 16 |
           (uint64_t)(unsigned)_mm_movemask_epi8(c) << 32 |
           (uint64_t)(unsigned)_mm_movemask_epi8(d) << 48;
}

/* On every x86-64. */
static void mark_sse2(struct marks *m, const char *in, char *out, size_t n,
                      size_t left, char delimiter)
{
    const __m128i delimiters = _mm_set1_epi8(delimiter),
                  newline = _mm_set1_epi8('\n'), carriage = _mm_set1_epi8('\r'),
                  quote = _mm_set1_epi8('"'), zero = _mm_setzero_si128();

    for (size_t w = 0; w < n; w++) {
        __m128i bytes[4], lf[4], cr[4], separators[4], odd[4];
        uint64_t valid = within(w, left);
        for (int i = 0; i < 4; i++) {
            __m128i b =
                _mm_loadu_si128((const __m128i *)(in + w * WORD + i * 16));
            bytes[i] = b;
            lf[i] = _mm_cmpeq_epi8(b, newline);
            cr[i] = _mm_cmpeq_epi8(b, carriage);
            separators[i] = _mm_or_si128(_mm_cmpeq_epi8(b, delimiters), lf[i]);
            odd[i] =
                _mm_or_si128(_mm_cmpeq_epi8(b, quote), _mm_cmpeq_epi8(b, zero));
            _mm_storeu_si128(
                (__m128i *)(out + w * WORD + i * 16),
                _mm_andnot_si128(_mm_or_si128(separators[i], cr[i]), b));
        }
        m->newlines[w] = mask_of(lf[0], lf[1], lf[2], lf[3]) & valid;
        m->separators[w] = mask_of(separators[0], separators[1], separators[2],
                                   separators[3]) &
                           valid;
        m->returns[w] = mask_of(cr[0], cr[1], cr[2], cr[3]) & valid;
        m->odd |= (mask_of(odd[0], odd[1], odd[2], odd[3]) & valid) != 0;
        m->high |= mask_of(bytes[0], bytes[1], bytes[2], bytes[3]) & valid;
    }
}

static mark_words *best_marks(void)
{
    return __builtin_cpu_supports("avx512bw") ? mark_avx512 : mark_sse2;
}

#else

static void mark_plainly(struct marks *m, const char *in, char *out, size_t n,
                         size_t left, char delimiter)
{
    for (size_t w = 0; w < n; w++) {
        uint64_t separators = 0, newlines = 0, returns = 0, odd = 0, high = 0,
                 valid = within(w, left);
        for (unsigned i = 0; i < WORD; i++) {
            char c = in[w * WORD + i];
            separators |= (uint64_t)(c == delimiter) << i;
            newlines |= (uint64_t)(c == '\n') << i;
            returns |= (uint64_t)(c == '\r') << i;
            odd |= (uint64_t)(c == '"' || c == '\0') << i;
            high |= (uint64_t)((c & 0x80) != 0) << i;
            out[w * WORD + i] = c == delimiter || c == '\n' || c == '\r' ? '\0'
                                                                         : c;
        }
        m->newlines[w] = newlines & valid;
        m->separators[w] = (separators | newlines) & valid;
        m->returns[w] = returns & valid;
        m->odd |= (odd & valid) != 0;
        m->high |= high & valid;
    }
}

static mark_words *best_marks(void)
{
    return mark_plainly;
}

#endif

/* ---- records out of marks ---- */

/* What goes from word to word. */
struct cursor {
    uint32_t *start; /* where cells begin, [n] */
    size_t n, record /* its first entry */;
    bool returned; /* the last byte was a carriage return */
    bool broken;
};

static inline size_t first_bit(uint64_t mask)
{
    return mask ? (size_t)__builtin_ctzll(mask) : WORD;
}

/* A cell begins behind each of these; up to 7 more entries are spoilt. */
static inline void add_cells(struct cursor *c, uint64_t mask, uint32_t behind)
{
    size_t count = (size_t)__builtin_popcountll(mask);

    for (size_t i = 0; i < count; i += 8)
        for (size_t k = 0; k < 8; k++) {
            c->start[c->n + i + k] = behind + (uint32_t)first_bit(mask);
            mask &= mask - 1;
        }
    c->n += count;
}

static void add_line(struct scan *s)
{
    if (s->n == s->lines_capacity)
        s->line =
            mem_grow(s->line, &s->lines_capacity, s->n + 1, sizeof(*s->line));
    s->line[s->n++] = (uint32_t)s->newlines;
}

/* A newline at `at` ends the last cell. */
static inline void end_line(struct scan *s, struct cursor *c, size_t at)
{
    bool crlf = at > s->at && s->data[at - 1] == '\r';
    size_t fields;

    c->start[c->n++] = (uint32_t)(at + 1 - crlf);
    fields = c->n - c->record - 1;
    if (fields == s->width) {
        add_line(s);
        c->record = c->n;
    } else if (fields == 1 && c->start[c->n - 1] == c->start[c->record] + 1) {
        c->n = c->record;
    } else {
        c->broken = true;
    }
    s->newlines++;
    c->start[c->n++] = (uint32_t)(at + 1);
}

/* n x 64 bytes from data[at]. */
SIMD_CLONES static void take_marks(struct scan *s, struct cursor *c,
                                   const struct marks *m, size_t at, size_t n)
{
    for (size_t w = 0; w < n && !c->broken; w++, at += WORD) {
        uint64_t separators = m->separators[w], newlines = m->newlines[w],
                 followed = m->returns[w] << 1 | c->returned;
        c->broken = (followed & ~newlines) != 0;
        c->returned = m->returns[w] >> (WORD - 1);
        while (newlines && !c->broken) {
            uint64_t before = (newlines & -newlines) - 1;
            add_cells(c, separators & before, (uint32_t)at + 1);
            end_line(s, c, at + first_bit(newlines));
            newlines &= newlines - 1;
            separators &= ~(before << 1 | 1);
        }
        add_cells(c, separators, (uint32_t)at + 1);
    }
}

/* Entries that WORDS words can have, with those between records. */
enum { MOST_ENTRIES = 2 * WORD * WORDS + 16 };

static void scan_words(struct scan *s, struct cursor *c, mark_words *mark,
                       uint64_t *high)
{
    struct cells *cells = s->cells;
    struct marks m;

    *high = 0;
    for (size_t at = s->at; at < s->end && !c->broken; at += WORD * WORDS) {
        size_t n = (s->end - at + WORD - 1) / WORD;
        n = n < WORDS ? n : WORDS;
        if (c->n + MOST_ENTRIES > cells->start_capacity)
            cells->start = mem_grow(cells->start, &cells->start_capacity,
                                    c->n + MOST_ENTRIES, sizeof(*cells->start));
        c->start = cells->start;
        if (at == s->at)
            c->start[c->n++] = (uint32_t)at;
        m.high = 0;
        m.odd = false;
        mark(&m, s->data + at, cells->text + at, n, s->end - at, s->delimiter);
        take_marks(s, c, &m, at, n);
        c->broken = c->broken || m.odd;
        *high |= m.high;
    }
}

static bool is_usual(char delimiter)
{
    return delimiter > 0 && delimiter != '"' && delimiter != '\n' &&
           delimiter != '\r';
}

bool scan_records(struct scan *s)
{
    struct cells *cells = s->cells;
    struct cursor c = {0};
    uint64_t high;
    bool open = s->last && s->end > s->at && s->data[s->end - 1] != '\n';

    s->n = s->newlines = 0;
    if (!is_usual(s->delimiter) || (open && s->data[s->end - 1] == '\r'))
        return false;
    if (open)
        s->data[s->end++] = '\n';
    if (s->end + 2 * WORD > cells->text_capacity)
        cells->text =
            mem_grow(cells->text, &cells->text_capacity, s->end + 2 * WORD, 1);
    scan_words(s, &c, best_marks(), &high);
    s->end -= open;
    if (c.broken || c.returned ||
        (high &&
         text_utf8_valid(s->data + s->at, s->end - s->at) != s->end - s->at))
        return false;
    cells->n = c.record;
    cells->text_len = s->end;
    return true;
}

bool scan_is_text(const char *bytes, size_t len)
{
    return !memchr(bytes, '\0', len) && text_utf8_valid(bytes, len) == len;
}

/* 16 bytes side by side; each counts up to 255. */
size_t scan_count(const char *bytes, size_t len, char c)
{
    typedef unsigned char lanes __attribute__((vector_size(16)));
    const char *first = memchr(bytes, c, len);
    size_t n = 0, i = first ? (size_t)(first - bytes) : len;

    while (len - i >= sizeof(lanes)) {
        lanes count = {0};
        for (int k = 0; k < UINT8_MAX && len - i >= sizeof(lanes); k++) {
            lanes some;
            memcpy(&some, bytes + i, sizeof(some));
            count -= (lanes)(some == (unsigned char)c);
            i += sizeof(lanes);
        }
        for (size_t k = 0; k < sizeof(lanes); k++)
            n += count[k];
    }
    for (; i < len; i++)
        n += bytes[i] == c;
    return n;
}
