/* group.c -- see group.h. */
#include "model/store/group.h"

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/event.h"

#define MAGIC 0x505247f9u /* F9 'G' 'R' 'P', read as little endian */

void group_encode(const struct group *g, unsigned char head[GROUP_HEAD_BYTES])
{
    put_u32(head, MAGIC);
    put_u32(head + 8, g->bytes);
    put_u32(head + 12, g->n);
    put_u64(head + 16, g->first_seq);
    put_u64(head + 24, g->durable_seq);
    put_u64(head + 32, g->log_id);
    put_u32(head + 4, crc32c(0, head + 8, GROUP_HEAD_BYTES - 8));
}

bool group_decode(struct group *g, uint64_t log_id, const unsigned char *p)
{
    if (get_u32(p) != MAGIC ||
        get_u32(p + 4) != crc32c(0, p + 8, GROUP_HEAD_BYTES - 8))
        return false;
    *g = (struct group){.bytes = get_u32(p + 8),
                        .n = get_u32(p + 12),
                        .first_seq = get_u64(p + 16),
                        .durable_seq = get_u64(p + 24),
                        .log_id = get_u64(p + 32)};
    return g->log_id == log_id && g->bytes % 8 == 0 &&
           g->bytes >= GROUP_HEAD_BYTES &&
           (g->bytes - GROUP_HEAD_BYTES) / EVENT_HEAD_BYTES >= g->n;
}

uint32_t group_check(const struct group *g, const unsigned char *p,
                     size_t *offset)
{
    const unsigned char *at = p + GROUP_HEAD_BYTES, *end = p + g->bytes;
    uint32_t i = 0;
    for (; i < g->n; i++) {
        struct event e;
        size_t size = event_frame_bytes(at, end);
        if (size == 0 || !event_check(at, g->first_seq + i) ||
            !event_decode(at, end, &e))
            break;
        at += size;
    }
    *offset = (size_t)(at - p);
    return i;
}
