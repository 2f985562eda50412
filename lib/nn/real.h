/*
 * real: the number type of the networks.  Built a second time with
 * NN_DOUBLE for the gradient checks, which need double precision.
 */
#ifndef NN_REAL_H
#define NN_REAL_H

#ifdef NN_DOUBLE
typedef double real;
#else
typedef float real;
#endif

#endif
