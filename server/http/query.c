/* query.c -- see query.h. */
#include "server/http/query.h"

#include <string.h>

#include "proto/id.h"

static bool part(const char *s, size_t n, char *out, size_t max,
                 struct fail *f)
{
    char decoded[3 * QUERY_VALUE_MAX];
    size_t len;
    if (n > sizeof decoded || !id_decode_path(s, n, decoded, &len))
        return fail_set(f, FAIL_bad_query, "a query parameter is too long or "
                        "not valid percent-encoding");
    if (len > max || (len && !id_valid(decoded, len)))
        return fail_set(f, FAIL_bad_query, "a query parameter is too long or "
                        "not valid UTF-8");
    memcpy(out, decoded, len);
    out[len] = '\0';
    return true;
}

bool query_next(struct query *q, struct fail *f)
{
    f->code = FAIL_NONE;
    while (*q->at == '&')
        q->at++;
    if (!*q->at)
        return false;
    size_t n = strcspn(q->at, "&");
    const char *eq = memchr(q->at, '=', n);
    size_t name = eq ? (size_t)(eq - q->at) : n;
    const char *value = eq ? eq + 1 : q->at + n;
    if (!part(q->at, name, q->name, QUERY_NAME_MAX, f) ||
        !part(value, (size_t)(q->at + n - value), q->value, QUERY_VALUE_MAX, f))
        return false;
    q->at += n;
    return true;
}

bool query_uint(const char *value, uint64_t max, uint64_t *out)
{
    uint64_t v = 0;
    if (!*value)
        return false;
    for (const char *p = value; *p; p++) {
        if (*p < '0' || *p > '9')
            return false;
        unsigned digit = (unsigned)(*p - '0');
        if (v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}
