/*
 * space: what is searched: parameters, their ranges, and which of them mean
 * something only for some values of another.
 *
 * As text, parameters parted by blanks:
 *
 *     learning_rate=log:1e-5..0.1 hidden=int-log:16..512 dropout=0..0.5
 *     optimizer=adam,momentum momentum=0..0.99 if optimizer=momentum
 *
 *     NAME=LOW..HIGH          a number, all equally likely
 *     NAME=log:LOW..HIGH      a number, all orders of magnitude equally likely
 *     NAME=int:LOW..HIGH      a whole number; int-log:LOW..HIGH likewise
 *     NAME=A,B,C              one of these words: a CSV record; one word is a
 *                             constant; "in quotes" a word may have blanks and
 *                             commas, and look like a range
 *     … if OTHER=A,B          only where OTHER, a choice, is A or B
 *
 * As a CSV, the same in columns: name,type,low,high,values,condition with type
 * real, log, int, int-log or choice.  Names have no blanks, quotes, commas and
 * '='.  Whole numbers go to 1e15.
 */
#ifndef SEARCH_SPACE_H
#define SEARCH_SPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "csv/list.h"

enum dimension_kind { DIMENSION_REAL, DIMENSION_INT, DIMENSION_CHOICE };
enum { SPACE_MOST = 64 }; /* parameters */
#define DIMENSION_NONE SIZE_MAX

/* One parameter.  low < high of a number, both finite; low > 0 where log. */
struct dimension {
    char *name;
    enum dimension_kind kind;
    bool log;
    double low, high;
    struct list choices; /* of a choice: one or more */
    size_t parent;       /* the choice that it depends on, or DIMENSION_NONE */
    bool *when;          /* [choices of the parent] where it means something */
};

/*
 * {0} is empty.  A parent stands before its children: parameters are in the
 * order in which they were given but for that.
 *
 * A configuration of a space is double value[n]: the number, or the index of
 * the choice; NaN where the parameter means nothing.
 */
struct space {
    struct dimension *items;
    size_t n;
};

int space_parse(struct space *space, const char *text, struct err *err);
int space_read(struct space *space, const char *path, struct err *err);
void space_release(struct space *space);

/* Whether a parameter can be called so: no blanks, quotes, commas, '='. */
bool space_is_name(const char *name);

/* Adds a parameter; its name is copied and its lists are taken over. */
struct dimension *space_add(struct space *space, const char *name,
                            enum dimension_kind kind);

/*
 * Makes a parameter depend on a choice of the space, given by name, being one
 * of `values`.  Errors: no such choice, no such value, a circle, a second
 * condition; the space is then as it was.
 */
int space_condition(struct space *space, const char *name, const char *other,
                    const struct list *values, struct err *err);

/* The parameter's place, or DIMENSION_NONE. */
size_t space_find(const struct space *space, const char *name);

/* Appends the space as the text that space_parse reads. */
void space_format(const struct space *space, struct buf *text);

/* Whether parameter i means something, where those before it have values. */
bool space_active(const struct space *space, const double *value, size_t i);

/* Distinct values of a parameter; 0: a continuum. */
double dimension_count(const struct dimension *param);

/*
 * Between a value and the unit interval, in which all values of a parameter are
 * equally likely: a whole number or a choice is an interval of it, of which
 * dimension_to_unit gives the middle.  Numbers are rounded to six digits (more
 * where the range is narrow), and so they read back from text as they are.
 */
double dimension_from_unit(const struct dimension *param, double u);
double dimension_to_unit(const struct dimension *param, double value);

/* value[n] from unit[n]; NaN where a parameter means nothing. */
void space_from_unit(const struct space *space, const double *unit,
                     double *value);

/* Appends one value as text (nothing for NaN), and reads it back. */
void dimension_format(const struct dimension *param, double value,
                      struct buf *text);
int dimension_parse(const struct dimension *param, const char *text,
                    double *value, struct err *err);

#endif
