/*
 * by_row: which rows are always wrong, and which are luck.
 *
 *     id,label,main_pred,loss,bias,variance,net_variance,noise
 *
 * A row for each held-out row of predictions that have replicas
 * (stream/replica_sums.h), the largest loss first, then by bias and id: numbers
 * by value, in front of other ids by their bytes.  noise is empty where labels
 * are taken as right.
 */
#ifndef STREAM_BY_ROW_H
#define STREAM_BY_ROW_H

#include "stream/part_rows.h"

/* In place of part_rows; with options that ask for parts and keep the ids. */
part_maker by_row_rows;

#endif
