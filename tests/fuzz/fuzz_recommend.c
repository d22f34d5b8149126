/* fuzz_recommend.c -- the body, or "name=value" of the short form. */
#include "tests/fuzz/fuzz.h"

#include "proto/recommend.h"

static void check(const struct recommend_request *req)
{
    MUST(req->n >= 1 && req->n <= fuzz_limits.top_n);
    MUST(req->offset <= 1000000000);
}

static void query(const uint8_t *data, size_t size)
{
    struct recommend_request req = {.n = 1};
    struct fail f;
    char text[256] = {0};
    if (size >= sizeof text)
        size = sizeof text - 1;
    memcpy(text, data, size);
    char *value = strchr(text, '=');
    if (!value)
        return;
    *value++ = '\0';
    if (!recommend_query(&req, text, value, &fuzz_limits, &f))
        fuzz_check_fail(&f);
    check(&req);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct recommend_request req;
    struct fail f;
    query(data, size);
    if (!recommend_parse((const char *)data, size, &fuzz_limits, &req, &f)) {
        fuzz_check_fail(&f);
        return 0;
    }
    MUST(req.user.len || req.history);
    if (req.user.len)
        fuzz_check_id(req.user);
    MUST(req.nhistory <= RECOMMEND_HISTORY_MAX);
    for (uint32_t i = 0; i < req.nhistory; i++) {
        fuzz_check_id(req.history[i].item);
        MUST(req.history[i].weight >= -RECOMMEND_WEIGHT_MAX &&
             req.history[i].weight <= RECOMMEND_WEIGHT_MAX);
    }
    check(&req);
    return 0;
}
