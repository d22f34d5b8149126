/* fuzz_explain.c -- a question that is accepted is answered with JSON. */
#include "tests/fuzz/fuzz.h"

#include "proto/document.h"
#include "proto/explain.h"

/* Answers with numbers taken from the request's own bytes, and its ids as
 * names. */
static void answer(const struct explain_request *req, const uint8_t *data,
                   size_t size)
{
    static struct buf b;
    float value;
    struct fail f;
    memcpy(&value, data + size / 2 - 2, sizeof value);
    buf_clear(&b);
    explain_begin(&b, req->ranking, value);
    explain_parts(&b);
    explain_part(&b, true, "mean", (struct id){NULL, 0}, value);
    explain_part(&b, false, "feature", req->pair.item, -value);
    explain_because(&b);
    for (uint32_t i = 0; i < req->past.n; i++)
        explain_past_item(&b, i == 0, req->past.items[i].item, value,
                          req->past.items[i].rating);
    explain_done(&b);
    explain_end(&b, size, data[0] & 3);
    const json_t *o = document_parse(b.p, b.len, &fuzz_limits, &f);
    MUST(json_is_integer(json_object_get(o, "model_seq")));
    MUST(json_object_get(o, req->ranking ? "score" : "rating"));
    MUST(json_array_size(json_object_get(o, "parts")) == 2);
    MUST(json_array_size(json_object_get(o, "because")) == req->past.n);
    document_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct explain_request req;
    struct fail f;
    if (!explain_parse((const char *)data, size, &fuzz_limits, &req, &f)) {
        fuzz_check_fail(&f);
        return 0;
    }
    if (req.pair.user.len)
        fuzz_check_id(req.pair.user);
    fuzz_check_id(req.pair.item);
    fuzz_check_past(&req.past);
    answer(&req, data, size);
    return 0;
}
