/* scan.h -- small steps over the bytes of plain JSON.
 *
 * What predict_scan and ratings_scan are made of.  Each step takes where it
 * stands and one past the last byte, and returns where the next one starts,
 * behind any blanks; NULL: the bytes are not of the plain kind.  A step that is
 * given NULL returns it, so that only the last one is looked at.
 * For proto/ only; any thread, pure.
 */
#ifndef FRESHET_PROTO_SCAN_H
#define FRESHET_PROTO_SCAN_H

#include <stddef.h>
#include <string.h>

#include "model/types.h"

#define SCAN_ONES UINT64_C(0x0101010101010101) /* times a byte: eight of it */
#define SCAN_TOPS (0x80 * SCAN_ONES)

static inline const char *scan_blank(const char *p, const char *end)
{
    while (p < end && (unsigned char)*p <= ' ' && // nearly always the end
           (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

/* This byte. */
static inline const char *scan_byte(const char *p, const char *end, char c)
{
    if (!p || p == end || *p != c)
        return NULL;
    return scan_blank(p + 1, end);
}

/* Where the printable ASCII bytes other than '"' and '\' end.  Eight at a time:
 * a byte's top bit is set when it is below ' ', is '"' or '\', or is above '~';
 * a borrow or carry reaches only bytes behind one that is so marked itself, so
 * the first mark is right. */
static inline const char *scan_plain(const char *p, const char *end)
{
    for (uint64_t w; end - p >= (ptrdiff_t)sizeof w; p += sizeof w) {
        memcpy(&w, p, sizeof w);
        uint64_t quote = w ^ '"' * SCAN_ONES, slash = w ^ '\\' * SCAN_ONES;
        uint64_t stop = ((w - ' ' * SCAN_ONES) | (w + SCAN_ONES) |
                         (quote - SCAN_ONES) | (slash - SCAN_ONES)) & SCAN_TOPS;
        if (stop) // little endian: the first byte is the lowest
            return p + __builtin_ctzll(stop) / 8;
    }
    while (p < end && *p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
        p++;
    return p;
}

/* A string of 1..ID_BYTES_MAX printable ASCII bytes without '"' and '\': such
 * bytes are what they mean, and a valid id. */
static inline const char *scan_string(const char *p, const char *end,
                                      struct id *out)
{
    if (!p || p == end || *p != '"')
        return NULL;
    const char *s = p + 1;
    p = scan_plain(s, end);
    if (p == end || *p != '"' || p == s || p - s > ID_BYTES_MAX)
        return NULL;
    *out = (struct id){s, (uint32_t)(p - s)};
    return scan_blank(p + 1, end);
}

#endif
