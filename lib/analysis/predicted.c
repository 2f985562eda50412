#include "analysis/predicted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static const double TOLERANCE = 1e-3, SURE = .99, TWICE_SURE = .95,
                    TWICE_SURE_OF_MANY = .8;

/* ---- reading ---- */

static uint32_t number_of(size_t class)
{
    return class == CLASS_NONE ? PREDICTED_NONE : (uint32_t) class;
}

static void add_id(struct predicted *s, size_t row)
{
    struct prediction_reader *r = &s->reader;
    struct csv_field cell;
    size_t had = s->ids.count, id, first;

    if (r->id == CSV_NONE)
        return;
    cell = csv_reader_cell(r->csv, r->id);
    if (!cell.len)
        return;
    id = hash_index_add(&s->ids, hash_bytes(cell.text, cell.len));
    s->first_row = mem_grow(s->first_row, &s->ids_capacity, s->ids.count,
                            sizeof(*s->first_row));
    if (s->ids.count > had) {
        s->first_row[id] = (uint32_t)row;
        return;
    }
    first = s->first_row[id];
    if (s->part[first] == s->part[row])
        s->doubled += r->fold == CSV_NONE;
    else {
        s->across++;
        s->same_label += s->label[first] == s->label[row];
    }
}

static void grow_probs(struct predicted *s, size_t parts)
{
    size_t had = s->parts_capacity;

    s->probs = mem_grow(s->probs, &s->parts_capacity, parts, sizeof(*s->probs));
    memset(s->probs + had, 0, (s->parts_capacity - had) * sizeof(*s->probs));
}

static void add_confidence(struct predicted *s, size_t part)
{
    const struct prediction *row = &s->reader.row;
    bool right = row->label == row->pred;
    struct part_probs *p;

    grow_probs(s, part + 1);
    p = &s->probs[part];
    if (row->label == CLASS_NONE || row->pred == CLASS_NONE ||
        !(row->prob >= 0 && row->prob <= 1 + TOLERANCE))
        return;
    calibration_bin_add(&p->all, row->prob, right);
    p->variance += row->prob * fmax(1 - row->prob, 0);
    if (row->prob >= SURE) {
        p->sure++;
        p->sure_wrong += !right;
        p->sure_expected += fmax(1 - row->prob, 0);
    }
}

/* ---- p: columns ---- */

struct p_row {
    double sum, logs;
    float least, most;
    size_t largest;
    bool empty;
};

static struct p_row read_p(struct predicted *s)
{
    const struct prediction_reader *r = &s->reader;
    struct p_row q = {.least = INFINITY, .most = -INFINITY};

    for (size_t k = 0; k < r->n_p; k++) {
        float p = r->row.p[k];
        q.empty |= isnan(p);
        q.sum += (double)p;
        q.logs += log((double)p);
        q.least = fminf(q.least, p);
        if (p > q.most) {
            q.most = p;
            q.largest = k;
        }
        s->p.low[k] = fminf(s->p.low[k], p);
        s->p.high[k] = fmaxf(s->p.high[k], p);
    }
    return q;
}

/* p = softmax(q) has ln p = q - c: with sum q = 1, q = ln p + (1 - sum ln p) /
 * K. */
static void try_twice(struct p_columns *p, const struct p_row *q, size_t n_p)
{
    double c = (1 - q->logs) / (double)n_p, slack = TOLERANCE * (double)n_p;
    double least = log((double)q->least) + c;

    if (!(least >= -fmin(slack, .02)))
        return;
    p->twice++;
    p->twice_sure += log((double)q->most) + c >=
                     (n_p > 2 ? TWICE_SURE_OF_MANY : TWICE_SURE);
}

static void compare_largest(struct predicted *s, const struct p_row *q)
{
    const struct prediction *row = &s->reader.row;
    struct p_columns *p = &s->p;
    bool other = row->pred >= s->reader.n_p ||
                 row->p[row->pred] < q->most - 1e-6f * fabsf(q->most);

    if (row->pred == CLASS_NONE || q->empty)
        return;
    p->not_largest += other;
    p->largest_right += row->label == q->largest;
    if (other && row->label != CLASS_NONE) {
        p->largest_only_right += row->label == q->largest;
        p->pred_only_right += row->label == row->pred;
    }
}

static void compare_columns(struct predicted *s)
{
    const struct prediction_reader *r = &s->reader;
    const struct prediction *row = &r->row;
    double loss;

    if (r->prob != CSV_NONE && row->pred < r->n_p && !isnan(row->prob))
        s->p.prob_off += fabs(row->prob - (double)row->p[row->pred]) > .01;
    if (r->loss == CSV_NONE || row->label >= r->n_p || isnan(row->loss))
        return;
    loss = -log((double)row->p[row->label]);
    if (loss < 10)
        s->p.loss_off += fabs(row->loss - loss) > .02 * fmax(1, loss);
}

static void add_p(struct predicted *s)
{
    struct prediction_reader *r = &s->reader;
    struct p_columns *p = &s->p;
    struct p_row q;
    bool outside;

    if (!r->n_p)
        return;
    q = read_p(s);
    outside = !(q.least >= 0 && (double)q.most <= 1 + TOLERANCE);
    p->rows++;
    p->empty += q.empty;
    p->bad += outside || !(fabs(q.sum - 1) <= TOLERANCE);
    p->negative += q.least < 0;
    p->percent += q.least >= 0 && fabs(q.sum - 100) <= .5;
    p->hard += q.most >= 1;
    try_twice(p, &q, r->n_p);
    compare_largest(s, &q);
    compare_columns(s);
}

/* ---- rows ---- */

static void add_row(struct predicted *s)
{
    const struct prediction *row = &s->reader.row;
    size_t had = s->capacity;

    s->label = mem_grow(s->label, &s->capacity, s->n + 1, sizeof(*s->label));
    if (s->capacity != had) {
        s->pred = mem_resize(s->pred, s->capacity, sizeof(*s->pred));
        s->part = mem_resize(s->part, s->capacity, sizeof(*s->part));
    }
    s->label[s->n] = number_of(row->label);
    s->pred[s->n] = number_of(row->pred);
    s->part[s->n] = (uint32_t)row->split;
    s->unlabelled += row->label == CLASS_NONE;
    s->unpredicted += row->pred == CLASS_NONE;
    add_id(s, s->n++);
    add_confidence(s, row->split);
    add_p(s);
}

static int read_rows(struct predicted *s, struct err *err)
{
    const struct prediction *row = &s->reader.row;
    size_t replica = 0, train_size = 0;
    bool first = true;
    int got;

    while ((got = prediction_reader_next(&s->reader, err)) == 1) {
        if (first) {
            replica = row->replica;
            train_size = row->train_size;
            first = false;
        }
        if (row->replica == replica && row->train_size == train_size)
            add_row(s);
        else
            s->other_models++;
    }
    return got;
}

int predicted_read(struct predicted *s, struct csv_reader *csv,
                   const struct list *names, struct err *err)
{
    memset(s, 0, sizeof(*s));
    if (prediction_reader_any(&s->reader, csv, names, err) != 0)
        return -1;
    s->p.low = mem_alloc(2 * s->reader.n_p + 1, sizeof(*s->p.low));
    s->p.high = s->p.low + s->reader.n_p;
    for (size_t k = 0; k < s->reader.n_p; k++) {
        s->p.low[k] = INFINITY;
        s->p.high[k] = -INFINITY;
    }
    if (read_rows(s, err) != 0) {
        predicted_release(s);
        return -1;
    }
    grow_probs(s, predicted_parts(s)); /* also of models that are left out */
    return 0;
}

void predicted_release(struct predicted *s)
{
    prediction_reader_close(&s->reader);
    hash_index_release(&s->ids);
    free(s->label);
    free(s->pred);
    free(s->part);
    free(s->probs);
    free(s->p.low);
    free(s->first_row);
    memset(s, 0, sizeof(*s));
}

/* ---- what is there ---- */

size_t predicted_parts(const struct predicted *s)
{
    return s->reader.splits.count;
}

size_t predicted_classes(const struct predicted *s)
{
    return s->reader.classes.count;
}

const char *predicted_part(const struct predicted *s, size_t part)
{
    return s->reader.splits.text[part];
}

const char *predicted_class(const struct predicted *s, size_t class)
{
    return s->reader.classes.text[class];
}

static bool is_wanted(const struct predicted *s, size_t row, long part)
{
    if (part == PREDICTED_ALL)
        return true;
    if (part == PREDICTED_HELD)
        return predicted_parts(s) == 1 ||
               strcmp(predicted_part(s, s->part[row]), "train") != 0;
    return s->part[row] == (uint32_t)part;
}

struct labelled_rows predicted_rows(const struct predicted *s, long part)
{
    struct labelled_rows r = {0};

    r.label = mem_alloc(s->n + 1, sizeof(*r.label));
    r.pred = mem_alloc(s->n + 1, sizeof(*r.pred));
    for (size_t i = 0; i < s->n; i++) {
        if (s->label[i] == PREDICTED_NONE || s->pred[i] == PREDICTED_NONE ||
            !is_wanted(s, i, part))
            continue;
        r.label[r.n] = s->label[i];
        r.pred[r.n++] = s->pred[i];
    }
    return r;
}

void labelled_rows_release(struct labelled_rows *r)
{
    free(r->label);
    free(r->pred);
}

void predicted_judge(const char *check, part_judge *judge,
                     const struct predicted *s, struct findings *findings)
{
    struct findings of_check = {0};

    for (size_t part = 0; part < predicted_parts(s); part++) {
        struct finding f =
            finding_of(check, predicted_part(s, part), FINDING_OK);
        struct buf advice = {0};
        judge(s, part, &f, &advice);
        if (advice.len)
            f.advice = advice.data;
        if (*f.test)
            findings_add(&of_check, &f);
        buf_release(&advice);
    }
    findings_add_worst(findings, &of_check, "parts", NULL);
}
