#include "nn/convolve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "nn/narrow.h"
#include "nn/wide.h"

/* wide: NULL where the shape is a narrow one. */
struct convolve {
    struct convolve_shape shape;
    enum convolve_pass pass;
    struct wide *wide;
};

struct convolve *convolve_new(const struct convolve_shape *shape,
                              enum convolve_pass pass)
{
    struct convolve *c = mem_zalloc(1, sizeof(*c));

    c->shape = *shape;
    c->pass = pass;
    if (!narrow_wanted(shape, pass))
        c->wide = wide_new(shape, pass);
    return c;
}

void convolve_free(struct convolve *c)
{
    if (c)
        wide_free(c->wide);
    free(c);
}

size_t convolve_packed(const struct convolve *c)
{
    return c->wide ? wide_packed(c->wide) : narrow_packed(&c->shape, c->pass);
}

size_t convolve_room(const struct convolve *c)
{
    return c->wide ? wide_room(c->wide) : narrow_room(&c->shape);
}

void convolve_pack(const struct convolve *c, real *packed, const real *w)
{
    if (c->wide)
        wide_pack(c->wide, packed, w);
    else
        narrow_pack(&c->shape, c->pass, packed, w);
}

void convolve_unpack(const struct convolve *c, real *w, const real *packed)
{
    if (c->wide)
        wide_unpack(c->wide, w, packed);
    else
        narrow_unpack(&c->shape, w, packed);
}

void convolve_forward(const struct convolve *c, real *y, const real *x,
                      const real *packed, const real *bias, real *room)
{
    if (c->wide)
        wide_forward(c->wide, y, x, packed, bias, room);
    else
        narrow_forward(&c->shape, y, x, packed, bias, room);
}

void convolve_input(const struct convolve *c, real *dx, const real *dy,
                    const real *packed, real *room)
{
    if (c->wide)
        wide_input(c->wide, dx, dy, packed, room);
    else
        narrow_input(&c->shape, dx, dy, packed, room);
}

void convolve_weight(const struct convolve *c, real *packed, real *bias,
                     const real *x, const real *dy, real *room)
{
    if (c->wide)
        wide_weight(c->wide, packed, bias, x, dy, room);
    else
        narrow_weight(&c->shape, packed, bias, x, dy, room);
}
