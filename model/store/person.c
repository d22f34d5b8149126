/* person.c -- see person.h. */
#include "model/store/person.h"

#include <string.h>

struct search {
    const struct person *who;
    uint64_t from, to;
    person_found found;
    void *arg;
};

static bool same(struct id a, struct id b)
{
    return a.len == b.len && memcmp(a.s, b.s, a.len) == 0;
}

static bool is_about(const struct person *who, const struct event *e)
{
    if (e->type == EVENT_RETRACT)
        return who->birth && event_birth(e) == who->birth;
    return e->user.len && same(e->user, who->user) &&
           (!who->item.len || same(e->item, who->item));
}

static bool search_group(void *arg, const struct group *g,
                         const unsigned char *bytes,
                         const struct log_place *at)
{
    const struct search *s = arg;
    const unsigned char *p = bytes + GROUP_HEAD_BYTES, *end = bytes + g->bytes;
    struct redo_place place = {0};
    if (!segment_parse_name(at->segment, &place.segment))
        return false;
    for (uint32_t i = 0; i < g->n; i++) {
        struct event e;
        const unsigned char *next = event_decode(p, end, &e);
        if (!next)
            return false;
        place.seq = g->first_seq + i;
        place.offset = (uint64_t)at->offset + (uint64_t)(p - bytes);
        place.bytes = (uint64_t)(next - p);
        bool hit = place.seq >= s->from && place.seq <= s->to &&
                   is_about(s->who, &e);
        if (hit && !s->found(s->arg, &e, &place, p))
            return false;
        p = next;
    }
    return true;
}

enum err person_find(struct log *l, const struct person *who, uint64_t from,
                     uint64_t to, person_found found, void *arg)
{
    struct search s = {who, from, to, found, arg};
    struct log_place bad;
    if (from > to)
        return ERR_OK;
    return log_read(l, from, to, search_group, &s, &bad);
}
