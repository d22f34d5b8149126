/* head.c -- see head.h. */
#include "server/http/head.h"

#include <string.h>

void head_reset(struct head *h)
{
    buf_clear(&h->bytes);
    h->scanned = h->line = 0;
    h->lines = 0;
}

void head_release(struct head *h)
{
    buf_release(&h->bytes);
    h->scanned = h->line = 0;
    h->lines = 0;
}

/* RFC 9110 5.6.2: the 77 bytes that a header's name is made of, as bits. */
static const uint64_t token_bits[4] = {
    0x03ff6cfa00000000u, /* ! # $ % & ' * + - . 0-9 */
    0x57ffffffc7fffffeu, /* A-Z ^ _ ` a-z | ~ */
    0, 0};

static bool is_token(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (!(token_bits[c >> 6] >> (c & 63) & 1))
            return false;
    }
    return n > 0;
}

/* "METHOD target HTTP/1.1", single blanks.  HTTP/0.9 has no version, and would
 * wait for a head that never ends. */
static bool is_request_line(const char *s, size_t n)
{
    const char *blank = memchr(s, ' ', n);
    if (n < 10 || memcmp(s + n - 9, " HTTP/", 6) != 0 || !blank)
        return false;
    size_t target = (size_t)(blank + 1 - s);
    return n - 9 > target && !memchr(blank + 1, ' ', n - 9 - target);
}

/* One line without its CRLF.  The first is the request line. */
static bool line_ok(const char *s, size_t n, unsigned nth, struct fail *f)
{
    if (memchr(s, '\r', n) || memchr(s, '\0', n))
        return fail_set(f, FAIL_bad_request, "a CR or NUL inside a line");
    if (nth == 0)
        return is_request_line(s, n) ||
               fail_set(f, FAIL_bad_request, "not HTTP: a request line is "
                        "METHOD /path HTTP/1.1");
    if (s[0] == ' ' || s[0] == '\t')
        return fail_set(f, FAIL_bad_request, "a folded header");
    const char *colon = memchr(s, ':', n);
    if (!colon || !is_token(s, (size_t)(colon - s)))
        return fail_set(f, FAIL_bad_request, "a header whose name is not a "
                        "token");
    return true;
}

/* Scans complete lines of p[0..n) from h->line on.  The place after the empty
 * line that ends the head goes to *end, 0 when it has not come. */
static bool scan_lines(struct head *h, const char *p, size_t n, size_t *end,
                       struct fail *f)
{
    *end = 0;
    while (!*end) {
        const char *lf = h->scanned < n
                             ? memchr(p + h->scanned, '\n', n - h->scanned)
                             : NULL;
        if (!lf) { // a CR that is not the last byte has no LF behind it
            const char *cr = memchr(p + h->line, '\r', n - h->line);
            if (cr && cr + 1 < p + n)
                return fail_set(f, FAIL_bad_request, "a CR inside a line");
            h->scanned = n;
            return true;
        }
        size_t at = (size_t)(lf - p);
        if (at == h->line || p[at - 1] != '\r')
            return fail_set(f, FAIL_bad_request, "a line that ends in a bare LF");
        size_t len = at - 1 - h->line;
        if (len == 0 && h->lines > 0)
            *end = at + 1;
        else if (len > 0) { // an empty line before a request is skipped
            if (!line_ok(p + h->line, len, h->lines, f))
                return false;
            h->lines++;
        }
        h->line = h->scanned = at + 1;
    }
    return true;
}

enum head_state head_scan(struct head *h, const char *in, size_t n,
                          size_t max_bytes, struct head_found *found,
                          struct fail *f)
{
    size_t before = h->bytes.len;
    const char *p = in;
    size_t len = n;
    if (before) {
        // Never keep more than a head may have, plus one read's worth.
        buf_put(&h->bytes, in, n);
        if (h->bytes.failed) {
            fail_set(f, FAIL_busy, NULL);
            return HEAD_BAD;
        }
        p = h->bytes.p;
        len = h->bytes.len;
    }
    size_t end;
    if (!scan_lines(h, p, len, &end, f))
        return HEAD_BAD;
    if ((end ? end : len) > max_bytes) {
        fail_set(f, FAIL_headers_too_large,
                 "the request line and headers exceed %zu bytes "
                 "(limits.header_bytes)", max_bytes);
        return HEAD_BAD;
    }
    if (end) {
        *found = (struct head_found){p, end, end - before};
        return HEAD_COMPLETE;
    }
    if (!before)
        buf_put(&h->bytes, in, n);
    if (h->bytes.failed) {
        fail_set(f, FAIL_busy, NULL);
        return HEAD_BAD;
    }
    return HEAD_MORE;
}
