/*
 * cell_kind: what a cell that is no number looks like.
 */
#ifndef TABLE_CELL_KIND_H
#define TABLE_CELL_KIND_H

#include <stddef.h>

/*
 * measure    a number with something around it: "12 cm", "£3.50", "1,200",
 *            "c. 1880", "85%", "3,5".  In front at most two letters and a
 * point, a code of a currency and a blank, or signs; behind at most eight
 *            letters or signs, of which a single letter is that of a unit
 * range      whole numbers with marks: "1809-1811", "c.1756-7", "[1871?]",
 * "10:30" iso_date   "1809-11-03", with a time or without (base/date.h)
 * other_date "3/11/1809", "3.11.09"
 * other      anything else, words above all
 */
enum cell_kind {
    CELL_MEASURE,
    CELL_RANGE,
    CELL_ISO_DATE,
    CELL_OTHER_DATE,
    CELL_OTHER,
    CELL_KINDS
};

enum cell_kind cell_kind(const char *text, size_t len);

#endif
