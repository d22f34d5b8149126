/* buf.c -- see buf.h. */
#include "proto/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_release(struct buf *b)
{
    free(b->p);
    memset(b, 0, sizeof *b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->failed = false;
}

bool buf_reserve(struct buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (more <= b->cap - b->len)
        return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->len < more) {
        if (cap > SIZE_MAX / 2) {
            b->failed = true;
            return false;
        }
        cap *= 2;
    }
    char *p = realloc(b->p, cap);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->p = p;
    b->cap = cap;
    return true;
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
    buf_put(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n >= 0 && buf_reserve(b, (size_t)n + 1)) {
        vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void buf_uint(struct buf *b, uint64_t v)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    buf_put(b, digits + at, sizeof digits - at);
}

void buf_int(struct buf *b, int64_t v)
{
    uint64_t u = (uint64_t)v;
    if (v < 0) {
        buf_putc(b, '-');
        u = 0 - u;
    }
    buf_uint(b, u);
}

/* ---- numbers ----------------------------------------------------------- */

static const double tens[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
                              1e9, 1e10, 1e11, 1e12, 1e13};
static const uint64_t whole_tens[] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
    1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000};

/* v = n / 10^decimals, without trailing zeros. */
static void put_scaled(struct buf *b, uint64_t n, int decimals)
{
    char frac[16];
    while (decimals > 0 && n % 10 == 0) {
        n /= 10;
        decimals--;
    }
    buf_uint(b, n / whole_tens[decimals]);
    if (decimals == 0)
        return;
    uint64_t rest = n % whole_tens[decimals];
    for (int i = decimals - 1; i >= 0; i--, rest /= 10)
        frac[i] = (char)('0' + rest % 10);
    buf_putc(b, '.');
    buf_put(b, frac, (size_t)decimals);
}

/* The fewest decimals that read back as the same binary32.  Scaling in double
 * is off by 2^-53 of the value at most, far less than half a unit of a float,
 * so the read-back check decides rightly. */
void buf_float(struct buf *b, float v)
{
    double a = fabs((double)v);
    if (!isfinite(v)) {
        buf_puts(b, "null");
        return;
    }
    if (v == 0) { // also -0
        buf_putc(b, '0');
        return;
    }
    if (a < 1e-4 || a >= 1e9) {
        buf_printf(b, "%.9g", (double)v);
        return;
    }
    if (v < 0)
        buf_putc(b, '-');
    for (int d = 0; d < 13; d++) {
        double scaled = a * tens[d];
        uint64_t n = (uint64_t)(scaled + 0.5);
        if ((float)((double)n / tens[d]) == (float)a) {
            put_scaled(b, n, d);
            return;
        }
    }
    buf_printf(b, "%.9g", a);
}

void buf_double(struct buf *b, double v, int digits)
{
    if (!isfinite(v))
        buf_puts(b, "null");
    else
        buf_printf(b, "%.*g", digits, v == 0 ? 0.0 : v);
}

/* ---- strings ----------------------------------------------------------- */

void buf_json_string(struct buf *b, const char *s, size_t n)
{
    size_t from = 0;
    buf_putc(b, '"');
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_put(b, s + from, i - from);
        from = i + 1;
        if (c == '"' || c == '\\') {
            buf_putc(b, '\\');
            buf_putc(b, (char)c);
        } else
            buf_printf(b, "\\u%04x", c);
    }
    buf_put(b, s + from, n - from);
    buf_putc(b, '"');
}
