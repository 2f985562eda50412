#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/features.h"
#include "base/err.h"
#include "base/mem.h"
#include "table/spelling.h"

enum { NAMED_GROUPS = 3, ALPHABET = 5 };

static const double MATTERS = .01;

/* The words of a column, and those that are one but for their spelling. */
struct words {
    const struct dict *dict;
    size_t *rows;  /* [dict->count] */
    size_t *group; /* [dict->count] of those with one key, or DICT_NONE */
    size_t groups;
    size_t *most;  /* [groups] the word with most rows of a group */
    size_t *words; /* [groups] how many it has */
};

static void words_init(struct words *w, const struct dict *dict)
{
    struct dict keys = {0};
    struct buf key = {0};

    *w = (struct words){.dict = dict};
    w->rows = mem_zalloc(dict->count, sizeof(*w->rows));
    w->group = mem_alloc(dict->count, sizeof(*w->group));
    for (size_t i = 0; i < dict->count; i++) {
        buf_clear(&key);
        spelling_key(&key, dict->text[i], dict->len[i]);
        w->group[i] = dict->len[i] ? dict_add(&keys, key.data, key.len)
                                   : DICT_NONE;
    }
    w->groups = keys.count;
    w->most = mem_zalloc(keys.count, sizeof(*w->most));
    w->words = mem_zalloc(keys.count, sizeof(*w->words));
    dict_release(&keys);
    buf_release(&key);
}

static void words_release(struct words *w)
{
    free(w->rows);
    free(w->group);
    free(w->most);
    free(w->words);
}

static void find_most(struct words *w)
{
    for (size_t i = 0; i < w->dict->count; i++) {
        size_t g = w->group[i];
        if (g == DICT_NONE)
            continue;
        if (!w->words[g]++ || w->rows[i] > w->rows[w->most[g]])
            w->most[g] = i;
    }
}

/* Letters of both cases, each a level of its own: not a slip. */
static bool is_alphabet(const struct words *w)
{
    size_t letters = 0, others = 0;

    for (size_t g = 0; g < w->groups; g++)
        if (w->words[g] > 1) {
            letters += w->dict->len[w->most[g]] == 1;
            others += w->dict->len[w->most[g]] != 1;
        }
    return letters >= ALPHABET && !others;
}

static void add_word(const struct words *w, size_t i, struct buf *out)
{
    char quoted[ERR_QUOTE_SIZE];

    buf_printf(
        out, "%s %zu",
        err_quote(quoted, sizeof(quoted), w->dict->text[i], w->dict->len[i]),
        w->rows[i]);
}

static void add_group(const struct words *w, size_t g, struct buf *out)
{
    add_word(w, w->most[g], out);
    for (size_t i = 0; i < w->dict->count; i++)
        if (w->group[i] == g && i != w->most[g]) {
            buf_add_text(out, " = ");
            add_word(w, i, out);
        }
}

/* The first few groups, as they were met; how many rows are not written as most
 * of their group. */
static double add_groups(const struct words *w, struct buf *out)
{
    size_t groups = 0, named = 0;
    double others = 0;

    for (size_t i = 0; i < w->dict->count; i++)
        if (w->group[i] != DICT_NONE && w->most[w->group[i]] != i)
            others += (double)w->rows[i];
    for (size_t g = 0; g < w->groups; g++) {
        groups += w->words[g] > 1;
        if (w->words[g] < 2 || named == NAMED_GROUPS)
            continue;
        buf_add_text(out, named++ ? "; " : "");
        add_group(w, g, out);
    }
    if (groups > named)
        buf_printf(out, "; and %zu more", groups - named);
    return others;
}

static void judge(struct words *w, const char *name, bool is_label,
                  struct findings *found)
{
    struct finding f = finding_of("spellings", name, FINDING_WARN);
    struct buf advice = {0};
    double n = 0, others;
    size_t more = 0;

    find_most(w);
    for (size_t i = 0; i < w->dict->count; i++)
        n += (double)w->rows[i];
    for (size_t g = 0; g < w->groups; g++)
        more += w->words[g] - 1;
    if (!more || is_alphabet(w))
        return;
    others = add_groups(w, &advice);
    buf_add_text(&advice, is_label ? "; make them one: assay split --recode"
                                   : "; write them alike");
    if (is_label && others >= MATTERS * n)
        f.status = FINDING_FAIL;
    f.value = (double)more;
    f.effect = others / n;
    f.n_current = n;
    f.test = is_label ? "labels that are one but for case, blanks, signs or "
                        "form; effect: the share of their rows"
                      : "levels that are one but for case, blanks, signs or "
                        "form; effect: the share of their rows";
    f.advice = advice.data;
    findings_add(found, &f);
    buf_release(&advice);
}

static void check_categories(const struct table *t, const struct feature *f,
                             struct findings *found)
{
    struct words w;

    words_init(&w, &t->dicts[f->place]);
    for (size_t i = 0; i < t->n; i++)
        w.rows[t->levels[i * t->n_categories + f->place]]++;
    judge(&w, f->column->name, false, found);
    words_release(&w);
}

static void check_label_words(const struct table *t, struct findings *found)
{
    size_t label = schema_role(t->schema, ROLE_LABEL);
    struct words w;

    words_init(&w, &t->labels);
    for (size_t i = 0; i < t->n; i++)
        if (t->label[i] != LABEL_NONE)
            w.rows[t->label[i]]++;
    judge(&w, label == CSV_NONE ? "label" : t->schema->columns[label].name,
          true, found);
    words_release(&w);
}

void check_spellings(const struct table *t, struct findings *findings)
{
    struct finding ok = finding_of("spellings", "all columns", FINDING_OK);
    struct findings found = {0};
    struct features all;

    features_init(&all, t);
    check_label_words(t, &found);
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i].column->type == TYPE_CATEGORY)
            check_categories(t, &all.at[i], &found);
    ok.value = 0;
    ok.n_current = (double)t->n;
    ok.test = "labels and levels that are one but for their spelling";
    findings_add_worst(findings, &found, "columns", &ok);
    features_release(&all);
}
