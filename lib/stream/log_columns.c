#include "stream/log_columns.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum meaning {
    WORD_UNKNOWN,
    WORD_FILLER,
    WORD_TRAIN,
    WORD_VAL,
    WORD_TEST,
    WORD_LOSS,
    WORD_ERROR,
    WORD_ACCURACY,
    WORD_RATE,
    WORD_EPOCH,
    WORD_STEP,
    WORD_SPLIT,
    WORD_RUN,
    WORDS
};

/* clang-format off */
static const struct {
    enum meaning meaning;
    const char *words; /* each between blanks */
} known[] = {
    {WORD_FILLER, " rate global trainer cross learning categorical sparse "
                  "binary multiclass mean avg average of at metrics history "
                  "size "},
    {WORD_TRAIN, " train training tr "},
    {WORD_VAL, " val valid validation eval evaluation dev trainval testval "},
    {WORD_TEST, " test testing "},
    {WORD_LOSS, " loss cost nll ce xent crossentropy entropy "},
    {WORD_ERROR, " error err "},
    {WORD_ACCURACY, " accuracy acc top "},
    {WORD_RATE, " lr "},
    {WORD_EPOCH, " epoch epochs ep "},
    {WORD_STEP, " step steps iteration iterations iter batch "},
    {WORD_SPLIT, " split phase set subset mode stage partition "},
    {WORD_RUN, " fold replica run seed trial "}};
/* clang-format on */

/* How often each meaning occurs in a name, and whether it is a learning rate
 * or a number of training rows. */
struct reading {
    int count[WORDS];
    bool rate, train_size;
};

static enum meaning meaning_of(const char *word)
{
    char wanted[40];
    size_t len = strlen(word);

    if (len + 3 > sizeof(wanted))
        return WORD_UNKNOWN;
    wanted[0] = ' ';
    memcpy(wanted + 1, word, len);
    memcpy(wanted + 1 + len, " ", 2);
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
        if (strstr(known[i].words, wanted))
            return known[i].meaning;
    return WORD_UNKNOWN;
}

/* The next word of a name in small letters; its length, 0 at the end. */
static size_t next_word(const char **name, char word[32])
{
    const char *s = *name;
    size_t len = 0;

    while (*s && !isalpha((unsigned char)*s))
        s++;
    for (; isalpha((unsigned char)*s); s++) {
        bool small = s != *name && islower((unsigned char)s[-1]);
        if (len && small && isupper((unsigned char)*s))
            break;
        if (len < 31)
            word[len++] = (char)tolower((unsigned char)*s);
    }
    word[len] = '\0';
    *name = s;
    return len;
}

static struct reading read_name(const char *name)
{
    struct reading r = {0};
    char word[32], last[32] = "";
    const char *at = name;

    while (next_word(&at, word)) {
        r.count[meaning_of(word)]++;
        r.rate |= strcmp(last, "learning") == 0 && strcmp(word, "rate") == 0;
        r.train_size |= strcmp(last, "train") == 0 && strcmp(word, "size") == 0;
        memcpy(last, word, sizeof(last));
    }
    r.rate |= r.count[WORD_RATE] > 0;
    return r;
}

static enum log_measure measure_of(const struct reading *r)
{
    if (r->count[WORD_LOSS])
        return LOG_LOSS;
    return r->count[WORD_ERROR] ? LOG_ERROR : LOG_ACCURACY;
}

/* LOG_PARTS: it names none. */
static enum log_part part_of(const struct reading *r)
{
    if (r->count[WORD_TRAIN])
        return LOG_TRAIN;
    if (r->count[WORD_VAL])
        return LOG_VAL;
    return r->count[WORD_TEST] ? LOG_TEST : LOG_PARTS;
}

static void take_first(size_t *column, size_t i)
{
    if (*column == CSV_NONE)
        *column = i;
}

/* Columns that name a measure: [measures of a part, or of none]. */
struct found {
    size_t measure[LOG_PARTS + 1][LOG_MEASURES];
    size_t by_step[LOG_PARTS + 1][LOG_MEASURES];
};

static bool names_run(const struct log_columns *c, size_t i)
{
    for (size_t k = 0; k < c->n_runs; k++)
        if (c->run[k] == i)
            return true;
    return false;
}

static void take_column(struct log_columns *c, struct found *f, size_t i,
                        const char *name)
{
    struct reading r = read_name(name);
    int measures = (r.count[WORD_LOSS] > 0) + (r.count[WORD_ERROR] > 0) +
                   (r.count[WORD_ACCURACY] > 0);

    if (r.rate)
        take_first(&c->rate, i);
    else if (r.count[WORD_UNKNOWN])
        return;
    else if (r.train_size || (r.count[WORD_RUN] && !measures)) {
        if (c->n_runs < LOG_RUNS && !names_run(c, i))
            c->run[c->n_runs++] = i;
    } else if (measures == 1)
        take_first(r.count[WORD_STEP]
                       ? &f->by_step[part_of(&r)][measure_of(&r)]
                       : &f->measure[part_of(&r)][measure_of(&r)],
                   i);
    else if (measures)
        return;
    else if (r.count[WORD_EPOCH])
        take_first(&c->epoch, i);
    else if (r.count[WORD_STEP])
        take_first(&c->step, i);
    else if (r.count[WORD_SPLIT])
        take_first(&c->split, i);
}

static void clear(size_t *column, size_t n)
{
    for (size_t i = 0; i < n; i++)
        column[i] = CSV_NONE;
}

/* Measures that name no part go where they belong. */
static void settle(struct log_columns *c, struct found *f)
{
    bool parts_only;

    for (size_t p = 0; p <= LOG_PARTS; p++)
        for (size_t m = 0; m < LOG_MEASURES; m++)
            take_first(&f->measure[p][m], f->by_step[p][m]);
    parts_only = f->measure[LOG_PARTS][LOG_LOSS] == CSV_NONE &&
                 f->measure[LOG_VAL][LOG_LOSS] != CSV_NONE;
    for (size_t m = 0; m < LOG_MEASURES; m++) {
        size_t own = f->measure[LOG_PARTS][m];
        for (size_t p = 0; p < LOG_PARTS; p++)
            take_first(&c->measure[p][m], f->measure[p][m]);
        if (own != CSV_NONE && (c->split != CSV_NONE || m == LOG_LOSS))
            c->measure[LOG_TRAIN][m] = own;
        else
            take_first(&c->measure[parts_only ? LOG_VAL : LOG_TRAIN][m], own);
    }
}

static size_t *slot_of(struct log_columns *c, const char *name, size_t len)
{
    static const char *const parts[] = {"train_", "val_", "test_", ""};
    static const char *const measures[] = {"loss", "error", "accuracy"};
    const struct {
        const char *name;
        size_t *column;
    } others[] = {{"epoch", &c->epoch},
                  {"step", &c->step},
                  {"split", &c->split},
                  {"learning_rate", &c->rate},
                  {"run", &c->run[0]}};

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (strlen(others[i].name) == len &&
            memcmp(others[i].name, name, len) == 0)
            return others[i].column;
    for (size_t p = 0; p <= LOG_PARTS; p++)
        for (size_t m = 0; m < LOG_MEASURES; m++) {
            size_t n = strlen(parts[p]);
            if (n + strlen(measures[m]) == len &&
                memcmp(parts[p], name, n) == 0 &&
                memcmp(measures[m], name + n, len - n) == 0)
                return &c->measure[p % LOG_PARTS][m];
        }
    return NULL;
}

static int take_names(struct log_columns *c, const struct csv_reader *csv,
                      const struct list *names, struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *item = names->items[i];
        size_t len = strcspn(item, "=");
        size_t *slot = slot_of(c, item, len);
        if (!slot || item[len] != '=')
            return err_set(err, ERR_USAGE,
                           "--rename: '%s' is not NAME=COLUMN with NAME one of "
                           "epoch, step, split, run, learning_rate, or "
                           "[train_|val_|test_] loss, error, accuracy",
                           item);
        if (csv_reader_require(csv, item + len + 1, slot, err) != 0)
            return -1;
        c->n_runs |= slot == &c->run[0];
    }
    return 0;
}

static int require_loss(const struct log_columns *c,
                        const struct csv_reader *csv, struct err *err)
{
    struct buf list = {0};

    for (size_t p = 0; p < LOG_PARTS; p++)
        if (c->measure[p][LOG_LOSS] != CSV_NONE)
            return 0;
    for (size_t i = 0; i < csv_reader_width(csv) && list.len < 200; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", csv_reader_name(csv, i));
    err_set(err, ERR_DATA,
            "no column is a loss by its name (there are: %s); say which: "
            "--rename loss=COLUMN",
            list.data);
    buf_release(&list);
    return err_at(err, csv_reader_file(csv), 0);
}

int log_columns_find(struct log_columns *c, const struct csv_reader *csv,
                     const struct list *names, struct err *err)
{
    struct found f;

    memset(c, 0, sizeof(*c));
    c->epoch = c->step = c->split = c->rate = CSV_NONE;
    clear(c->run, LOG_RUNS);
    clear(&c->measure[0][0], LOG_PARTS * LOG_MEASURES);
    clear(&f.measure[0][0], (LOG_PARTS + 1) * LOG_MEASURES);
    clear(&f.by_step[0][0], (LOG_PARTS + 1) * LOG_MEASURES);
    if (take_names(c, csv, names, err) != 0)
        return -1;
    for (size_t i = 0; i < csv_reader_width(csv); i++)
        take_column(c, &f, i, csv_reader_name(csv, i));
    settle(c, &f);
    return require_loss(c, csv, err);
}

enum log_part log_part_of(const char *text)
{
    struct reading r = read_name(text);

    if (r.count[WORD_TRAIN])
        return LOG_TRAIN;
    return r.count[WORD_TEST] && !r.count[WORD_VAL] ? LOG_TEST : LOG_VAL;
}

bool log_columns_own(const struct csv_reader *csv)
{
    return csv_reader_find(csv, "grad_norm") != CSV_NONE &&
           csv_reader_find(csv, "update_ratio") != CSV_NONE;
}

static void say(struct buf *line, const struct csv_reader *csv,
                const char *part, const char *what, size_t column)
{
    if (column != CSV_NONE)
        buf_printf(line, "%s%s%s '%s'", line->len ? ", " : "", part, what,
                   csv_reader_name(csv, column));
}

void log_columns_note(const struct log_columns *c, const struct csv_reader *csv,
                      struct buf *notes)
{
    static const char *const parts[] = {"training ", "validation ", "test "};
    static const char *const measures[] = {"loss", "error", "accuracy"};
    struct buf line = {0};

    say(&line, csv, "", "epoch", c->epoch);
    say(&line, csv, "", "step", c->step);
    say(&line, csv, "", "part", c->split);
    for (size_t m = 0; m < LOG_MEASURES; m++)
        for (size_t p = 0; p < LOG_PARTS; p++)
            say(&line, csv, c->split == CSV_NONE ? parts[p] : "", measures[m],
                c->measure[p][m]);
    say(&line, csv, "", "learning rate", c->rate);
    for (size_t i = 0; i < c->n_runs; i++)
        say(&line, csv, "", "run", c->run[i]);
    buf_printf(notes, "taken for: %s\n", line.data);
    buf_release(&line);
}
