/* buf.h -- a growable run of bytes, and the JSON that is written into it.
 *
 * Owned by whoever has the struct; any thread, one at a time.  {0} is an empty
 * one.  A failed growth sets `failed` and later writes do nothing, so that a
 * writer checks once.
 */
#ifndef FRESHET_PROTO_BUF_H
#define FRESHET_PROTO_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/types.h"

struct buf {
    char *p;
    size_t len;
    size_t cap;
    bool failed;
};

void buf_release(struct buf *b); // frees the bytes, zeroes the struct
void buf_clear(struct buf *b);   // empty and sound again, keeps the memory
bool buf_reserve(struct buf *b, size_t more); // room for `more` bytes
void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_uint(struct buf *b, uint64_t v);
void buf_int(struct buf *b, int64_t v);

/* The decimal with the fewest digits that reads back as the same binary32 (at
 * most 9): 4, 3.5, 0.1, 1e+20.  Not finite: null. */
void buf_float(struct buf *b, float v);
/* The same for a double, rounded to `digits` (1..17) significant digits. */
void buf_double(struct buf *b, double v, int digits);

/* A JSON string with quotes.  Bytes must be valid UTF-8. */
void buf_json_string(struct buf *b, const char *s, size_t n);

#endif
