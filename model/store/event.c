/* event.c -- see event.h. */
#include "model/store/event.h"

#include <string.h>

/* The hosts we build for are little-endian, like the format. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "event.c writes the format by memcpy");

struct head {
    uint32_t size;
    uint8_t type;
    uint8_t zero1;
    uint16_t user_len;
    uint16_t item_len;
    uint16_t zero2;
    float value;
    int64_t time_ms;
};
_Static_assert(sizeof(struct head) == EVENT_HEAD_BYTES, "the format's head");

size_t event_size(const struct event *e)
{
    return (EVENT_HEAD_BYTES + (size_t)e->user.len + e->item.len + 7) &
           ~(size_t)7;
}

size_t event_encode(const struct event *e, void *dst)
{
    unsigned char *p = dst;
    size_t size = event_size(e);
    size_t used = EVENT_HEAD_BYTES + (size_t)e->user.len + e->item.len;
    struct head h = {.size = (uint32_t)size, .type = (uint8_t)e->type,
                     .user_len = (uint16_t)e->user.len,
                     .item_len = (uint16_t)e->item.len, .value = e->value,
                     .time_ms = e->time_ms};
    memcpy(p, &h, sizeof h);
    memcpy(p + sizeof h, e->user.s, e->user.len);
    memcpy(p + sizeof h + e->user.len, e->item.s, e->item.len);
    memset(p + used, 0, size - used);
    return size;
}

const unsigned char *event_decode(const unsigned char *p,
                                  const unsigned char *end, struct event *e)
{
    struct head h;
    if ((size_t)(end - p) < sizeof h)
        return NULL;
    memcpy(&h, p, sizeof h);
    if (h.size > (size_t)(end - p) || h.size % 8 != 0 ||
        h.type != EVENT_RATING || h.zero1 || h.zero2 || h.user_len == 0 ||
        h.user_len > ID_BYTES_MAX || h.item_len == 0 ||
        h.item_len > ID_BYTES_MAX)
        return NULL;
    e->type = (enum event_type)h.type;
    e->value = h.value;
    e->time_ms = h.time_ms;
    e->user = (struct id){(const char *)p + sizeof h, h.user_len};
    e->item = (struct id){(const char *)p + sizeof h + h.user_len,
                          h.item_len};
    if (event_size(e) != h.size)
        return NULL;
    for (size_t i = sizeof h + h.user_len + h.item_len; i < h.size; i++)
        if (p[i]) // padding: one event has one byte form
            return NULL;
    return p + h.size;
}

void event_set_time(unsigned char *p, int64_t time_ms)
{
    memcpy(p + offsetof(struct head, time_ms), &time_ms, sizeof time_ms);
}
