/* person.c -- see person.h. */
#include "model/store/person.h"

#include <string.h>

struct search {
    const struct person *who;
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

static bool search_event(void *arg, const struct log_event *e)
{
    const struct search *s = arg;
    struct redo_place place = {e->segment, e->offset, e->seq, e->bytes};
    return !is_about(s->who, &e->event) ||
           s->found(s->arg, &e->event, &place, e->frame);
}

enum err person_find(struct log *l, const struct person *who, uint64_t from,
                     uint64_t to, person_found found, void *arg)
{
    struct search s = {who, found, arg};
    struct log_place bad;
    if (from > to)
        return ERR_OK;
    return log_each(l, from, to, search_event, &s, &bad);
}
