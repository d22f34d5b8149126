/* ratings_set.c -- see ratings_set.h. */
#include "server/cli/ratings_set.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli/progress.h"
#include "server/cli/ratings_source.h"

static bool add(struct ratings_set *s, const struct rating *r)
{
    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 4096;
        struct ratings_record *at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return false;
        s->at = at;
        s->cap = cap;
    }
    bool untimed = r->time_ms == TIME_UNSET;
    int64_t before = s->n ? s->at[s->n - 1].time_ms : 0;
    s->at[s->n++] = (struct ratings_record){
        .ids = s->bytes.len, .user_len = (uint16_t)r->user.len,
        .item_len = (uint16_t)r->item.len,
        .event_len = (uint16_t)r->event_id.len,
        .value = r->unrated ? NAN : r->value,
        .teacher = r->has_teacher ? r->teacher : NAN,
        .time_ms = untimed ? before : r->time_ms, .untimed = untimed};
    s->untimed += untimed;
    buf_put(&s->bytes, r->user.s, r->user.len);
    buf_put(&s->bytes, r->item.s, r->item.len);
    buf_put(&s->bytes, r->event_id.s, r->event_id.len);
    return !s->bytes.failed;
}

bool ratings_set_load(struct ratings_set *s, const char *path,
                      const struct proto_limits *limits, uint64_t limit,
                      char error[512])
{
    struct ratings_source *in = ratings_source_open(path, limits, error);
    enum ratings_next got = in ? NEXT_RATING : NEXT_FAILED;
    struct progress bar;
    struct rating r;
    progress_start(&bar, "reading", false);
    while (in && got == NEXT_RATING && (!limit || s->n < limit)) {
        got = ratings_source_next(in, &r, error);
        if (got == NEXT_RATING && !add(s, &r)) {
            snprintf(error, 512, "out of memory");
            got = NEXT_FAILED;
        }
        progress_show(&bar, s->n, ratings_source_part(in));
    }
    progress_clear(&bar);
    ratings_source_close(in);
    if (got == NEXT_END && s->n == 0) {
        snprintf(error, 512, "%.200s: there is no rating in it", path);
        got = NEXT_FAILED;
    }
    return got == NEXT_RATING || got == NEXT_END;
}

void ratings_set_release(struct ratings_set *s)
{
    free(s->at);
    buf_release(&s->bytes);
    *s = (struct ratings_set){0};
}

/* No two are equal, so the order does not depend on the sort. */
static int by_time(const void *a, const void *b)
{
    const struct ratings_record *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->ids < y->ids ? -1 : x->ids > y->ids;
}

void ratings_set_sort(struct ratings_set *s)
{
    if (s->n > 1)
        qsort(s->at, s->n, sizeof *s->at, by_time);
}

struct rating ratings_set_get(const struct ratings_set *s, size_t i)
{
    const struct ratings_record *r = &s->at[i];
    const char *user = s->bytes.p + r->ids, *item = user + r->user_len;
    return (struct rating){.user = {user, r->user_len},
                           .item = {item, r->item_len},
                           .event_id = {item + r->item_len, r->event_len},
                           .value = isnan(r->value) ? 0 : r->value,
                           .unrated = isnan(r->value),
                           .has_teacher = !isnan(r->teacher),
                           .teacher = isnan(r->teacher) ? 0 : r->teacher,
                           .time_ms = r->untimed ? TIME_UNSET : r->time_ms};
}

struct event ratings_set_event(const struct ratings_set *s, size_t i)
{
    struct rating r = ratings_set_get(s, i);
    struct event e = {.type = EVENT_RATING, .user = r.user, .item = r.item,
                      .value = r.value, .has_second = r.has_teacher,
                      .second = r.teacher, .time_ms = s->at[i].time_ms};
    if (r.unrated) {
        e.type = EVENT_TEACHER;
        e.value = r.teacher;
        e.has_second = false;
        e.second = 0;
    }
    return e;
}
