/* member.c -- see member.h. */
#include "proto/member.h"

#include <math.h>
#include <string.h>

void member_key(struct buf *b, const char *name)
{
    if (b->len && b->p[b->len - 1] != '{')
        buf_putc(b, ',');
    buf_putc(b, '"');
    buf_puts(b, name);
    buf_puts(b, "\":");
}

void member_uint(struct buf *b, const char *name, uint64_t v)
{
    member_key(b, name);
    buf_uint(b, v);
}

void member_real(struct buf *b, const char *name, double v, int digits)
{
    member_key(b, name);
    if (isfinite(v))
        buf_double(b, v, digits);
    else
        buf_puts(b, "null");
}

void member_text(struct buf *b, const char *name, const char *v)
{
    member_key(b, name);
    buf_json_string(b, v, strlen(v));
}

void member_bool(struct buf *b, const char *name, bool v)
{
    member_key(b, name);
    buf_puts(b, v ? "true" : "false");
}
