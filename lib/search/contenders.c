#include "search/contenders.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Below, a configuration is not as good as the best. */
static const double LEVEL = .05;

/* An objective as text has this much of the share that it is. */
static const double ROUNDING = 1e-6;

/* ---- which trials are one configuration ---- */

struct keyed {
    const double *value;
    size_t width, at;
};

/* Numbers first, then what means nothing. */
static int by_number(double x, double y)
{
    if (isnan(x) || isnan(y))
        return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

static int by_value(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    for (size_t i = 0; i < x->width; i++) {
        int order = by_number(x->value[i], y->value[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

static int by_value_and_place(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = by_value(a, b);

    return order ? order : (x->at > y->at) - (x->at < y->at);
}

/* ---- the trials that count ---- */

/* place[n] in the history; first[n_configs] trial of a configuration, as a
 * place in the history. */
struct field {
    struct contest contest;
    double *objective;
    size_t *config, *place, *first;
    const char **wrong;
    bool *out;
};

static void field_release(struct field *f)
{
    free(f->objective);
    free(f->config);
    free(f->place);
    free(f->first);
    free(f->wrong);
    free(f->out);
}

/* Whether one of the trials before has this seed. */
static bool seen(const struct finished *in, const struct keyed *from,
                 const struct keyed *at)
{
    for (; in->seed && from < at; from++)
        if (in->seed[from->at] == in->seed[at->at])
            return true;
    return false;
}

/* of[trial]: its configuration, or DIMENSION_NONE where it does not count. */
static size_t group(const struct finished *in, size_t *of)
{
    const struct history *h = in->history;
    struct keyed *sorted = mem_alloc(h->n, sizeof(*sorted));
    size_t n = 0, configs = 0, from = 0;

    for (size_t i = 0; i < h->n; i++) {
        of[i] = DIMENSION_NONE;
        if (isfinite(h->objective[i]))
            sorted[n++] = (struct keyed){history_value(h, i), h->space->n, i};
    }
    qsort(sorted, n, sizeof(*sorted), by_value_and_place);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || by_value(&sorted[from], &sorted[i]) != 0) {
            configs++;
            from = i;
        }
        if (!seen(in, sorted + from, sorted + i))
            of[sorted[i].at] = configs - 1;
    }
    free(sorted);
    return configs;
}

/* Whether a trial's rows are as many, and its objective is their error. */
static bool agrees(const char *per_row, size_t rows, double objective)
{
    size_t wrong = 0;

    if (!per_row || rows == 0 || strlen(per_row) != rows)
        return false;
    for (size_t i = 0; i < rows; i++)
        wrong += per_row[i] == '1';
    return fabs((double)wrong / (double)rows - objective) <= ROUNDING;
}

static void set_rows(const struct finished *in, struct field *f)
{
    struct contest *c = &f->contest;
    const char *one = in->per_row && c->n ? in->per_row[f->place[0]] : NULL;
    size_t rows = one ? strlen(one) : 0;

    f->wrong = mem_alloc(c->n, sizeof(*f->wrong));
    c->wrong = rows ? f->wrong : NULL;
    c->n_rows = in->rows;
    for (size_t i = 0; i < c->n; i++) {
        f->wrong[i] = rows ? in->per_row[f->place[i]] : NULL;
        if (!agrees(f->wrong[i], rows, c->objective[i]))
            c->wrong = NULL;
        if (c->objective[i] < 0 || c->objective[i] > 1)
            c->n_rows = 0;
    }
    if (c->wrong)
        c->n_rows = rows;
}

static void field_init(const struct finished *in, struct field *f)
{
    size_t n = in->history->n, *of = mem_alloc(n, sizeof(*of)), m = 0;
    size_t configs = group(in, of);

    f->objective = mem_alloc(n, sizeof(*f->objective));
    f->config = mem_alloc(n, sizeof(*f->config));
    f->place = mem_alloc(n, sizeof(*f->place));
    f->first = mem_alloc(configs, sizeof(*f->first));
    f->out = mem_alloc(configs, sizeof(*f->out));
    for (size_t k = 0; k < configs; k++) {
        f->first[k] = DIMENSION_NONE;
        f->out[k] = true;
    }
    for (size_t i = 0; i < n; i++) {
        if (of[i] == DIMENSION_NONE)
            continue;
        f->objective[m] = in->history->objective[i];
        f->config[m] = of[i];
        f->place[m++] = i;
        f->out[of[i]] &= in->given_up && in->given_up[i];
        if (f->first[of[i]] == DIMENSION_NONE)
            f->first[of[i]] = i;
    }
    f->contest = (struct contest){.objective = f->objective,
                                  .config = f->config,
                                  .out = f->out,
                                  .n = m,
                                  .n_configs = configs};
    set_rows(in, f);
    free(of);
}

/* ---- contenders ---- */

static int by_score(const void *a, const void *b)
{
    const struct contender *x = a, *y = b;

    if (x->standing.score != y->standing.score)
        return x->standing.score < y->standing.score ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static int by_cost(const void *a, const void *b)
{
    const struct contender *x = a, *y = b;

    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

static double cost_of(const struct finished *in, size_t place)
{
    return in->cost ? in->cost[place] : (double)in->epochs_run[place];
}

/* Item 0 is the winner's, the others follow by score. */
static void put_first(struct contenders *all, size_t n, size_t first)
{
    for (size_t i = 0; i < n; i++)
        if (all->items[i].first == first) {
            struct contender best = all->items[i];
            all->items[i] = all->items[0];
            all->items[0] = best;
            break;
        }
    if (n > 1)
        qsort(all->items + 1, n - 1, sizeof(*all->items), by_score);
}

/* All configurations that can win, the winner first and the others by score. */
static size_t find_all(const struct finished *in, uint64_t seed,
                       struct contenders *out)
{
    struct field f = {0};
    struct standing *standing;
    struct winner winner;
    double *cost;
    size_t n = 0;

    *out = (struct contenders){0};
    field_init(in, &f);
    standing = mem_alloc(f.contest.n_configs, sizeof(*standing));
    cost = mem_zalloc(f.contest.n_configs, sizeof(*cost));
    winner_find(&f.contest, seed, standing, &winner);
    out->items = mem_zalloc(f.contest.n_configs, sizeof(*out->items));
    out->method = winner.method;
    out->noise = winner.noise;
    for (size_t i = 0; i < f.contest.n; i++)
        cost[f.config[i]] += cost_of(in, f.place[i]) /
                             (double)standing[f.config[i]].runs;
    for (size_t k = 0; k < f.contest.n_configs; k++)
        if (!f.out[k])
            out->items[n++] = (struct contender){
                .first = f.first[k], .cost = cost[k], .standing = standing[k]};
    if (n > 0)
        put_first(out, n, f.first[winner.best]);
    free(cost);
    free(standing);
    field_release(&f);
    return n;
}

static bool contends(const struct contenders *all, size_t i)
{
    return i == 0 || all->items[i].standing.p_value > LEVEL;
}

void contenders_find(const struct finished *in, uint64_t seed,
                     struct contenders *out)
{
    size_t n = find_all(in, seed, out);

    for (size_t i = 0; i < n; i++) {
        out->items[i].rank = i + 1;
        if (contends(out, i))
            out->items[out->n++] = out->items[i];
    }
    if (out->n > 2)
        qsort(out->items + 1, out->n - 1, sizeof(*out->items), by_cost);
}

void contenders_release(struct contenders *contenders)
{
    free(contenders->items);
    *contenders = (struct contenders){0};
}

size_t contenders_to_repeat(const struct finished *in, uint64_t seed, size_t k,
                            size_t *first)
{
    struct contenders all;
    size_t n = find_all(in, seed, &all), chosen = 0;

    for (size_t i = 0; i < n && chosen < k; i++)
        if (all.method == WINNER_NONE || contends(&all, i))
            first[chosen++] = all.items[i].first;
    contenders_release(&all);
    return chosen;
}

/* ---- rows ---- */

static void add_row(const struct finished *in, const struct contenders *all,
                    const struct contender *c, struct rows *rows)
{
    const struct space *space = in->history->space;
    const struct standing *s = &c->standing;
    const double *value = history_value(in->history, c->first);
    const double numbers[] = {s->mean,    s->score,    s->ci.low,  s->ci.high,
                              s->run.low, s->run.high, s->p_value, c->cost};
    struct buf text = {0};

    rows_count(rows, c->rank);
    rows_count(rows, in->number[c->first]);
    rows_count(rows, s->runs);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
        rows_number(rows, numbers[i]);
    rows_text(rows, winner_method_name(all->method));
    for (size_t i = 0; i < space->n; i++) {
        buf_clear(&text);
        dimension_format(&space->items[i], value[i], &text);
        rows_text(rows, text.len ? text.data : "");
    }
    buf_release(&text);
}

void contenders_rows(const struct finished *in, const struct contenders *all,
                     struct rows *rows)
{
    rows_init(rows, "rank,trial,runs,objective,score,low,high,run_low,run_high,"
                    "p_value,cost,method");
    for (size_t i = 0; i < in->history->space->n; i++)
        rows_add_column(rows, in->history->space->items[i].name);
    for (size_t i = 0; i < all->n; i++)
        add_row(in, all, &all->items[i], rows);
}
