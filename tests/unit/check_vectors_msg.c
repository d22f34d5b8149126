/* check_vectors_msg.c -- POST /v1/admin/vectors and /train: reading, and that
 * what the commands write reads back. */
#include "proto_test.h"

#include <math.h>

#include "proto/arena.h"
#include "proto/training.h"
#include "proto/vectors.h"

/* ---- vectors ------------------------------------------------------------- */

static struct buf got;       /* every vector that came, in words */

static bool keep(void *arg, const struct vector *v, struct fail *f)
{
    (void)f;
    ck_assert_ptr_null(arg);
    buf_printf(&got, "%.*s|%.*s|%s|%g|%u|", (int)v->user.len, v->user.s,
               (int)v->item.len, v->item.s, v->ranking ? "rank" : "rate",
               (double)v->bias, v->count);
    if (v->is_layer)
        buf_printf(&got, "layer %u of %u, %u:", v->layer, v->layers, v->unit);
    for (uint32_t i = 0; i < v->n; i++)
        buf_printf(&got, "%g,", (double)v->at[i]);
    buf_putc(&got, ';');
    return true;
}

static bool refuse(void *arg, const struct vector *v, struct fail *f)
{
    (void)arg;
    (void)v;
    return fail_set(f, FAIL_model_full, "no");
}

static bool parse(const char *s, struct fail *f)
{
    size_t n = strlen(s);
    char *copy = malloc(n);        // so that ASan sees its end
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, s, n);
    buf_clear(&got);
    *f = (struct fail){.code = FAIL_NONE};
    bool ok = vectors_parse(copy, n, &proto_test_limits, keep, NULL, f);
    free(copy);
    buf_putc(&got, '\0');
    ck_assert_uint_le(arena_held(), ARENA_KEEP);
    return ok;
}

static const struct {
    const char *json, *read;
} good[] = {
    {"{\"item_id\":\"i\",\"head\":\"rating\",\"vector\":[1,-2.5]}",
     "|i|rate|0|0|1,-2.5,;"},
    {"{\"user_id\":7,\"head\":\"ranking\",\"vector\":[],\"bias\":0.5,"
     "\"count\":16777216}", "7||rank|0.5|16777216|;"},
    {"{\"mean\":3.5}", "||rate|3.5|0|;"},
    {"{\"count\":80000,\"mean\":3}", "||rate|3|80000|;"},
    {"[{\"mean\":1},{\"item_id\":\"a\",\"head\":\"rating\",\"vector\":[1e-40],"
     "\"bias\":-1}]", "||rate|1|0|;|a|rate|-1|0|9.99995e-41,;"},
    {"{\"layer\":0,\"unit\":65535,\"weights\":[0.5,-1]}",
     "||rate|0|0|layer 0 of 0, 65535:0.5,-1,;"},
    {"{\"layers\":3,\"bias\":2,\"layer\":2,\"unit\":0,\"weights\":[]}",
     "||rate|2|0|layer 2 of 3, 0:;"},
};

START_TEST(good_vectors)
{
    struct fail f;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(parse(good[i].json, &f), "%s: %s", good[i].json,
                      f.message);
        ck_assert_str_eq(got.p, good[i].read);
    }
}
END_TEST

#define ROW "\"item_id\":\"i\",\"head\":\"rating\""

static const struct {
    const char *json;
    enum fail_code code;
    const char *message;     /* a part of it */
    int64_t index;
} bad[] = {
    {"[]", FAIL_empty_batch, "empty", -1},
    {"{}", FAIL_missing_field, "user_id or item_id", -1},
    {"{" ROW "}", FAIL_missing_field, "vector is missing", -1},
    {"{\"item_id\":\"i\",\"vector\":[]}", FAIL_missing_field, "head", -1},
    {"{\"user_id\":\"u\"," ROW ",\"vector\":[]}", FAIL_unknown_field,
     "one of them", -1},
    {"{\"item_id\":\"\",\"head\":\"rating\",\"vector\":[]}", FAIL_invalid_id,
     "item_id", -1},
    {"{\"item_id\":\"i\",\"head\":\"both\",\"vector\":[]}",
     FAIL_invalid_vector, "\"rating\" or \"ranking\"", -1},
    {"{\"item_id\":\"i\",\"head\":1,\"vector\":[]}", FAIL_invalid_vector,
     "head", -1},
    {"{" ROW ",\"vector\":{}}", FAIL_invalid_type, "vector must be an array",
     -1},
    {"{" ROW ",\"vector\":[1,\"2\"]}", FAIL_invalid_type, "a string", -1},
    {"{" ROW ",\"vector\":[1,null]}", FAIL_invalid_type, "null", -1},
    {"{" ROW ",\"vector\":[1e39]}", FAIL_invalid_vector, "too large", -1},
    {"{" ROW ",\"vector\":[1],\"bias\":-1e300}", FAIL_invalid_vector, "bias",
     -1},
    {"{" ROW ",\"vector\":[1],\"bias\":true}", FAIL_invalid_type, "bias", -1},
    {"{" ROW ",\"vector\":[1],\"count\":-1}", FAIL_invalid_vector, "count",
     -1},
    {"{" ROW ",\"vector\":[1],\"count\":16777217}", FAIL_invalid_vector,
     "count", -1},
    {"{" ROW ",\"vector\":[1],\"count\":1.0}", FAIL_invalid_vector, "count",
     -1},
    {"{" ROW ",\"vektor\":[1]}", FAIL_unknown_field, "vector", -1},
    {"{\"mean\":3," ROW "}", FAIL_unknown_field, "mean stands alone", -1},
    {"{\"mean\":3,\"bias\":1}", FAIL_unknown_field, "mean stands alone", -1},
    {"{\"mean\":\"3\"}", FAIL_invalid_type, "mean", -1},
    {"[{\"mean\":3},{\"mean\":[]}]", FAIL_invalid_type, "mean", 1},
    {"[{\"mean\":3},4]", FAIL_invalid_type, "a vector must be", 1},
    {"{\"layer\":0,\"unit\":0}", FAIL_missing_field, "weights is missing",
     -1},
    {"{\"layer\":0,\"weights\":[]}", FAIL_missing_field, "unit is missing",
     -1},
    {"{\"unit\":0,\"weights\":[]}", FAIL_missing_field, "layer is missing",
     -1},
    {"{\"layer\":-1,\"unit\":0,\"weights\":[]}", FAIL_invalid_vector, "layer",
     -1},
    {"{\"layer\":0,\"unit\":65536,\"weights\":[]}", FAIL_invalid_vector,
     "unit", -1},
    {"{\"layer\":0,\"unit\":0,\"weights\":[\"\"]}", FAIL_invalid_type,
     "a string", -1},
    {"{\"layer\":0,\"unit\":0,\"weights\":[],\"count\":1}",
     FAIL_unknown_field, "a layer has", -1},
    {"{\"layer\":0,\"unit\":0,\"weights\":[]," ROW "}", FAIL_unknown_field,
     "a layer has", -1},
    {"{\"mean\":3,\"layers\":1}", FAIL_unknown_field, "mean stands alone", -1},
    {"{" ROW ",\"vector\":[1]", FAIL_invalid_json, "", -1},
};

START_TEST(bad_vectors)
{
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!parse(bad[i].json, &f), "%s", bad[i].json);
        ck_assert_msg(f.code == bad[i].code, "%s: %s: %s", bad[i].json,
                      fail_name(f.code), f.message);
        ck_assert_msg(strstr(f.message, bad[i].message), "%s: %s", bad[i].json,
                      f.message);
        ck_assert_int_eq(f.index, bad[i].index);
    }
}
END_TEST

START_TEST(a_line_is_one_object)
{
    struct fail f;
    const char *one = "{\"mean\":3}", *list = "[{\"mean\":3}]";
    buf_clear(&got);
    ck_assert(vectors_parse_line(one, strlen(one), &proto_test_limits, keep,
                                 NULL, &f));
    ck_assert(!vectors_parse_line(list, strlen(list), &proto_test_limits, keep,
                                  NULL, &f));
    ck_assert_int_eq(f.code, FAIL_invalid_type);
    ck_assert(!vectors_parse(list, strlen(list), &proto_test_limits, refuse,
                             NULL, &f));
    ck_assert_int_eq(f.code, FAIL_model_full);
    ck_assert_int_eq(f.index, 0);
}
END_TEST

START_TEST(vectors_written_read_back)
{
    static const float values[] = {0.1f, -3, 1e-30f, 16777216};
    const struct vector rows[] = {
        {.user = {"u\"\\\xc3\xa9", 5}, .bias = 0.3f, .at = values, .n = 4},
        {.item = {"i", 1}, .ranking = true, .bias = -1, .count = 9,
         .at = values, .n = 1},
        {.bias = 3.53f, .count = 100}};
    struct buf line = {0};
    struct fail f;
    for (size_t i = 0; i < 3; i++) {
        char expected[256];
        buf_clear(&got);
        ck_assert(keep(NULL, &rows[i], &f));
        snprintf(expected, sizeof expected, "%.*s", (int)got.len, got.p);
        buf_clear(&line);
        vectors_write_line(&line, &rows[i]);
        ck_assert_int_eq(line.p[line.len - 1], '\n');
        ck_assert(line.len > 2 && !memchr(line.p, '\n', line.len - 1));
        buf_clear(&got);
        ck_assert(vectors_parse_line(line.p, line.len, &proto_test_limits, keep,
                                     NULL, &f));
        ck_assert_uint_eq(got.len, strlen(expected));
        ck_assert_int_eq(memcmp(got.p, expected, got.len), 0);
    }
    buf_release(&line);
}
END_TEST

/* ---- training ------------------------------------------------------------ */

static bool parse_training(const char *s, struct training *t, struct fail *f)
{
    *t = training_default(20);
    return training_parse(s, strlen(s), &proto_test_limits, t, f);
}

START_TEST(good_trainings)
{
    struct training t, plain = training_default(20);
    unsigned char a[TRAINING_BYTES], b[TRAINING_BYTES];
    struct fail f;
    ck_assert(parse_training("{}", &t, &f));
    training_encode(&t, a);
    training_encode(&plain, b);
    ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
    ck_assert(parse_training("{\"epochs\":1000,\"factor_rate\":0,"
                             "\"bias_rate\":10,\"feature_rate\":0.5,"
                             "\"factor_l2\":1,\"bias_l2\":2,\"decay\":1,"
                             "\"init\":3,\"fresh\":false}", &t, &f));
    ck_assert_uint_eq(t.epochs, 1000);
    ck_assert(t.factor_rate == 0 && t.bias_rate == 10 && t.init == 3 &&
              t.feature_rate == 0.5f && t.factor_l2 == 1 && t.bias_l2 == 2 &&
              t.decay == 1 && !t.fresh);
    ck_assert(parse_training("{\"decay\":1e-9}", &t, &f));
}
END_TEST

static const struct {
    const char *json;
    enum fail_code code;
    const char *message;
} bad_training[] = {
    {"[]", FAIL_invalid_type, "the body"},
    {"{\"epochs\":0}", FAIL_invalid_training, "epochs must be"},
    {"{\"epochs\":1001}", FAIL_invalid_training, "1..1000"},
    {"{\"epochs\":4294967297}", FAIL_invalid_training, "1..1000"},
    {"{\"epochs\":2.0}", FAIL_invalid_training, "whole"},
    {"{\"factor_rate\":-0.1}", FAIL_invalid_training, "factor_rate"},
    {"{\"bias_rate\":10.1}", FAIL_invalid_training, "in 0..10"},
    {"{\"init\":1e300}", FAIL_invalid_training, "init"},
    {"{\"decay\":0}", FAIL_invalid_training, "at most 1"},
    {"{\"decay\":1.001}", FAIL_invalid_training, "decay"},
    {"{\"factor_l2\":\"1\"}", FAIL_invalid_type, "a string"},
    {"{\"fresh\":1}", FAIL_invalid_type, "fresh"},
    {"{\"epoch\":1}", FAIL_unknown_field, "epochs"},
};

START_TEST(bad_trainings)
{
    struct training t;
    struct fail f;
    for (size_t i = 0; i < sizeof bad_training / sizeof *bad_training; i++) {
        ck_assert_msg(!parse_training(bad_training[i].json, &t, &f), "%s",
                      bad_training[i].json);
        ck_assert_msg(f.code == bad_training[i].code, "%s: %s",
                      bad_training[i].json, f.message);
        ck_assert_msg(strstr(f.message, bad_training[i].message), "%s: %s",
                      bad_training[i].json, f.message);
    }
}
END_TEST

START_TEST(trainings_read_back)
{
    struct training t = training_default(33), again, coded;
    unsigned char a[TRAINING_BYTES], b[TRAINING_BYTES];
    struct buf text = {0};
    struct fail f;
    t.fresh = false;
    t.bias_rate = 0.1f;
    training_write(&text, &t);
    again = training_default(1);
    ck_assert(training_parse(text.p, text.len, &proto_test_limits, &again, &f));
    training_encode(&t, a);
    training_encode(&again, b);
    ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
    ck_assert(training_decode(a, sizeof a, &coded));
    training_encode(&coded, b);
    ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
    ck_assert(!training_decode(a, sizeof a - 1, &coded));
    for (size_t i = 0; i < sizeof a; i += 4) { // NaN, or a flag not known
        memcpy(b, a, sizeof a);
        memset(b + i, 0xff, 4);
        ck_assert_msg(!training_decode(b, sizeof b, &coded), "word %zu", i / 4);
    }
    buf_release(&text);
}
END_TEST

PROTO_TEST_MAIN("vectors_msg", good_vectors, bad_vectors, a_line_is_one_object,
                vectors_written_read_back, good_trainings, bad_trainings,
                trainings_read_back)
