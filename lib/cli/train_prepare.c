#include "cli/train_prepare.h"

#include "base/parallel.h"
#include "cli/identity.h"
#include "cli/report.h"
#include "model/memory_plan.h"

void train_foresee(const struct train_args *o, const struct table *table,
                   const struct fit_plan *plan)
{
    struct buf notes = {0};
    struct err err = {0};

    report_check(
        train_describe(&notes, table, plan, &o->setup.fit, o->predict, &err),
        &err);
    report_notes(&notes);
    buf_release(&notes);
}

void train_prepare(struct train_args *o, const struct table *table,
                   const struct fit_plan *plan)
{
    struct checkpoint_identity identity;
    struct memory_plan memory;
    struct err err = {0};

    report_check(
        memory_check_fit(&memory, table, plan, &o->setup.fit, o->predict, &err),
        &err);
    report_check(parallel_check(&err), &err);
    report_check(identity_of(&identity, o, table, &err), &err);
    pause_begin(&o->pause, &identity);
}
