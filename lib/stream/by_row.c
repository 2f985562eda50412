#include "stream/by_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

/* ---- order ---- */

struct listed {
    const struct row_parts *parts;
    const char *id;
    double number; /* that the id is; inf where it is none */
    size_t row;
};

/* 1 where a is to stand behind b. */
static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

static int by_loss(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    const double *u = x->parts->value, *v = y->parts->value;
    int way = compare(v[PART_LOSS], u[PART_LOSS]);

    if (!way)
        way = compare(v[PART_BIAS], u[PART_BIAS]);
    if (!way)
        way = compare(x->number, y->number);
    return way ? way : strcmp(x->id, y->id);
}

static struct listed *list_rows(const struct replica_sums *s,
                                const struct replica_rows *made)
{
    struct listed *list = mem_alloc(made->n, sizeof(*list));

    for (size_t i = 0; i < made->n; i++) {
        const char *id = replica_sums_id(s, made->number[i]);
        double number;
        if (!num_parse(id, strlen(id), &number))
            number = INFINITY;
        list[i] = (struct listed){&made->parts[i], id, number, i};
    }
    qsort(list, made->n, sizeof(*list), by_loss);
    return list;
}

/* ---- rows ---- */

static void add_note(const struct replica_rows *made, struct buf *notes)
{
    size_t always = 0, never = 0, alike = 0, n = made->n;

    for (size_t i = 0; i < n; i++) {
        bool wrong = made->wrong[i] == 1;
        always += wrong;
        alike += wrong && made->alike[i];
        never += made->wrong[i] == 0;
    }
    buf_printf(notes,
               "%zu row%s wrong in every replica (%zu with one class), %zu by "
               "luck, %zu in none\n",
               always, always == 1 ? " is" : "s are", alike, n - always - never,
               never);
}

static void write_row(struct rows *rows, const struct listed *item,
                      const char *label, const char *main_pred, bool has_noise)
{
    const double *value = item->parts->value;

    rows_text(rows, item->id);
    rows_text(rows, label);
    rows_text(rows, main_pred);
    rows_number(rows, value[PART_LOSS]);
    rows_number(rows, value[PART_BIAS]);
    rows_number(rows, value[PART_VARIANCE]);
    rows_number(rows, value[PART_NET_VARIANCE]);
    if (has_noise)
        rows_number(rows, value[PART_NOISE]);
    else
        rows_text(rows, "");
}

int by_row_rows(struct part_sums *s, const struct prediction_reader *from,
                struct rows *rows, struct buf *notes, struct err *err)
{
    struct replica_rows made;
    struct listed *list;

    if (part_make(s, from, &made, notes, err) != 0)
        return -1;
    rows_init(rows, "id,label,main_pred,loss,bias,variance,net_variance,noise");
    list = list_rows(s->replicas, &made);
    for (size_t i = 0; i < made.n; i++) {
        size_t row = made.number[list[i].row];
        write_row(rows, &list[i], from->classes.text[s->replicas->label[row]],
                  from->classes.text[list[i].parts->main], s->chance != NULL);
    }
    add_note(&made, notes);
    free(list);
    replica_rows_release(&made);
    return 0;
}
