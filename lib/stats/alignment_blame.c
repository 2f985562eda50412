#include "stats/alignment_scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MANY_ROWS = 500 };

static const double INFORMATIVE = 3.1, IDLE = 2.3;
static const double FEW = .4; /* changes of labels, of those at random */
static const double ALIKE = .57, UNLIKE = .75; /* told apart from the others */
static const double TELLING = 6; /* z that labels of its own are to have */

/* How many rows have another label than a row at random. */
static double variety(const struct scene *s, size_t begin, size_t end)
{
    double *count = mem_zalloc(s->classes, sizeof(*count)), n = 0, alike = 0;

    for (size_t i = begin; i < end; i++)
        if (s->label[i] != PROBE_NONE) {
            count[s->label[i]]++;
            n++;
        }
    for (size_t k = 0; k < s->classes; k++)
        alike += count[k] * count[k] / fmax(n, 1);
    free(count);
    return n - alike;
}

bool alignment_labels_run(const struct scene *s, size_t begin, size_t end)
{
    size_t changes = 0;

    for (size_t i = begin + 1; i < end; i++)
        changes += s->label[i] != s->label[i - 1];
    return (double)changes < FEW * variety(s, begin, end);
}

/* How well rows of the stretch are told from the others. */
static double tell_apart(const struct scene *s, const struct stretch *st)
{
    uint32_t *in = mem_alloc(s->n, sizeof(*in));
    float *score = mem_alloc(2 * s->n, sizeof(*score));
    double right[2] = {0}, n = (double)(st->end - st->begin);

    for (size_t i = 0; i < s->n; i++)
        in[i] = i >= st->begin && i < st->end;
    probe_fit(s->probe, in, 2, score);
    for (size_t i = 0; i < s->n; i++)
        right[in[i]] += (score[2 * i + 1] > 0) == (in[i] == 1);
    free(in);
    free(score);
    return (right[0] / ((double)s->n - n) + right[1] / n) / 2;
}

/* The association in rows to which alone labels are fitted. */
static double own_z(const struct scene *s, size_t begin, size_t end)
{
    uint32_t *label = mem_alloc(s->n, sizeof(*label));
    double z;

    for (size_t i = 0; i < s->n; i++)
        label[i] = i >= begin && i < end ? s->label[i] : PROBE_NONE;
    z = probe_try(s->probe, label, s->classes, false).z;
    free(label);
    return isnan(z) ? 0 : z;
}

static bool in_a_stretch(const struct alignment *a, size_t begin, size_t end)
{
    for (size_t i = 0; i < a->n_stretches; i++)
        if (begin < a->stretch[i].end && a->stretch[i].begin < end)
            return true;
    return false;
}

/*
 * What own_z the stretch would have if its labels went with it as those of
 * other rows go with them, as many at a time, or half as many: the mean, by how
 * varied labels are.
 */
static double expected_z(const struct scene *s, const struct alignment *a,
                         const struct stretch *st)
{
    size_t n = st->end - st->begin;
    double sum = 0, windows = 0;

    for (size_t size = n; windows == 0 && size >= n / 2 && size; size -= n / 2)
        for (size_t begin = 0; begin + size <= s->n; begin += size)
            if (!in_a_stretch(a, begin, begin + size)) {
                sum += own_z(s, begin, begin + size) /
                       fmax(variety(s, begin, begin + size), 1);
                windows++;
            }
    return windows > 0 ? sum / windows * variety(s, st->begin, st->end) : 0;
}

/*
 * It tells nothing as it stands, and not of itself either.  Rows like the
 * others have no excuse; rows of another kind, a language say, may follow rules
 * of their own, which would show if they are enough.
 */
bool alignment_blames(const struct scene *s, const struct alignment *a,
                      struct stretch *st)
{
    size_t n = st->end - st->begin;
    bool runs = alignment_labels_run(s, st->begin, st->end);
    double own = runs ? 0 : own_z(s, st->begin, st->end);

    st->unlike = tell_apart(s, st);
    if (n < ALIGNMENT_LEAST_ROWS || !(st->given.z < IDLE) || own > INFORMATIVE)
        return false;
    if (st->unlike <= ALIKE || (runs && !alignment_labels_run(s, 0, s->n)) ||
        (st->unlike <= UNLIKE && own < IDLE && expected_z(s, a, st) > TELLING))
        return true;
    st->other_kind = n >= MANY_ROWS;
    return st->other_kind;
}
