#include "stats/expected_improvement.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>

static const double LN_SQRT_2_PI = .91893853320467274178;

/*
 * With R = (1 - Phi(a)) / phi(a), Mills' ratio, and a = -z:
 * E max(z + N, 0) = phi(z) + z Phi(z) = phi(a) (1 - a R), of which this is the
 * bracket: 1 / a^2 - 3 / a^4 + 15 / a^6 - … where the difference cancels.
 */
static double bracket(double a, double ratio)
{
    static const double FAR = 25;
    double square = a * a, term, sum;

    if (a < FAR)
        return 1 - a * ratio;
    term = sum = 1 / square;
    for (int k = 3; k <= 19; k += 2) {
        term *= -k / square;
        sum += term;
    }
    return sum;
}

double log_expected_improvement(double mean, double deviation, double best,
                                double *by_mean, double *by_deviation)
{
    double z = (best - mean) / deviation, ratio, h;

    if (z > -1) {
        double density = gsl_ran_ugaussian_pdf(z),
               below = .5 * gsl_sf_erfc(-z * M_SQRT1_2);
        h = density + z * below;
        *by_mean = -below / (h * deviation);
        *by_deviation = density / (h * deviation);
        return log(h) + log(deviation);
    }
    ratio = 1 / gsl_sf_hazard(-z);
    h = bracket(-z, ratio);
    *by_mean = -ratio / (h * deviation);
    *by_deviation = 1 / (h * deviation);
    return log(h) - z * z / 2 - LN_SQRT_2_PI + log(deviation);
}
