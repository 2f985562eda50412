/*
 * screen: a terminal in memory for the tests of views, and rows to draw.
 */
#ifndef UNIT_SCREEN_H
#define UNIT_SCREEN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/view.h"

/* 80 columns, UTF-8, no colour, between screen_setup and screen_teardown. */
static struct view view;
static char *screen;
static size_t screen_size;

static inline int screen_setup(void **state)
{
    (void)state;
    view =
        (struct view){open_memstream(&screen, &screen_size), 80, true, false};
    return 0;
}

static inline int screen_teardown(void **state)
{
    (void)state;
    fclose(view.out);
    free(screen);
    return 0;
}

/* All that was drawn since the start or the last wipe. */
static inline const char *drawn(void)
{
    fflush(view.out);
    return screen;
}

static inline void wipe(void)
{
    (void)screen_teardown(NULL);
    view.out = open_memstream(&screen, &screen_size);
}

#endif
