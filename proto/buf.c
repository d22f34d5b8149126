/* buf.c -- see buf.h.
 *
 * Numbers are written without stdio on the hot paths.  buf_float() looks for
 * the least count of decimals that reads back: for 1e-4 <= |v| < 1e9 a float
 * times 10^d is exact or nearly so in a double, so the candidate is one
 * multiplication away.  r / 10^d is rounded to a double and then to a float,
 * which can differ from the one rounding a reader does only when the double
 * lies on the middle between two floats; such a candidate is passed over.
 */
#include "proto/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_release(struct buf *b)
{
    free(b->p);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

static bool grow(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 128;
    if (b->failed || more > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return false;
    }
    while (cap < b->len + more)
        cap *= 2;
    char *p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
}

bool buf_reserve(struct buf *b, size_t more)
{
    return (more <= b->cap - b->len && !b->failed) || grow(b, more);
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    if (n == 0 || !buf_reserve(b, n))
        return;
    memcpy(b->p + b->len, bytes, n);
    b->len += n;
}

void buf_puts(struct buf *b, const char *s)
{
    buf_put(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
    if (buf_reserve(b, 1))
        b->p[b->len++] = c;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = buf_reserve(b, 64) // some room, so that once is mostly enough
                ? vsnprintf(b->p + b->len, b->cap - b->len, fmt, ap)
                : -1;
    if (n < 0)
        b->failed = true;
    else if ((size_t)n < b->cap - b->len)
        b->len += (size_t)n;
    else if (buf_reserve(b, (size_t)n + 1)) {
        vsnprintf(b->p + b->len, b->cap - b->len, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
    va_end(ap);
}

/* ---- numbers ------------------------------------------------------------ */

/* Writes v so that it ends before `end`, with at least `width` digits. */
static char *digits_before(char *end, uint64_t v, int width)
{
    do {
        *--end = (char)('0' + v % 10);
        v /= 10;
        width--;
    } while (v || width > 0);
    return end;
}

void buf_uint(struct buf *b, uint64_t v)
{
    char text[20];
    char *p = digits_before(text + sizeof text, v, 1);
    buf_put(b, p, (size_t)(text + sizeof text - p));
}

void buf_int(struct buf *b, int64_t v)
{
    if (v < 0)
        buf_putc(b, '-');
    buf_uint(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* r / 10^decimals, decimals <= 13. */
static void put_scaled(struct buf *b, bool negative, uint64_t r, int decimals)
{
    char text[40];
    char *end = text + sizeof text, *p = end;
    if (decimals) {
        for (int i = 0; i < decimals; i++, r /= 10)
            *--p = (char)('0' + r % 10);
        *--p = '.';
    }
    p = digits_before(p, r, 1);
    if (negative)
        *--p = '-';
    buf_put(b, p, (size_t)(end - p));
}

/* Is a decimal whose nearest double is q sure to be read as the float v? */
static bool reads_back(double q, float v)
{
    uint64_t bits;
    memcpy(&bits, &q, sizeof bits);
    bool middle = (bits & 0x1fffffff) == 0x10000000;
    return (float)q == v && !middle;
}

void buf_float(struct buf *b, float v)
{
    static const double power[14] = {1e0, 1e1, 1e2, 1e3, 1e4,  1e5,  1e6,
                                     1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13};
    float a = fabsf(v);
    if (a == 0.0f) {
        buf_puts(b, signbit(v) ? "-0" : "0");
        return;
    }
    for (int d = 0; a >= 1e-4f && a < 1e9f && d < 14; d++) {
        double r = floor((double)a * power[d] + 0.5);
        if (r >= 1e10)
            break;
        if (reads_back(r / power[d], a)) {
            put_scaled(b, v < 0, (uint64_t)r, d);
            return;
        }
    }
    char text[32];
    for (int n = 1; n <= 9 && isfinite(v); n++) {
        snprintf(text, sizeof text, "%.*g", n, (double)v);
        if (strtof(text, NULL) == v) {
            buf_puts(b, text);
            return;
        }
    }
    buf_puts(b, "null");
}

void buf_double(struct buf *b, double v, int digits)
{
    char text[40];
    if (!isfinite(v)) {
        buf_puts(b, "null");
        return;
    }
    if (digits > 17)
        digits = 17;
    /* Up to 15 digits a shorter one that reads back differs in zeros only, and
     * %g drops them. */
    for (int n = digits < 15 ? digits : 15; n <= digits; n++) {
        snprintf(text, sizeof text, "%.*g", n, v);
        if (n >= 15 && strtod(text, NULL) == v)
            break;
    }
    buf_puts(b, text);
}

/* ---- strings ------------------------------------------------------------ */

static void put_escaped(struct buf *b, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char letter[0x20] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',
                                      ['\r'] = 'r', ['\t'] = 't'};
    char text[6] = {'\\', (char)c};
    size_t n = 2;
    if (c < 0x20 && letter[c])
        text[1] = letter[c];
    else if (c < 0x20) {
        memcpy(text + 1, "u00", 3);
        text[4] = hex[c >> 4];
        text[5] = hex[c & 15];
        n = 6;
    }
    buf_put(b, text, n);
}

void buf_json_string(struct buf *b, const char *s, size_t n)
{
    size_t from = 0;
    if (!buf_reserve(b, n + 2))
        return;
    buf_putc(b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(b, s + from, i - from);
        put_escaped(b, c);
        from = i + 1;
    }
    buf_put(b, s + from, n - from);
    buf_putc(b, '"');
}
