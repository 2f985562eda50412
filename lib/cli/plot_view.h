/*
 * plot_view: a plane with two axes, of characters.
 *
 *      0.35 |        ::::
 *           |::::..:::ooo::
 *      0.05 |oooooo     :::
 *           +---------------
 *            1e-05     0.001
 */
#ifndef CLI_PLOT_VIEW_H
#define CLI_PLOT_VIEW_H

#include "cli/view.h"

enum { PLOT_LINES = 12, PLOT_MOST = 72 };

/* Later ones cover earlier ones. */
enum plot_sign {
    PLOT_BLANK,
    PLOT_BAND,
    PLOT_LINE,
    PLOT_ONE, /* points: one, two, more in a place */
    PLOT_TWO,
    PLOT_MANY,
    PLOT_OUTSIDE /* a point above the top */
};

/*
 * left <= right, both above 0 where log; bottom <= top.  width: columns, from 1
 * to PLOT_MOST.
 */
struct plot {
    double left, right, bottom, top;
    bool log;
    size_t width;
    unsigned char sign[PLOT_LINES][PLOT_MOST];
};

/*
 * Scales for those of x[n] and y[n] that are both finite: x by orders of
 * magnitude where that puts their median nearer to the middle.  False where
 * there is none, or no room on the terminal.
 */
bool plot_scale(struct plot *plot, const struct view *view, const double *x,
                const double *y, size_t n);

/* The column of x, 0 to width - 1, the nearest one for what lies outside. */
size_t plot_column(const struct plot *plot, double x);

/* All lines of a column between two heights, cut at the edges; NaN: none. */
void plot_fill(struct plot *plot, size_t column, double from, double to,
               enum plot_sign sign);

/* One more point. */
void plot_point(struct plot *plot, double x, double y);

void plot_draw(struct view *view, const struct plot *plot);

#endif
