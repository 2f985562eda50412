#include "stats/label_issues.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/apportion.h"

static const double CLOSE = 1e-6;

/* A margin above FLOOR is kept in the second pass: as probabilities sum to 1, a
 * row has at most 15 of them. */
static const double FLOOR = 1.0 / 16;

/* A label that is contradicted has less than half, but for the rounding of
 * probabilities that sum to 1 within 1e-3. */
static const double MOST_DOUBTED = .51;

/* A row that asks for one of the places of a cell of Q; [k][k] has the places
 * of `class`. */
struct claim {
    double value; /* the largest have them */
    size_t row, cell;
};

/* The rows that have the places of a cell so far: a heap, the least first. */
struct places {
    size_t cell, most, n;
    struct claim *claims; /* [most] */
};

/* A row that the model contradicts. */
struct suspect {
    size_t row;
    uint32_t given, suggested;
    float prob_given, prob_suggested;
    bool by_noise_rate, by_class, off_diagonal;
};

struct label_issues {
    size_t classes;
    enum label_prune how;
    double *threshold; /* [classes] sums of p_k, then t_k */
    size_t *count;     /* [classes] rows given k */
    size_t *joint;     /* [classes][classes] C, then Q */
    size_t row;        /* rows of this pass so far */
    struct suspect *suspects;
    size_t n_suspects, suspect_capacity;
    struct claim *claims;
    size_t n_claims, claim_capacity;
    struct places *open; /* [n_open] cells for the third pass, in order */
    size_t n_open, open_capacity;
    size_t *open_from; /* [classes + 1] the open cells of a label */
    struct label_issue *list;
};

struct label_issues *label_issues_new(size_t classes, enum label_prune how)
{
    struct label_issues *li = mem_zalloc(1, sizeof(*li));

    assert(classes >= 1);
    li->classes = classes;
    li->how = how;
    li->threshold = mem_zalloc(classes, sizeof(*li->threshold));
    li->count = mem_zalloc(classes, sizeof(*li->count));
    return li;
}

void label_issues_free(struct label_issues *li)
{
    if (!li)
        return;
    for (size_t i = 0; i < li->n_open; i++)
        free(li->open[i].claims);
    free(li->open);
    free(li->open_from);
    free(li->threshold);
    free(li->count);
    free(li->joint);
    free(li->suspects);
    free(li->claims);
    free(li->list);
    free(li);
}

static bool prunes_by_pair(const struct label_issues *li)
{
    return li->how == PRUNE_NOISE_RATE || li->how == PRUNE_BOTH;
}

static bool prunes_by_class(const struct label_issues *li)
{
    return li->how == PRUNE_CLASS || li->how == PRUNE_BOTH;
}

/* ---- first pass ---- */

void label_issues_learn(struct label_issues *li, size_t given, const float *p)
{
    assert(given < li->classes && !li->joint);
    li->threshold[given] += p[given];
    li->count[given]++;
}

static void begin_second_pass(struct label_issues *li)
{
    for (size_t k = 0; k < li->classes; k++)
        li->threshold[k] /= (double)li->count[k]; /* NaN: never reached */
    li->joint = mem_zalloc(li->classes, li->classes * sizeof(*li->joint));
}

/* ---- second pass ---- */

/* The class that a row counts for, or `classes`. */
static size_t confident_class(const struct label_issues *li, const float *p)
{
    size_t best = li->classes;

    for (size_t j = 0; j < li->classes; j++)
        if (p[j] >= li->threshold[j] - CLOSE &&
            (best == li->classes || p[j] > p[best]))
            best = j;
    return best;
}

static size_t largest_other(const struct label_issues *li, size_t given,
                            const float *p)
{
    size_t best = given ? 0 : 1;

    for (size_t j = best + 1; j < li->classes; j++)
        if (j != given && p[j] > p[best])
            best = j;
    return best;
}

static void claim(struct label_issues *li, size_t cell, double value)
{
    li->claims = mem_grow(li->claims, &li->claim_capacity, li->n_claims + 1,
                          sizeof(*li->claims));
    li->claims[li->n_claims++] = (struct claim){value, li->row, cell};
}

/* What the row claims by its probabilities, as far as that can matter. */
static void claim_places(struct label_issues *li, size_t given, const float *p)
{
    size_t *joint = &li->joint[given * li->classes];

    if (prunes_by_class(li) && p[given] <= MOST_DOUBTED)
        claim(li, given * li->classes + given, -p[given]);
    if (!prunes_by_pair(li))
        return;
    for (size_t j = 0; j < li->classes; j++)
        if (j != given && (double)p[j] - p[given] > FLOOR)
            claim(li, (size_t)(&joint[j] - li->joint), (double)p[j] - p[given]);
}

bool label_issues_judge(struct label_issues *li, size_t given, const float *p)
{
    size_t counted, other;
    bool contradicted;

    if (!li->joint)
        begin_second_pass(li);
    assert(given < li->classes);
    counted = confident_class(li, p);
    if (counted < li->classes)
        li->joint[given * li->classes + counted]++;
    other = largest_other(li, given, p);
    contradicted = li->classes > 1 && p[other] > (double)p[given] + CLOSE;
    if (contradicted) {
        li->suspects = mem_grow(li->suspects, &li->suspect_capacity,
                                li->n_suspects + 1, sizeof(*li->suspects));
        li->suspects[li->n_suspects++] = (struct suspect){
            .row = li->row,
            .given = (uint32_t)given,
            .suggested = (uint32_t)other,
            .prob_given = p[given],
            .prob_suggested = p[other],
            .off_diagonal = counted < li->classes && counted != given};
    }
    claim_places(li, given, p);
    li->row++;
    return contradicted;
}

/* ---- pruning ---- */

/* C becomes Q. */
static void calibrate(struct label_issues *li)
{
    double *share = mem_alloc(li->classes, sizeof(*share));

    for (size_t k = 0; k < li->classes; k++) {
        size_t *joint = &li->joint[k * li->classes];
        if (!joint[k])
            joint[k] = 1;
        for (size_t j = 0; j < li->classes; j++)
            share[j] = (double)joint[j];
        apportion(li->count[k], share, li->classes, joint);
    }
    free(share);
}

static size_t places_of(const struct label_issues *li, size_t cell)
{
    size_t k = cell / li->classes;

    return cell % li->classes == k ? li->count[k] - li->joint[cell]
                                   : li->joint[cell];
}

/* Whether a has the place rather than b, of the same cell. */
static bool comes_before(const struct claim *a, const struct claim *b)
{
    return a->value != b->value ? a->value > b->value : a->row < b->row;
}

static int by_cell(const void *a, const void *b)
{
    const struct claim *x = a, *y = b;

    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return comes_before(x, y) ? -1 : comes_before(y, x) ? 1 : 0;
}

static int suspect_by_row(const void *key, const void *item)
{
    size_t row = *(const size_t *)key;
    const struct suspect *s = item;

    return (row > s->row) - (row < s->row);
}

/* The row has the place that it claimed: rows that are no suspects take
 * theirs, and are not pruned. */
static void grant(struct label_issues *li, const struct claim *c)
{
    struct suspect *s = li->n_suspects
                            ? bsearch(&c->row, li->suspects, li->n_suspects,
                                      sizeof(*s), suspect_by_row)
                            : NULL;

    if (s && c->cell % li->classes == c->cell / li->classes)
        s->by_class = true;
    else if (s)
        s->by_noise_rate = true;
}

/* Grants what the second pass knows; claimed[cell] becomes how many claims a
 * cell has. */
static void grant_known(struct label_issues *li, size_t *claimed)
{
    if (li->n_claims)
        qsort(li->claims, li->n_claims, sizeof(*li->claims), by_cell);
    for (size_t i = 0; i < li->n_claims; i++) {
        size_t cell = li->claims[i].cell;
        if (claimed[cell]++ < places_of(li, cell))
            grant(li, &li->claims[i]);
    }
    free(li->claims);
    li->claims = NULL;
    li->n_claims = li->claim_capacity = 0;
}

static void open_cell(struct label_issues *li, size_t cell)
{
    li->open = mem_grow(li->open, &li->open_capacity, li->n_open + 1,
                        sizeof(*li->open));
    li->open[li->n_open++] = (struct places){
        .cell = cell,
        .most = li->joint[cell],
        .claims = mem_alloc(li->joint[cell], sizeof(struct claim))};
}

/* Finds the cells that have more places than claims, where it matters. */
static void open_cells(struct label_issues *li, const size_t *claimed)
{
    size_t n = li->classes;
    bool *waits = mem_zalloc(n, sizeof(*waits));

    for (size_t i = 0; i < li->n_suspects; i++)
        if (!li->suspects[i].by_noise_rate)
            waits[li->suspects[i].given] = true;
    li->open_from = mem_zalloc(n + 1, sizeof(*li->open_from));
    for (size_t k = 0; k < n; k++) {
        for (size_t cell = k * n; waits[k] && cell < (k + 1) * n; cell++)
            if (cell != k * n + k && li->joint[cell] > claimed[cell])
                open_cell(li, cell);
        li->open_from[k + 1] = li->n_open;
    }
    free(waits);
}

bool label_issues_prune(struct label_issues *li)
{
    size_t *claimed;

    if (!li->joint)
        begin_second_pass(li);
    calibrate(li);
    claimed = mem_zalloc(li->classes, li->classes * sizeof(*claimed));
    grant_known(li, claimed);
    if (prunes_by_pair(li))
        open_cells(li, claimed);
    free(claimed);
    li->row = 0;
    return li->n_open > 0;
}

/* ---- third pass ---- */

static void sift_up(struct claim *heap, size_t i)
{
    struct claim c = heap[i];

    for (; i && comes_before(&heap[(i - 1) / 2], &c); i = (i - 1) / 2)
        heap[i] = heap[(i - 1) / 2];
    heap[i] = c;
}

static void sift_down(struct claim *heap, size_t n)
{
    struct claim c = heap[0];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < n) {
        if (child + 1 < n && comes_before(&heap[child], &heap[child + 1]))
            child++;
        if (!comes_before(&c, &heap[child]))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = c;
}

static void offer(struct places *places, struct claim c)
{
    if (places->n < places->most) {
        places->claims[places->n] = c;
        sift_up(places->claims, places->n++);
    } else if (comes_before(&c, &places->claims[0])) {
        places->claims[0] = c;
        sift_down(places->claims, places->n);
    }
}

void label_issues_settle(struct label_issues *li, size_t given, const float *p)
{
    for (size_t i = li->open_from[given]; i < li->open_from[given + 1]; i++) {
        struct places *places = &li->open[i];
        double margin = (double)p[places->cell % li->classes] - p[given];
        offer(places, (struct claim){margin, li->row, places->cell});
    }
    li->row++;
}

/* ---- the list ---- */

double label_score(enum label_score score, double prob_given,
                   double largest_other_prob)
{
    return score == SCORE_SELF ? prob_given
                               : (prob_given - largest_other_prob + 1) / 2;
}

static bool is_pruned(const struct label_issues *li, const struct suspect *s)
{
    switch (li->how) {
    case PRUNE_NOISE_RATE:
        return s->by_noise_rate;
    case PRUNE_CLASS:
        return s->by_class;
    case PRUNE_BOTH:
        return s->by_noise_rate && s->by_class;
    case PRUNE_OFF_DIAGONAL:
        return s->off_diagonal;
    default:
        return true;
    }
}

static int by_score(enum label_score score, const struct label_issue *a,
                    const struct label_issue *b)
{
    double x = label_score(score, a->prob_given, a->prob_suggested);
    double y = label_score(score, b->prob_given, b->prob_suggested);

    if (x != y)
        return x < y ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int by_self(const void *a, const void *b)
{
    return by_score(SCORE_SELF, a, b);
}

static int by_margin(const void *a, const void *b)
{
    return by_score(SCORE_MARGIN, a, b);
}

size_t label_issues_list(struct label_issues *li, enum label_score score,
                         const struct label_issue **list)
{
    size_t n = 0;

    for (size_t i = 0; i < li->n_open; i++)
        for (size_t c = 0; c < li->open[i].n; c++)
            grant(li, &li->open[i].claims[c]);
    free(li->list);
    li->list = mem_alloc(li->n_suspects, sizeof(*li->list));
    for (size_t i = 0; i < li->n_suspects; i++) {
        const struct suspect *s = &li->suspects[i];
        if (is_pruned(li, s))
            li->list[n++] = (struct label_issue){
                s->row,           i, s->given, s->suggested, s->prob_given,
                s->prob_suggested};
    }
    if (n)
        qsort(li->list, n, sizeof(*li->list),
              score == SCORE_SELF ? by_self : by_margin);
    *list = li->list;
    return n;
}

double label_issues_threshold(const struct label_issues *li, size_t k)
{
    return li->threshold[k];
}

size_t label_issues_joint(const struct label_issues *li, size_t k, size_t j)
{
    return li->joint[k * li->classes + j];
}
