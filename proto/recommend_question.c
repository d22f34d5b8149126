/* recommend_question.c -- recommend_parts.h: what is asked, but for the page. */
#include <string.h>

#include "proto/arena.h"
#include "proto/document.h"
#include "proto/recommend_parts.h"

bool recommend_check_kept(const struct recommend_request *r, struct fail *f)
{
    uint64_t depth = (uint64_t)r->offset + r->n;
    return !r->keep || depth <= RECOMMEND_KEPT ||
           fail_set(f, FAIL_invalid_n, "with keep, offset + n is at most %d",
                    RECOMMEND_KEPT);
}

bool recommend_take_question(const json_t *root, struct recommend_request *out,
                             struct fail *f)
{
    static const char *const page[] = {"n", "offset", "at_seq", "keep"};
    if (!out->keep && !out->has_at_seq)
        return true;
    arena_begin();
    json_t *rest = json_copy((json_t *)(uintptr_t)root); // the members are shared
    for (size_t i = 0; rest && i < sizeof page / sizeof *page; i++)
        json_object_del(rest, page[i]);
    out->question = rest ? json_dumps(rest, JSON_COMPACT | JSON_SORT_KEYS)
                         : NULL;
    arena_end();
    if (!out->question)
        return fail_set(f, FAIL_busy, NULL);
    out->question_bytes = strlen(out->question);
    return true;
}

/* One more "name=value&". */
static bool add(struct recommend_request *req, const char *name, struct id value,
                struct fail *f)
{
    size_t had = req->question_bytes, n = strlen(name), v = value.len;
    char *s = arena_alloc(had + n + v + 2);
    if (!s)
        return fail_set(f, FAIL_busy, NULL);
    if (had)
        memcpy(s, req->question, had);
    memcpy(s + had, name, n);
    s[had + n] = '=';
    if (v)
        memcpy(s + had + n + 1, value.s, v);
    s[had + n + 1 + v] = '&';
    req->question = s;
    req->question_bytes = had + n + v + 2;
    return true;
}

bool recommend_add_question(struct recommend_request *req, const char *name,
                            const char *value, struct fail *f)
{
    return add(req, name, (struct id){value, (uint32_t)strlen(value)}, f);
}

bool recommend_short_end(struct recommend_request *req, const char *path,
                         struct id id, struct fail *f)
{
    return recommend_check_kept(req, f) &&
           (!(req->keep || req->has_at_seq) || add(req, path, id, f));
}
