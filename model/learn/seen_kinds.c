/* seen_kinds.c -- see seen_kinds.h. */
#include "model/learn/seen_kinds.h"

#include <string.h>

#define DAY_MS 86400000

_Static_assert(SEEN_NAME_BYTES >= EVENT_KIND_BYTES_MAX, "room for every name");
_Static_assert(SEEN_NAMES + 2 == SEEN_KINDS, "ratings and others beside them");

static bool is_name(size_t n)
{
    return n > 0 && n <= SEEN_NAME_BYTES;
}

uint16_t seen_kind_bit(const struct seen_kinds *k, const char *name, size_t n)
{
    char padded[SEEN_NAME_BYTES] = {0};
    if (!is_name(n))
        return SEEN_OTHERS;
    memcpy(padded, name, n);
    for (uint64_t i = 0; i < k->n; i++)
        if (memcmp(k->name[i], padded, sizeof padded) == 0)
            return (uint16_t)(2u << i);
    return k->n == SEEN_NAMES ? SEEN_OTHERS : 0;
}

uint16_t seen_kind_of(struct seen_kinds *k, const struct event *e)
{
    if (e->type == EVENT_RATING)
        return SEEN_RATING;
    const char *name = (const char *)e->payload;
    uint16_t bit = seen_kind_bit(k, name, e->payload_bytes);
    if (bit)
        return bit;
    memcpy(k->name[k->n], name, e->payload_bytes);
    return (uint16_t)(2u << k->n++);
}

struct id seen_kind_name(const struct seen_kinds *k, uint32_t bit)
{
    if (bit == 0)
        return (struct id){"rating", 6};
    if (bit > k->n)
        return (struct id){"others", 6};
    const char *name = k->name[bit - 1];
    return (struct id){name, (uint32_t)strnlen(name, SEEN_NAME_BYTES)};
}

uint32_t seen_day_of(int64_t time_ms)
{
    int64_t day = time_ms > 0 ? time_ms / DAY_MS : 0;
    return day < SEEN_DAY_MAX ? (uint32_t)day : SEEN_DAY_MAX;
}

bool seen_kinds_ok(const struct seen_kinds *k)
{
    if (k->n > SEEN_NAMES)
        return false;
    for (uint64_t i = 0; i < SEEN_NAMES; i++)
        if (!k->name[i][0] == (i < k->n))
            return false;
    return true;
}
