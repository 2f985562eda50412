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

/* ln E max(z + N, 0), and by its own derivative's two parts over itself:
 * Phi(z) and phi(z). */
static double log_excess(double z, double *below, double *density)
{
    double ratio, h;

    if (z > -1) {
        *density = gsl_ran_ugaussian_pdf(z);
        *below = .5 * gsl_sf_erfc(-z * M_SQRT1_2);
        h = *density + z * *below;
        *density /= h;
        *below /= h;
        return log(h);
    }
    ratio = 1 / gsl_sf_hazard(-z);
    h = bracket(-z, ratio);
    *density = 1 / h;
    *below = ratio / h;
    return log(h) - z * z / 2 - LN_SQRT_2_PI;
}

/* 1 - noise / q, without the difference. */
static double log_of_news(double deviation, double noise, double *slope)
{
    double q = hypot(deviation, noise);

    *slope = 2 / deviation - deviation / (q * q) -
             deviation / (q * (q + noise));
    return 2 * log(deviation) - log(q) - log(q + noise);
}

double log_expected_improvement(const struct improvement_at *at,
                                double *by_mean, double *by_deviation)
{
    double sd = at->deviation, below, density, slope, value;

    value = log_excess((at->best - at->mean) / sd, &below, &density) + log(sd) +
            log_of_news(sd, at->noise, &slope);
    *by_mean = -below / sd;
    *by_deviation = density / sd + slope;
    return value;
}
