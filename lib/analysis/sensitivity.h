/*
 * sensitivity: how much a network is likely to care about a hyperparameter
 * (Tobin, "Troubleshooting Deep Neural Networks", choosing hyperparameters:
 * what they are more sensitive to).
 *
 *     high    learning rate, its schedule, loss function, layer size
 *     medium  initialisation, depth, layer parameters, weight of regularisation
 *     low     optimizer, its other parameters, batch size, nonlinearity
 *
 * It is a guess to start with, and to be measured (search/importance.h).
 */
#ifndef ANALYSIS_SENSITIVITY_H
#define ANALYSIS_SENSITIVITY_H

/*
 * "high", "medium" or "low"; "" for what the lecture does not speak of, and for
 * a name that is no hyperparameter.  '-' and '_' are one.
 */
const char *sensitivity_expected(const char *name);

#endif
