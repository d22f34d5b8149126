/* error_body.c -- see error_body.h. */
#include "proto/error_body.h"

#include <string.h>

void error_body_write_inner(struct buf *out, const struct fail *f)
{
    buf_puts(out, "{\"code\":\"");
    buf_puts(out, fail_name(f->code));
    buf_puts(out, "\",\"message\":");
    buf_json_string(out, f->message, strlen(f->message));
    if (f->index >= 0) {
        buf_puts(out, ",\"index\":");
        buf_int(out, f->index);
    }
    buf_putc(out, '}');
}

void error_body_write(struct buf *out, const struct fail *f)
{
    buf_puts(out, "{\"error\":");
    error_body_write_inner(out, f);
    buf_putc(out, '}');
}
