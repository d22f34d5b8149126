/* id.c -- see id.h. */
#include "proto/id.h"

#include <string.h>

#include "proto/utf8.h"

bool id_valid(const char *s, size_t n)
{
    if (n == 0 || n > ID_BYTES_MAX)
        return false;
    size_t i = 0;
    while (i < n) {
        unsigned char c = (unsigned char)s[i];
        if (c < 0x20 || c == 0x7f)
            return false;
        if (c < 0x80) {
            i++;
            continue;
        }
        uint32_t cp = 0;
        size_t len = utf8_decode(s + i, n - i, &cp);
        if (len == 0 || cp <= 0x9f)
            return false;
        i += len;
    }
    return true;
}

static int hex_value(char c)
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
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] != '%') {
            out[len++] = s[i];
            continue;
        }
        int high = i + 2 < n ? hex_value(s[i + 1]) : -1;
        int low = i + 2 < n ? hex_value(s[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        out[len++] = (char)(high << 4 | low);
        i += 2;
    }
    *outlen = len;
    return true;
}

/* RFC 3986 "unreserved": the bytes that nobody on the way may touch. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}

void id_encode_path(const char *s, size_t n, char *out)
{
    static const char hex[] = "0123456789ABCDEF";
    /* "." and ".." would be taken for steps in the path. */
    bool dots = (n == 1 || n == 2) && memcmp(s, "..", n) == 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (is_unreserved(s[i]) && !dots) {
            *out++ = s[i];
            continue;
        }
        *out++ = '%';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
    }
    *out = '\0';
}
