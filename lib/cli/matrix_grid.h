/*
 * matrix_grid: a confusion matrix as it is to be drawn (cli/view.h): which of
 * its classes, in which order.
 */
#ifndef CLI_MATRIX_GRID_H
#define CLI_MATRIX_GRID_H

#include "base/buf.h"
#include "cli/view.h"

enum { MATRIX_SHADES = 5, MATRIX_GAP = 1 };

/* A class of the columns; those that are shown are numbered from 1. */
struct matrix_class {
    char *name, *heading;
    double mass; /* off the diagonal, in its row and its column */
    size_t row;  /* that names it; n_rows: none */
    size_t number;
    bool shown;
};

/*
 * cells: [n_rows][n], NaN where empty.  What is drawn are the rows row[n_drawn]
 * and the columns column[n_shown].
 */
struct matrix {
    struct view *view;
    const struct rows *rows;
    size_t n_rows, n, n_shown, n_drawn;
    double *cells;
    size_t *class_of; /* [n_rows] the class of the row, n if no column has it */
    struct matrix_class *classes; /* [n] */
    size_t *row, *column;
    double most_right, most_wrong;
    size_t wrong_at; /* the cell of most_wrong */
    bool fractions, reordered;
    bool numbered;        /* headings are numbers */
    size_t label, number; /* widths: of the row labels, of a cell's number */
    size_t wrong_number;  /* the same off the diagonal */
    size_t pitch;         /* of a column */
};

/* Reads matrix.rows; view, rows and fractions are set, the rest is 0. */
void matrix_read(struct matrix *m);
void matrix_release(struct matrix *m);

double matrix_cell(const struct matrix *m, size_t row, size_t column);
bool matrix_is_diagonal(const struct matrix *m, size_t row, size_t column);

/* The `most` classes with the most confusions, in their order. */
void matrix_choose(struct matrix *m, size_t most);

/* The part of all that is off the diagonal that the shown cells hold. */
double matrix_share_shown(const struct matrix *m);

/* A cell for reading: a dot for 0, nothing where it is empty. */
void matrix_format(struct buf *out, const struct matrix *m, double cell);

/* The shade of a cell, 0 to `shades`: 0 for 0, by the square root above. */
int matrix_shade(const struct matrix *m, bool right, double cell, int shades);

/* Switches on the background of a cell, where there is colour. */
void matrix_colour(struct buf *line, const struct matrix *m, bool right,
                   double cell);

/* Returns whether the name had to be cut to matrix.label. */
bool matrix_label(struct buf *line, const struct matrix *m, size_t row);

/* Digits of a number. */
size_t matrix_digits(size_t n);

/* Draws it in less room than numbers and names need (matrix_shades.c). */
void matrix_draw_dense(struct matrix *m);

#endif
