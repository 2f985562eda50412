#include "cli/pause.h"

#include <string.h>

#include "cli/args.h"
#include "cli/report.h"
#include "cli/stop.h"

static int take_limit(struct pause *p, const char *value, struct err *err)
{
    if (stop_parse_time("time-limit", value, &p->limit, err) != 0)
        return -1;
    stop_clock(p->limit);
    return 0;
}

int pause_take(struct pause *p, int key, char *value, struct err *err)
{
    switch (key) {
    case KEY_CHECKPOINT:
        p->path = value;
        p->watch.keeps = true;
        return 0;
    case KEY_EVERY:
        return args_count("every", value, 1, 1000000, &p->every, err);
    case KEY_TIME_LIMIT:
        return take_limit(p, value, err);
    default:
        return 1;
    }
}

void pause_check(const struct pause *p, bool trains)
{
    if (p->every && !p->path)
        report_usage("--every needs --checkpoint");
    if (!trains && (p->path || p->limit > 0))
        report_usage("--%s: nothing is trained",
                     p->path ? "checkpoint" : "time-limit");
    if (p->path && strcmp(p->path, "-") == 0)
        report_usage("--checkpoint: name a file");
}

void pause_begin(struct pause *p, const struct checkpoint_identity *identity)
{
    struct err err = {0};

    p->identity = *identity;
    p->watch.every = p->every;
    p->watch.stop = stop_asked;
    if (p->path) {
        p->watch.checkpoint = checkpoint_open(p->path, &p->identity, &err);
        report_check(p->watch.checkpoint ? 0 : -1, &err);
        if (checkpoint_found(p->watch.checkpoint))
            report_note("goes on from '%s'", p->path);
    }
    stop_arm();
}

/* ---- afterwards ---- */

static size_t count_ends(const struct runs *runs, enum run_end end)
{
    size_t n = 0;

    for (size_t i = 0; i < runs->n; i++)
        n += runs->items[i].end == end;
    return n;
}

void pause_tell(const struct pause *p, const struct runs *runs)
{
    size_t over = count_ends(runs, RUN_OVER), cut = count_ends(runs, RUN_CUT),
           out = runs->n - over - cut;
    struct buf text = {0};

    stop_disarm();
    if (over == runs->n)
        return;
    if (runs->n == 1)
        buf_printf(&text, "stopped after epoch %zu by %s",
                   runs->items[0].epochs, stop_reason());
    else
        buf_printf(&text,
                   "stopped by %s: of %zu models %zu came to their end, %zu "
                   "were cut short, %zu left out%s",
                   stop_reason(), runs->n, over, cut, out,
                   !out                 ? ""
                   : runs->columns.fold ? ", and their folds' rows with them"
                                        : "");
    if (p->path)
        buf_printf(&text, "; the same command goes on from '%s'", p->path);
    report_note("%s", text.data);
    buf_release(&text);
}

void pause_end(struct pause *p, const struct runs *runs)
{
    bool complete = count_ends(runs, RUN_OVER) == runs->n;

    checkpoint_close(p->watch.checkpoint, complete);
    p->watch.checkpoint = NULL;
    list_release(&p->identity.items);
}
