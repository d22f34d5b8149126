/* ratings_scan.c -- see ratings_scan.h. */
#include "proto/ratings_scan.h"

#include <stdlib.h>
#include <string.h>

#include "proto/scan.h"

#define EXACT_MAX   (UINT64_C(1) << 53) /* a double holds all up to here */
#define DIGITS_MAX  18   /* of an integer that surely fits into 63 bits */
#define DECIMAL_MAX 31   /* characters of a number that strtod() is asked for */

/* ---- numbers ------------------------------------------------------------ */

/* One digit or more, appended to *v; which holds DIGITS_MAX of them. */
static const char *take_digits(const char *p, const char *end, uint64_t *v)
{
    const char *start = p;
    uint64_t sum = *v;
    for (; p < end && *p >= '0' && *p <= '9'; p++)
        sum = sum * 10 + (uint64_t)(*p - '0');
    *v = sum;
    return p > start ? p : NULL;
}

/* The integer part of a number, which begins with 0 only when it is 0. */
static const char *take_whole(const char *p, const char *end, uint64_t *v)
{
    const char *start = p;
    *v = 0;
    p = take_digits(p, end, v);
    return p && (*start != '0' || p == start + 1) ? p : NULL;
}

/* What jansson calls too, on a copy that ends. */
static bool ask_strtod(const char *s, size_t n, double *out)
{
    char text[DECIMAL_MAX + 1];
    if (n > DECIMAL_MAX)
        return false;
    memcpy(text, s, n);
    text[n] = '\0';
    *out = strtod(text, NULL);
    return true;
}

/* The number that strtod() would give.  Where a double holds the digits as an
 * integer, the power of ten that divides it is held too, and the quotient is
 * rounded once: it is that number.  Python's time.time() has a digit too many
 * for this; an integer with too many is for jansson, which may refuse it. */
static const char *take_number(const char *p, const char *end, double *out)
{
    static const double powers[DIGITS_MAX] = {
        1e0, 1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,
        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17};
    const char *start = p;
    ptrdiff_t digits, after = 0; // in all, and behind the point
    uint64_t v;
    p = take_whole(p, end, &v);
    digits = p ? p - start : 0;
    if (p && p < end && *p == '.') {
        const char *point = p;
        p = take_digits(p + 1, end, &v);
        after = p ? p - point - 1 : 0;
    }
    if (!p)
        return NULL;
    if (digits + after <= DIGITS_MAX && v <= EXACT_MAX)
        *out = (double)v / powers[after];
    else if (after == 0 || !ask_strtod(start, (size_t)(p - start), out))
        return NULL;
    return scan_blank(p, end);
}

/* ---- members ------------------------------------------------------------ */

static const char *take_id(const char *p, const char *end, struct id *out)
{
    uint64_t v;
    if (p < end && *p == '"')
        return scan_string(p, end, out);
    const char *start = p;
    p = take_whole(p, end, &v);
    if (!p || p - start > DIGITS_MAX)
        return NULL;
    *out = (struct id){start, (uint32_t)(p - start)};
    return scan_blank(p, end);
}

enum member { USER = 1, ITEM = 2, RATING = 4, TIME = 8, EVENT = 16,
              TEACHER = 32, OTHER = 0 };
#define NEEDED (USER | ITEM | RATING)

static enum member member_of(struct id name)
{
    switch (name.len) {
    case 6:
        return memcmp(name.s, "rating", 6) == 0 ? RATING : OTHER;
    case 7:
        return memcmp(name.s, "user_id", 7) == 0   ? USER
               : memcmp(name.s, "item_id", 7) == 0 ? ITEM : OTHER;
    case 8:
        return memcmp(name.s, "event_id", 8) == 0 ? EVENT : OTHER;
    case 9:
        return memcmp(name.s, "timestamp", 9) == 0 ? TIME : OTHER;
    case 14:
        return memcmp(name.s, "teacher_rating", 14) == 0 ? TEACHER : OTHER;
    default:
        return OTHER;
    }
}

/* *seen: the members so far. */
static const char *take_member(const char *p, const char *end,
                               struct ratings_plain *out, unsigned *seen)
{
    struct id name;
    p = scan_byte(scan_string(p, end, &name), end, ':');
    if (!p)
        return NULL;
    enum member m = member_of(name);
    if (*seen & m) // twice
        return NULL;
    *seen |= m;
    switch (m) {
    case USER:
        return take_id(p, end, &out->user);
    case ITEM:
        return take_id(p, end, &out->item);
    case EVENT:
        return take_id(p, end, &out->event_id);
    case RATING:
        return take_number(p, end, &out->rating);
    case TIME:
        out->has_time = true;
        return take_number(p, end, &out->time);
    case TEACHER:
        out->has_teacher = true;
        return take_number(p, end, &out->teacher);
    case OTHER:
        break;
    }
    return NULL;
}

bool ratings_scan(const char *bytes, size_t n, struct ratings_plain *out)
{
    unsigned seen = 0;
    if (n == 0) // then there may be no bytes at all
        return false;
    *out = (struct ratings_plain){.event_id = {NULL, 0}};
    const char *end = bytes + n;
    const char *p = scan_byte(scan_blank(bytes, end), end, '{');
    for (;;) {
        p = take_member(p, end, out, &seen);
        if (!p || p == end || *p != ',')
            break;
        p = scan_blank(p + 1, end);
    }
    p = scan_byte(p, end, '}');
    return p && p == end && (seen & NEEDED) == NEEDED;
}
