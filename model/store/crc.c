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
