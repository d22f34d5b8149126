/* fuzz_predict.c -- a request that is accepted is answered with JSON. */
#include "tests/fuzz/fuzz.h"

#include "proto/document.h"
#include "proto/predict.h"
#include "proto/predict_scan.h"

/* Answers with ratings taken from the request's own bytes: any float at all. */
static void answer(const struct predict_request *req, const uint8_t *data,
                   size_t size)
{
    static struct buf b;
    struct buf explained = {.p = (char[]){"null"}, .len = 4};
    float ratings[8];
    unsigned char cold[8];
    struct fail f;
    for (uint32_t i = 0; i < req->n; i++) {
        memcpy(&ratings[i], data + i * 7 % (size - 4), sizeof(float));
        cold[i] = data[i] & 3;
    }
    buf_clear(&b);
    predict_write(&b, req, &(struct predict_answer){
        .ratings = ratings, .cold = cold, .explained = &explained,
        .model_seq = size});
    const json_t *o = document_parse(b.p, b.len, &fuzz_limits, &f);
    MUST(json_is_integer(json_object_get(o, "model_seq")));
    const json_t *list = json_object_get(o, "ratings");
    MUST(req->batch ? json_array_size(list) == req->n
                    : json_object_get(o, "rating") != NULL);
    MUST(req->explain == (json_object_get(o, req->batch ? "explanations"
                                             : "explanation") != NULL));
    document_reset();
}

/* What the short cut takes, jansson takes too, and reads the same. */
static void compare_ways(const uint8_t *data, size_t size)
{
    struct predict_pair pair;
    struct predict_request req;
    struct fail f;
    if (!predict_scan((const char *)data, size, &pair))
        return;
    MUST(predict_parse_tree((const char *)data, size, &fuzz_limits, &req, &f));
    MUST(!req.batch && req.n == 1);
    MUST(req.pairs[0].user.len == pair.user.len &&
         memcmp(req.pairs[0].user.s, pair.user.s, pair.user.len) == 0);
    MUST(req.pairs[0].item.len == pair.item.len &&
         memcmp(req.pairs[0].item.s, pair.item.s, pair.item.len) == 0);
    document_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct predict_request req;
    struct fail f;
    compare_ways(data, size);
    if (!predict_parse((const char *)data, size, &fuzz_limits, &req, &f)) {
        fuzz_check_fail(&f);
        return 0;
    }
    MUST(req.n >= 1 && req.n <= fuzz_limits.array_elements);
    MUST(req.batch || req.n == 1);
    for (uint32_t i = 0; i < req.n; i++) {
        if (req.pairs[i].user.len || req.batch)
            fuzz_check_id(req.pairs[i].user);
        fuzz_check_id(req.pairs[i].item);
    }
    MUST(!req.explain || req.n <= fuzz_limits.explain);
    MUST(!req.batch || req.past.n == 0);
    fuzz_check_past(&req.past);
    answer(&req, data, size);
    return 0;
}
