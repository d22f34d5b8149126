/* check_predict_msg.c -- the messages of POST /v1/predict. */
#include "proto_test.h"

#include "proto/arena.h"
#include "proto/predict.h"
#include "proto/predict_scan.h"

static bool parse(const char *s, struct predict_request *req, struct fail *f)
{
    f->code = FAIL_NONE;
    return predict_parse(s, strlen(s), &proto_test_limits, req, f);
}

static void assert_id(struct id id, const char *s)
{
    ck_assert_uint_eq(id.len, strlen(s));
    ck_assert_int_eq(memcmp(id.s, s, id.len), 0);
}

START_TEST(one_pair)
{
    struct predict_request req;
    struct fail f;
    ck_assert(parse("{\"user_id\":\"u1\",\"item_id\":\"a b\"}", &req, &f));
    ck_assert(!req.batch);
    ck_assert_uint_eq(req.n, 1);
    assert_id(req.pairs[0].user, "u1");
    assert_id(req.pairs[0].item, "a b");
    ck_assert(parse("{\"item_id\":-3,\"user_id\":12}", &req, &f));
    assert_id(req.pairs[0].user, "12");
    assert_id(req.pairs[0].item, "-3");
}
END_TEST

/* The short cut takes what it says, nothing that jansson would not, and all the
 * one-byte changes of a request come out the same on both ways. */
START_TEST(the_short_cut_is_no_other_language)
{
    static const char good[] =
        " {\"item_id\" : \"i 1\",\t\"user_id\":\"~u/\" }\r\n";
    char text[sizeof good];
    struct predict_pair pair;
    int taken = 0;
    ck_assert(predict_scan(good, strlen(good), &pair));
    assert_id(pair.user, "~u/");
    assert_id(pair.item, "i 1");
    for (size_t at = 0; at < strlen(good); at++) {
        for (int c = 0; c < 256; c++) {
            struct predict_request req;
            struct fail f;
            memcpy(text, good, sizeof good);
            text[at] = (char)c;
            if (!predict_scan(text, strlen(good), &pair))
                continue;
            taken++;
            ck_assert_msg(predict_parse_tree(text, strlen(good),
                                             &proto_test_limits, &req, &f),
                          "byte %zu = %d", at, c);
            ck_assert_uint_eq(req.pairs[0].user.len, pair.user.len);
            ck_assert_mem_eq(req.pairs[0].user.s, pair.user.s, pair.user.len);
            ck_assert_uint_eq(req.pairs[0].item.len, pair.item.len);
            ck_assert_mem_eq(req.pairs[0].item.s, pair.item.s, pair.item.len);
        }
    }
    ck_assert_int_gt(taken, 500); // any id byte may be any printable one
    for (size_t n = 0; n + 2 < strlen(good); n++) // without its end: neither
        ck_assert(!predict_scan(good, n, &pair));
    ck_assert(!predict_scan(NULL, 0, &pair));
}
END_TEST

START_TEST(a_batch)
{
    struct predict_request req;
    struct fail f;
    ck_assert(parse("{\"instances\":[{\"user_id\":\"u\",\"item_id\":1},"
                    "{\"user_id\":2,\"item_id\":\"i\"},"
                    "{\"user_id\":\"u\",\"item_id\":3}]}", &req, &f));
    ck_assert(req.batch);
    ck_assert_uint_eq(req.n, 3);
    assert_id(req.pairs[0].user, "u");
    assert_id(req.pairs[0].item, "1");
    assert_id(req.pairs[1].user, "2");
    assert_id(req.pairs[1].item, "i");
    assert_id(req.pairs[2].item, "3");
}
END_TEST

START_TEST(a_full_batch_and_its_memory)
{
    struct predict_request req;
    struct fail f;
    struct buf b = {0};
    buf_puts(&b, "{\"instances\":[");
    for (int i = 0; i < 10000; i++)
        buf_printf(&b, "%s{\"user_id\":%d,\"item_id\":\"i%d\"}", i ? "," : "",
                   i, i);
    buf_puts(&b, "]}");
    ck_assert(predict_parse(b.p, b.len, &proto_test_limits, &req, &f));
    ck_assert_uint_eq(req.n, 10000);
    assert_id(req.pairs[9999].user, "9999");
    assert_id(req.pairs[9999].item, "i9999");
    ck_assert_uint_gt(arena_held(), ARENA_KEEP);
    float *ratings = calloc(req.n, sizeof *ratings);
    unsigned char *cold = calloc(req.n, 1);
    ck_assert(ratings && cold);
    buf_clear(&b);
    predict_write(&b, &req, &(struct predict_answer){
        .ratings = ratings, .cold = cold, .model_seq = 1});
    ck_assert_uint_le(arena_held(), ARENA_KEEP);
    free(ratings);
    free(cold);
    buf_release(&b);
}
END_TEST

static const struct {
    const char *json;
    enum fail_code code;
    int index;
    const char *message;     /* a part of it */
} bad[] = {
    {"{}", FAIL_missing_field, -1, "user_id is missing"},
    {"{\"user_id\":1}", FAIL_missing_field, -1, "item_id is missing"},
    {"{\"user_id\":1,\"item_id\":null}", FAIL_invalid_type, -1,
     "item_id must be a string or an integer, not null"},
    {"{\"user_id\":1,\"item_id\":\"\"}", FAIL_invalid_id, -1, "item_id"},
    {"{\"user_id\":1,\"item_id\":2,\"rating\":3}", FAIL_unknown_field, -1,
     "rating"},
    {"{\"user_id\":1,\"item\":2}", FAIL_unknown_field, -1, "\"item_id\"?"},
    {"{\"instance\":[]}", FAIL_unknown_field, -1, "\"instances\"?"},
    {"[]", FAIL_invalid_type, -1, "the body must be a JSON object, not an"},
    {"{\"instances\":[]}", FAIL_empty_batch, -1, "instances is empty"},
    {"{\"instances\":{}}", FAIL_invalid_type, -1, "must be an array"},
    {"{\"instances\":null}", FAIL_invalid_type, -1, "not null"},
    {"{\"user_id\":1,\"instances\":[{\"user_id\":1,\"item_id\":1}]}",
     FAIL_unknown_field, -1, "user_id does not go with instances"},
    {"{\"item_id\":1,\"instances\":[{\"user_id\":1,\"item_id\":1}]}",
     FAIL_unknown_field, -1, "item_id does not go with instances"},
    {"{\"instances\":[{\"user_id\":1,\"item_id\":1},7]}", FAIL_invalid_type, 1,
     "an instance must be a JSON object, not an integer"},
    {"{\"instances\":[{\"user_id\":1}]}", FAIL_missing_field, 0, "item_id"},
    {"{\"instances\":[{\"instances\":[]}]}", FAIL_unknown_field, 0,
     "instances"},
    {"{\"user_id\":1,\"user_id\":1}", FAIL_invalid_json, -1, "duplicate"},
    {"", FAIL_invalid_json, -1, "no JSON"},
};

START_TEST(bad_requests)
{
    struct predict_request req;
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!parse(bad[i].json, &req, &f), "%s", bad[i].json);
        ck_assert_msg(f.code == bad[i].code && f.index == bad[i].index &&
                      strstr(f.message, bad[i].message), "%s: %s: %s",
                      bad[i].json, fail_name(f.code), f.message);
    }
}
END_TEST

static const struct {
    bool batch;
    uint32_t n;
    float ratings[3];
    unsigned char cold[3];
    const char *json;
} answers[] = {
    {false, 1, {3.5f}, {0}, "{\"rating\":3.5,\"model_seq\":9}"},
    {false, 1, {4}, {PREDICT_COLD_USER},
     "{\"rating\":4,\"model_seq\":9,\"cold\":[\"user\"]}"},
    {false, 1, {4}, {PREDICT_COLD_USER | PREDICT_COLD_ITEM},
     "{\"rating\":4,\"model_seq\":9,\"cold\":[\"user\",\"item\"]}"},
    {true, 1, {4.25f}, {0}, "{\"ratings\":[4.25],\"model_seq\":9}"},
    {true, 3, {1, 2, 3}, {0, 0, 0}, "{\"ratings\":[1,2,3],\"model_seq\":9}"},
    {true, 3, {1, 2, 3}, {PREDICT_COLD_ITEM, 0, PREDICT_COLD_USER},
     "{\"ratings\":[1,2,3],\"model_seq\":9,"
     "\"cold\":{\"0\":[\"item\"],\"2\":[\"user\"]}}"},
};

START_TEST(writing)
{
    struct buf b = {0};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        buf_clear(&b);
        predict_write(&b, &(struct predict_request){
            .batch = answers[i].batch, .n = answers[i].n},
            &(struct predict_answer){.ratings = answers[i].ratings,
                                     .cold = answers[i].cold,
                                     .model_seq = 9});
        buf_putc(&b, '\0');
        ck_assert_str_eq(b.p, answers[i].json);
    }
    buf_release(&b);
}
END_TEST

static void assert_explained(bool batch, const char *text, const char *json)
{
    struct buf b = {0}, explained = {0};
    const struct predict_request req = {.batch = batch, .n = 1,
                                        .explain = true};
    struct predict_answer a = {.ratings = (float[]){4},
                               .cold = (unsigned char[]){PREDICT_COLD_USER},
                               .explained = &explained, .model_seq = 9};
    buf_puts(&explained, text);
    predict_write(&b, &req, &a);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, json);
    buf_clear(&b);
    explained.failed = true; // then the answer is none
    predict_write(&b, &req, &a);
    ck_assert(b.failed);
    buf_release(&b);
    buf_release(&explained);
}

START_TEST(writing_explanations)
{
    assert_explained(false, "{\"x\":1}",
                     "{\"rating\":4,\"explanation\":{\"x\":1},"
                     "\"model_seq\":9,\"cold\":[\"user\"]}");
    assert_explained(true, "{\"x\":1}",
                     "{\"ratings\":[4],\"explanations\":[{\"x\":1}],"
                     "\"model_seq\":9,\"cold\":{\"0\":[\"user\"]}}");
}
END_TEST

PROTO_TEST_MAIN("predict_msg", one_pair, the_short_cut_is_no_other_language,
                a_batch, a_full_batch_and_its_memory,
                bad_requests, writing, writing_explanations)
