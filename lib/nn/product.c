#include "nn/product.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "nn/passes.h"

/* What one thread computes at a time: high x wide values of the result. */
enum {
    FORWARD_WIDE = 128,
    TALL = 64,
    MANY_ROWS = 256,
    WEIGHT_HIGH = 32, /* or more for fewer rows than … */
    WEIGHT_ROWS = 64,
    WEIGHT_WIDE = 128,
    INPUT_TILE = 128,
    SHARDS = 8,
    SHARD_ROWS = 64,        /* in a shard, at least */
    SHARD_VALUES = 1 << 16, /* of a weight, at most */
    SQUARE = 16,
    PARALLEL_WORK = 1 << 19
};

void product_one(bool ta, bool tb, size_t m, size_t n, size_t k, const real *a,
                 size_t lda, const real *b, size_t ldb, real beta, real *c,
                 size_t ldc)
{
#ifdef NN_DOUBLE
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            real sum = 0;
            for (size_t l = 0; l < k; l++)
                sum += (ta ? a[l * lda + i] : a[i * lda + l]) *
                       (tb ? b[j * ldb + l] : b[l * ldb + j]);
            c[i * ldc + j] = sum + (beta == 0 ? 0 : beta * c[i * ldc + j]);
        }
#else
    int threads = omp_get_max_threads();

    omp_set_num_threads(1);
    if (dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', (dnnl_dim_t)m, (dnnl_dim_t)n,
                   (dnnl_dim_t)k, 1.0f, a, (dnnl_dim_t)lda, b, (dnnl_dim_t)ldb,
                   beta, c, (dnnl_dim_t)ldc) != dnnl_success)
        mem_exhausted(); /* nothing else can be wrong with these */
    omp_set_num_threads(threads);
#endif
}

/* Some rows and some columns of y; `out` of all columns. */
struct tile {
    size_t high, wide, in, out;
};

static void tile_forward(const struct tile *t, real *y, const real *x,
                         const real *w, const real *bias)
{
    for (size_t r = 0; r < t->high && t->in == 0; r++)
        memset(y + r * t->out, 0, t->wide * sizeof(*y));
    if (t->in > 0)
        product_one(false, false, t->high, t->wide, t->in, x, t->in, w, t->out,
                    0, y, t->out);
    if (bias)
        pass_add_row(y, t->out, bias, t->high, t->wide);
}

/*
 * Of a large w some columns, which stay in the cache, for all rows, then the
 * next; of many rows some, for all columns, so that a thread keeps to its rows
 * from layer to layer.  Many rows go in tall tiles, the rest in PRODUCT_TILE
 * ones, in which they have the same bits.
 */
void product_forward(real *y, const real *x, const real *w, const real *bias,
                     size_t rows, size_t in, size_t out)
{
    size_t tall = rows < MANY_ROWS ? 0 : rows / TALL,
           down = tall + (rows - tall * TALL) / PRODUCT_TILE,
           across = (out + FORWARD_WIDE - 1) / FORWARD_WIDE;
    bool by_rows = rows > out;

#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < across * down; i++) {
        size_t k = by_rows ? i / across : i % down,
               c = (by_rows ? i % across : i / down) * FORWARD_WIDE,
               left = out - c,
               r = k < tall ? k * TALL
                            : tall * TALL + (k - tall) * PRODUCT_TILE;
        struct tile t = {k < tall ? TALL : PRODUCT_TILE,
                         left < FORWARD_WIDE ? left : FORWARD_WIDE, in, out};
        tile_forward(&t, y + r * out + c, x + r * in, w + c,
                     bias ? bias + c : NULL);
    }
}

/*
 * A transposed factor is packed for each product anew, so that rows are taken
 * many at a time, or else all of them for some columns of dx.
 */
void product_input(real *dx, const real *dy, const real *w, size_t rows,
                   size_t in, size_t out)
{
    size_t high = rows < 2 * INPUT_TILE ? rows : INPUT_TILE,
           wide = rows < 2 * INPUT_TILE ? INPUT_TILE : in,
           across = (in + wide - 1) / wide, down = (rows + high - 1) / high;

#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < across * down; i++) {
        size_t r = i / across * high, c = i % across * wide;
        product_one(false, true, rows - r < high ? rows - r : high,
                    in - c < wide ? in - c : wide, out, dy + r * out, out,
                    w + c * out, out, 0, dx + r * in + c, in);
    }
}

static void weight_by_tiles(real *dw, const real *x, const real *dy,
                            size_t rows, size_t in, size_t out)
{
    size_t high = rows < WEIGHT_ROWS ? WEIGHT_HIGH * WEIGHT_ROWS / rows
                                     : WEIGHT_HIGH,
           across = (out + WEIGHT_WIDE - 1) / WEIGHT_WIDE,
           down = (in + high - 1) / high;

#pragma omp parallel for schedule(static) if (rows * in * out > PARALLEL_WORK)
    for (size_t i = 0; i < across * down; i++) {
        size_t r = i / across * high, c = i % across * WEIGHT_WIDE;
        product_one(true, false, in - r < high ? in - r : high,
                    out - c < WEIGHT_WIDE ? out - c : WEIGHT_WIDE, rows, x + r,
                    in, dy + c, out, 0, dw + r * out + c, out);
    }
}

/*
 * Shards of rows, so that a thread reads the rows it wrote, each with a sum of
 * its own; then those are added in order.
 */
static void weight_by_shards(real *dw, real *db, const real *x, const real *dy,
                             size_t rows, size_t in, size_t out,
                             struct room *room)
{
    size_t size = in_lanes(in * out + out);
    real *part = room_take(room, SHARDS * size);

#pragma omp parallel for schedule(static)
    for (int s = 0; s < SHARDS; s++) {
        real *own = part + (size_t)s * size;
        size_t begin, end;
        parallel_piece(rows, SHARDS, s, &begin, &end);
        product_one(true, false, in, out, end - begin, x + begin * in, in,
                    dy + begin * out, out, 0, own, out);
        pass_sum_rows(own + in * out, dy + begin * out, end - begin, out);
    }
    pass_add_parts(part, SHARDS, size);
    memcpy(dw, part, in * out * sizeof(*dw));
    if (db)
        memcpy(db, part + in * out, out * sizeof(*db));
}

void product_weight(real *dw, real *db, const real *x, const real *dy,
                    size_t rows, size_t in, size_t out, struct room *room)
{
    if (rows >= SHARD_ROWS * SHARDS && in * out <= SHARD_VALUES && in > 0) {
        weight_by_shards(dw, db, x, dy, rows, in, out, room);
        return;
    }
    weight_by_tiles(dw, x, dy, rows, in, out);
    if (db)
        pass_sum_rows(db, dy, rows, out);
}

void product_transpose(real *to, const real *from, size_t rows, size_t cols)
{
    for (size_t r = 0; r < rows; r += SQUARE)
        for (size_t c = 0; c < cols; c += SQUARE)
            for (size_t j = c; j < cols && j < c + SQUARE; j++)
                for (size_t i = r; i < rows && i < r + SQUARE; i++)
                    to[j * rows + i] = from[i * cols + j];
}

const char *product_library(void)
{
    static char text[64];
    const dnnl_version_t *v = dnnl_version();

    snprintf(text, sizeof(text), "oneDNN %d.%d.%d", v->major, v->minor,
             v->patch);
    return text;
}
