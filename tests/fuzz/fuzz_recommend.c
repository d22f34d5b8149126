/* fuzz_recommend.c -- the body, or "name=value" of the short form. */
#include "tests/fuzz/fuzz.h"

#include "proto/behaviour_kinds.h"
#include "proto/recommend.h"

static struct behaviour_kinds kinds;
static struct proto_limits limits;

static void setup(void)
{
    char error[BEHAVIOUR_ERROR_MAX];
    MUST(behaviour_kinds_set(&kinds, "view:0.2,no:-1,shown:0", error));
    limits = fuzz_limits;
    limits.kinds = &kinds;
}

static void check(const struct recommend_request *req)
{
    MUST(req->n >= 1 && req->n <= fuzz_limits.top_n);
    MUST(req->offset <= 1000000000);
    MUST(req->exclude_days <= 65535);
}

static void check_ids(const struct id_list *list)
{
    for (uint32_t i = 0; i < list->n; i++)
        fuzz_check_id(list->id[i]);
}

static void check_filter(const struct filter *f)
{
    MUST(f->nranges <= FILTER_RANGES_MAX);
    for (int k = 0; k < FILTER_KINDS; k++) {
        MUST(f->labels[k].all.n <= FILTER_LABELS_MAX);
        check_ids(&f->labels[k].any);
        check_ids(&f->labels[k].all);
        check_ids(&f->labels[k].none);
    }
}

static void check_lists(const struct recommend_request *req)
{
    check_filter(&req->filter);
    check_ids(&req->users);
    check_ids(&req->include);
    check_ids(&req->exclude);
    check_ids(&req->pinned);
    check_ids(&req->exclude_kinds);
    MUST(req->exclude_seen || (!req->exclude_kinds.n && !req->exclude_days));
    MUST(req->users.n <= RECOMMEND_USERS);
    MUST(req->pinned.n <= RECOMMEND_PINNED);
    MUST(req->nboosts <= RECOMMEND_BOOSTS);
    for (uint32_t i = 0; i < req->nboosts; i++) {
        check_filter(&req->boost[i].filter);
        check_ids(&req->boost[i].items);
        MUST(req->boost[i].by > 0);
    }
    MUST(req->diversity >= 0 && req->diversity <= 1);
    MUST(req->what != RECOMMEND_THE_LIKE || req->like.len);
    MUST(!req->batch || req->users.n);
    MUST(req->what != RECOMMEND_THE_BEST || req->user.len || req->batch ||
         req->history);
}

static void query(const uint8_t *data, size_t size)
{
    struct recommend_request req;
    struct fail f;
    char text[256] = {0};
    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, data, size);
    char *value = strchr(text, '=');
    if (!value)
        return;
    *value++ = '\0';
    recommend_short(&req, RECOMMEND_THE_POPULAR, &limits);
    if (!recommend_query(&req, text, value, &limits, &f))
        fuzz_check_fail(&f);
    check(&req);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recommend_request req;
    struct fail f;
    if (!limits.kinds)
        setup();
    query(data, size);
    if (!recommend_parse((const char *)data, size, &limits, &req, &f)) {
        fuzz_check_fail(&f);
        return 0;
    }
    check_lists(&req);
    if (req.user.len)
        fuzz_check_id(req.user);
    MUST(req.nhistory <= RECOMMEND_HISTORY);
    for (uint32_t i = 0; i < req.nhistory; i++) {
        fuzz_check_id(req.history[i].item);
        MUST(req.history[i].weight >= -RECOMMEND_WEIGHT &&
             req.history[i].weight <= RECOMMEND_WEIGHT);
    }
    check(&req);
    return 0;
}
