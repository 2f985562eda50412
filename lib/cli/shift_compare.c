#include "cli/shift_compare.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/shift_judge.h"
#include "base/mem.h"
#include "cli/findings_result.h"
#include "cli/report.h"
#include "cli/result.h"
#include "cli/shift_side.h"
#include "cli/shift_view.h"
#include "cli/shift_windows.h"
#include "cli/timings.h"

static struct profile_frame start_frame(const struct shift_args *o,
                                        const struct args *args)
{
    return (struct profile_frame){
        .sample = o->sample, .seed = args->seed, .root = o->root};
}

/* ---- REFERENCE and CURRENT ---- */

static void need_same_columns(const struct profile *a, const struct profile *b,
                              const char *file)
{
    for (size_t i = 0; i < a->n_columns; i++) {
        const struct profile_column *c = &a->columns[i];
        size_t k = 0;
        while (k < b->n_columns && strcmp(b->columns[k].name, c->name) != 0)
            k++;
        if (strcmp(c->role, "feature") == 0 &&
            (k == b->n_columns || strcmp(b->columns[k].type, c->type) != 0 ||
             b->columns[k].shift != c->shift))
            report_bad(file, "the profiles have different columns: '%s'",
                       c->name);
    }
}

/* The frame is that of a profile where there is one. */
static void find_frame(struct profile_frame *f, struct shift_side side[2],
                       const struct shift_args *o, const struct args *args)
{
    struct profile *known = !side[0].reader   ? &side[0].profile
                            : !side[1].reader ? &side[1].profile
                                              : NULL;
    struct err err = {0};

    if (!known) {
        shift_side_infer(f, side[0].reader, o);
        return;
    }
    if (o->model)
        report_check(profile_frame_model(f, o->model, &err), &err);
    report_check(profile_frame_from(f, known, &err), &err);
    if (o->each)
        f->sample = 0;
    if (!side[0].reader && !side[1].reader)
        need_same_columns(known, &side[1].profile, args->files[1]);
    else if (known->classes.n && !o->model && f->pred == CSV_NONE)
        report_note("the profile has predictions of a model: -m MODEL looks at "
                    "those of the rows, too");
}

int shift_compare(struct shift_args *o, const struct args *args)
{
    struct profile_frame frame = start_frame(o, args);
    struct shift_side side[2];
    struct findings findings = {0};
    struct rows rows;
    struct err err = {0};
    int status;

    for (int i = 0; i < 2; i++)
        shift_side_open(&side[i], args->files[i], args);
    find_frame(&frame, side, o, args);
    for (int i = 0; i < 2; i++)
        shift_side_fill(&side[i], &frame, o);
    timings_phase("compare");
    report_check(shift_judge(&(struct shift_question){&frame, &side[0].profile,
                                                      &side[1].profile, "",
                                                      o->tolerate, args->seed},
                             &findings, &err),
                 &err);
    findings_show(&findings, &rows, draw_shift, args);
    status = findings_finish(&findings, &rows, o->strict, args);
    findings_release(&findings);
    for (int i = 0; i < 2; i++)
        shift_side_release(&side[i]);
    profile_frame_release(&frame);
    return status;
}

/* ---- parts and windows ---- */

int shift_by(struct shift_args *o, const struct args *args)
{
    struct profile_frame frame = start_frame(o, args);
    struct csv_reader *reader =
        shift_side_reader(args->files, args->n_files, args, true);
    struct shift_windows windows = {.width = o->window};
    struct profile_route route = {o->by, shift_windows_side, &windows};
    struct profile_sides sides = {0};
    struct shift_pairs pairs = {0};
    struct findings findings = {0};
    struct rows rows;
    struct buf notes = {0};
    struct err err = {0};
    size_t column;
    int status;

    report_check(csv_reader_require(reader, o->by, &column, &err), &err);
    if (strcmp(o->by, "split") != 0 && !list_has(&o->schema.exclude, o->by))
        list_add(&o->schema.exclude, o->by);
    shift_side_infer(&frame, reader, o);
    timings_phase("read");
    report_check(profile_fill(&frame, reader, &route, &sides, &notes, &err),
                 &err);
    report_notes(&notes);
    report_skipped(csv_reader_skipped(reader));
    shift_windows_pairs(&windows, &sides, o, &pairs);
    timings_phase("compare");
    for (size_t i = 0; i < pairs.n; i++)
        report_check(
            shift_judge(
                &(struct shift_question){
                    &frame, &sides.at[pairs.at[i].a], &sides.at[pairs.at[i].b],
                    pairs.at[i].name, o->tolerate, args->seed},
                &findings, &err),
            &err);
    findings_show(&findings, &rows, draw_shift, args);
    status = findings_finish(&findings, &rows, o->strict, args);
    findings_release(&findings);
    shift_pairs_release(&pairs);
    shift_windows_release(&windows);
    profile_sides_release(&sides);
    profile_frame_release(&frame);
    csv_reader_close(reader);
    buf_release(&notes);
    return status;
}

/* ---- profiles ---- */

static int write_profile(const struct profile *p, const struct args *args)
{
    struct csv_writer w;
    struct rows none;
    struct err err = {0};
    int status;

    rows_init(&none, "check,subject,value");
    result_open(&w, args);
    report_check(profile_write(p, &w, &err), &err);
    result_close(&w, args);
    status = result_finish(&none, "check,subject", "value", args);
    rows_release(&none);
    return status;
}

int shift_profile(struct shift_args *o, const struct args *args)
{
    struct profile_frame frame = start_frame(o, args);
    struct shift_side side = {0}, like = {0};
    struct err err = {0};
    int status;

    side.reader = shift_side_reader(args->files, args->n_files, args, true);
    if (profile_is(side.reader))
        report_bad(csv_reader_file(side.reader),
                   "a profile already (--merge adds profiles)");
    if (o->like) {
        shift_side_open(&like, (char *)o->like, args);
        if (like.reader)
            report_bad(o->like, "not a profile (assay shift --profile)");
        if (o->model)
            report_check(profile_frame_model(&frame, o->model, &err), &err);
        report_check(profile_frame_from(&frame, &like.profile, &err), &err);
    } else {
        frame.accuracy = o->accuracy;
        shift_side_infer(&frame, side.reader, o);
    }
    shift_side_fill(&side, &frame, o);
    status = write_profile(&side.profile, args);
    shift_side_release(&side);
    shift_side_release(&like);
    profile_frame_release(&frame);
    return status;
}

int shift_merge(struct shift_args *o, const struct args *args)
{
    struct shift_side whole, part;
    struct buf notes = {0};
    struct err err = {0};
    int status;

    (void)o;
    for (size_t i = 0; i < args->n_files; i++) {
        struct shift_side *to = i ? &part : &whole;
        shift_side_open(to, args->files[i], args);
        if (to->reader)
            report_bad(args->files[i], "not a profile (assay shift --profile)");
        if (!i)
            continue;
        if (profile_merge(&whole.profile, &part.profile, &notes, &err) != 0) {
            err_at(&err, args->files[i], 0);
            report_fail(&err);
        }
        shift_side_release(&part);
    }
    report_notes(&notes);
    status = write_profile(&whole.profile, args);
    shift_side_release(&whole);
    buf_release(&notes);
    return status;
}
