/* utf8.c -- see utf8.h. */
#include "proto/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t utf8_decode(const char *s, size_t n, uint32_t *cp)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    if (n == 0)
        return 0;
    unsigned char lead = (unsigned char)s[0];
    if (lead < 0x80) {
        *cp = lead;
        return 1;
    }
    size_t len = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || len > n)
        return 0;
    uint32_t c = lead & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        unsigned char next = (unsigned char)s[i];
        if ((next & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (next & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}

/* Controls, and what reorders or breaks the line it is shown in. */
static bool is_printable(uint32_t c)
{
    return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) &&
           !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
           c != 0xfeff;
}

char *utf8_printable(char *out, size_t room, const char *s, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    size_t len = 0, fits = 0; // out[0..fits) leaves room for the dots
    size_t i = 0;
    while (i < n) {
        uint32_t cp = 0;
        size_t bytes = utf8_decode(s + i, n - i, &cp);
        bool plain = bytes && is_printable(cp);
        size_t add = plain ? bytes : 4;
        if (len + 4 <= room)
            fits = len;
        if (len + add + 1 > room)
            break;
        if (plain) {
            memcpy(out + len, s + i, bytes);
            i += bytes;
        } else {
            unsigned char c = (unsigned char)s[i++];
            memcpy(out + len, "\\x", 2);
            out[len + 2] = hex[c >> 4];
            out[len + 3] = hex[c & 15];
        }
        len += add;
    }
    if (i < n) {
        memcpy(out + fits, "...", 3);
        len = fits + 3;
    }
    out[len] = '\0';
    return out;
}
