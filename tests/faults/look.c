#include "look.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/data_checks.h"
#include "analysis/net_checks.h"
#include "base/mem.h"
#include "csv/reader.h"

/* ---- reading ---- */

static void look_release(struct look *l)
{
    table_release(&l->table);
    schema_release(&l->schema);
    csv_reader_close(l->data);
    memset(l, 0, sizeof(*l));
}

/* A column of names is no feature unless it is asked for. */
static void ask_for_all(struct schema_request *request, const struct grid *g)
{
    for (size_t i = 0; i < g->width; i++)
        if (strcmp(g->name[i], "label") != 0 &&
            strcmp(g->name[i], "split") != 0)
            list_add(&request->features, g->name[i]);
}

static int look_open(struct look *l, const struct grid *g,
                     const struct sample *s, const char *scratch,
                     struct err *err)
{
    struct schema_request request = {.any_input = true,
                                     .ngrams = NGRAM_DEFAULTS};
    char *name = mem_strdup(scratch), *const paths[] = {name};
    struct buf notes = {0};
    int status = -1;

    memset(l, 0, sizeof(*l));
    memcpy(request.shape, s->shape, sizeof(request.shape));
    request.n_shape = s->n_shape;
    request.group = grid_find(g, "group") != CSV_NONE ? "group" : NULL;
    request.time = grid_find(g, "time") != CSV_NONE ? "time" : NULL;
    if (grid_find(g, "record") != CSV_NONE)
        ask_for_all(&request, g);
    if (grid_write(g, scratch, err) == 0)
        l->data = csv_reader_open(paths, 1,
                                  &(struct csv_options){.reread = true}, err);
    if (l->data &&
        schema_infer(&l->schema, l->data, &request, &notes, err) == 0 &&
        csv_reader_rewind(l->data, err) == 0 &&
        table_init(&l->table, &l->schema, l->data, err) == 0)
        status = table_read(&l->table, l->data, err);
    if (status != 0)
        look_release(l);
    list_release(&request.features);
    buf_release(&notes);
    free(name);
    return status;
}

/* ---- findings ---- */

static void copy_findings(struct findings *to, const struct findings *from)
{
    for (size_t i = 0; i < from->n; i++)
        findings_add(to, &from->at[i]);
}

/* Rows, and a network that learns them as the sabotage wants it. */
static int look_at_net(const struct look *l, const struct sabotage *s,
                       const struct fault *fault, struct findings *findings,
                       struct err *err)
{
    struct fit_options options = {
        .hyper = s->hyper, .seed = s->sample->seed, .hooks = &s->hooks};
    struct net_subject subject = {.table = &l->table, .options = &options};
    struct fit_plan plan = {0};
    int status = plan_rows(&plan, &l->table, &options, err);

    if (status != 0)
        return status;
    if (fault && fault->replan)
        fault->replan(&plan);
    subject.plan = &plan;
    status = net_checks(&subject, findings, err);
    plan_release(&plan);
    return status;
}

int clean_make(struct clean *c, const struct data_set *set, uint64_t seed,
               bool net, const char *scratch, struct err *err)
{
    struct sabotage none = {.sample = &c->sample};

    memset(c, 0, sizeof(*c));
    if (sample_make(&c->sample, set, seed, scratch, err) != 0 ||
        look_open(&c->look, &c->sample.grid, &c->sample, scratch, err) != 0)
        return -1;
    if (data_checks(&c->look.table, c->look.data, seed, &c->data, err) != 0)
        return -1;
    copy_findings(&c->all, &c->data);
    none.hyper = c->sample.hyper;
    return net ? look_at_net(&c->look, &none, NULL, &c->all, err) : 0;
}

void clean_release(struct clean *c)
{
    if (c->look.data)
        look_release(&c->look);
    sample_release(&c->sample);
    findings_release(&c->data);
    findings_release(&c->all);
}

/* A stream of random numbers of its own for each fault. */
static uint64_t stream_of(const struct fault *fault)
{
    uint64_t stream = 9000;

    for (const char *c = fault->name; *c; c++)
        stream = stream * 31 + (unsigned char)*c;
    return stream;
}

static int look_at_training(const struct clean *c, const struct look *l,
                            const struct fault *fault, const struct rng *rng,
                            struct findings *findings, struct err *err)
{
    struct sabotage s = {
        .sample = &c->sample, .hyper = c->sample.hyper, .rng = *rng};
    int status = 0;

    s.hooks.context = &s;
    if (!fault->arrange || fault->arrange(&s))
        status = look_at_net(l, &s, fault, findings, err) == 0 ? 1 : -1;
    sabotage_release(&s);
    return status;
}

/* What is seen of rows that were spoiled. */
static int look_at_spoiled(const struct clean *c, const struct grid *grid,
                           const struct fault *fault, const struct rng *rng,
                           const char *scratch, struct findings *findings,
                           struct err *err)
{
    struct look look;
    int status = 1;

    if (look_open(&look, grid, &c->sample, scratch, err) != 0)
        return -1;
    if (data_checks(&look.table, look.data, c->sample.seed, findings, err) != 0)
        status = -1;
    else if (fault->kind != FAULT_DATA)
        status = look_at_training(c, &look, fault, rng, findings, err);
    look_release(&look);
    return status;
}

int fault_look(const struct clean *c, const struct fault *fault,
               const char *scratch, struct findings *findings, struct err *err)
{
    struct grid grid;
    struct rng rng;
    int status = 0;

    rng_init(&rng, c->sample.seed, stream_of(fault));
    if (!fault->spoil) {
        copy_findings(findings, &c->data);
        return look_at_training(c, &c->look, fault, &rng, findings, err);
    }
    grid_copy(&grid, &c->sample.grid);
    if (fault->spoil(&grid, &c->sample, &rng))
        status = look_at_spoiled(c, &grid, fault, &rng, scratch, findings, err);
    grid_release(&grid);
    return status;
}
