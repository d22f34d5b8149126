/* recommend_query.c -- recommend.h: the parameters of the short forms. */
#include <string.h>

#include "proto/arena.h"
#include "proto/behaviour_kinds.h"
#include "proto/recommend_parts.h"
#include "proto/values.h"

#define WHOLE_MAX INT64_C(1000000000000000000)

/* Decimal digits, perhaps with a minus; what is beyond WHOLE_MAX is WHOLE_MAX. */
static bool whole(const char *s, int64_t *out)
{
    bool minus = *s == '-';
    int64_t v = 0;
    s += minus;
    if (!*s)
        return false;
    for (; *s; s++) {
        if (*s < '0' || *s > '9')
            return false;
        v = v >= WHOLE_MAX / 10 ? WHOLE_MAX : v * 10 + (*s - '0');
    }
    *out = minus ? -v : v;
    return true;
}

static bool take_n(struct recommend_request *req, const char *value,
                   const struct proto_limits *limits, struct fail *f)
{
    int64_t n;
    if (!whole(value, &n))
        return fail_set(f, FAIL_invalid_n, "n must be an integer");
    if (n < 1 || n > (int64_t)limits->top_n)
        return fail_set(f, FAIL_invalid_n, "n must be in 1..%u (limits.top_n)",
                        limits->top_n);
    req->n = (uint32_t)n;
    return true;
}

static bool take_offset(struct recommend_request *req, const char *value,
                        const struct proto_limits *limits, struct fail *f)
{
    int64_t n;
    (void)limits;
    if (!whole(value, &n))
        return fail_set(f, FAIL_invalid_n, "offset must be an integer");
    if (n < 0 || n > RECOMMEND_OFFSET)
        return fail_set(f, FAIL_invalid_n, "offset must be in 0..%d",
                        RECOMMEND_OFFSET);
    req->offset = (uint32_t)n;
    return true;
}

static bool take_at_seq(struct recommend_request *req, const char *value,
                        const struct proto_limits *limits, struct fail *f)
{
    int64_t n;
    (void)limits;
    if (!whole(value, &n) || n < 0)
        return fail_set(f, FAIL_invalid_n, "at_seq must be a model_seq");
    req->has_at_seq = true;
    req->at_seq = (uint64_t)n;
    return true;
}

static bool take_keep(struct recommend_request *req, const char *value,
                      const struct proto_limits *limits, struct fail *f)
{
    (void)limits;
    req->keep = strcmp(value, "true") == 0;
    return req->keep || strcmp(value, "false") == 0 ||
           fail_set(f, FAIL_bad_query, "keep must be true or false");
}

static bool take_seen(struct recommend_request *req, const char *value,
                      const struct proto_limits *limits, struct fail *f)
{
    bool yes = strcmp(value, "true") == 0;
    (void)limits;
    if (!yes && strcmp(value, "false") != 0)
        return fail_set(f, FAIL_bad_query, "exclude_seen must be true or "
                        "false");
    req->exclude_seen = yes;
    return recommend_check_seen(req, f);
}

static bool take_days(struct recommend_request *req, const char *value,
                      const struct proto_limits *limits, struct fail *f)
{
    int64_t days;
    (void)limits;
    if (!whole(value, &days))
        days = 0;
    return recommend_set_days(req, days, f) && recommend_check_seen(req, f);
}

/* The value, for as long as a document lives. */
static bool keep(const char *value, const char *name, struct id *out,
                 struct fail *f)
{
    size_t n = strlen(value);
    char *s = arena_alloc(n + 1);
    if (!s)
        return fail_set(f, FAIL_busy, NULL);
    memcpy(s, value, n + 1);
    return value_id(s, n, name, out, f);
}

static bool take_user(struct recommend_request *req, const char *value,
                      const struct proto_limits *limits, struct fail *f)
{
    (void)limits;
    if (req->user.len)
        return fail_set(f, FAIL_bad_query, "there is a user already");
    return keep(value, "user_id", &req->user, f);
}

/* One more that an item may have. */
static bool add_label(struct id_list *any, const char *value, const char *name,
                      struct fail *f)
{
    struct id *id = arena_alloc((any->n + 1) * sizeof *id);
    if (!id)
        return fail_set(f, FAIL_busy, NULL);
    if (any->n == FILTER_LABELS_MAX)
        return fail_set(f, FAIL_bad_query, "at most %u of %s",
                        FILTER_LABELS_MAX, name);
    if (any->n)
        memcpy(id, any->id, any->n * sizeof *id);
    if (!keep(value, name, &id[any->n], f))
        return false;
    *any = (struct id_list){id, any->n + 1};
    return true;
}

static bool take_category(struct recommend_request *req, const char *value,
                          const struct proto_limits *limits, struct fail *f)
{
    (void)limits;
    return add_label(&req->filter.labels[FILTER_CATEGORIES].any, value,
                     "category", f);
}

static bool take_tag(struct recommend_request *req, const char *value,
                     const struct proto_limits *limits, struct fail *f)
{
    (void)limits;
    return add_label(&req->filter.labels[FILTER_TAGS].any, value, "tag", f);
}

static bool take_kinds(struct recommend_request *req, const char *value,
                       const struct proto_limits *limits, struct fail *f)
{
    for (const char *at = value; at; at = strchr(at, ',')) {
        char name[BEHAVIOUR_NAME_MAX + 2]; // a longer one is cut, and no kind
        at += *at == ',' && at != value;
        size_t n = strcspn(at, ",");
        struct id kind = {name, n < sizeof name ? (uint32_t)n : sizeof name - 1};
        memcpy(name, at, kind.len);
        name[kind.len] = '\0';
        if (!recommend_check_kind(kind, limits, f) ||
            !add_label(&req->exclude_kinds, name, RECOMMEND_KINDS, f))
            return false;
    }
    return recommend_check_seen(req, f);
}

static const struct parameter {
    const char *name;
    bool (*take)(struct recommend_request *req, const char *value,
                 const struct proto_limits *limits, struct fail *f);
    bool is_page;            /* which page, not of what */
} parameters[] = {
    {"n", take_n, true},           {"offset", take_offset, true},
    {"at_seq", take_at_seq, true}, {"keep", take_keep, true},
    {"exclude_seen", take_seen, false},
    {"user_id", take_user, false}, {"category", take_category, false},
    {"tag", take_tag, false},      {RECOMMEND_KINDS, take_kinds, false},
    {RECOMMEND_DAYS, take_days, false},
};

bool recommend_query(struct recommend_request *req, const char *name,
                     const char *value, const struct proto_limits *limits,
                     struct fail *f)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++)
        if (strcmp(name, parameters[i].name) == 0)
            return parameters[i].take(req, value, limits, f) &&
                   (parameters[i].is_page ||
                    recommend_add_question(req, name, value, f));
    return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not known "
                    "here", name);
}
