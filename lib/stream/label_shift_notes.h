/*
 * label_shift_notes: what people are told of a fit of label shift.
 */
#ifndef STREAM_LABEL_SHIFT_NOTES_H
#define STREAM_LABEL_SHIFT_NOTES_H

#include "base/buf.h"
#include "stats/label_shift.h"

/* Adds a line each: whether the mix has changed at all, which method and why,
 * classes with few rows or none, and what is taken for granted. */
void label_shift_notes(const struct label_shift *fit, struct buf *notes);

#endif
