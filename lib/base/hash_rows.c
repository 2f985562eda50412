#include "base/hash_rows.h"

#include "base/hash.h"

void hash_rows_add(uint64_t state[HASH_ROWS],
                   const char *const bytes[HASH_ROWS],
                   const size_t len[HASH_ROWS])
{
    uint64_t h[HASH_ROWS];
    size_t common = len[0];

    for (size_t i = 0; i < HASH_ROWS; i++) {
        common = len[i] < common ? len[i] : common;
        h[i] = state[i];
    }
    for (size_t at = 0; at < common; at++)
#pragma GCC unroll 8
        for (size_t i = 0; i < HASH_ROWS; i++)
            h[i] = (h[i] ^ (unsigned char)bytes[i][at]) * 0x100000001b3u;
    for (size_t i = 0; i < HASH_ROWS; i++)
        state[i] = hash_add(h[i], bytes[i] + common, len[i] - common);
}
