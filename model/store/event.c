/* event.c -- see event.h. */
#include "model/store/event.h"

#include <string.h>

#include "model/core/bytes.h"
#include "model/core/card.h"
#include "model/store/crc.h"
#include "model/store/disk.h"

static unsigned flags_of(const struct event *e)
{
    return (e->event_id.len ? EVENT_HAS_ID : 0) |
           (e->payload_bytes ? EVENT_HAS_PAYLOAD : 0) |
           (e->stamped ? EVENT_STAMPED : 0) |
           (e->has_second ? EVENT_HAS_SECOND : 0);
}

size_t event_size(const struct event *e)
{
    size_t n = (size_t)EVENT_HEAD_BYTES + e->user.len + e->item.len;
    if (e->event_id.len)
        n += 2 + e->event_id.len;
    if (e->payload_bytes)
        n += 4 + (size_t)e->payload_bytes;
    if (e->has_second)
        n += 4;
    return (n + 7) / 8 * 8;
}

static unsigned char *put(unsigned char *to, const void *bytes, size_t n)
{
    if (n)
        memcpy(to, bytes, n);
    return to + n;
}

size_t event_encode(const struct event *e, void *dst)
{
    size_t size = event_size(e);
    unsigned char *p = dst, *to = p + EVENT_HEAD_BYTES;
    memset(p + size - 8, 0, 8); // the padding
    put_u32(p, 0);
    put_u16(p + 4, (uint16_t)(size / 8));
    p[6] = (unsigned char)e->type;
    p[7] = (unsigned char)flags_of(e);
    put_u16(p + 8, (uint16_t)e->user.len);
    put_u16(p + 10, (uint16_t)e->item.len);
    put_f32(p + 12, e->value);
    put_u64(p + 16, (uint64_t)e->time_ms);
    if (e->event_id.len) {
        put_u16(to, (uint16_t)e->event_id.len);
        to += 2;
    }
    if (e->payload_bytes) {
        put_u32(to, e->payload_bytes);
        to += 4;
    }
    if (e->has_second) {
        put_f32(to, e->second);
        to += 4;
    }
    to = put(to, e->user.s, e->user.len);
    to = put(to, e->item.s, e->item.len);
    to = put(to, e->event_id.s, e->event_id.len);
    put(to, e->payload, e->payload_bytes);
    return size;
}

size_t event_frame_bytes(const unsigned char *p, const unsigned char *end)
{
    if (end - p < EVENT_HEAD_BYTES)
        return 0;
    size_t size = (size_t)get_u16(p + 4) * 8;
    return size >= EVENT_HEAD_BYTES && size <= (size_t)(end - p) ? size : 0;
}

/* A vector's payload: which head, and at least one float. */
static bool vector_ok(const struct event *e)
{
    const unsigned char *p = e->payload;
    return e->payload_bytes >= 8 && e->payload_bytes % 4 == 0 &&
           p[0] <= EVENT_HEAD_RANKING && !p[1] && !p[2] && !p[3];
}

/* A layer's: which, a zero, a unit, and floats for at least one. */
static bool layer_ok(const struct event *e)
{
    return e->payload_bytes >= 8 && e->payload_bytes % 4 == 0 &&
           !e->payload[1];
}

/* What each type has to have, and may not have. */
static bool shape_ok(const struct event *e)
{
    bool user = e->user.len > 0, item = e->item.len > 0;
    if (e->has_second && e->type != EVENT_RATING &&
        e->type != EVENT_BEHAVIOUR && e->type != EVENT_VECTOR)
        return false;
    switch (e->type) {
    case EVENT_VOID:
        return !user && !item && !e->event_id.len && !e->payload_bytes;
    case EVENT_RATING:
        return user && item && !e->payload_bytes;
    case EVENT_BEHAVIOUR:
        return user && item && e->payload_bytes > 0 &&
               e->payload_bytes <= EVENT_KIND_BYTES_MAX;
    case EVENT_ITEM_PUT:
        return !user && item && card_ok(e->payload, e->payload_bytes);
    case EVENT_ITEM_DELETE:
        return !user && item && !e->payload_bytes;
    case EVENT_USER_PUT:
        return user && !item && card_ok(e->payload, e->payload_bytes);
    case EVENT_ROLLBACK:
        return !user && !item && e->payload_bytes == 16;
    case EVENT_VECTOR:
        return user || item ? user != item && vector_ok(e)
                            : !e->payload_bytes;
    case EVENT_TRAIN:
        return !user && !item && e->payload_bytes > 0;
    case EVENT_TEACHER:
        return user && item && !e->payload_bytes;
    case EVENT_LAYER:
        return !user && !item && layer_ok(e);
    case EVENT_ERASE:
        return !user && !item && e->payload_bytes == 8;
    case EVENT_RETRACT:
        return !user && item && e->payload_bytes == 8;
    case EVENT_SETTINGS:
    case EVENT_GENESIS:
        return !user && !item && e->payload_bytes > 0;
    }
    return false;
}

/* One event has one byte form, so that equal events have equal frames: no part
 * without bytes, zeros behind the last.  A void keeps the size of what it was,
 * and nothing else of it. */
static bool canonical(const struct event *e, const unsigned char *p,
                      size_t size)
{
    const unsigned char *at = e->payload + e->payload_bytes;
    if (e->type == EVENT_VOID)
        at = p + 7;
    else if (event_size(e) != size || flags_of(e) != p[7])
        return false;
    while (at < p + size)
        if (*at++)
            return false;
    return true;
}

const unsigned char *event_decode(const unsigned char *p,
                                  const unsigned char *end, struct event *e)
{
    size_t size = event_frame_bytes(p, end);
    if (size == 0 || p[7] & ~EVENT_FLAGS)
        return NULL;
    const unsigned char *at = p + EVENT_HEAD_BYTES, *stop = p + size;
    uint32_t id = 0, payload = 0;
    size_t heads = (p[7] & EVENT_HAS_ID ? 2 : 0) +
                   (p[7] & EVENT_HAS_PAYLOAD ? 4 : 0) +
                  (p[7] & EVENT_HAS_SECOND ? 4 : 0);
    float second = 0;
    if ((size_t)(stop - at) < heads)
        return NULL;
    if (p[7] & EVENT_HAS_ID) {
        id = get_u16(at);
        at += 2;
    }
    if (p[7] & EVENT_HAS_PAYLOAD) {
        payload = get_u32(at);
        at += 4;
    }
    if (p[7] & EVENT_HAS_SECOND) {
        second = get_f32(at);
        at += 4;
    }
    uint32_t user = get_u16(p + 8), item = get_u16(p + 10);
    if (user > ID_BYTES_MAX || item > ID_BYTES_MAX || id > ID_BYTES_MAX ||
        payload > EVENT_PAYLOAD_MAX ||
        (size_t)(stop - at) < (size_t)user + item + id + payload)
        return NULL;
    *e = (struct event){.type = (enum event_type)p[6],
                        .stamped = p[7] & EVENT_STAMPED,
                        .has_second = p[7] & EVENT_HAS_SECOND,
                        .value = get_f32(p + 12),
                        .second = second,
                        .time_ms = (int64_t)get_u64(p + 16),
                        .user = {(const char *)at, user},
                        .item = {(const char *)at + user, item},
                        .event_id = {(const char *)at + user + item, id},
                        .payload = at + user + item + id,
                        .payload_bytes = payload};
    return shape_ok(e) && canonical(e, p, size) ? stop : NULL;
}

void event_stamp(unsigned char *p, int64_t time_ms)
{
    put_u64(p + 16, (uint64_t)time_ms);
    p[7] |= EVENT_STAMPED;
}

static uint32_t crc_of(const unsigned char *p, uint64_t seq)
{
    unsigned char s[8];
    put_u64(s, seq);
    return crc32c(crc32c(0, s, sizeof s), p + 4, (size_t)get_u16(p + 4) * 8 - 4);
}

void event_seal(unsigned char *p, uint64_t seq)
{
    put_u32(p, crc_of(p, seq));
}

bool event_check(const unsigned char *p, uint64_t seq)
{
    return DISK_MUTANT("no_crc") || get_u32(p) == crc_of(p, seq);
}

void event_void(unsigned char *p, size_t bytes, uint64_t seq)
{
    memset(p, 0, bytes);
    put_u16(p + 4, (uint16_t)(bytes / 8));
    event_seal(p, seq);
}

static bool same_id(struct id a, struct id b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.s, b.s, a.len) == 0);
}

bool event_same(const struct event *a, const struct event *b)
{
    bool same_time = a->stamped || b->stamped
                         ? a->stamped == b->stamped
                         : a->time_ms == b->time_ms;
    return a->type == b->type && same_time && a->value == b->value &&
           a->has_second == b->has_second && a->second == b->second &&
           same_id(a->user, b->user) && same_id(a->item, b->item) &&
           same_id(a->event_id, b->event_id) &&
           a->payload_bytes == b->payload_bytes &&
           (a->payload_bytes == 0 ||
            memcmp(a->payload, b->payload, a->payload_bytes) == 0);
}

uint64_t event_birth(const struct event *e)
{
    return get_u64(e->payload);
}

void event_undone(const struct event *e, uint64_t *after, uint64_t *to)
{
    *after = get_u64(e->payload);
    *to = get_u64(e->payload + 8);
}

bool event_teaches(enum event_type type)
{
    switch (type) {
    case EVENT_RATING:
    case EVENT_BEHAVIOUR:
    case EVENT_ITEM_PUT:
    case EVENT_ITEM_DELETE:
    case EVENT_USER_PUT:
    case EVENT_VECTOR:
    case EVENT_TRAIN:
    case EVENT_LAYER:
    case EVENT_TEACHER:
        return true;
    case EVENT_VOID:
    case EVENT_ERASE:
    case EVENT_RETRACT:
    case EVENT_SETTINGS:
    case EVENT_GENESIS:
    case EVENT_ROLLBACK:
        break;
    }
    return false;
}
