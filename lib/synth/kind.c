#include "synth/kind.h"

#include <math.h>
#include <string.h>

const struct synth_kind *const synth_kinds[] = {
    &synth_blobs,  &synth_xor,    &synth_moons, &synth_spirals, &synth_tabular,
    &synth_glyphs, &synth_parity, &synth_order, &synth_titles,  NULL};

const struct synth_kind *synth_kind_find(const char *name)
{
    for (size_t i = 0; synth_kinds[i]; i++)
        if (strcmp(synth_kinds[i]->name, name) == 0)
            return synth_kinds[i];
    return NULL;
}

double log_add(double a, double b)
{
    double most = fmax(a, b);

    return isinf(most) ? most : most + log(exp(a - most) + exp(b - most));
}

void synth_number(struct csv_writer *w, double value)
{
    csv_writer_number(w, round(value * 1e4) / 1e4 + 0.);
}
