/* predict_scan.c -- see predict_scan.h. */
#include "proto/predict_scan.h"

#include <string.h>

#include "proto/scan.h"

static const char *take_member(const char *p, const char *end,
                               struct predict_pair *out)
{
    struct id name, value;
    p = scan_byte(scan_string(p, end, &name), end, ':');
    p = scan_string(p, end, &value);
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
    if (n == 0) // then there may be no bytes at all
        return false;
    const char *end = bytes + n;
    *out = (struct predict_pair){.user = {NULL, 0}};
    const char *p = scan_byte(scan_blank(bytes, end), end, '{');
    p = scan_byte(take_member(p, end, out), end, ',');
    p = scan_byte(take_member(p, end, out), end, '}');
    return p && p == end;
}
