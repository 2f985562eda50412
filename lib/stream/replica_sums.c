#include "stream/replica_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash_count.h"
#include "base/mem.h"

enum { MOST_REPLICAS = 4096, MOST_CLASSES = 65534, FEWEST_REPLICAS = 2 };

static bool needs_p(enum decomposition decomposition)
{
    return decomposition == PARTS_BRIER || decomposition == PARTS_LOG_LOSS;
}

static int refuse(const struct prediction_reader *from, const char *what,
                  struct err *err)
{
    err_set(err, ERR_DATA, "no bias and variance without %s", what);
    return err_at(err, csv_reader_file(from->csv), 0);
}

struct replica_sums *replica_sums_new(const struct replica_options *options,
                                      const struct prediction_reader *from,
                                      struct err *err)
{
    struct replica_sums *s;
    const char *lacking = from->replica == CSV_NONE ? "a column replica"
                          : from->id == CSV_NONE
                              ? "a column id to join the replicas by"
                          : needs_p(options->decomposition) && !from->n_p
                              ? "p: columns for this metric"
                              : NULL;

    if (lacking) {
        refuse(from, lacking, err);
        return NULL;
    }
    s = mem_zalloc(1, sizeof(*s));
    s->options = options;
    s->n_p = needs_p(options->decomposition) ? from->n_p : 0;
    s->has_sizes = from->train_size != CSV_NONE;
    return s;
}

void replica_sums_free(struct replica_sums *s)
{
    if (!s)
        return;
    hash_index_release(&s->ids);
    for (size_t r = 0; r < s->n_replicas; r++)
        free(s->pred[r]);
    free(s->pred);
    free(s->label);
    free(s->train_size);
    free(s->sum);
    free(s->splits);
    free(s->text_at);
    buf_release(&s->text);
    free(s);
}

/* ---- adding ---- */

static bool is_held_out(const struct replica_sums *s,
                        const struct prediction_reader *from)
{
    const char *split = from->splits.text[from->row.split];

    return s->options->on && s->options->on->n ? list_has(s->options->on, split)
                                               : strcmp(split, "train") != 0;
}

static void *zeroed(void *block, size_t had, size_t want, size_t size)
{
    block = mem_resize(block, want, size);
    memset((char *)block + had * size, 0, (want - had) * size);
    return block;
}

static void note_split(struct replica_sums *s, size_t split)
{
    if (split >= s->n_splits) {
        s->splits =
            zeroed(s->splits, s->n_splits, split + 1, sizeof(*s->splits));
        s->n_splits = split + 1;
    }
    s->splits[split] = true;
}

/* Room for twice as many rows. */
static void grow_rows(struct replica_sums *s)
{
    size_t had = s->capacity, want = had ? 2 * had : 256;

    s->label = zeroed(s->label, had, want, sizeof(*s->label));
    if (s->has_sizes)
        s->train_size =
            zeroed(s->train_size, had, want, sizeof(*s->train_size));
    for (size_t r = 0; r < s->n_replicas; r++)
        s->pred[r] = zeroed(s->pred[r], had, want, sizeof(**s->pred));
    if (s->n_p)
        s->sum = zeroed(s->sum, had, want, (s->n_p + 1) * sizeof(*s->sum));
    if (s->options->keep_ids)
        s->text_at = zeroed(s->text_at, had, want, sizeof(*s->text_at));
    s->capacity = want;
}

static void add_replicas(struct replica_sums *s, size_t want)
{
    s->pred = zeroed(s->pred, s->n_replicas, want, sizeof(*s->pred));
    for (; s->n_replicas < want; s->n_replicas++)
        s->pred[s->n_replicas] =
            zeroed(NULL, 0, s->capacity, sizeof(**s->pred));
}

static int blame(const struct prediction_reader *from, size_t column,
                 struct err *err)
{
    return csv_reader_blame(from->csv, column, err);
}

/* The row of the current id, made if it is new; -1 without an id. */
static int find_row(struct replica_sums *s,
                    const struct prediction_reader *from, size_t *row,
                    struct err *err)
{
    struct csv_field id = csv_reader_cell(from->csv, from->id);
    size_t had = s->ids.count;

    if (!id.len) {
        err_set(err, ERR_DATA, "no id to join the replicas by");
        return blame(from, from->id, err);
    }
    *row = hash_index_add(&s->ids, hash_quick(id.text, id.len));
    if (*row < had)
        return 0;
    if (s->ids.count > s->capacity)
        grow_rows(s);
    s->label[*row] = (uint32_t)from->row.label;
    if (s->options->keep_ids) {
        s->text_at[*row] = s->text.len;
        buf_add(&s->text, id.text, id.len);
        buf_add_char(&s->text, '\0');
    }
    return 0;
}

static int check_label(const struct replica_sums *s,
                       const struct prediction_reader *from, size_t row,
                       struct err *err)
{
    const struct dict *classes = &from->classes;
    char here[ERR_QUOTE_SIZE], before[ERR_QUOTE_SIZE];
    size_t a = from->row.label, b = s->label[row];

    if (a == b)
        return 0;
    err_set(
        err, ERR_DATA, "the label of this id is %s here and was %s before",
        err_quote(here, sizeof(here), classes->text[a], classes->len[a]),
        err_quote(before, sizeof(before), classes->text[b], classes->len[b]));
    return blame(from, from->label, err);
}

/* Whether the current prediction is of a model with fewer training rows than
 * the row's; what there is of smaller ones is forgotten. */
static bool is_smaller(struct replica_sums *s,
                       const struct prediction_reader *from, size_t row)
{
    uint32_t size = from->row.train_size > UINT32_MAX
                        ? UINT32_MAX
                        : (uint32_t)from->row.train_size;

    if (!s->has_sizes || size == s->train_size[row])
        return false;
    if (size < s->train_size[row])
        return true;
    s->train_size[row] = size;
    for (size_t r = 0; r < s->n_replicas; r++)
        s->pred[r][row] = 0;
    if (s->n_p)
        memset(&s->sum[row * (s->n_p + 1)], 0, (s->n_p + 1) * sizeof(*s->sum));
    return false;
}

static void add_probabilities(struct replica_sums *s,
                              const struct prediction_reader *from, size_t row)
{
    double *sum = &s->sum[row * (s->n_p + 1)], all = 0;

    if (s->options->decomposition == PARTS_BRIER) {
        for (size_t k = 0; k < s->n_p; k++) {
            double p = (double)from->row.p[k];
            sum[k] += p;
            sum[s->n_p] += p * p;
        }
        return;
    }
    for (size_t k = 0; k < s->n_p; k++)
        all += (double)from->row.p[k];
    for (size_t k = 0; k < s->n_p; k++)
        sum[k] += log((double)from->row.p[k] / all);
}

static int check_room(const struct prediction_reader *from, struct err *err)
{
    if (from->row.replica >= MOST_REPLICAS) {
        err_set(err, ERR_DATA, "more than %d replicas", MOST_REPLICAS);
        return blame(from, from->replica, err);
    }
    if (from->row.pred < MOST_CLASSES)
        return 0;
    err_set(err, ERR_DATA, "more than %d classes", MOST_CLASSES);
    return blame(from, from->pred, err);
}

static int occurs_twice(const struct prediction_reader *from, struct err *err)
{
    struct csv_field id = csv_reader_cell(from->csv, from->id);
    char quoted[ERR_QUOTE_SIZE], replica[ERR_QUOTE_SIZE];
    size_t r = from->row.replica;

    err_set(err, ERR_DATA, "%s occurs twice in replica %s",
            err_quote(quoted, sizeof(quoted), id.text, id.len),
            err_quote(replica, sizeof(replica), from->replicas.text[r],
                      from->replicas.len[r]));
    return blame(from, from->id, err);
}

int replica_sums_add(struct replica_sums *s,
                     const struct prediction_reader *from, struct err *err)
{
    size_t row = 0, r = from->row.replica;

    s->row = CSV_NONE;
    if (!is_held_out(s, from))
        return 0;
    note_split(s, from->row.split);
    if (check_room(from, err) != 0 || find_row(s, from, &row, err) != 0 ||
        check_label(s, from, row, err) != 0)
        return -1;
    s->row = row;
    if (r >= s->n_replicas)
        add_replicas(s, r + 1);
    if (is_smaller(s, from, row))
        return 0;
    if (s->pred[r][row])
        return occurs_twice(from, err);
    s->pred[r][row] = (uint16_t)(from->row.pred + 1);
    if (s->n_p)
        add_probabilities(s, from, row);
    return 0;
}

const char *replica_sums_id(const struct replica_sums *s, size_t number)
{
    return s->text.data + s->text_at[number];
}

/* ---- rows ---- */

/* Numbers of classes against their places in sorted order. */
struct ranking {
    size_t *order, *rank; /* [n] */
    size_t n;
    double *votes, *sum, *chance; /* [n] in that order, of one row */
    double most;                  /* votes of a class */
};

static void ranking_init(struct ranking *k, const struct dict *classes)
{
    k->n = classes->count;
    k->order = mem_alloc(k->n, sizeof(*k->order));
    k->rank = mem_alloc(k->n, sizeof(*k->rank));
    k->votes = mem_alloc(k->n, sizeof(*k->votes));
    k->sum = mem_alloc(k->n, sizeof(*k->sum));
    k->chance = mem_alloc(k->n, sizeof(*k->chance));
    dict_sorted(classes, k->order);
    for (size_t i = 0; i < k->n; i++)
        k->rank[k->order[i]] = i;
}

static void ranking_release(struct ranking *k)
{
    free(k->order);
    free(k->rank);
    free(k->votes);
    free(k->sum);
    free(k->chance);
}

/* Counts a row's votes; returns how many there are. */
static size_t count_votes(const struct replica_sums *s, struct ranking *k,
                          size_t row)
{
    size_t n = 0;

    memset(k->votes, 0, k->n * sizeof(*k->votes));
    k->most = 0;
    for (size_t r = 0; r < s->n_replicas; r++) {
        double *votes;
        if (!s->pred[r][row])
            continue;
        votes = &k->votes[k->rank[s->pred[r][row] - 1]];
        k->most = fmax(k->most, ++*votes);
        n++;
    }
    return n;
}

/* Of classes without a p: column the probability is 0. */
static const double *sums_of(const struct replica_sums *s, struct ranking *k,
                             size_t row)
{
    double none = s->options->decomposition == PARTS_BRIER ? 0 : -INFINITY;

    for (size_t i = 0; i < k->n; i++)
        k->sum[i] = k->order[i] < s->n_p
                        ? s->sum[row * (s->n_p + 1) + k->order[i]]
                        : none;
    return k->sum;
}

static void split_row(const struct replica_sums *s, struct ranking *k,
                      size_t row, size_t votes, const struct parts_truth *truth,
                      struct row_parts *parts)
{
    double n = (double)votes;

    switch (s->options->decomposition) {
    case PARTS_DOMINGOS:
        parts_domingos(k->votes, k->n, truth, parts);
        break;
    case PARTS_KOHAVI_WOLPERT:
        parts_kohavi_wolpert(k->votes, k->n, truth, parts);
        break;
    case PARTS_BRIER:
        parts_brier(sums_of(s, k, row), s->sum[row * (s->n_p + 1) + s->n_p], n,
                    k->n, truth, parts);
        break;
    case PARTS_LOG_LOSS:
        parts_log_loss(sums_of(s, k, row), n, k->n, truth, parts);
        break;
    }
    parts->main = k->order[parts->main];
}

static void add_row(const struct replica_sums *s, struct ranking *k, size_t row,
                    const double *chance, struct replica_rows *out)
{
    size_t votes = count_votes(s, k, row);
    struct parts_truth truth = {k->rank[s->label[row]],
                                chance ? k->chance : NULL};

    for (size_t i = 0; chance && i < k->n; i++)
        k->chance[i] = chance[row * k->n + k->order[i]];
    if (votes < FEWEST_REPLICAS) {
        out->few++;
        return;
    }
    out->partial += votes < s->n_replicas;
    out->number[out->n] = row;
    out->wrong[out->n] = ((double)votes - k->votes[truth.label]) /
                         (double)votes;
    out->alike[out->n] = k->most == (double)votes;
    split_row(s, k, row, votes, &truth, &out->parts[out->n++]);
}

void replica_rows_make(struct replica_sums *s,
                       const struct prediction_reader *from,
                       const double *chance, struct replica_rows *out)
{
    struct ranking k;

    memset(out, 0, sizeof(*out));
    out->parts = mem_alloc(s->ids.count, sizeof(*out->parts));
    out->number = mem_alloc(s->ids.count, sizeof(*out->number));
    out->wrong = mem_alloc(s->ids.count, sizeof(*out->wrong));
    out->alike = mem_alloc(s->ids.count, sizeof(*out->alike));
    ranking_init(&k, &from->classes);
    for (size_t row = 0; row < s->ids.count; row++)
        add_row(s, &k, row, chance, out);
    ranking_release(&k);
}

void replica_rows_release(struct replica_rows *rows)
{
    free(rows->parts);
    free(rows->number);
    free(rows->wrong);
    free(rows->alike);
    memset(rows, 0, sizeof(*rows));
}
