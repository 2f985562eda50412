/* split_args_report: the notes of `assay split` behind its counts. */
#include <string.h>

#include "cli/report.h"
#include "cli/split_args.h"

static void report_left_out(const struct splitter *s)
{
    size_t classes = s->subset.other_classes, rows = s->subset.other_rows;

    if (classes)
        report_note("%zu row%s of other classes left out", classes,
                    plural(classes));
    if (rows)
        report_note("%zu row%s not in the subset left out", rows, plural(rows));
    if (s->left_out)
        report_note("%zu training row%s left out for balance", s->left_out,
                    plural(s->left_out));
    if (s->repeated)
        report_note("%zu training row%s added by repeating others", s->repeated,
                    plural(s->repeated));
}

static void report_near(const struct splitter *s)
{
    const struct near_duplicates *near = &s->near;

    if (near->clusters)
        report_note("near-duplicates: %zu cluster%s with %zu rows, the "
                    "largest has %zu",
                    near->clusters, plural(near->clusters), near->clustered,
                    near->largest);
    else
        report_note("near-duplicates: none");
}

/* Groups of one side, or what near-duplicates made of them. */
static void report_groups(const struct splitter *s,
                          const struct split_side *side)
{
    const char *what = s->options->near.n ? "unit" : "group";
    const struct group_imbalance *worst = &side->grouping.imbalance;
    size_t units = side->grouping.units;

    if (!units || !side->parts->n)
        return;
    if (s->options->label)
        report_note("%zu %s%s kept whole; a class's share in a part differs "
                    "from the whole by at most %.4f ('%s' in %s)",
                    units, what, plural(units), worst->difference,
                    s->strata.count ? s->strata.text[worst->class] : "",
                    side->parts->names[worst->part]);
    else
        report_note("%zu %s%s kept whole", units, what, plural(units));
}

/* A hash does not know of the other rows. */
static void report_empty(const struct splitter *s)
{
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; i < s->side[side].parts->n; i++) {
            const char *name = s->side[side].parts->names[i];
            size_t at = dict_find(&s->part_names, name, strlen(name));
            if (!s->part_count[at])
                report_note("warning: no row in part '%s'", name);
        }
}

static void report_time(const struct splitter *s)
{
    if (s->gaps)
        report_note("%zu row%s between parts: split is empty", s->gaps,
                    plural(s->gaps));
    if (s->timeless)
        report_note("%zu row%s without a time: split is empty", s->timeless,
                    plural(s->timeless));
}

static void report_recoding(const struct splitter *s, size_t steps)
{
    char quoted[ERR_QUOTE_SIZE];
    const char *first;
    size_t unmet = recoding_unmet(&s->recoding, &first);

    report_note("%zu label%s recoded", s->recoded, plural(s->recoded));
    if (steps > s->recoding.last_step)
        report_note("warning: --steps: the table of --recode ends at step %zu",
                    s->recoding.last_step);
    if (unmet)
        err_quote(quoted, sizeof(quoted), first, strlen(first));
    if (unmet == 1)
        report_note("warning: --recode: no row has the label %s", quoted);
    else if (unmet)
        report_note("warning: --recode: no row has the label %s, nor %zu "
                    "other%s of its table",
                    quoted, unmet - 1, plural(unmet - 1));
}

void split_args_report(const struct split_args *a, const struct splitter *s)
{
    const struct splitter_options *o = &a->split;

    if (a->recode)
        report_recoding(s, a->steps);
    report_left_out(s);
    if (o->near.n)
        report_near(s);
    if (o->group || o->near.n)
        for (int side = 0; side < 2; side++)
            report_groups(s, &s->side[side]);
    if (o->hash)
        report_empty(s);
    report_time(s);
    if (s->without_id)
        report_note("%zu row%s without an id: nothing can be joined to them",
                    s->without_id, plural(s->without_id));
}
