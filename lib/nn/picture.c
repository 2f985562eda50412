#include "nn/picture.h"

#include <math.h>
#include <string.h>

static const float *pixel_at(const struct picture *p, const float *pixels,
                             long y, long x)
{
    bool inside = y >= 0 && y < (long)p->height && x >= 0 && x < (long)p->width;

    return inside ? pixels + ((size_t)y * p->width + (size_t)x) * p->channels
                  : p->blank;
}

/* What stands at (y, x) between the pixels. */
static void interpolate(const struct picture *p, const float *from, double y,
                        double x, float *to)
{
    double top = floor(y), left = floor(x);
    float v = (float)(y - top), u = (float)(x - left);
    const float *a = pixel_at(p, from, (long)top, (long)left),
                *b = pixel_at(p, from, (long)top, (long)left + 1),
                *c = pixel_at(p, from, (long)top + 1, (long)left),
                *d = pixel_at(p, from, (long)top + 1, (long)left + 1);

    for (size_t k = 0; k < p->channels; k++)
        to[k] = (1 - v) * ((1 - u) * a[k] + u * b[k]) +
                v * ((1 - u) * c[k] + u * d[k]);
}

/*
 * Both below: a pixel comes from where it was before moving, turning and
 * mirroring.  This one for whole pixels.
 */
static void move_picture(const struct picture *p,
                         const struct picture_change *c, float *to,
                         const float *from)
{
    long last_y = (long)p->height - 1, last_x = (long)p->width - 1;

    for (long i = 0; i <= last_y; i++)
        for (long j = 0; j <= last_x; j++, to += p->channels) {
            long y = i - c->down, x = j - c->right;
            const float *pixel = pixel_at(p, from, c->mirror_y ? last_y - y : y,
                                          c->mirror_x ? last_x - x : x);
            for (size_t k = 0; k < p->channels; k++)
                to[k] = pixel[k];
        }
}

static void turn_picture(const struct picture *p,
                         const struct picture_change *c, float *to,
                         const float *from)
{
    double angle = c->degrees * M_PI / 180, sine = sin(angle),
           cosine = cos(angle), middle_y = (double)(p->height - 1) / 2,
           middle_x = (double)(p->width - 1) / 2;

    for (size_t i = 0; i < p->height * p->width; i++) {
        double dy = (double)((long)(i / p->width) - c->down) - middle_y,
               dx = (double)((long)(i % p->width) - c->right) - middle_x,
               y = cosine * dy + sine * dx, x = cosine * dx - sine * dy;
        y = middle_y + (c->mirror_y ? -y : y);
        x = middle_x + (c->mirror_x ? -x : x);
        interpolate(p, from, y, x, to + i * p->channels);
    }
}

void picture_change(const struct picture *p,
                    const struct picture_change *change, float *to,
                    const float *from)
{
    if (change->degrees == 0)
        move_picture(p, change, to, from);
    else
        turn_picture(p, change, to, from);
}

void picture_cut(const struct picture *p, float *pixels, size_t side, size_t y,
                 size_t x)
{
    size_t half = side / 2, top = y > half ? y - half : 0,
           left = x > half ? x - half : 0;

    for (size_t i = top; i + half < y + side && i < p->height; i++)
        for (size_t j = left; j + half < x + side && j < p->width; j++)
            memcpy(pixels + (i * p->width + j) * p->channels, p->blank,
                   p->channels * sizeof(float));
}
