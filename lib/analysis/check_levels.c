#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/part_roles.h"
#include "base/mem.h"
#include "stats/interval.h"
#include "stats/multiplicity.h"

enum { FEW_ROWS = 5 };

static const double FAILS = .001, LEVELS_MATTER = .02, LEVELS_MUCH = .1,
                    WORDS_MATTER = .05, WORDS_MUCH = .2;

/* A column of a part: the share that the training part has not seen. */
struct unseen {
    const char *column;
    size_t part;
    bool words, meant;         /* to be new */
    double value, expected, n; /* value: rows, or a mean share of words */
    double p, p_adjusted;      /* over columns and parts */
    double effect;             /* share beyond what was to be expected */
};

/* ---- categories ---- */

/* count[levels] of a part. */
static double *count_levels(const struct table *t, size_t column, size_t part)
{
    double *count = mem_zalloc(t->dicts[column].count + 1, sizeof(*count));

    for (size_t i = 0; i < t->n; i++)
        if (t->part[i] == part)
            count[t->levels[i * t->n_categories + column]]++;
    return count;
}

/*
 * Rows with a level that the training part lacks.  If the rows of both were
 * divided at random, a level of c rows would be in the part alone with a
 * probability of f^c, f being the part's share of the rows.
 */
static struct unseen unseen_levels(const struct part_roles *v, size_t column,
                                   const double *train, size_t part)
{
    const struct table *t = v->table;
    double *here = count_levels(t, column, part), variance = 0;
    double n = (double)v->rows[part], f = n / (n + (double)v->rows[v->train]);
    struct unseen u = {.part = part, .n = n};

    for (size_t l = 0; l < t->dicts[column].count; l++) {
        double c = here[l] + train[l], alone = pow(f, c);
        u.value += train[l] > 0 ? 0 : here[l];
        u.expected += c * alone;
        variance += c * c * alone * (1 - alone);
    }
    free(here);
    u.effect = (u.value - u.expected) / n;
    u.p = u.value <= u.expected || u.value < FEW_ROWS ? 1
          : variance > 0
              ? normal_upper_tail((u.value - u.expected) / sqrt(variance))
              : 0;
    return u;
}

/* ---- words ---- */

/* df[NGRAM_GROUP]: training rows that have each word or pair of words. */
static uint32_t *count_words(const struct part_roles *v, const struct ngrams *g)
{
    uint32_t *df = mem_zalloc(NGRAM_GROUP, sizeof(*df));

    for (size_t i = 0; i < v->table->n; i++)
        for (size_t e = g->start[i];
             v->table->part[i] == v->train && e < g->start[i + 1]; e++)
            if (g->bucket[e] < NGRAM_GROUP)
                df[g->bucket[e]]++;
    return df;
}

struct mean {
    double n, mean, squares;
};

/* A training row is held against the others. */
static struct mean share_unseen(const struct part_roles *v,
                                const struct ngrams *g, const uint32_t *df,
                                size_t part)
{
    struct mean m = {0};

    for (size_t i = 0; i < v->table->n; i++) {
        double words = 0, unseen = 0, off;
        for (size_t e = g->start[i];
             v->table->part[i] == part && e < g->start[i + 1]; e++) {
            if (g->bucket[e] >= NGRAM_GROUP)
                continue;
            words++;
            unseen += df[g->bucket[e]] == (part == v->train);
        }
        if (!(words > 0))
            continue;
        off = unseen / words - m.mean;
        m.mean += off / ++m.n;
        m.squares += off * (unseen / words - m.mean);
    }
    return m;
}

static struct unseen unseen_words(const struct part_roles *v,
                                  const struct ngrams *g, const uint32_t *df,
                                  const struct mean *train, size_t part)
{
    struct mean here = share_unseen(v, g, df, part);
    double error = (here.squares + train->squares) /
                   fmax(here.n + train->n - 2, 1) *
                   (1 / fmax(here.n, 1) + 1 / fmax(train->n, 1));
    struct unseen u = {.part = part,
                       .words = true,
                       .value = here.mean,
                       .expected = train->mean,
                       .n = here.n,
                       .effect = here.mean - train->mean,
                       .p = 1};

    if (u.effect > 0 && here.n >= FEW_ROWS && train->n >= FEW_ROWS && error > 0)
        u.p = normal_upper_tail(u.effect / sqrt(error));
    return u;
}

/* ---- findings ---- */

static enum finding_status status_of(const struct unseen *u)
{
    if (u->p_adjusted >= FAILS ||
        u->effect < (u->words ? WORDS_MATTER : LEVELS_MATTER))
        return FINDING_OK;
    return u->meant || u->effect < (u->words ? WORDS_MUCH : LEVELS_MUCH)
               ? FINDING_WARN
               : FINDING_FAIL;
}

static void add_unseen(const struct part_roles *v, const struct unseen *u,
                       struct findings *findings)
{
    struct finding f = finding_of("levels", "", status_of(u));
    struct buf subject = {0};

    buf_printf(&subject, "%s: %s", v->table->parts.text[u->part], u->column);
    f.subject = subject.data;
    f.value = u->value;
    f.limit = u->expected;
    f.p = u->p;
    f.p_adjusted = u->p_adjusted;
    f.effect = u->effect;
    f.n_reference = (double)v->rows[v->train];
    f.n_current = u->n;
    f.test = u->words ? "mean share of words and pairs of words that the "
                        "training part lacks, against its own rows held out; "
                        "effect: more"
                      : "rows with a level that the training part lacks, "
                        "against a random division; effect: share beyond it";
    f.advice =
        "another time or source, or another spelling? look at the values: "
        "assay check --columns; divide at random: assay split --replace";
    findings_add(findings, &f);
    buf_release(&subject);
}

/* Over columns and parts (Benjamini & Hochberg). */
static void adjust(struct unseen *u, size_t n)
{
    double *p = mem_alloc(n, sizeof(*p));

    for (size_t i = 0; i < n; i++)
        p[i] = u[i].p;
    benjamini_hochberg(p, n, p);
    for (size_t i = 0; i < n; i++)
        u[i].p_adjusted = p[i];
    free(p);
}

static void add_all(const struct part_roles *v, struct unseen *u, size_t n,
                    struct findings *findings)
{
    struct finding ok = finding_of("levels", "all columns", FINDING_OK);
    struct findings found = {0};
    size_t most = 0;

    adjust(u, n);
    for (size_t i = 0; i < n; i++) {
        if (status_of(&u[i]) != FINDING_OK)
            add_unseen(v, &u[i], &found);
        most = u[i].effect > u[most].effect ? i : most;
    }
    ok.effect = u[most].effect;
    ok.n_current = u[most].n;
    ok.test = "levels and words that the training part lacks; effect: largest "
              "share beyond what is to be expected";
    findings_add_worst(findings, &found, "columns", &ok);
}

static size_t find_unseen(const struct part_roles *v,
                          const struct raw_cells *raw, struct unseen *u)
{
    const struct schema *s = v->table->schema;
    size_t n = 0, category = 0, text = 0;

    for (size_t i = 0; i < s->n; i++) {
        const struct column *c = &s->columns[i];
        size_t first = n;
        if (c->role != ROLE_FEATURE)
            continue;
        if (c->type == TYPE_CATEGORY) {
            double *train = count_levels(v->table, category, v->train);
            for (size_t p = 0; p < v->n; p++)
                if (part_roles_is_other(v, p))
                    u[n++] = unseen_levels(v, category, train, p);
            free(train);
            category++;
        } else if (c->type == TYPE_TEXT && text < v->table->n_texts) {
            const struct ngrams *g = &v->table->texts[text++];
            uint32_t *df = count_words(v, g);
            struct mean train = share_unseen(v, g, df, v->train);
            for (size_t p = 0; p < v->n; p++)
                if (part_roles_is_other(v, p))
                    u[n++] = unseen_words(v, g, df, &train, p);
            free(df);
        }
        for (; first < n; first++) {
            u[first].column = c->name;
            u[first].meant = raw &&
                             part_roles_is_later(v, raw->time, u[first].part);
        }
    }
    return n;
}

void check_levels(const struct table *t, const struct raw_cells *raw,
                  struct findings *findings)
{
    struct part_roles v;
    struct unseen *u;
    size_t n;

    part_roles_init(&v, t);
    u = mem_zalloc((t->n_categories + t->n_texts) * v.n + 1, sizeof(*u));
    n = part_roles_several(&v) ? find_unseen(&v, raw, u) : 0;
    if (n)
        add_all(&v, u, n, findings);
    free(u);
    part_roles_release(&v);
}
