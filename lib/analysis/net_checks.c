#include "analysis/net_checks.h"

#include "analysis/net_steps.h"

void net_add(struct net_state *state, const struct finding *finding)
{
    findings_add(state->findings, finding);
    if (finding->status == FINDING_FAIL && !state->mend)
        state->mend = finding->check;
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
    rehearsal_rows_release(&state.rows);
    return status;
}
