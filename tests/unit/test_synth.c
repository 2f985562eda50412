#include "synth/maker.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "fixture.h"

static struct synth_options usual(const char *kind)
{
    const struct synth_kind *k = synth_kind_find(kind);

    return (struct synth_options){
        .kind = k, .world = k->usual, .rows = 2000, .imbalance = 1, .seed = 1};
}

static double best(const struct synth_options *o)
{
    struct maker *m = maker_new(o);
    double error = maker_best_error(m).error;

    maker_free(m);
    return error;
}

/* The share of rows whose most probable class is not the label. */
static double realised(const struct maker *m, const struct synth_options *o)
{
    double p[32], wrong = 0;

    for (size_t i = 0; i < o->rows; i++) {
        size_t most = 0;
        double sum = 0;
        maker_posterior(m, i, p);
        for (size_t k = 0; k < o->world.classes; k++) {
            sum += p[k];
            if (p[k] > p[most])
                most = k;
        }
        assert_near(sum, 1, 1e-9);
        wrong += most != maker_label(m, i);
    }
    return wrong / (double)o->rows;
}

/* Five standard deviations. */
static void assert_realised(const struct synth_options *o)
{
    struct maker *m = maker_new(o);
    struct best_error b = maker_best_error(m);
    double n = (double)o->rows, sd = sqrt(b.error * (1 - b.error) / n);

    assert_near(realised(m, o), b.error, 5 * (sd + b.standard_error) + 1 / n);
    maker_free(m);
}

static void best_error__closed_forms(void **state)
{
    struct synth_options o = usual("blobs");
    double q;

    (void)state;
    o.world.classes = 2;
    assert_near(best(&o), gsl_cdf_ugaussian_Q(1 / o.world.noise), 1e-3);
    o = usual("xor");
    q = gsl_cdf_ugaussian_Q(1 / o.world.noise);
    assert_near(best(&o), 2 * q * (1 - q), 5e-4);
    o = usual("parity");
    o.world.noise = .01;
    assert_near(best(&o), (1 - pow(.98, 8)) / 2, 1e-9);
    o.label_noise = .1;
    q = (1 - pow(.98, 8)) / 2;
    assert_near(best(&o), q * .9 + (1 - q) * .1, 1e-9);
    o.world.noise = .5;
    assert_near(best(&o), .5, 1e-9);
}

static void best_error__is_what_the_best_reach(void **state)
{
    (void)state;
    for (size_t i = 0; synth_kinds[i]; i++) {
        struct synth_options o = usual(synth_kinds[i]->name);
        if (strcmp(o.kind->name, "glyphs") == 0)
            o.world.size = 8;
        if (strcmp(o.kind->name, "glyphs") == 0)
            o.world.classes = 3;
        assert_realised(&o);
    }
}

static void best_error__under_shift_and_noise(void **state)
{
    static const char *const kinds[] = {"blobs", "titles"};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (int shift = SHIFT_COVARIATE; shift <= SHIFT_CONCEPT; shift++) {
            struct synth_options o = usual(kinds[i]);
            o.rows = 4000;
            o.shift = (enum synth_shift)shift;
            o.shift_by = shift == SHIFT_CONCEPT ? .3 : 1.5;
            o.imbalance = 3;
            o.label_noise = .05;
            assert_realised(&o);
        }
}

static void counts(const struct synth_options *o, double *n)
{
    struct maker *m = maker_new(o);

    memset(n, 0, 32 * sizeof(*n));
    for (size_t i = 0; i < o->rows; i++)
        n[maker_label(m, i)]++;
    maker_free(m);
}

static void maker__shares(void **state)
{
    struct synth_options o = usual("blobs");
    double n[32];

    (void)state;
    o.rows = 7000;
    o.imbalance = 4;
    counts(&o, n);
    /* 4 : 2 : 1 */
    assert_near(n[0], 4000, 250);
    assert_near(n[1], 2000, 250);
    assert_near(n[2], 1000, 150);
    o.imbalance = 1;
    o.shift = SHIFT_LABEL;
    o.shift_by = log(4);
    counts(&o, n);
    assert_near(n[0], 1000, 150);
    assert_near(n[2], 4000, 250);
}

/* Where the labels of `o` stand, as places of the labels without the fault. */
static void maker__misalign(void **state)
{
    struct synth_options o = usual("xor");
    struct maker *right = maker_new(&o), *wrong;
    size_t n = o.rows;

    (void)state;
    o.misalign = (struct misalign){MISALIGN_BY, 3, .75};
    wrong = maker_new(&o);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(maker_label(wrong, i),
                         maker_label(right, i < n * 3 / 4       ? i
                                            : i < n * 3 / 4 + 3 ? i + n / 4 - 3
                                                                : i - 3));
    maker_free(wrong);
    o.misalign = (struct misalign){MISALIGN_BY, -1, 0};
    wrong = maker_new(&o);
    for (size_t i = 0; i + 1 < n; i++)
        assert_int_equal(maker_label(wrong, i), maker_label(right, i + 1));
    maker_free(wrong);
    o.misalign = (struct misalign){MISALIGN_REVERSE, 0, 0};
    wrong = maker_new(&o);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(maker_label(wrong, i), maker_label(right, n - 1 - i));
    maker_free(wrong);
    o.misalign = (struct misalign){MISALIGN_SORT, 0, 0};
    wrong = maker_new(&o);
    for (size_t i = 0; i + 1 < n; i++)
        assert_true(maker_label(wrong, i) <= maker_label(wrong, i + 1));
    maker_free(wrong);
    maker_free(right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_error__closed_forms),
        cmocka_unit_test(best_error__is_what_the_best_reach),
        cmocka_unit_test(best_error__under_shift_and_noise),
        cmocka_unit_test(maker__shares),
        cmocka_unit_test(maker__misalign),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
