#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "table/join.h"

/* Another way to compare keys: a rule, and whether leading zeros count. */
struct way {
    struct key_rule rule;
    bool without_zeros;
};

/* What a way would find, and the first pair it would. */
struct finding {
    struct way way;
    size_t n, row, stray;
};

static const struct csv_field *key_of(const struct join *join, size_t row)
{
    return &join_fields(join, row)[join->key];
}

static void make_by(struct buf *out, struct way way, const char *text,
                    size_t len)
{
    buf_clear(out);
    if (way.without_zeros)
        key_make_number(out, way.rule, text, len);
    else
        key_make(out, way.rule, text, len);
}

/* What a stray is called by that rule. */
static const char *stray_text(const struct join *join, size_t stray,
                              struct key_rule rule)
{
    const struct join_stray *s = &join->strays[stray];

    return join->other.paths && rule.match == KEY_PATH
               ? join->other.paths[s->place]
               : s->text;
}

static struct finding try_way(const struct join *join, struct way way)
{
    struct finding found = {way, 0, 0, 0};
    struct dict made = {0};
    struct buf key = {0};
    size_t *stray = mem_alloc(join->stray_keys.count + 1, sizeof(*stray));

    for (size_t i = 0; i < join->stray_keys.count; i++) {
        const char *text = stray_text(join, i, way.rule);
        make_by(&key, way, text, strlen(text));
        stray[dict_add(&made, key.data, key.len)] = i + 1;
    }
    for (size_t i = 0; i < join->keys.count; i++) {
        const struct csv_field *cell = key_of(join, i);
        size_t at;
        if (join->partner[i])
            continue;
        make_by(&key, way, cell->text, cell->len);
        at = dict_find(&made, key.data, key.len);
        if (at == DICT_NONE || !stray[at])
            continue;
        if (!found.n++) {
            found.row = i;
            found.stray = stray[at] - 1;
        }
        stray[at] = 0; /* each once */
    }
    dict_release(&made);
    buf_release(&key);
    free(stray);
    return found;
}

/* The best of all ways: the first among equals, in the order of the loops. */
static struct finding best_way(const struct join *join)
{
    struct finding best = {0};

    for (int zeros = 0; zeros < 2; zeros++)
        for (int match = 0; match < KEY_MATCHES; match++)
            for (int fold = join->rule.ignore_case; fold < 2; fold++) {
                struct way way = {{(enum key_match)match, fold != 0},
                                  zeros != 0};
                struct finding found;
                if (match == KEY_PATH && !join->other.paths)
                    continue;
                found = try_way(join, way);
                if (found.n > best.n)
                    best = found;
            }
    return best;
}

/* "1998 would with --match stem --ignore-case", or nothing. */
static void add_hint(struct join *join, struct buf *to)
{
    struct finding best = best_way(join);
    char row[ERR_QUOTE_SIZE], stray[ERR_QUOTE_SIZE];
    const struct csv_field *cell;

    if (!best.n)
        return;
    buf_printf(to, "; %zu would", join->n_met + best.n);
    if (best.way.rule.match != join->rule.match ||
        best.way.rule.ignore_case != join->rule.ignore_case)
        buf_add_text(to, " with");
    if (best.way.rule.match != join->rule.match)
        buf_printf(to, " --match %s", key_match_name(best.way.rule.match));
    if (best.way.rule.ignore_case != join->rule.ignore_case)
        buf_add_text(to, " --ignore-case");
    if (!best.way.without_zeros)
        return;
    cell = key_of(join, best.row);
    buf_printf(to, " if leading zeros were not lost: %s, %s",
               err_quote(row, sizeof(row), cell->text, cell->len),
               err_quote(stray, sizeof(stray), join->strays[best.stray].text,
                         strlen(join->strays[best.stray].text)));
}

/* ---- what is wrong ---- */

enum { LISTED = 3 };

static void add_part(struct buf *to, const char *format, size_t n,
                     const char *noun, const char *verb)
{
    if (to->len)
        buf_add_text(to, "; ");
    buf_printf(to, format, n, noun, verb);
}

static void list_rows(const struct join *join, struct buf *to)
{
    char text[ERR_QUOTE_SIZE];
    size_t n = 0;

    for (size_t i = 0; i < join->keys.count && n <= LISTED; i++) {
        const struct csv_field *cell = key_of(join, i);
        if (join->partner[i])
            continue;
        if (n++ == LISTED)
            buf_add_text(to, ", ...");
        else
            buf_printf(to, "%s%s (line %ld)", n > 1 ? ", " : "",
                       err_quote(text, sizeof(text), cell->text, cell->len),
                       join->lines[i]);
    }
}

static void list_strays(const struct join *join, struct buf *to)
{
    char text[ERR_QUOTE_SIZE];

    for (size_t i = 0; i < join->stray_keys.count && i <= LISTED; i++) {
        const struct join_stray *s = &join->strays[i];
        if (i == LISTED) {
            buf_add_text(to, ", ...");
            return;
        }
        buf_printf(to, "%s%s", i ? ", " : "",
                   err_quote(text, sizeof(text), s->text, strlen(s->text)));
        if (!join->other.paths)
            buf_printf(to, " (%s %zu)", join->other.place, s->place);
    }
}

static void add_doubles(const struct join *join, struct buf *to)
{
    size_t n = join->twice.n, others = join->other_twice.n;

    if (n) {
        add_part(to, "%zu %s %s the key of another: ", n,
                 n > 1 ? "rows" : "row", n > 1 ? "repeat" : "repeats");
        buf_add_text(to, join->twice.text.data);
    }
    if (others) {
        add_part(to, "%zu %s %s the key of another: ", others,
                 others > 1 ? join->other.many : join->other.one,
                 others > 1 ? "have" : "has");
        buf_add_text(to, join->other_twice.text.data);
    }
}

int join_check_held(const struct join *join, struct err *err)
{
    struct buf text = {0};

    if (!join->twice.n)
        return 0;
    add_doubles(join, &text);
    err_set(err, ERR_DATA, "%s", text.data);
    err_at(err, csv_reader_file(join->table), 0);
    buf_release(&text);
    return -1;
}

static void add_unmatched(const struct join *join, bool rows, bool others,
                          struct buf *to)
{
    if (others) {
        size_t n = join->stray_keys.count;
        add_part(to, "%zu %s %s no row here: ", n,
                 n > 1 ? join->other.many : join->other.one,
                 n > 1 ? "have" : "has");
        list_strays(join, to);
    }
    if (rows) {
        size_t n = join->keys.count - join->n_met;
        add_part(to, "%zu %s no %s: ", n, n > 1 ? "rows have" : "row has",
                 join->other.partner);
        list_rows(join, to);
    }
}

/* Nothing matches: no list would help. */
static void add_none(struct join *join, struct buf *to)
{
    char row[ERR_QUOTE_SIZE], stray[ERR_QUOTE_SIZE];
    const struct csv_field *cell = key_of(join, 0);
    size_t before;

    add_part(to, "0 of %zu %s %s", join->keys.count + join->twice.n, "keys",
             "match");
    before = to->len;
    add_hint(join, to);
    if (to->len == before && join->stray_keys.count)
        buf_printf(to, ": here %s, there %s",
                   err_quote(row, sizeof(row), cell->text, cell->len),
                   err_quote(stray, sizeof(stray), join->strays[0].text,
                             strlen(join->strays[0].text)));
}

int join_check(struct join *join, bool all_rows, bool all_others,
               struct err *err)
{
    bool rows = all_rows && join->n_met < join->keys.count;
    bool others = all_others && join->stray_keys.count > 0;
    struct buf text = {0};

    add_doubles(join, &text);
    if (join->n_met == 0)
        add_none(join, &text);
    else
        add_unmatched(join, rows, others, &text);
    if (join->n_met > 0 && (rows || others))
        add_hint(join, &text);
    if (!text.len)
        return 0;
    err_set(err, ERR_DATA, "%s", text.data);
    err_at(err, csv_reader_file(join->table), 0);
    buf_release(&text);
    return -1;
}

/* ---- what has no partner, as a table ---- */

static int write_row(struct csv_writer *w, const char *side, const char *key,
                     size_t len, const char *place, struct err *err)
{
    csv_writer_text(w, side);
    csv_writer_cell(w, key, len);
    csv_writer_text(w, place);
    return csv_writer_end(w, err);
}

int join_write_unmatched(struct join *join, struct csv_writer *w,
                         struct err *err)
{
    int status = write_row(w, "side", "key", strlen("key"), "place", err);
    char number[32];

    for (size_t i = 0; !join->few && i < join->stray_keys.count && status == 0;
         i++) {
        const struct join_stray *s = &join->strays[i];
        snprintf(number, sizeof(number), "%zu", s->place);
        status = write_row(
            w, join->other.one[0] == 'i' ? "image" : "data", s->text,
            strlen(s->text),
            join->other.paths ? join->other.paths[s->place] : number, err);
    }
    for (size_t i = 0; i < join->keys.count && status == 0; i++) {
        const struct csv_field *cell = key_of(join, i);
        if (join->partner[i])
            continue;
        snprintf(number, sizeof(number), "%ld", join->lines[i]);
        status = write_row(w, "labels", cell->text, cell->len, number, err);
    }
    return status;
}
