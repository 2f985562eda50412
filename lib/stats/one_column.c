#include "stats/one_column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_sort.h"
#include "base/mem.h"

enum {
    FEW_ROWS = 10,
    MOST_LEVELS = 256,
    RARE = 50,
    MOST_WORDS = 4096,
    MOST_COUNTS = 1 << 19
};

static const double MOST_ROWS = .9;

/* ---- how well it went ---- */

/* Rows of each class, by half and in all, and those told right. */
struct tally {
    size_t classes;
    double *of_half; /* [2][classes] */
    double *right;   /* [classes] */
};

static struct tally tally_new(const uint32_t *label, size_t n, size_t classes)
{
    struct tally t = {classes, mem_zalloc(3 * classes, sizeof(double)), NULL};

    t.right = t.of_half + 2 * classes;
    for (size_t i = 0; i < n; i++)
        if (label[i] != ONE_COLUMN_NONE)
            t.of_half[i % 2 * classes + label[i]]++;
    return t;
}

static struct interval skill_interval(double mean, double variance,
                                      double chance)
{
    double half = normal_quantile(.975) * sqrt(variance),
           low = (mean - half - chance) / (1 - chance),
           high = (mean + half - chance) / (1 - chance);

    return (struct interval){low, fmin(high, 1)};
}

static void tally_finish(struct tally *t, struct one_column *out)
{
    double recall = 0, mean = 0, variance = 0, counted = 0, chance;

    for (size_t k = 0; k < t->classes; k++) {
        double n = t->of_half[k] + t->of_half[t->classes + k],
               p = (t->right[k] + 1) / (n + 2);
        out->rows += (size_t)n;
        out->wrong += (size_t)(n - t->right[k]);
        out->classes += n > 0;
        if (n < FEW_ROWS)
            continue;
        counted++;
        recall += t->right[k] / n;
        mean += p;
        variance += p * (1 - p) / (n + 2);
    }
    free(t->of_half);
    out->skill = NAN;
    out->ci = interval_unknown();
    if (counted < 2)
        return;
    chance = 1 / counted;
    out->skill = (recall / counted - chance) / (1 - chance);
    out->ci =
        skill_interval(mean / counted, variance / (counted * counted), chance);
}

/* ---- levels ---- */

/* Rows in the order of their levels: those of level v from start[v] on. */
static size_t *sort_by_level(const uint32_t *level, size_t n, size_t levels,
                             uint32_t *row)
{
    size_t *start = mem_zalloc(levels + 2, sizeof(*start));

    for (size_t i = 0; i < n; i++)
        start[level[i] + 2]++;
    for (size_t v = 2; v < levels + 2; v++)
        start[v] += start[v - 1];
    for (size_t i = 0; i < n; i++)
        row[start[level[i] + 1]++] = (uint32_t)i;
    return start;
}

/* The class with the most of these rows for its number of all, or NONE. */
static uint32_t most_of(const double *count, const double *of, size_t classes)
{
    uint32_t best = ONE_COLUMN_NONE;

    for (size_t k = 0; k < classes; k++)
        if (count[k] > 0 && (best == ONE_COLUMN_NONE ||
                             count[k] * of[best] > count[best] * of[k]))
            best = (uint32_t)k;
    return best;
}

/* The same of both halves. */
static uint32_t most_of_both(const double *count, const struct tally *t)
{
    uint32_t best = ONE_COLUMN_NONE;
    double most = 0;

    for (size_t k = 0; k < t->classes; k++) {
        double share = (count[k] + count[t->classes + k]) /
                       fmax(t->of_half[k] + t->of_half[t->classes + k], 1);
        if (share > most) {
            most = share;
            best = (uint32_t)k;
        }
    }
    return best;
}

/* A level's rows: count[2][classes] is filled and used; its class. */
static uint32_t judge_level(const uint32_t *row, size_t n,
                            const uint32_t *label, struct tally *t,
                            double *count)
{
    uint32_t told[2];

    memset(count, 0, 2 * t->classes * sizeof(*count));
    for (size_t i = 0; i < n; i++)
        if (label[row[i]] != ONE_COLUMN_NONE)
            count[row[i] % 2 * t->classes + label[row[i]]]++;
    for (size_t h = 0; h < 2; h++)
        told[h] = most_of(count + h * t->classes, t->of_half + h * t->classes,
                          t->classes);
    for (size_t h = 0; h < 2; h++)
        if (told[1 - h] != ONE_COLUMN_NONE)
            t->right[told[1 - h]] += count[h * t->classes + told[1 - h]];
    return most_of_both(count, t);
}

struct one_column one_column_levels(const uint32_t *level, size_t n,
                                    size_t levels, uint32_t missing,
                                    const uint32_t *label, size_t classes)
{
    struct one_column out = {.skill = NAN};
    struct tally t = tally_new(label, n, classes);
    uint32_t *row = mem_alloc(n, sizeof(*row));
    size_t *start = sort_by_level(level, n, levels, row), own = 0, present = 0,
           counted = 0;
    double *count = mem_alloc(2 * classes, sizeof(*count));
    bool *met = mem_zalloc(classes, sizeof(*met));

    for (size_t v = 0; v < levels; v++) {
        size_t rows = start[v + 1] - start[v];
        uint32_t class = judge_level(row + start[v], rows, label, &t, count);
        if (v == missing || class == ONE_COLUMN_NONE)
            continue;
        present += rows;
        if (rows * RARE * classes < n)
            continue;
        counted += rows;
        out.levels++;
        own += !met[class];
        met[class] = true;
    }
    out.one_to_one = out.levels >= 2 && own == out.levels &&
                     (double)counted >= MOST_ROWS * (double)present;
    tally_finish(&t, &out);
    free(row);
    free(start);
    free(count);
    free(met);
    return out;
}

/* ---- numbers ---- */

/* Where levels begin: writes low[MOST_LEVELS], rising; how many. */
static size_t find_levels(const float *sorted, size_t n, size_t classes,
                          float *low, bool *grouped)
{
    size_t groups = n / FEW_ROWS < MOST_LEVELS ? n / FEW_ROWS : MOST_LEVELS,
           most = groups > classes ? groups : classes, count = 0;

    for (size_t i = 0; i < n && count <= most; i++)
        if (i == 0 || sorted[i] > sorted[i - 1]) {
            if (count < MOST_LEVELS)
                low[count] = sorted[i];
            count++;
        }
    *grouped = count > most || count > MOST_LEVELS;
    if (!*grouped)
        return count;
    count = 0;
    for (size_t g = 0; g < groups; g++) {
        float value = sorted[g * n / groups];
        if (!count || value > low[count - 1])
            low[count++] = value;
    }
    return count;
}

static uint32_t find_level(const float *low, size_t count, float value)
{
    size_t from = 0, to = count;

    while (to - from > 1) {
        size_t middle = (from + to) / 2;
        if (value < low[middle])
            to = middle;
        else
            from = middle;
    }
    return (uint32_t)from;
}

static struct one_column by_groups(const float *value, size_t n,
                                   const uint32_t *label, size_t classes,
                                   bool *grouped)
{
    float *sorted = mem_alloc(n, sizeof(*sorted)), low[MOST_LEVELS];
    uint32_t *level = mem_alloc(n, sizeof(*level));
    struct one_column out;
    size_t known = 0, count;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]))
            sorted[known++] = value[i];
    float_sort(sorted, level, known);
    count = find_levels(sorted, known, classes, low, grouped);
    for (size_t i = 0; i < n; i++)
        level[i] = isnan(value[i]) ? (uint32_t)count
                                   : find_level(low, count, value[i]);
    out =
        one_column_levels(level, n, count + 1, (uint32_t)count, label, classes);
    free(sorted);
    free(level);
    return out;
}

/* A number and its row. */
struct placed {
    float value;
    uint32_t row;
};

static int by_value(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;

    if (x->value < y->value || x->value > y->value)
        return x->value < y->value ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Writes last[n]: the place of the last row before each of the other half, or
 * n; `step` -1: behind each. */
static void find_last(const struct placed *at, size_t n, int step, size_t *last)
{
    size_t seen[2] = {n, n};

    for (size_t k = 0; k < n; k++) {
        size_t i = step > 0 ? k : n - 1 - k, half = at[i].row % 2;
        last[i] = seen[1 - half];
        seen[half] = i;
    }
}

/* The nearest number of the other half: sharp where classes meet. */
static struct one_column by_nearest(const float *value, size_t n,
                                    const uint32_t *label, size_t classes)
{
    struct one_column out = {.skill = NAN};
    struct tally t = tally_new(label, n, classes);
    struct placed *at = mem_alloc(n, sizeof(*at));
    size_t *before = mem_alloc(2 * n, sizeof(*before)), *behind = before + n,
           known = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i]) && label[i] != ONE_COLUMN_NONE)
            at[known++] = (struct placed){value[i], (uint32_t)i};
    if (known)
        qsort(at, known, sizeof(*at), by_value);
    find_last(at, known, 1, before);
    find_last(at, known, -1, behind);
    for (size_t i = 0; i < known; i++) {
        size_t b = before[i], a = behind[i], near;
        if (b == known && a == known)
            continue;
        near = b == known || (a < known && at[a].value - at[i].value <
                                               at[i].value - at[b].value)
                   ? a
                   : b;
        t.right[label[at[i].row]] += label[at[i].row] == label[at[near].row];
    }
    tally_finish(&t, &out);
    free(at);
    free(before);
    return out;
}

struct one_column one_column_numbers(const float *value, size_t n,
                                     const uint32_t *label, size_t classes)
{
    bool grouped;
    struct one_column out = by_groups(value, n, label, classes, &grouped),
                      sharp;

    if (!grouped)
        return out;
    sharp = by_nearest(value, n, label, classes);
    sharp.levels = out.levels;
    sharp.one_to_one = out.one_to_one;
    return sharp.skill > out.skill ? sharp : out;
}

/* ---- words ---- */

/* count[half][word][class]: rows of that class that have the word. */
struct words {
    const size_t *start;
    const uint32_t *word, *label;
    size_t n, classes, words; /* a power of two */
    float *count;
};

static float *count_of(const struct words *w, size_t half, uint32_t word)
{
    return w->count + (half * w->words + (word & (w->words - 1))) * w->classes;
}

static void count_words(struct words *w)
{
    w->words = MOST_WORDS;
    while (w->words > 2 && w->words * w->classes > MOST_COUNTS)
        w->words /= 2;
    w->count = mem_zalloc(2 * w->words * w->classes, sizeof(*w->count));
    for (size_t i = 0; i < w->n; i++)
        for (size_t e = w->start[i];
             e < w->start[i + 1] && w->label[i] != ONE_COLUMN_NONE; e++)
            count_of(w, i % 2, w->word[e])[w->label[i]]++;
}

/* One word for each class of a half, and what is where none of them stands. */
struct telling {
    uint32_t *word; /* [classes] its place, or NONE */
    double *trust;  /* [classes] the share of its rows that are of the class */
    uint32_t rest;
};

static void find_telling(const struct words *w, size_t half, const double *of,
                         struct telling *out)
{
    double *best = mem_zalloc(w->classes, sizeof(*best));

    for (size_t k = 0; k < w->classes; k++)
        out->word[k] = ONE_COLUMN_NONE;
    for (size_t v = 0; v < w->words; v++) {
        const float *count = count_of(w, half, (uint32_t)v);
        double sum = 0;
        for (size_t k = 0; k < w->classes; k++)
            sum += of[k] > 0 ? (double)count[k] / of[k] : 0;
        for (size_t k = 0; k < w->classes; k++) {
            double share = of[k] > 0 ? (double)count[k] / of[k] : 0,
                   f = 2 * share / (1 + sum);
            if (f > best[k]) {
                best[k] = f;
                out->word[k] = (uint32_t)v;
                out->trust[k] = share / sum;
            }
        }
    }
    free(best);
}

/* The class whose telling word stands in row i and is trusted most, or NONE. */
static uint32_t told_by_word(const struct words *w, const struct telling *t,
                             size_t i)
{
    uint32_t told = ONE_COLUMN_NONE;

    for (size_t k = 0; k < w->classes; k++)
        for (size_t e = w->start[i];
             e < w->start[i + 1] && t->word[k] != ONE_COLUMN_NONE; e++)
            if ((w->word[e] & (w->words - 1)) == t->word[k] &&
                (told == ONE_COLUMN_NONE || t->trust[k] > t->trust[told])) {
                told = (uint32_t)k;
                break;
            }
    return told;
}

static void judge_few(const struct words *w, struct tally *t)
{
    struct telling by = {mem_alloc(w->classes, sizeof(*by.word)),
                         mem_zalloc(w->classes, sizeof(*by.trust)), 0};
    double *left = mem_alloc(w->classes, sizeof(*left));

    for (size_t h = 0; h < 2; h++) { /* taught by h, judged: the others */
        find_telling(w, h, t->of_half + h * w->classes, &by);
        memset(left, 0, w->classes * sizeof(*left));
        for (size_t i = h; i < w->n; i += 2)
            if (w->label[i] != ONE_COLUMN_NONE &&
                told_by_word(w, &by, i) == ONE_COLUMN_NONE)
                left[w->label[i]]++;
        by.rest = most_of(left, t->of_half + h * w->classes, w->classes);
        for (size_t i = 1 - h; i < w->n; i += 2) {
            uint32_t told = told_by_word(w, &by, i);
            if (w->label[i] != ONE_COLUMN_NONE)
                t->right[w->label[i]] +=
                    w->label[i] == (told == ONE_COLUMN_NONE ? by.rest : told);
        }
    }
    free(by.word);
    free(by.trust);
    free(left);
}

/* Counts to the logarithms of the words' shares of all words of a class. */
static void counts_to_logs(struct words *w, size_t half)
{
    for (size_t k = 0; k < w->classes; k++) {
        double sum = .5 * (double)w->words;
        for (size_t v = 0; v < w->words; v++)
            sum += (double)count_of(w, half, (uint32_t)v)[k];
        for (size_t v = 0; v < w->words; v++) {
            float *c = count_of(w, half, (uint32_t)v) + k;
            *c = (float)log(((double)*c + .5) / sum);
        }
    }
}

static void judge_all(struct words *w, struct tally *t)
{
    double *score = mem_alloc(w->classes, sizeof(*score));

    counts_to_logs(w, 0);
    counts_to_logs(w, 1);
    for (size_t i = 0; i < w->n; i++) {
        size_t best = 0;
        if (w->label[i] == ONE_COLUMN_NONE)
            continue;
        memset(score, 0, w->classes * sizeof(*score));
        for (size_t e = w->start[i]; e < w->start[i + 1]; e++) {
            const float *log_share = count_of(w, 1 - i % 2, w->word[e]);
            for (size_t k = 0; k < w->classes; k++)
                score[k] += (double)log_share[k];
        }
        for (size_t k = 1; k < w->classes; k++)
            if (score[k] > score[best])
                best = k;
        t->right[w->label[i]] += w->label[i] == best;
    }
    free(score);
}

void one_column_words(const size_t *start, const uint32_t *word, size_t n,
                      const uint32_t *label, size_t classes,
                      struct one_column *all, struct one_column *few)
{
    struct words w = {start, word, label, n, classes, 0, NULL};
    struct tally t = tally_new(label, n, classes);

    *all = *few = (struct one_column){.skill = NAN};
    count_words(&w);
    judge_few(&w, &t);
    tally_finish(&t, few);
    t = tally_new(label, n, classes);
    judge_all(&w, &t);
    tally_finish(&t, all);
    free(w.count);
}
