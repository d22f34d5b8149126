/* errors.c -- see errors.h. */
#include "proto/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/id.h"

static const struct {
    const char *name;
    int status;
    const char *text;
} table[] = {
    {"none", 200, ""},
#define ROW(name, status, text) {#name, status, text},
    PROTO_ERRORS(ROW)
};

const char *fail_name(enum fail_code code)
{
    return table[code].name;
}

int fail_status(enum fail_code code)
{
    return table[code].status;
}

const char *fail_text(enum fail_code code)
{
    return table[code].text;
}

/* Makes bytes that may have come from a client fit for a line of text: control
 * characters and broken UTF-8 become '?', and no character is cut in half. */
static void make_printable(char *s)
{
    size_t n = strlen(s), i = 0;
    while (i < n) {
        size_t len = 1;
        while (i + len < n && ((unsigned char)s[i + len] & 0xc0) == 0x80 &&
               len < 4)
            len++;
        if (id_valid(s + i, len)) {
            i += len;
            continue;
        }
        s[i++] = '?';
    }
}

_Bool fail_set(struct fail *f, enum fail_code code, const char *fmt, ...)
{
    va_list ap;
    f->code = code;
    f->index = -1;
    if (!fmt) {
        snprintf(f->message, sizeof f->message, "%s", fail_text(code));
        return 0;
    }
    va_start(ap, fmt);
    vsnprintf(f->message, sizeof f->message, fmt, ap);
    va_end(ap);
    make_printable(f->message);
    return 0;
}
