/* log_each.c -- reading event by event.  See log.h. */
#include "model/store/log.h"

struct each {
    uint64_t from, to;
    log_event_visit visit;
    void *arg;
};

static bool each_group(void *arg, const struct group *g,
                       const unsigned char *bytes, const struct log_place *at)
{
    const struct each *x = arg;
    const unsigned char *p = bytes + GROUP_HEAD_BYTES, *end = bytes + g->bytes;
    struct log_event e = {.seq = g->first_seq};
    if (!segment_parse_name(at->segment, &e.segment))
        return false;
    for (uint32_t i = 0; i < g->n; i++, e.seq++) {
        const unsigned char *next = event_decode(p, end, &e.event);
        if (!next)
            return false; // the group was checked: cannot happen
        e.offset = (uint64_t)at->offset + (uint64_t)(p - bytes);
        e.frame = p;
        e.bytes = (size_t)(next - p);
        p = next;
        if (e.seq < x->from)
            continue;
        if (e.seq > x->to || !x->visit(x->arg, &e))
            return false;
    }
    return true;
}

enum err log_each(struct log *l, uint64_t from, uint64_t to,
                  log_event_visit visit, void *arg, struct log_place *bad)
{
    struct each x = {from, to, visit, arg};
    return log_read(l, from, to, each_group, &x, bad);
}
