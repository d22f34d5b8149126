/* errors.c -- see errors.h. */
#include "proto/errors.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "proto/utf8.h"

static const struct {
    const char *name;
    int status;
    const char *text;
} errors[FAIL_CODES] = {
    [FAIL_NONE] = {"none", 200, ""},
#define ROW(name, status, text) [FAIL_##name] = {#name, status, text},
    PROTO_ERRORS(ROW)
};

const char *fail_name(enum fail_code code)
{
    return errors[code].name;
}

int fail_status(enum fail_code code)
{
    return errors[code].status;
}

const char *fail_text(enum fail_code code)
{
    return errors[code].text;
}

_Bool fail_set(struct fail *f, enum fail_code code, const char *fmt, ...)
{
    char raw[1024];
    const char *text = raw;
    f->code = code;
    f->index = -1;
    if (fmt) {
        va_list ap;
        va_start(ap, fmt);
        if (vsnprintf(raw, sizeof raw, fmt, ap) < 0)
            text = errors[code].text;
        va_end(ap);
    } else
        text = errors[code].text;
    utf8_printable(f->message, sizeof f->message, text, strlen(text));
    return 0;
}
