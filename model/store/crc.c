/* crc.c -- see crc.h. */
#include "model/store/crc.h"

#include <isa-l/crc.h>

#define PIECE (1u << 30) /* ISA-L counts in int */

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
    // ISA-L's parameter is not const, though it only reads.
    unsigned char *p = (unsigned char *)(uintptr_t)bytes;
    crc = ~crc;
    while (n) {
        size_t now = n < PIECE ? n : PIECE;
        crc = crc32_iscsi(p, (int)now, crc);
        p += now;
        n -= now;
    }
    return ~crc;
}

#define POLYNOMIAL 0x82f63b78u  /* bit 31 - k: the coefficient of x^k */
#define X0         0x80000000u
#define X8         0x00800000u

/* a * b modulo the polynomial. */
static uint32_t multiply(uint32_t a, uint32_t b)
{
    uint32_t product = 0;
    for (uint32_t bit = X0; bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = b & 1 ? b >> 1 ^ POLYNOMIAL : b >> 1;
    }
    return product;
}

/* Bytes behind a multiply its remainder by x^8 each. */
uint32_t crc32c_join(uint32_t a, uint32_t b, uint64_t bytes_of_b)
{
    uint32_t shift = X0, square = X8;
    for (uint64_t n = bytes_of_b; n; n >>= 1) {
        if (n & 1)
            shift = multiply(shift, square);
        square = multiply(square, square);
    }
    return multiply(shift, a) ^ b;
}
