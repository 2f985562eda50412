#include "nn/loss.h"

#include <math.h>

size_t largest(const real *logit, size_t classes)
{
    size_t best = 0;

    for (size_t k = 1; k < classes; k++)
        if (logit[k] > logit[best])
            best = k;
    return best;
}

void softmax(real *prob, const real *logit, size_t classes)
{
    real top = logit[largest(logit, classes)];
    double sum = 0;

    for (size_t k = 0; k < classes; k++) {
        double e = exp((double)(logit[k] - top));
        prob[k] = (real)e;
        sum += e;
    }
    for (size_t k = 0; k < classes; k++)
        prob[k] = (real)((double)prob[k] / sum);
}

double cross_entropy(const real *logit, size_t classes, size_t label)
{
    double top = (double)logit[largest(logit, classes)], sum = 0;

    for (size_t k = 0; k < classes; k++)
        sum += exp((double)logit[k] - top);
    return log(sum) + top - (double)logit[label];
}

void cross_entropy_gradient(real *dlogit, const real *logit, size_t classes,
                            size_t label, real scale)
{
    softmax(dlogit, logit, classes);
    dlogit[label] -= 1;
    for (size_t k = 0; k < classes; k++)
        dlogit[k] *= scale;
}
