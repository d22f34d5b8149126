/* recommend.c -- see recommend.h. */
#include "proto/recommend.h"

#include <string.h>

#include "proto/document.h"
#include "proto/fields.h"
#include "proto/recommend_parts.h"

enum { USER, USERS, LIKE, HISTORY, BY, N, OFFSET, AT_SEQ, KEEP, EXCLUDE_SEEN,
       KINDS, DAYS, FILTER, INCLUDE, EXCLUDE, PINNED, BOOSTS, DIVERSITY, EXPLAIN,
       NFIELDS };
static const struct field names[NFIELDS] = {
    FIELD("user_id"), FIELD("users"), FIELD("similar_to"), FIELD("history"),
    FIELD("by"), FIELD("n"), FIELD("offset"), FIELD("at_seq"), FIELD("keep"),
    FIELD("exclude_seen"), FIELD(RECOMMEND_KINDS), FIELD(RECOMMEND_DAYS),
    FIELD("filter"), FIELD("include"),
    FIELD("exclude"), FIELD("pinned"), FIELD("boosts"), FIELD("diversity"),
    FIELD("explain")};

static bool set_n(struct recommend_request *out, int64_t n,
                  const struct proto_limits *limits, struct fail *f)
{
    if (n < 1 || n > (int64_t)limits->top_n)
        return fail_set(f, FAIL_invalid_n, "n must be in 1..%u (limits.top_n)",
                        limits->top_n);
    out->n = (uint32_t)n;
    return true;
}

static bool set_offset(struct recommend_request *out, int64_t offset,
                       struct fail *f)
{
    if (offset < 0 || offset > RECOMMEND_OFFSET)
        return fail_set(f, FAIL_invalid_n, "offset must be in 0..%d",
                        RECOMMEND_OFFSET);
    out->offset = (uint32_t)offset;
    return true;
}

static bool set_at_seq(struct recommend_request *out, int64_t seq,
                       struct fail *f)
{
    if (seq < 0)
        return fail_set(f, FAIL_invalid_n, "at_seq must be a model_seq");
    out->has_at_seq = true;
    out->at_seq = (uint64_t)seq;
    return true;
}

void recommend_short(struct recommend_request *req, enum recommend_what what,
                     const struct proto_limits *limits)
{
    uint32_t n = RECOMMEND_N < limits->top_n ? RECOMMEND_N : limits->top_n;
    document_reset();
    *req = (struct recommend_request){.what = what,
                                      .n = n,
                                      .exclude_seen = true,
                                      .filter = {.at_ms = limits->now_ms}};
}

/* ---- the document ------------------------------------------------------- */

/* An integer member if it is there; *out keeps its value if not. */
static bool take_whole(const json_t *v, const char *name, int64_t *out,
                       struct fail *f)
{
    if (!v)
        return true;
    if (!json_is_integer(v))
        return fail_set(f, FAIL_invalid_n, "%s must be an integer, not %s",
                        name, document_type(v));
    *out = json_integer_value(v);
    return true;
}

static bool take_page(const json_t *const *at,
                      const struct proto_limits *limits,
                      struct recommend_request *out, struct fail *f)
{
    int64_t n = out->n, offset = 0, seq = 0;
    return take_whole(at[N], names[N].name, &n, f) &&
           take_whole(at[OFFSET], names[OFFSET].name, &offset, f) &&
           take_whole(at[AT_SEQ], names[AT_SEQ].name, &seq, f) &&
           set_n(out, n, limits, f) && set_offset(out, offset, f) &&
           (!at[AT_SEQ] || set_at_seq(out, seq, f));
}

static bool take_by(const json_t *v, struct recommend_request *out,
                    struct fail *f)
{
    const char *by = v ? json_string_value(v) : "ranking";
    if (by && strcmp(by, "popular") == 0)
        out->what = RECOMMEND_THE_POPULAR;
    else if (by && strcmp(by, "latest") == 0)
        out->what = RECOMMEND_THE_LATEST;
    else if (!by || strcmp(by, "ranking") != 0)
        return fail_set(f, FAIL_invalid_value, "by must be \"ranking\", "
                        "\"popular\" or \"latest\"");
    return true;
}

/* Two members that have no meaning together. */
static bool apart(const json_t *const *at, size_t a, size_t b, struct fail *f)
{
    return !at[a] || !at[b] ||
           fail_set(f, FAIL_unknown_field, "%s does not go with %s",
                    names[b].name, names[a].name);
}

/* Who is asking, and for what. */
static bool take_who(const json_t *const *at, struct recommend_request *out,
                     struct fail *f)
{
    if (!apart(at, USER, USERS, f) || !apart(at, HISTORY, USERS, f) ||
        !apart(at, LIKE, USERS, f) || !apart(at, LIKE, HISTORY, f) ||
        !apart(at, LIKE, BY, f) || !apart(at, LIKE, BOOSTS, f) ||
        !apart(at, USERS, KEEP, f))
        return false;
    if (!take_by(at[BY], out, f))
        return false;
    if (at[LIKE])
        out->what = RECOMMEND_THE_LIKE;
    if (out->what == RECOMMEND_THE_BEST && !at[USER] && !at[USERS] &&
        !at[HISTORY])
        return fail_set(f, FAIL_missing_field, "user_id is missing (or users, "
                        "history, similar_to)");
    out->batch = at[USERS] != NULL;
    if (out->batch && json_is_array(at[USERS]) &&
        json_array_size(at[USERS]) == 0)
        return fail_set(f, FAIL_empty_batch, "users is empty");
    return (!at[USER] || document_id_keep(at[USER], names[USER].name,
                                          &out->user, f)) &&
           (!at[LIKE] || document_id_keep(at[LIKE], names[LIKE].name,
                                          &out->like, f)) &&
           recommend_take_ids(at[USERS], names[USERS].name, RECOMMEND_USERS,
                              &out->users, f) &&
           recommend_take_history(at[HISTORY], out, f);
}

static bool take_diversity(const json_t *v, struct recommend_request *out,
                           struct fail *f)
{
    double d = v ? json_number_value(v) : 0;
    if (v && (!json_is_number(v) || !(d >= 0 && d <= 1)))
        return fail_set(f, FAIL_invalid_value, "diversity must be a number in "
                        "0..1");
    out->diversity = (float)d;
    return true;
}

/* How deep a list may go. */
static bool check_depth(const struct recommend_request *r, struct fail *f)
{
    uint64_t depth = (uint64_t)r->offset + r->n;
    if (r->diversity > 0 && depth > RECOMMEND_DIVERSE)
        return fail_set(f, FAIL_invalid_n, "with diversity, offset + n is at "
                        "most %d", RECOMMEND_DIVERSE);
    if (r->batch && depth > RECOMMEND_USERS_DEPTH)
        return fail_set(f, FAIL_invalid_n, "with users, offset + n is at most "
                        "%d", RECOMMEND_USERS_DEPTH);
    return recommend_check_kept(r, f);
}

static bool take_explain(const json_t *v, const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f)
{
    uint64_t n = (uint64_t)out->n * (out->batch ? out->users.n : 1);
    if (!document_flag(v, names[EXPLAIN].name, &out->explain, f))
        return false;
    return !out->explain || n <= limits->explain ||
           fail_set(f, FAIL_too_many_elements, "%llu items are more than %u "
                    "to explain (limits.explain)", (unsigned long long)n,
                    limits->explain);
}

static bool take_request(const json_t *root, const struct proto_limits *limits,
                         struct recommend_request *out, struct fail *f)
{
    const json_t *at[NFIELDS];
    if (!fields_take(root, "the body", names, NFIELDS, at, f) ||
        !take_who(at, out, f) || !take_page(at, limits, out, f))
        return false;
    out->has_include = at[INCLUDE] != NULL;
    out->exclude_seen = !out->has_include || at[KINDS] || at[DAYS];
    return document_flag(at[EXCLUDE_SEEN], names[EXCLUDE_SEEN].name,
                         &out->exclude_seen, f) &&
           recommend_take_seen(at[KINDS], at[DAYS], limits, out, f) &&
           recommend_check_seen(out, f) &&
           take_explain(at[EXPLAIN], limits, out, f) &&
           recommend_take_filter(at[FILTER], true, &out->filter, f) &&
           recommend_take_ids(at[INCLUDE], names[INCLUDE].name, 0,
                              &out->include, f) &&
           recommend_take_ids(at[EXCLUDE], names[EXCLUDE].name, 0,
                              &out->exclude, f) &&
           recommend_take_ids(at[PINNED], names[PINNED].name,
                              RECOMMEND_PINNED, &out->pinned, f) &&
           recommend_take_boosts(at[BOOSTS], out, f) &&
           take_diversity(at[DIVERSITY], out, f) &&
           document_flag(at[KEEP], names[KEEP].name, &out->keep, f) &&
           check_depth(out, f) && recommend_take_question(root, out, f);
}

bool recommend_parse(const char *bytes, size_t n,
                     const struct proto_limits *limits,
                     struct recommend_request *out, struct fail *f)
{
    recommend_short(out, RECOMMEND_THE_BEST, limits);
    const json_t *root = document_parse(bytes, n, limits, f);
    if (root && take_request(root, limits, out, f))
        return true;
    document_reset();
    return false;
}

void recommend_hold(void)
{
    document_hold();
}

void recommend_let_go(void)
{
    document_let_go();
}
