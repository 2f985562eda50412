/* A space as text and as a CSV. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/reader.h"
#include "search/space.h"

static const char *const types[] = {"real", "log", "int", "int-log", "choice"};
enum { TYPES = 5, TYPE_CHOICE = 4 };

static const char blanks[] = " \t\r\n";
static const double WHOLE_MOST = 1e15;

/* What a parameter is written as; "" where nothing is. */
struct written {
    const char *name, *type, *low, *high, *values, *condition;
};

/* Conditions that wait until all parameters are there; strings are owned. */
struct waiting {
    size_t n;
    struct {
        char *name, *text;
        long line;
    } item[SPACE_MOST];
};

/* ---- one parameter ---- */

static int type_of(const char *word)
{
    for (int i = 0; i < TYPES; i++)
        if (strcmp(word, types[i]) == 0)
            return i;
    return -1;
}

static int bound(const struct written *w, const char *text, double *value,
                 bool whole, struct err *err)
{
    if (!num_parse(text, strlen(text), value) ||
        (whole && *value != floor(*value)))
        return err_set(err, ERR_USAGE, "'%s': not a %snumber: '%s'", w->name,
                       whole ? "whole " : "", text);
    if (whole && fabs(*value) > WHOLE_MOST)
        return err_set(err, ERR_USAGE, "'%s': beyond 1e15: '%s'", w->name,
                       text);
    return 0;
}

static int add_number(struct space *space, const struct written *w, int type,
                      struct err *err)
{
    bool whole = type >= 2;
    struct dimension *p =
        space_add(space, w->name, whole ? DIMENSION_INT : DIMENSION_REAL);

    p->log = type % 2 == 1;
    if (bound(w, w->low, &p->low, whole, err) != 0 ||
        bound(w, w->high, &p->high, whole, err) != 0)
        return -1;
    if (p->low >= p->high)
        return err_set(err, ERR_USAGE, "'%s': %s is not below %s", w->name,
                       w->low, w->high);
    if (p->log && p->low <= 0)
        return err_set(err, ERR_USAGE,
                       "'%s': a logarithmic range begins above 0", w->name);
    if (!isfinite(p->log ? p->high / p->low : p->high - p->low))
        return err_set(err, ERR_USAGE, "'%s': too wide a range: %s..%s",
                       w->name, w->low, w->high);
    return 0;
}

static int add_choice(struct space *space, const struct written *w,
                      struct err *err)
{
    struct dimension *p = space_add(space, w->name, DIMENSION_CHOICE);

    if (list_add_record(&p->choices, w->values, err) != 0)
        return err_set(err, ERR_USAGE, "'%s': not a list: '%s'", w->name,
                       w->values);
    for (size_t i = 1; i < p->choices.n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(p->choices.items[i], p->choices.items[j]) == 0)
                return err_set(err, ERR_USAGE, "'%s': '%s' occurs twice",
                               w->name, p->choices.items[i]);
    return 0;
}

static int check_written(const struct written *w, int type, struct err *err)
{
    if (type < 0)
        return err_set(err, ERR_USAGE,
                       "'%s': '%s' is not real, log, int, int-log or choice",
                       w->name, w->type);
    if (type == TYPE_CHOICE && (*w->low || *w->high))
        return err_set(err, ERR_USAGE, "'%s': a choice has no %s", w->name,
                       *w->low ? "low" : "high");
    if (type != TYPE_CHOICE && *w->values)
        return err_set(err, ERR_USAGE, "'%s': a number has no values", w->name);
    return 0;
}

static int add_param(struct space *space, const struct written *w,
                     struct err *err)
{
    int type = type_of(w->type);

    if (!*w->name)
        return err_set(err, ERR_USAGE, "a parameter without a name");
    if (!space_is_name(w->name))
        return err_set(err, ERR_USAGE,
                       "'%s': a name has no blanks, quotes, commas and '='",
                       w->name);
    if (space_find(space, w->name) != DIMENSION_NONE)
        return err_set(err, ERR_USAGE, "'%s' occurs twice", w->name);
    if (space->n == SPACE_MOST)
        return err_set(err, ERR_USAGE, "more than %d parameters", SPACE_MOST);
    if (check_written(w, type, err) != 0)
        return -1;
    return type == TYPE_CHOICE ? add_choice(space, w, err)
                               : add_number(space, w, type, err);
}

/* "optimizer=adam,adamw" */
static int add_condition(struct space *space, const char *name,
                         const char *condition, struct err *err)
{
    struct buf text = {0};
    struct list values = {0};
    const char *right;
    int status;

    buf_add_text(&text, condition);
    right = list_split_pair(text.data, false);
    if (!right || list_add_record(&values, right, err) != 0)
        status = err_set(err, ERR_USAGE,
                         "'%s': a condition is NAME=VALUE,..., not '%s'", name,
                         condition);
    else
        status = space_condition(space, name, text.data, &values, err);
    list_release(&values);
    buf_release(&text);
    return status;
}

static void wait_for(struct waiting *waiting, const char *name,
                     const char *text, long line)
{
    waiting->item[waiting->n].name = mem_strdup(name);
    waiting->item[waiting->n].text = mem_strdup(text);
    waiting->item[waiting->n++].line = line;
}

/* `file` is NULL where there is none. */
static int add_conditions(struct space *space, const struct waiting *waiting,
                          const char *file, struct err *err)
{
    for (size_t i = 0; i < waiting->n; i++) {
        if (add_condition(space, waiting->item[i].name, waiting->item[i].text,
                          err) == 0)
            continue;
        if (!file)
            return -1;
        err->kind = ERR_DATA;
        return err_at(err, file, waiting->item[i].line);
    }
    return 0;
}

static void release_waiting(struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->n; i++) {
        free(waiting->item[i].name);
        free(waiting->item[i].text);
    }
}

/* ---- text ---- */

/* The next word, up to a blank that stands outside of quotes; "" at the end. */
static void next_word(const char **at, struct buf *word)
{
    bool quoted = false;

    buf_clear(word);
    buf_add_text(word, "");
    *at += strspn(*at, blanks);
    for (; **at && (quoted || !strchr(blanks, **at)); ++*at) {
        quoted ^= **at == '"';
        buf_add_char(word, **at);
    }
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* "log:1e-5..0.1" into its parts, in place. */
static int read_range(struct written *w, char *text, struct err *err)
{
    char *dots = *text == '"' || strchr(text, ',') ? NULL : strstr(text, "..");

    w->type = begins(text, "int-log:") ? "int-log"
              : begins(text, "int:")   ? "int"
              : begins(text, "log:")   ? "log"
              : dots                   ? "real"
                                       : "choice";
    if (strcmp(w->type, "choice") == 0) {
        w->values = text;
        return 0;
    }
    if (!dots)
        return err_set(err, ERR_USAGE, "'%s': not %s:LOW..HIGH: '%s'", w->name,
                       w->type, text);
    *dots = '\0';
    w->low = strcmp(w->type, "real") == 0 ? text : strchr(text, ':') + 1;
    w->high = dots + 2;
    return 0;
}

static int add_word(struct space *space, char *word, struct err *err)
{
    struct written w = {word, "", "", "", "", ""};
    char *value = list_split_pair(word, false);

    if (!value || !*value)
        return err_set(err, ERR_USAGE, "'%s' is not NAME=LOW..HIGH or NAME=A,B",
                       word);
    if (read_range(&w, value, err) != 0)
        return -1;
    return add_param(space, &w, err);
}

static int parse_words(struct space *space, const char *text, struct buf *word,
                       struct waiting *waiting, struct err *err)
{
    bool conditional = true; /* the last parameter, or there is none */

    for (next_word(&text, word); word->len; next_word(&text, word)) {
        if (strcmp(word->data, "if") != 0 || !space->n) {
            if (add_word(space, word->data, err) != 0)
                return -1;
            conditional = false;
            continue;
        }
        if (conditional)
            return err_set(err, ERR_USAGE, "'%s' has two conditions",
                           space->items[space->n - 1].name);
        next_word(&text, word);
        wait_for(waiting, space->items[space->n - 1].name, word->data, 0);
        conditional = true;
    }
    return add_conditions(space, waiting, NULL, err);
}

int space_parse(struct space *space, const char *text, struct err *err)
{
    struct buf word = {0};
    struct waiting waiting = {0};
    int status;

    memset(space, 0, sizeof(*space));
    status = parse_words(space, text, &word, &waiting, err);
    if (status == 0 && !space->n)
        status = err_set(err, ERR_USAGE, "no parameter to search");
    if (status != 0)
        space_release(space);
    release_waiting(&waiting);
    buf_release(&word);
    return status;
}

/* Whether a word would be read as something else without its quotes. */
static bool needs_quotes(const char *word)
{
    return strpbrk(word, ",:\" \t\r\n") || strstr(word, "..");
}

static void format_choices(struct buf *text, const struct dimension *p,
                           const bool *which)
{
    const char *before = "";

    for (size_t i = 0; i < p->choices.n; i++) {
        const char *word = p->choices.items[i];
        if (which && !which[i])
            continue;
        buf_add_text(text, before);
        before = ",";
        if (!needs_quotes(word)) {
            buf_add_text(text, word);
            continue;
        }
        buf_add_char(text, '"');
        for (; *word; word++)
            buf_printf(text, *word == '"' ? "\"%c" : "%c", *word);
        buf_add_char(text, '"');
    }
}

void space_format(const struct space *space, struct buf *text)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct dimension *p = &space->items[i];
        char low[NUM_SIZE], high[NUM_SIZE];
        buf_printf(text, "%s%s=", i ? " " : "", p->name);
        num_format(low, p->low);
        num_format(high, p->high);
        if (p->kind == DIMENSION_CHOICE)
            format_choices(text, p, NULL);
        else
            buf_printf(text, "%s%s%s%s..%s",
                       p->kind == DIMENSION_INT ? "int" : "",
                       p->kind == DIMENSION_INT && p->log ? "-" : "",
                       p->log                     ? "log:"
                       : p->kind == DIMENSION_INT ? ":"
                                                  : "",
                       low, high);
        if (p->parent == DIMENSION_NONE)
            continue;
        buf_printf(text, " if %s=", space->items[p->parent].name);
        format_choices(text, &space->items[p->parent], p->when);
    }
}

/* ---- CSV ---- */

static const char *cell(const struct csv_reader *r, const char *column)
{
    size_t at = csv_reader_find(r, column);

    return at == CSV_NONE ? "" : csv_reader_fields(r)[at].text;
}

static int read_param(struct space *space, struct csv_reader *r,
                      struct waiting *waiting, struct err *err)
{
    struct written w = {cell(r, "name"),   cell(r, "type"),
                        cell(r, "low"),    cell(r, "high"),
                        cell(r, "values"), cell(r, "condition")};

    if (add_param(space, &w, err) != 0) {
        err->kind = ERR_DATA;
        return err_at(err, csv_reader_file(r), csv_reader_line(r));
    }
    if (*w.condition)
        wait_for(waiting, w.name, w.condition, csv_reader_line(r));
    return 0;
}

static int read_params(struct space *space, struct csv_reader *r,
                       struct waiting *waiting, struct err *err)
{
    static const char *const needed[] = {"name", "type"};
    size_t at;
    int got;

    for (int i = 0; i < 2; i++)
        if (csv_reader_require(r, needed[i], &at, err) != 0)
            return -1;
    while ((got = csv_reader_next(r, err)) == 1)
        if (read_param(space, r, waiting, err) != 0)
            return -1;
    if (got != 0)
        return got;
    return add_conditions(space, waiting, csv_reader_file(r), err);
}

int space_read(struct space *space, const char *path, struct err *err)
{
    struct csv_options options = {0};
    char *paths[] = {(char *)(uintptr_t)path};
    struct csv_reader *r = csv_reader_open(paths, 1, &options, err);
    struct waiting waiting = {0};
    int status;

    memset(space, 0, sizeof(*space));
    if (!r)
        return -1;
    status = read_params(space, r, &waiting, err);
    if (status != 0)
        space_release(space);
    release_waiting(&waiting);
    csv_reader_close(r);
    return status;
}
