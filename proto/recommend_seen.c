/* recommend_seen.c -- recommend_parts.h: what counts as seen. */
#include "proto/recommend_parts.h"

#include <string.h>

#include "proto/behaviour_kinds.h"

bool recommend_is_rating(struct id kind)
{
    return kind.len == 6 && memcmp(kind.s, "rating", 6) == 0;
}

bool recommend_check_kind(struct id kind, const struct proto_limits *limits,
                          struct fail *f)
{
    static const struct behaviour_kinds none;
    const struct behaviour_kinds *kinds = limits->kinds ? limits->kinds : &none;
    if (recommend_is_rating(kind))
        return true;
    const struct behaviour_kind *k = behaviour_kinds_find(kinds, kind.s,
                                                          kind.len);
    if (!k)
        return behaviour_kinds_unknown(kinds, RECOMMEND_KINDS,
                                       "\"rating\" or ", kind, f);
    return k->weight != 0 ||
           fail_set(f, FAIL_invalid_value, RECOMMEND_KINDS " \"%s\" has weight "
                    "0 in events.types: of such events it is not kept who did "
                    "what", k->name);
}

bool recommend_set_days(struct recommend_request *out, int64_t days,
                        struct fail *f)
{
    if (days < 1 || days > RECOMMEND_DAYS_MAX)
        return fail_set(f, FAIL_invalid_value, RECOMMEND_DAYS " must be an "
                        "integer in 1..%d", RECOMMEND_DAYS_MAX);
    out->exclude_days = (uint32_t)days;
    return true;
}

bool recommend_check_seen(const struct recommend_request *r, struct fail *f)
{
    if (r->exclude_seen || (!r->exclude_kinds.n && !r->exclude_days))
        return true;
    return fail_set(f, FAIL_invalid_value, "%s does not go with exclude_seen "
                    "false, which leaves nothing out",
                    r->exclude_kinds.n ? RECOMMEND_KINDS : RECOMMEND_DAYS);
}

bool recommend_take_seen(const json_t *kinds, const json_t *days,
                         const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f)
{
    if (!recommend_take_ids(kinds, RECOMMEND_KINDS, BEHAVIOUR_KINDS_MAX + 1,
                            &out->exclude_kinds, f))
        return false;
    for (uint32_t i = 0; i < out->exclude_kinds.n; i++) {
        if (!recommend_check_kind(out->exclude_kinds.id[i], limits, f)) {
            f->index = i;
            return false;
        }
    }
    return !days || recommend_set_days(out, json_is_integer(days)
                                                ? json_integer_value(days)
                                                : 0, f);
}
