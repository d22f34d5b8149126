/* id.c -- see id.h. */
#include "proto/id.h"

#include <string.h>

/* Length of the well-formed UTF-8 sequence at p (RFC 3629), 0 if there is none;
 * its code point to *cp. */
static size_t sequence(const unsigned char *p, size_t n, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len;
    if (p[0] < 0x80) {
        *cp = p[0];
        return 1;
    }
    if (p[0] >= 0xc2 && p[0] <= 0xdf)
        len = 2;
    else if ((p[0] & 0xf0) == 0xe0)
        len = 3;
    else if (p[0] >= 0xf0 && p[0] <= 0xf4)
        len = 4;
    else
        return 0;
    if (n < len)
        return 0;
    uint32_t c = p[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *cp = c;
    return len;
}

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f);
}

bool id_valid(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    if (n == 0 || n > ID_BYTES_MAX)
        return false;
    for (size_t i = 0; i < n;) {
        uint32_t c;
        size_t len = sequence(p + i, n - i, &c);
        if (len == 0 || is_control(c))
            return false;
        i += len;
    }
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool id_decode_path(const char *s, size_t n, char *out, size_t *outlen)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            out[k++] = s[i];
            continue;
        }
        int high = n - i > 2 ? hex(s[i + 1]) : -1;
        int low = n - i > 2 ? hex(s[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        out[k++] = (char)(high << 4 | low);
        i += 2;
    }
    *outlen = k;
    return true;
}

void id_encode_path(const char *s, size_t n, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "-._~";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
            (c >= 'a' && c <= 'z') || (c && strchr(plain, c))) {
            *out++ = (char)c;
            continue;
        }
        *out++ = '%';
        *out++ = digits[c >> 4];
        *out++ = digits[c & 15];
    }
    *out = '\0';
}
