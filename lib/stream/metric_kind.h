/*
 * metric_kind: the metrics, by the names they have in every tool.
 */
#ifndef STREAM_METRIC_KIND_H
#define STREAM_METRIC_KIND_H

#include <stdbool.h>

#include "base/err.h"

enum metric_kind {
    METRIC_ERROR,
    METRIC_LOG_LOSS,
    METRIC_BRIER,
    METRIC_MACRO_F1,
    METRIC_BALANCED_ERROR,
    METRIC_KINDS
};

/* "error", "log_loss", "brier", "macro_f1", "balanced_error". */
const char *metric_kind_name(enum metric_kind kind);

/* The kind of that name, or an ERR_USAGE error that lists the names. */
int metric_kind_parse(const char *name, enum metric_kind *kind,
                      struct err *err);

/* Whether less is better: all but macro_f1. */
bool metric_kind_is_loss(enum metric_kind kind);

#endif
