#include "stats/alignment_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    MOST_OFFSET = 50,
    OFFSETS = 2 * MOST_OFFSET + 1,
    ORDERS = 2 * OFFSETS, /* without those that are known */
    EIGHTHS = 8,
    WINDOW = 20, /* rows to either side */
    MOST_CLASSES = 64
};

static const double INFORMATIVE = 3.1; /* z: p < .001, one-sided */
static const double IDLE = 2.3;        /* z: p > .01 */
static const double CLEAR = 5;
static const double CLEAR_MOVES = 4;

static const struct label_order AS_GIVEN = {ORDER_GIVEN, 0, 0};

/* Many classes are some groups. */
static void group_classes(uint32_t *label, size_t n, size_t most)
{
    for (size_t i = 0; i < n; i++)
        if (label[i] != PROBE_NONE)
            label[i] %= (uint32_t)most;
}

/* ---- the labels in another order ---- */

/* Labels of the rows [begin, end) in an order; PROBE_NONE elsewhere. */
static void reorder(const struct scene *s, const struct label_order *order,
                    size_t begin, size_t end, uint32_t *out)
{
    for (size_t i = 0; i < s->n; i++)
        out[i] = PROBE_NONE;
    if (order->kind == ORDER_KNOWN) {
        s->known->labels(s->known->context, order->index, begin, end, out);
        group_classes(out + begin, end - begin, s->classes);
        return;
    }
    for (size_t i = begin; i < end; i++) {
        size_t from = i;
        if (order->kind == ORDER_OFFSET)
            from = i + (size_t)order->offset; /* wraps below 0: >= end */
        else if (order->kind == ORDER_REVERSED)
            from = begin + end - 1 + (size_t)order->offset - i;
        if (from >= begin && from < end)
            out[i] = s->label[from];
    }
}

/* How labels are fitted: anew, or by the scores that other rows gave. */
enum fit { FIT_QUICKLY, FIT_ANEW, FIT_SCORES };

static struct association try_order(const struct scene *s,
                                    const struct label_order *order,
                                    const struct stretch *at, enum fit fit)
{
    uint32_t *label = mem_alloc(s->n, sizeof(*label));
    struct association a;

    reorder(s, order, at->begin, at->end, label);
    a = fit == FIT_SCORES
            ? probe_association(s->score, label, s->classes, at->begin, at->end)
            : probe_try(s->probe, label, s->classes, fit == FIT_QUICKLY);
    free(label);
    return a;
}

/* All orders but the given one: their number.  Where a stretch that is reversed
 * begins and ends is not quite known. */
static size_t list_orders(const struct scene *s, bool lost, bool whole,
                          struct label_order **orders)
{
    long unsure = whole ? 0 : MOST_OFFSET;
    size_t known = s->known ? s->known->count(s->known->context, lost) : 0;
    struct label_order *out = mem_alloc(ORDERS + known, sizeof(*out));
    size_t n = 0;

    for (long offset = 1; offset <= MOST_OFFSET; offset++) {
        out[n++] = (struct label_order){ORDER_OFFSET, offset, 0};
        out[n++] = (struct label_order){ORDER_OFFSET, -offset, 0};
    }
    for (long offset = -unsure; offset <= unsure; offset++)
        out[n++] = (struct label_order){ORDER_REVERSED, offset, 0};
    for (size_t i = 0; i < known; i++)
        out[n++] = (struct label_order){ORDER_KNOWN, 0, i};
    *orders = out;
    return n;
}

/* How each order fits.  Threads own orders. */
static void try_orders(const struct scene *s, const struct stretch *at,
                       const struct label_order *orders, size_t n, enum fit fit,
                       struct association *out)
{
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t i = 0; i < n; i++)
        out[i] = try_order(s, &orders[i], at, fit);
}

static void keep_best(struct stretch *at, const struct label_order *orders,
                      size_t n, const struct association *fit)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(fit[i].z) && (isnan(at->best.z) || fit[i].z > at->best.z)) {
            at->best = fit[i];
            at->order = orders[i];
        }
}

/* The best order and how it fits: how many there are. */
static size_t best_order(const struct scene *s, struct stretch *at, bool lost,
                         bool whole)
{
    struct stretch quick = {.best = {.z = NAN}};
    struct label_order *orders;
    size_t n = list_orders(s, lost, whole, &orders);
    struct association *fit = mem_alloc(n, sizeof(*fit));

    try_orders(s, at, orders, n, whole ? FIT_QUICKLY : FIT_SCORES, fit);
    if (whole) {
        keep_best(&quick, orders, n, fit);
        fit[0] = try_order(s, &quick.order, at, FIT_ANEW);
        keep_best(at, &quick.order, 1, fit);
    } else {
        keep_best(at, orders, n, fit);
    }
    free(orders);
    free(fit);
    return n;
}

static void as_given(struct stretch *at)
{
    at->best = at->given;
    at->order = AS_GIVEN;
}

/* Forgets an order that is not clearly better. */
static void be_sure(struct stretch *at)
{
    double given = isnan(at->given.z) ? 0 : at->given.z;

    if (!(at->best.z > given + CLEAR && at->best.z > CLEAR))
        as_given(at);
}

/* ---- all of it ---- */

/*
 * Where labels change seldom, an offset moves few of them.  Of the rows from
 * `begin` on whose label is another by it: how much better its scores are, in
 * deviations (sum / root of the sum of squares, for which exp(-z² / 2) bounds
 * p: de la Pena 1999, Annals of Probability 27:537).
 */
static double moved_rows(const struct scene *s, size_t begin, long offset,
                         double *n)
{
    double sum = 0, squares = 0;

    *n = 0;
    for (size_t i = begin; i < s->n; i++) {
        size_t from = i + (size_t)offset; /* wraps below 0 */
        const float *score = s->score + i * s->classes;
        double d;
        if (from < begin || from >= s->n || s->label[from] == s->label[i] ||
            s->label[from] == PROBE_NONE || s->label[i] == PROBE_NONE)
            continue;
        d = (double)score[s->label[from]] - (double)score[s->label[i]];
        sum += d;
        squares += d * d;
        ++*n;
    }
    return squares > 0 ? sum / sqrt(squares) : 0;
}

/* From each eighth of the file on. */
static void judge_changes(const struct scene *s, struct alignment *a)
{
    struct stretch *st = &a->stretch[0];
    double best = CLEAR_MOVES, n;

    if (!alignment_labels_run(s, 0, s->n))
        return;
    for (size_t try = 0; try < EIGHTHS * OFFSETS; try++) {
        long offset = (long)(try % OFFSETS) - MOST_OFFSET;
        size_t begin = try / OFFSETS * s->n / EIGHTHS;
        double z = moved_rows(s, begin, offset, &n);
        if (!(z > best))
            continue;
        best = z;
        a->n_stretches = 1;
        st->begin = begin;
        st->order = (struct label_order){ORDER_OFFSET, offset, 0};
        st->given = (struct association){.n = n, .z = -z};
        st->best = (struct association){.n = n, .z = z};
    }
}

static void judge_whole(const struct scene *s, struct alignment *a)
{
    struct stretch *st = &a->stretch[0];

    *st = (struct stretch){
        .begin = 0, .end = s->n, .given = a->all, .unlike = .5};
    as_given(st);
    a->tried = best_order(s, st, !a->informative, true);
    be_sure(st);
    if (!a->informative || st->order.kind != ORDER_GIVEN)
        a->n_stretches = 1;
    else
        judge_changes(s, a);
}

/* Scores from the rows outside of all stretches. */
static void refit_outside(struct scene *s, const struct alignment *a)
{
    uint32_t *label = mem_alloc(s->n, sizeof(*label));

    memcpy(label, s->label, s->n * sizeof(*label));
    for (size_t i = 0; i < a->n_stretches; i++)
        for (size_t r = a->stretch[i].begin; r < a->stretch[i].end; r++)
            label[r] = PROBE_NONE;
    probe_fit(s->probe, label, s->classes, s->score);
    free(label);
}

/* By the scores of other rows. */
static void find_order(const struct scene *s, struct stretch *st)
{
    st->given =
        probe_association(s->score, s->label, s->classes, st->begin, st->end);
    as_given(st);
    best_order(s, st, true, false);
    be_sure(st);
}

static void keep_to_blame(const struct scene *s, struct alignment *a)
{
    struct stretch kept[ALIGNMENT_STRETCHES];
    size_t n = 0;

    for (size_t i = 0; i < a->n_stretches; i++) {
        struct stretch st = a->stretch[i];
        if (alignment_blames(s, a, &st) || st.order.kind != ORDER_GIVEN)
            kept[n++] = st;
    }
    memcpy(a->stretch, kept, n * sizeof(*kept));
    a->n_stretches = n;
}

/*
 * Suspects first: what is found spoils the scores less when it is left out.
 * Of these stay those that another order makes fit, and those that are bad by
 * the scores of the others.
 */
static void judge_parts(struct scene *s, struct alignment *a)
{
    bool bad[ALIGNMENT_BLOCKS] = {false}, named[ALIGNMENT_BLOCKS] = {false};

    alignment_judge_blocks(s, true, bad);
    alignment_join_blocks(s, bad, a);
    if (!a->n_stretches)
        return;
    refit_outside(s, a);
    for (size_t i = 0; i < a->n_stretches; i++) {
        find_order(s, &a->stretch[i]);
        if (a->stretch[i].order.kind != ORDER_GIVEN)
            alignment_mark_blocks(s, &a->stretch[i], named);
    }
    alignment_judge_blocks(s, false, bad);
    for (size_t b = 0; b < ALIGNMENT_BLOCKS; b++)
        bad[b] = bad[b] || named[b];
    alignment_join_blocks(s, bad, a);
    if (!a->n_stretches)
        return;
    refit_outside(s, a);
    for (size_t i = 0; i < a->n_stretches; i++)
        alignment_refine(s, &a->stretch[i]);
    refit_outside(s, a);
    for (size_t i = 0; i < a->n_stretches; i++)
        find_order(s, &a->stretch[i]);
    keep_to_blame(s, a);
}

static void measure_shares(const struct scene *s, struct alignment *a)
{
    double *rows = mem_zalloc(s->classes, sizeof(*rows));
    double most = 0, n = 0, right = 0;

    for (size_t i = 0; i < s->n; i++) {
        if (s->label[i] == PROBE_NONE)
            continue;
        n++;
        rows[s->label[i]]++;
        right += alignment_best_class(s, i) == s->label[i];
    }
    for (size_t k = 0; k < s->classes; k++)
        most = fmax(most, rows[k]);
    a->share = right / fmax(n, 1);
    a->prior = most / fmax(n, 1);
    free(rows);
}

/*
 * The association where labels change: in windows around each change that do
 * not overlap, the labels of a window in random order.
 */
static struct association at_changes(const struct scene *s)
{
    struct association sum = {.z = NAN};
    double variance = 0;
    size_t last = 0;

    for (size_t i = 1; i < s->n; i++) {
        size_t begin = i > WINDOW ? i - WINDOW : 0;
        size_t end = i + WINDOW < s->n ? i + WINDOW : s->n;
        struct association here;
        if (s->label[i] == s->label[i - 1] || begin < last)
            continue;
        here = probe_association(s->score, s->label, s->classes, begin, end);
        last = end;
        if (isnan(here.z))
            continue;
        sum.n += here.n;
        sum.sum += here.sum;
        sum.mean += here.mean;
        variance += here.sd * here.sd;
    }
    sum.sd = sqrt(variance);
    if (sum.sd > 0)
        sum.z = (sum.sum - sum.mean) / sum.sd;
    return sum;
}

/*
 * In a file in the order of its labels: whether inputs go with labels only as
 * far as both change along the file.  Rows about the changes would tell, if
 * they knew as much as all rows do.
 */
static bool only_by_place(const struct alignment *a)
{
    const struct association *here = &a->all_at_changes;
    double lead = (a->all.sum - a->all.mean) / a->all.n;
    double expected = lead * here->n / here->sd;

    return here->n < a->all.n / 2 && expected > 2 * CLEAR && here->z < IDLE;
}

static void look(struct scene *s, struct alignment *a)
{
    probe_fit(s->probe, s->label, s->classes, s->score);
    a->all = probe_association_of_all(s->score, s->label, s->classes, s->n);
    a->all_at_changes = at_changes(s);
    a->by_place = a->all.z > INFORMATIVE && only_by_place(a);
    a->informative = a->all.z > INFORMATIVE && !a->by_place;
    measure_shares(s, a);
    judge_whole(s, a);
    if (a->informative && !a->n_stretches)
        judge_parts(s, a);
}

void alignment_test(const float *x, size_t n, size_t width,
                    const uint32_t *label, size_t classes,
                    const struct known_orders *known, struct alignment *a)
{
    struct scene s = {.n = n, .classes = classes, .known = known};

    memset(a, 0, sizeof(*a));
    a->informative = true;
    if (n < ALIGNMENT_LEAST_ROWS || classes < 2)
        return;
    s.classes = classes < MOST_CLASSES ? classes : MOST_CLASSES;
    s.label = mem_alloc(n, sizeof(*s.label));
    memcpy(s.label, label, n * sizeof(*label));
    group_classes(s.label, n, s.classes);
    s.probe = probe_new(x, n, width);
    s.score = mem_alloc(n * s.classes, sizeof(*s.score));
    look(&s, a);
    probe_free(s.probe);
    free(s.score);
    free(s.label);
}
