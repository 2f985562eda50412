#include "stream/metric_kind.h"

#include <string.h>

static const char *const names[METRIC_KINDS] = {"error", "log_loss", "brier",
                                                "macro_f1", "balanced_error"};

const char *metric_kind_name(enum metric_kind kind)
{
    return names[kind];
}

int metric_kind_parse(const char *name, enum metric_kind *kind, struct err *err)
{
    for (int i = 0; i < METRIC_KINDS; i++)
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum metric_kind)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--metric: '%s' is not error, log_loss, brier, macro_f1 or "
                   "balanced_error",
                   name);
}

bool metric_kind_is_loss(enum metric_kind kind)
{
    return kind != METRIC_MACRO_F1;
}
