#include "base/decimal.h"

#include <string.h>

#define NO_DIGITS UINT64_MAX

enum { MANTISSA = 52, BIAS = 1023, MOST_DIGITS = 19, EXACT_POWER = 22 };

/*
 * The 128 leading bits of 5^q for q = -64 to 64: those of 5^q itself, cut off,
 * or of its reciprocal, cut off and the last bit one more (Lemire 2021, 5).
 */
static const uint64_t fives[][2] = {
    {0xa87fea27a539e9a5, 0x3f2398d747b36224},
    {0xd29fe4b18e88640e, 0x8eec7f0d19a03aad},
    {0x83a3eeeef9153e89, 0x1953cf68300424ac},
    {0xa48ceaaab75a8e2b, 0x5fa8c3423c052dd7},
    {0xcdb02555653131b6, 0x3792f412cb06794d},
    {0x808e17555f3ebf11, 0xe2bbd88bbee40bd0},
    {0xa0b19d2ab70e6ed6, 0x5b6aceaeae9d0ec4},
    {0xc8de047564d20a8b, 0xf245825a5a445275},
    {0xfb158592be068d2e, 0xeed6e2f0f0d56712},
    {0x9ced737bb6c4183d, 0x55464dd69685606b},
    {0xc428d05aa4751e4c, 0xaa97e14c3c26b886},
    {0xf53304714d9265df, 0xd53dd99f4b3066a8},
    {0x993fe2c6d07b7fab, 0xe546a8038efe4029},
    {0xbf8fdb78849a5f96, 0xde98520472bdd033},
    {0xef73d256a5c0f77c, 0x963e66858f6d4440},
    {0x95a8637627989aad, 0xdde7001379a44aa8},
    {0xbb127c53b17ec159, 0x5560c018580d5d52},
    {0xe9d71b689dde71af, 0xaab8f01e6e10b4a6},
    {0x9226712162ab070d, 0xcab3961304ca70e8},
    {0xb6b00d69bb55c8d1, 0x3d607b97c5fd0d22},
    {0xe45c10c42a2b3b05, 0x8cb89a7db77c506a},
    {0x8eb98a7a9a5b04e3, 0x77f3608e92adb242},
    {0xb267ed1940f1c61c, 0x55f038b237591ed3},
    {0xdf01e85f912e37a3, 0x6b6c46dec52f6688},
    {0x8b61313bbabce2c6, 0x2323ac4b3b3da015},
    {0xae397d8aa96c1b77, 0xabec975e0a0d081a},
    {0xd9c7dced53c72255, 0x96e7bd358c904a21},
    {0x881cea14545c7575, 0x7e50d64177da2e54},
    {0xaa242499697392d2, 0xdde50bd1d5d0b9e9},
    {0xd4ad2dbfc3d07787, 0x955e4ec64b44e864},
    {0x84ec3c97da624ab4, 0xbd5af13bef0b113e},
    {0xa6274bbdd0fadd61, 0xecb1ad8aeacdd58e},
    {0xcfb11ead453994ba, 0x67de18eda5814af2},
    {0x81ceb32c4b43fcf4, 0x80eacf948770ced7},
    {0xa2425ff75e14fc31, 0xa1258379a94d028d},
    {0xcad2f7f5359a3b3e, 0x096ee45813a04330},
    {0xfd87b5f28300ca0d, 0x8bca9d6e188853fc},
    {0x9e74d1b791e07e48, 0x775ea264cf55347e},
    {0xc612062576589dda, 0x95364afe032a819e},
    {0xf79687aed3eec551, 0x3a83ddbd83f52205},
    {0x9abe14cd44753b52, 0xc4926a9672793543},
    {0xc16d9a0095928a27, 0x75b7053c0f178294},
    {0xf1c90080baf72cb1, 0x5324c68b12dd6339},
    {0x971da05074da7bee, 0xd3f6fc16ebca5e04},
    {0xbce5086492111aea, 0x88f4bb1ca6bcf585},
    {0xec1e4a7db69561a5, 0x2b31e9e3d06c32e6},
    {0x9392ee8e921d5d07, 0x3aff322e62439fd0},
    {0xb877aa3236a4b449, 0x09befeb9fad487c3},
    {0xe69594bec44de15b, 0x4c2ebe687989a9b4},
    {0x901d7cf73ab0acd9, 0x0f9d37014bf60a11},
    {0xb424dc35095cd80f, 0x538484c19ef38c95},
    {0xe12e13424bb40e13, 0x2865a5f206b06fba},
    {0x8cbccc096f5088cb, 0xf93f87b7442e45d4},
    {0xafebff0bcb24aafe, 0xf78f69a51539d749},
    {0xdbe6fecebdedd5be, 0xb573440e5a884d1c},
    {0x89705f4136b4a597, 0x31680a88f8953031},
    {0xabcc77118461cefc, 0xfdc20d2b36ba7c3e},
    {0xd6bf94d5e57a42bc, 0x3d32907604691b4d},
    {0x8637bd05af6c69b5, 0xa63f9a49c2c1b110},
    {0xa7c5ac471b478423, 0x0fcf80dc33721d54},
    {0xd1b71758e219652b, 0xd3c36113404ea4a9},
    {0x83126e978d4fdf3b, 0x645a1cac083126ea},
    {0xa3d70a3d70a3d70a, 0x3d70a3d70a3d70a4},
    {0xcccccccccccccccc, 0xcccccccccccccccd},
    {0x8000000000000000, 0x0000000000000000},
    {0xa000000000000000, 0x0000000000000000},
    {0xc800000000000000, 0x0000000000000000},
    {0xfa00000000000000, 0x0000000000000000},
    {0x9c40000000000000, 0x0000000000000000},
    {0xc350000000000000, 0x0000000000000000},
    {0xf424000000000000, 0x0000000000000000},
    {0x9896800000000000, 0x0000000000000000},
    {0xbebc200000000000, 0x0000000000000000},
    {0xee6b280000000000, 0x0000000000000000},
    {0x9502f90000000000, 0x0000000000000000},
    {0xba43b74000000000, 0x0000000000000000},
    {0xe8d4a51000000000, 0x0000000000000000},
    {0x9184e72a00000000, 0x0000000000000000},
    {0xb5e620f480000000, 0x0000000000000000},
    {0xe35fa931a0000000, 0x0000000000000000},
    {0x8e1bc9bf04000000, 0x0000000000000000},
    {0xb1a2bc2ec5000000, 0x0000000000000000},
    {0xde0b6b3a76400000, 0x0000000000000000},
    {0x8ac7230489e80000, 0x0000000000000000},
    {0xad78ebc5ac620000, 0x0000000000000000},
    {0xd8d726b7177a8000, 0x0000000000000000},
    {0x878678326eac9000, 0x0000000000000000},
    {0xa968163f0a57b400, 0x0000000000000000},
    {0xd3c21bcecceda100, 0x0000000000000000},
    {0x84595161401484a0, 0x0000000000000000},
    {0xa56fa5b99019a5c8, 0x0000000000000000},
    {0xcecb8f27f4200f3a, 0x0000000000000000},
    {0x813f3978f8940984, 0x4000000000000000},
    {0xa18f07d736b90be5, 0x5000000000000000},
    {0xc9f2c9cd04674ede, 0xa400000000000000},
    {0xfc6f7c4045812296, 0x4d00000000000000},
    {0x9dc5ada82b70b59d, 0xf020000000000000},
    {0xc5371912364ce305, 0x6c28000000000000},
    {0xf684df56c3e01bc6, 0xc732000000000000},
    {0x9a130b963a6c115c, 0x3c7f400000000000},
    {0xc097ce7bc90715b3, 0x4b9f100000000000},
    {0xf0bdc21abb48db20, 0x1e86d40000000000},
    {0x96769950b50d88f4, 0x1314448000000000},
    {0xbc143fa4e250eb31, 0x17d955a000000000},
    {0xeb194f8e1ae525fd, 0x5dcfab0800000000},
    {0x92efd1b8d0cf37be, 0x5aa1cae500000000},
    {0xb7abc627050305ad, 0xf14a3d9e40000000},
    {0xe596b7b0c643c719, 0x6d9ccd05d0000000},
    {0x8f7e32ce7bea5c6f, 0xe4820023a2000000},
    {0xb35dbf821ae4f38b, 0xdda2802c8a800000},
    {0xe0352f62a19e306e, 0xd50b2037ad200000},
    {0x8c213d9da502de45, 0x4526f422cc340000},
    {0xaf298d050e4395d6, 0x9670b12b7f410000},
    {0xdaf3f04651d47b4c, 0x3c0cdd765f114000},
    {0x88d8762bf324cd0f, 0xa5880a69fb6ac800},
    {0xab0e93b6efee0053, 0x8eea0d047a457a00},
    {0xd5d238a4abe98068, 0x72a4904598d6d880},
    {0x85a36366eb71f041, 0x47a6da2b7f864750},
    {0xa70c3c40a64e6c51, 0x999090b65f67d924},
    {0xd0cf4b50cfe20765, 0xfff4b4e3f741cf6d},
    {0x82818f1281ed449f, 0xbff8f10e7a8921a4},
    {0xa321f2d7226895c7, 0xaff72d52192b6a0d},
    {0xcbea6f8ceb02bb39, 0x9bf4f8a69f764490},
    {0xfee50b7025c36a08, 0x02f236d04753d5b4},
    {0x9f4f2726179a2245, 0x01d762422c946590},
    {0xc722f0ef9d80aad6, 0x424d3ad2b7b97ef5},
    {0xf8ebad2b84e0d58b, 0xd2e0898765a7deb2},
    {0x9b934c3b330c8577, 0x63cc55f49f88eb2f},
    {0xc2781f49ffcfa6d5, 0x3cbf6b71c76b25fb},
};

/* ---- the nearest double ---- */

struct wide {
    uint64_t high, low;
};

static struct wide multiply(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (struct wide){(uint64_t)(product >> 64), (uint64_t)product};
}

/* The 128 leading bits of whole x 5^q, as many of them as can matter. */
static struct wide scaled(uint64_t whole, int q)
{
    const uint64_t *five = fives[q + DECIMAL_POWER];
    struct wide product = multiply(whole, five[0]);

    if ((product.high & 0x1ff) == 0x1ff) {
        struct wide more = multiply(whole, five[1]);
        product.low += more.high;
        product.high += product.low < more.high;
    }
    return product;
}

/* Halfway between two doubles: to the even one. */
static bool is_tie(struct wide product, uint64_t mantissa, int shift, int q)
{
    return product.low <= 1 && q >= -4 && q <= 23 && (mantissa & 3) == 1 &&
           mantissa << shift == product.high;
}

/* Algorithm 1 of Lemire 2021; whole is not 0. */
static double nearest(uint64_t whole, int q)
{
    int zeros = __builtin_clzll(whole), top, shift, power;
    struct wide product = scaled(whole << zeros, q);
    uint64_t mantissa, bits;
    double value;

    top = (int)(product.high >> 63);
    shift = top + 64 - MANTISSA - 3;
    mantissa = product.high >> shift;
    power = (((152170 + 65536) * q) >> 16) + 63 + top - zeros + BIAS;
    if (is_tie(product, mantissa, shift, q))
        mantissa &= ~(uint64_t)1;
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    if (mantissa >> (MANTISSA + 1)) {
        mantissa = (uint64_t)1 << MANTISSA;
        power++;
    }
    bits = (mantissa & ~((uint64_t)1 << MANTISSA)) | (uint64_t)power
                                                         << MANTISSA;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

static double value_of(uint64_t whole, int q)
{
    static const double power[] = {
        1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (whole >> (MANTISSA + 1) == 0 && q <= 0 && q >= -EXACT_POWER)
        return (double)whole / power[-q];
    if (whole >> (MANTISSA + 1) == 0 && q > 0 && q <= EXACT_POWER)
        return (double)whole * power[q];
    return nearest(whole, q);
}

/* ---- digits ---- */

struct digits {
    const char *begin, *at, *end;
    uint64_t whole;
    int n; /* of them, without zeros in front */
};

/*
 * Eight digits, the first in the lowest byte, less '0' each: their value, or
 * NO_DIGITS (Lemire 2021, 3).
 */
static inline uint64_t eight_digits(uint64_t eight)
{
    if (((eight + 0x7676767676767676u) | eight) & 0x8080808080808080u)
        return NO_DIGITS;
    eight = eight * 10 + (eight >> 8);
    return ((eight & 0x000000ff000000ffu) * 0x000f424000000064u +
            ((eight >> 16) & 0x000000ff000000ffu) * 0x0000271000000001u) >>
           32;
}

static inline uint64_t load_eight(const char *at)
{
    uint64_t eight;

    memcpy(&eight, at, sizeof(eight));
    return eight ^ 0x3030303030303030u;
}

static inline bool take_eight(struct digits *d)
{
    uint64_t value = eight_digits(load_eight(d->at));

    if (value == NO_DIGITS)
        return false;
    d->whole = d->whole * 100000000 + value;
    d->n = d->whole ? d->n + 8 : 0;
    d->at += 8;
    return true;
}

/* The last ones, up to seven, behind at least eight bytes, all in one step. */
static inline void take_rest(struct digits *d)
{
    static const uint64_t power[] = {1,     10,     100,     1000,
                                     10000, 100000, 1000000, 10000000};
    size_t left = (size_t)(d->end - d->at);
    uint64_t ours = left ? UINT64_MAX << (64 - 8 * left) : 0,
             value = eight_digits(load_eight(d->end - 8) & ours);

    if (value == NO_DIGITS)
        return;
    d->whole = d->whole * power[left] + value;
    d->n += (int)left;
    d->at = d->end;
}

/* As many digits as there are, or more than can be taken. */
static inline __attribute__((always_inline)) void take_digits(struct digits *d)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (d->end - d->at >= 8 && d->n <= MOST_DIGITS - 8 && take_eight(d))
        ;
    if (d->end - d->at < 8 && d->at - d->begin >= 8 && d->whole &&
        d->n <= MOST_DIGITS - (d->end - d->at))
        take_rest(d);
#endif
    while (d->at < d->end && d->n <= MOST_DIGITS) {
        unsigned digit = (unsigned)(unsigned char)*d->at - '0';
        if (digit > 9)
            return;
        d->n += d->whole || digit;
        d->whole = d->whole * 10 + digit;
        d->at++;
    }
}

/* e5, E-05, e+5; at most three digits. */
static bool take_exponent(struct digits *d, int *q)
{
    bool minus;
    int value = 0;
    const char *first;

    if (d->at == d->end)
        return true;
    if (*d->at != 'e' && *d->at != 'E')
        return false;
    d->at++;
    minus = d->at < d->end && *d->at == '-';
    d->at += d->at < d->end && (*d->at == '-' || *d->at == '+');
    first = d->at;
    for (; d->at < d->end && d->at - first < 3; d->at++) {
        if (*d->at < '0' || *d->at > '9')
            return false;
        value = value * 10 + (*d->at - '0');
    }
    *q += minus ? -value : value;
    return d->at == d->end && d->at > first;
}

/* Without a branch: in tables of numbers signs are as good as random. */
static inline double with_sign(double value, bool minus)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    bits ^= (uint64_t)minus << 63;
    memcpy(&value, &bits, sizeof(value));
    return value;
}

bool decimal_parse(const char *text, size_t len, double *value)
{
    struct digits d = {text, text, text + len, 0, 0};
    const char *first;
    bool minus;
    int q = 0;

    if (len == 0)
        return false;
    minus = *text == '-';
    d.at += minus | (*text == '+');
    first = d.at;
    take_digits(&d);
    if (d.at < d.end && *d.at == '.') {
        const char *point = d.at++;
        take_digits(&d);
        q = -(int)(d.at - point - 1);
        if (d.at - first < 2)
            return false;
    } else if (d.at == first) {
        return false;
    }
    if (d.n > MOST_DIGITS || !take_exponent(&d, &q) || q < -DECIMAL_POWER ||
        q > DECIMAL_POWER)
        return false;
    *value = with_sign(d.whole ? value_of(d.whole, q) : 0, minus);
    return true;
}
