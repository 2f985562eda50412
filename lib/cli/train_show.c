#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "cli/report.h"
#include "cli/train_args.h"
#include "model/memory_plan.h"

static void describe_input(struct buf *notes, const struct encoder *e)
{
    if (e->form == FORM_IMAGE)
        buf_printf(notes, "images of %zux%zux%zu, pixels from %g to %g\n",
                   e->height, e->width, e->channels, (double)e->pixel_low,
                   (double)e->pixel_high);
    else if (e->form == FORM_STEPS)
        buf_printf(notes, "sequences of steps of %zu value%s\n", e->n_step,
                   plural(e->n_step));
    else if (e->form == FORM_TOKENS)
        buf_printf(notes, "sequences of tokens, %zu different ones\n",
                   e->n_tokens);
    else
        buf_printf(notes,
                   "%zu dense inputs, %zu embedded column%s with %zu rows\n",
                   e->n_dense, e->n_slots, plural(e->n_slots), e->n_bag_rows);
}

/* Layers are not counted: people do not count all that have weights. */
static void describe(struct buf *notes, const struct fit_plan *plan,
                     const struct encoder *e, struct net *net)
{
    buf_printf(notes, "%zu rows train, %zu decide when to stop; %zu classes\n",
               plan->n_fit, plan->n_stop, plan->classes.n);
    describe_input(notes, e);
    buf_printf(notes, "%s: %zu values to learn\n",
               net_kind_name(net->spec.hyper.net), net_size(net));
}

static void describe_memory(struct buf *notes, const struct memory_plan *m)
{
    buf_printf(notes,
               "memory: about %.0f MB, of which %zu model%s at once %.0f\n",
               m->total / 1e6, m->at_once, plural(m->at_once),
               m->model * (double)m->at_once / 1e6);
}

int train_describe(struct buf *notes, const struct table *table,
                   const struct fit_plan *plan, const struct fit_options *o,
                   bool predict, struct err *err)
{
    struct memory_plan memory;
    struct fit_rows rows = {plan->fit, plan->stop, plan->n_fit, plan->n_stop,
                            o->seed};
    struct encoder e = {0};
    struct net *net =
        fit_prepare(&e, table, &rows, &plan->classes, o, NULL, err);

    if (!net)
        return -1;
    describe(notes, plan, &e, net);
    memory = memory_plan(net, &e, table, plan, o, predict);
    describe_memory(notes, &memory);
    net_free(net);
    encoder_release(&e);
    return 0;
}

static void add_limit(struct rows *rows, const struct hyper_entry *e,
                      double limit)
{
    if (e->type == HYPER_CHOICE)
        rows_text(rows, "");
    else
        rows_number(rows, limit);
}

static void add_words(struct rows *rows, const struct hyper_entry *e)
{
    struct buf choices = {0}, nets = {0};

    for (int i = 0; e->choices && e->choices[i]; i++)
        buf_printf(&choices, "%s%s", i ? " " : "", e->choices[i]);
    for (int i = 0; i < NET_KINDS; i++)
        if (hyper_applies(e, (enum net_kind)i))
            buf_printf(&nets, "%s%s", nets.len ? " " : "",
                       net_kind_name((enum net_kind)i));
    rows_text(rows, choices.len ? choices.data : "");
    rows_text(rows, nets.len ? nets.data : "");
    rows_text(rows, e->help);
    buf_release(&choices);
    buf_release(&nets);
}

/* "128; lenet 120,84": the default, and where it is another one. */
static void add_defaults(struct buf *text, const struct hyper_entry *e)
{
    buf_add_text(text, e->fallback);
    for (int i = 0; i < NET_KINDS; i++)
        if (hyper_applies(e, (enum net_kind)i) &&
            hyper_default(e, (enum net_kind)i) != e->fallback)
            buf_printf(text, "; %s %s", net_kind_name((enum net_kind)i),
                       hyper_default(e, (enum net_kind)i));
}

void train_hyperparameters(struct rows *rows, const struct hyper *hyper)
{
    static const char *const types[] = {"count", "real", "choice", "widths"};

    rows_init(rows, "name,type,low,high,value,choices,networks,help,section");
    for (const struct hyper_entry *e = hyper_table; e->name; e++) {
        struct buf value = {0};
        if (hyper && !hyper_applies(e, hyper->net))
            continue;
        if (hyper)
            hyper_format(hyper, e, &value);
        else
            add_defaults(&value, e);
        rows_text(rows, e->name);
        rows_text(rows, types[e->type]);
        add_limit(rows, e, e->low);
        add_limit(rows, e, e->high);
        rows_text(rows, value.len ? value.data : "");
        add_words(rows, e);
        rows_text(rows, e->section);
        buf_release(&value);
    }
}
