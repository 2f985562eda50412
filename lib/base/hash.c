#include "base/hash.h"

uint64_t hash_add(uint64_t state, const void *bytes, size_t len)
{
    const unsigned char *b = bytes;

    for (size_t i = 0; i < len; i++)
        state = (state ^ b[i]) * 0x100000001b3u;
    return state;
}

uint64_t hash_finish(uint64_t state)
{
    state = (state ^ (state >> 33)) * 0xff51afd7ed558ccdu;
    state = (state ^ (state >> 33)) * 0xc4ceb9fe1a85ec53u;
    return state ^ (state >> 33);
}

uint64_t hash_bytes(const void *bytes, size_t len)
{
    return hash_finish(hash_add(HASH_START, bytes, len));
}
