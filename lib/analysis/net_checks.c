#include "analysis/net_checks.h"

#include "analysis/net_steps.h"

/* Multiply-adds of an epoch of a short training. */
static const double EPOCH_WORK = 2e9;

enum { LEAST_ROWS = 256 };

void net_add(struct net_state *state, const struct finding *finding)
{
    findings_add(state->findings, finding);
    if (finding->status == FINDING_FAIL && !state->mend)
        state->mend = finding->check;
}

/* Fewer rows for networks that take long over each. */
static int limit_rows(struct net_state *s, struct err *err)
{
    struct rehearsal r;
    double most;

    if (rehearsal_init(&r, s->subject, &s->subject->options->hyper, s->rows.fit,
                       s->rows.n_fit, NULL, 0, err) != 0)
        return -1;
    most = EPOCH_WORK / rehearsal_step_work(&r, 1);
    rehearsal_release(&r);
    if (most < REHEARSAL_ROWS)
        rehearsal_rows_limit(&s->rows,
                             most > LEAST_ROWS ? (size_t)most : LEAST_ROWS);
    return 0;
}

/* Training shows nothing new where a step does not do what it should. */
static void add_left_out(struct net_state *state)
{
    static const char *const left_out[] = {"overfit", "capacity",
                                           "zeroed_inputs", "floor"};

    for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++) {
        struct finding f =
            finding_of(left_out[i], "network", FINDING_UNDECIDED);
        struct buf advice = {0};
        buf_printf(&advice, "not tried: mend '%s' first", state->mend);
        f.test = "none";
        f.advice = advice.data;
        findings_add(state->findings, &f);
        buf_release(&advice);
    }
}

int net_checks(const struct net_subject *subject, struct findings *findings,
               struct err *err)
{
    struct net_state state = {.subject = subject, .findings = findings};
    int status;

    rehearsal_rows_init(&state.rows, subject->plan);
    status = limit_rows(&state, err);
    if (status == 0)
        status = net_check_feed(&state, err);
    if (status == 0)
        status = net_check_gradient(&state, err);
    if (status == 0)
        status = net_check_start(&state, err);
    if (status == 0 && state.mend)
        add_left_out(&state);
    else if (status == 0 && (net_check_overfit(&state, err) != 0 ||
                             net_check_floor(&state, err) != 0))
        status = -1;
    if (status == 0 && subject->baseline && !state.mend)
        status = net_check_baseline(&state, err);
    rehearsal_rows_release(&state.rows);
    return status;
}
