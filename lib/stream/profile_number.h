/*
 * profile_number: a number of a profile as it stood in the data.
 *
 * A table keeps a number v as the float x = v - shift.  Many v have the same x;
 * the one of the fewest digits among them is what most likely stood there, is
 * short to write, and is the same whatever the shift was: ties remain ties
 * where parts that were read with shifts of their own are merged.
 */
#ifndef STREAM_PROFILE_NUMBER_H
#define STREAM_PROFILE_NUMBER_H

/*
 * The v of the fewest digits with (float)(v - shift) = x, for a finite x that
 * came of a double less this shift.
 */
double profile_number(float x, double shift);

#endif
