#include "stats/influence.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

void influence_error(const struct confusion *c, double *out)
{
    size_t n = c->n_classes;

    for (size_t i = 0; i < n * n; i++)
        out[i] = i / n != i % n;
}

static struct class_scores *scores_of(const struct confusion *c)
{
    struct class_scores *s = mem_alloc(c->n_classes, sizeof(*s));

    for (size_t k = 0; k < c->n_classes; k++)
        confusion_class(c, k, &s[k]);
    return s;
}

void influence_balanced_error(const struct confusion *c, double *out)
{
    struct class_scores *s = scores_of(c);
    double rows = confusion_total(c), labels = 0;
    size_t n = c->n_classes;

    for (size_t k = 0; k < n; k++)
        labels += s[k].n > 0;
    for (size_t i = 0; i < n * n; i++) {
        size_t k = i / n;
        out[i] = s[k].n > 0
                     ? -rows / (labels * s[k].n) * ((i % n == k) - s[k].recall)
                     : 0;
    }
    free(s);
}

void influence_macro_f1(const struct confusion *c, double *out)
{
    struct class_scores *s = scores_of(c);
    double rows = confusion_total(c), occur = 0;
    size_t n = c->n_classes;

    for (size_t k = 0; k < n; k++)
        occur += s[k].n + s[k].predicted > 0;
    for (size_t i = 0; i < n * n; i++) {
        const struct class_scores *label = &s[i / n], *pred = &s[i % n];
        double sum = 0;
        if (label->n > 0)
            sum += ((label == pred) * 2 - label->f1) /
                   (label->n + label->predicted);
        if (pred->predicted > 0)
            sum -= pred->f1 / (pred->n + pred->predicted);
        out[i] = -rows / occur * sum;
    }
    free(s);
}
