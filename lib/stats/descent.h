/*
 * descent: the bottom of the valley below a starting point.
 */
#ifndef STATS_DESCENT_H
#define STATS_DESCENT_H

#include <stddef.h>

/* A smooth function of x[n], finite everywhere: returns its value and writes
 * gradient[n].  `step` is about how far the first step goes. */
struct descent {
    double (*value)(const double *x, double *gradient, void *context);
    void *context;
    size_t n;
    double step;
    size_t iterations; /* at most */
};

/*
 * Moves x[n] to the lowest point that was met and returns the value there:
 * Broyden, Fletcher, Goldfarb & Shanno's method with Fletcher's line search
 * (GSL's vector_bfgs2).  n >= 1.
 */
double descend(const struct descent *descent, double *x);

#endif
