#include "analysis/sensitivity.h"

#include <stddef.h>
#include <string.h>

#include "nn/hyper.h"

static const char *const high[] = {
    "learning_rate",   "schedule", "schedule_epochs",
    "schedule_factor", "warmup",   "loss",
    "hidden",          "width",    "embedding",
    "filters",         NULL};
static const char *const medium[] = {"init",  "layers",  "depth",
                                     "heads", "kernel",  "weight_decay",
                                     "l1",    "dropout", NULL};
static const char *const low[] = {"optimizer", "momentum",   "beta1",
                                  "beta2",     "alpha",      "epsilon",
                                  "batch",     "activation", NULL};

static const struct {
    const char *word;
    const char *const *names;
} table[] = {{"high", high}, {"medium", medium}, {"low", low}};

const char *sensitivity_expected(const char *name)
{
    const struct hyper_entry *entry = hyper_find(name);

    for (size_t i = 0; entry && i < sizeof(table) / sizeof(*table); i++)
        for (const char *const *n = table[i].names; *n; n++)
            if (strcmp(*n, entry->name) == 0)
                return table[i].word;
    return "";
}
