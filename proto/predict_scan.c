/* predict_scan.c -- see predict_scan.h. */
#include "proto/predict_scan.h"

#include <string.h>

static const char *skip_blank(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
        p++;
    return p;
}

/* One byte and the blanks behind it; NULL when it is not there. */
static const char *expect(const char *p, const char *end, char c)
{
    if (!p || p == end || *p != c)
        return NULL;
    return skip_blank(p + 1, end);
}

/* A string of 1..256 printable ASCII bytes without '"' and '\'. */
static const char *take_string(const char *p, const char *end, struct id *out)
{
    if (!p || p == end || *p != '"')
        return NULL;
    const char *s = ++p;
    while (p < end && *p >= ' ' && *p <= '~' && *p != '"' && *p != '\\')
        p++;
    if (p == end || *p != '"' || p == s || p - s > ID_BYTES_MAX)
        return NULL;
    *out = (struct id){s, (uint32_t)(p - s)};
    return skip_blank(p + 1, end);
}

static const char *take_member(const char *p, const char *end,
                               struct predict_pair *out)
{
    struct id name, value;
    p = expect(take_string(p, end, &name), end, ':');
    p = take_string(p, end, &value);
    if (!p || name.len != 7)
        return NULL;
    struct id *to = memcmp(name.s, "user_id", 7) == 0   ? &out->user
                    : memcmp(name.s, "item_id", 7) == 0 ? &out->item
                                                        : NULL;
    if (!to || to->s) // another name, or the same one twice
        return NULL;
    *to = value;
    return p;
}

bool predict_scan(const char *bytes, size_t n, struct predict_pair *out)
{
    const char *end = bytes + n;
    *out = (struct predict_pair){{NULL, 0}, {NULL, 0}};
    const char *p = expect(skip_blank(bytes, end), end, '{');
    p = expect(take_member(p, end, out), end, ',');
    p = expect(take_member(p, end, out), end, '}');
    return p && p == end; // an empty body has no bytes at all
}
