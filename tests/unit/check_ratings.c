/* check_ratings.c -- every way a rating can be right or wrong. */
#include "proto_test.h"

#include "proto/arena.h"
#include "proto/ratings.h"

struct got {
    uint32_t n, stop_at;     /* stop_at: the sink refuses this one; 0: none */
    char user[300], item[300], event[300];
    float value;
    int64_t time_ms;
};

static bool keep(void *arg, const struct rating *r, struct fail *f)
{
    struct got *g = arg;
    if (g->stop_at && g->n + 1 == g->stop_at)
        return fail_set(f, FAIL_model_full, NULL);
    g->n++;
    memcpy(g->user, r->user.s, r->user.len);
    g->user[r->user.len] = '\0';
    memcpy(g->item, r->item.s, r->item.len);
    g->item[r->item.len] = '\0';
    snprintf(g->event, sizeof g->event, "%.*s", (int)r->event_id.len,
             r->event_id.s);
    g->value = r->value;
    g->time_ms = r->time_ms;
    return true;
}

static bool line(const char *s, struct got *g, struct fail *f)
{
    *g = (struct got){0};
    f->code = FAIL_NONE;
    return ratings_parse_line(s, strlen(s), &proto_test_limits, keep, g, f);
}

static bool document(const char *s, struct got *g, struct fail *f)
{
    g->n = 0;
    f->code = FAIL_NONE;
    return ratings_parse(s, strlen(s), &proto_test_limits, keep, g, f);
}

static const struct {
    const char *json, *user, *item;
    float value;
    int64_t time_ms;
    const char *event;       /* NULL: none */
} good[] = {
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":4}", "u", "i", 4,
     TIME_UNSET, NULL},
    {"{\"rating\":3.5,\"item_id\":456,\"user_id\":-7}", "-7", "456", 3.5f,
     TIME_UNSET, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":1,\"timestamp\":0}",
     "u", "i", 1, 0, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":5,"
     "\"timestamp\":881250949}", "u", "i", 5, 881250949000, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":5.0e0,"
     "\"timestamp\":1699999999.1234}", "u", "i", 5, 1699999999123, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":2,"
     "\"timestamp\":1700086400}", "u", "i", 2, 1700086400000, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":5.00000001}", "u", "i",
     5, TIME_UNSET, NULL}, // 5 once it is a float
    {" {\"user_id\":\"\\u00e9/..\",\"item_id\":\" \",\"rating\":1.1}\r",
     "\xc3\xa9/..", " ", 1.1f, TIME_UNSET, NULL},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":4,\"event_id\":\"e 7\"}",
     "u", "i", 4, TIME_UNSET, "e 7"},
    {"{\"event_id\":-12,\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":4,"
     "\"timestamp\":7}", "u", "i", 4, 7000, "-12"},
    {"{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":4,"
     "\"event_id\":\"\\u00e9\"}", "u", "i", 4, TIME_UNSET, "\xc3\xa9"},
};

START_TEST(good_ratings)
{
    struct got g;
    struct fail f;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(line(good[i].json, &g, &f), "%s: %s", good[i].json,
                      f.message);
        ck_assert_str_eq(g.user, good[i].user);
        ck_assert_str_eq(g.item, good[i].item);
        ck_assert(g.value == good[i].value);
        ck_assert_int_eq(g.time_ms, good[i].time_ms);
        ck_assert_str_eq(g.event, good[i].event ? good[i].event : "");
        ck_assert(document(good[i].json, &g, &f));
        ck_assert_uint_eq(g.n, 1);
    }
}
END_TEST

#define UI "\"user_id\":\"u\",\"item_id\":\"i\","
static const struct {
    const char *json;
    enum fail_code code;
    const char *message;     /* a part of it */
} bad[] = {
    {"{" UI "\"rating\":0}", FAIL_invalid_rating, "rating 0 is not in 1..5"},
    {"{" UI "\"rating\":6}", FAIL_invalid_rating, "rating 6 is not in 1..5"},
    {"{" UI "\"rating\":5.0001}", FAIL_invalid_rating, "5.0001"},
    {"{" UI "\"rating\":1e308}", FAIL_invalid_rating, "1e+308"},
    {"{" UI "\"rating\":-1e308}", FAIL_invalid_rating, "-1e+308"},
    {"{" UI "\"rating\":1e-400}", FAIL_invalid_rating, "rating 0 is not"},
    {"{" UI "\"rating\":-0}", FAIL_invalid_rating, "1..5"},
    {"{" UI "\"rating\":9007199254740993}", FAIL_invalid_rating, "1..5"},
    {"{" UI "\"rating\":\"5\"}", FAIL_invalid_rating, "not a string"},
    {"{" UI "\"rating\":true}", FAIL_invalid_rating, "not true"},
    {"{" UI "\"rating\":null}", FAIL_invalid_rating, "not null"},
    {"{" UI "\"rating\":[4]}", FAIL_invalid_rating, "not an array"},
    {"{" UI "\"rating\":NaN}", FAIL_invalid_json, "NaN"},
    {"{" UI "\"rating\":Infinity}", FAIL_invalid_json, "Infinity"},
    {"{" UI "\"rating\":1e400}", FAIL_invalid_json, "overflow"},
    {"{" UI "\"rating\":4,\"rating\":4}", FAIL_invalid_json, "duplicate"},
    {"{\"item_id\":\"i\",\"rating\":4}", FAIL_missing_field, "user_id"},
    {"{\"user_id\":\"u\",\"rating\":4}", FAIL_missing_field, "item_id"},
    {"{\"user_id\":\"u\",\"item_id\":\"i\"}", FAIL_missing_field, "rating"},
    {"{}", FAIL_missing_field, "user_id"},
    {"{\"user_id\":\"\",\"item_id\":\"i\",\"rating\":4}", FAIL_invalid_id,
     "user_id is empty"},
    {"{\"user_id\":\"u\",\"item_id\":\"a\\u0007\",\"rating\":4}",
     FAIL_invalid_id, "item_id must be UTF-8 without control"},
    {"{\"user_id\":1.5,\"item_id\":\"i\",\"rating\":4}", FAIL_invalid_type,
     "user_id must be a string or an integer, not a real number"},
    {"{\"user_id\":\"\xff\",\"item_id\":\"i\",\"rating\":4}",
     FAIL_invalid_json, "0xff"},
    {"{" UI "\"rating\":4,\"timestamp\":-1}", FAIL_invalid_timestamp,
     "before 1970"},
    {"{" UI "\"rating\":4,\"timestamp\":-0.5}", FAIL_invalid_timestamp, "-0.5"},
    {"{" UI "\"rating\":4,\"timestamp\":1700086400.001}",
     FAIL_invalid_timestamp, "86400 seconds in the future"},
    {"{" UI "\"rating\":4,\"timestamp\":1700000000000}",
     FAIL_invalid_timestamp, "looks like milliseconds"},
    {"{" UI "\"rating\":4,\"timestamp\":1e300}", FAIL_invalid_timestamp,
     "milliseconds or finer"},
    {"{" UI "\"rating\":4,\"timestamp\":\"2022-08-25\"}",
     FAIL_invalid_timestamp, "not a string"},
    {"{" UI "\"rating\":4,\"timestamp\":null}", FAIL_invalid_timestamp,
     "not null"},
    {"{" UI "\"rating\":4,\"ratting\":4}", FAIL_unknown_field,
     "\"ratting\" is not known; did you mean \"rating\"?"},
    {"{\"userId\":1}", FAIL_unknown_field, "did you mean \"user_id\"?"},
    {"{\"ITEM_ID\":1}", FAIL_unknown_field, "did you mean \"item_id\"?"},
    {"{\"time\":1}", FAIL_unknown_field, "did you mean \"timestamp\"?"},
    {"{\"eventId\":1}", FAIL_unknown_field, "did you mean \"event_id\"?"},
    {"{" UI "\"rating\":4,\"teacher_rating\":6}", FAIL_invalid_rating,
     "teacher_rating 6 is not in 1..5"},
    {"{" UI "\"rating\":4,\"teacher_rating\":null}", FAIL_invalid_rating,
     "teacher_rating must be a number in 1..5, not null"},
    {"{" UI "\"rating\":4,\"event_id\":\"\"}", FAIL_invalid_id,
     "event_id is empty"},
    {"{" UI "\"rating\":4,\"event_id\":\"a\\tb\"}", FAIL_invalid_id,
     "event_id must be UTF-8 without control"},
    {"{" UI "\"rating\":4,\"event_id\":null}", FAIL_invalid_type,
     "event_id must be a string or an integer, not null"},
    {"{" UI "\"rating\":4,\"event_id\":1.5}", FAIL_invalid_type,
     "event_id must be a string or an integer, not a real number"},
    {"{" UI "\"rating\":4,\"event_id\":1,\"event_id\":1}", FAIL_invalid_json,
     "duplicate"},
    {"{\"a\\nb\":1}", FAIL_unknown_field, "\"a\\x0ab\""},
    {"{\"\":1}", FAIL_unknown_field, "the field \"\" is not known"},
};

START_TEST(bad_ratings)
{
    struct got g;
    struct fail f;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!line(bad[i].json, &g, &f), "%s", bad[i].json);
        ck_assert_msg(f.code == bad[i].code &&
                      strstr(f.message, bad[i].message), "%s: %s: %s",
                      bad[i].json, fail_name(f.code), f.message);
        ck_assert_int_eq(f.index, -1);
        ck_assert_uint_eq(g.n, 0);
        ck_assert(!document(bad[i].json, &g, &f));
        ck_assert_int_eq(f.code, bad[i].code);
        ck_assert_int_eq(f.index, -1);
        ck_assert_uint_le(arena_held(), ARENA_KEEP);
    }
}
END_TEST

START_TEST(minus_zero_is_zero)
{
    struct proto_limits l = proto_test_limits;
    static const char json[] = "{" UI "\"rating\":-0.0}";
    struct got g = {0};
    struct fail f;
    float zero = 0;
    l.rating_min = 0;
    ck_assert(ratings_parse_line(json, sizeof json - 1, &l, keep, &g, &f));
    ck_assert_int_eq(memcmp(&g.value, &zero, sizeof zero), 0);
}
END_TEST

START_TEST(ids_of_256_and_257_bytes)
{
    char json[700], id[258];
    struct got g;
    struct fail f;
    memset(id, 'x', sizeof id);
    for (int n = 256; n <= 257; n++) {
        snprintf(json, sizeof json, "{\"user_id\":\"%.*s\",\"item_id\":\"%.*s\""
                 ",\"rating\":4}", n, id, n, id);
        ck_assert_int_eq(line(json, &g, &f), n == 256);
    }
    ck_assert_int_eq(f.code, FAIL_invalid_id);
    ck_assert_str_eq(f.message, "user_id is longer than 256 bytes");
    for (int n = 256; n <= 257; n++) {
        snprintf(json, sizeof json, "{" UI "\"rating\":4,"
                 "\"event_id\":\"%.*s\"}", n, id);
        ck_assert_int_eq(line(json, &g, &f), n == 256);
    }
    ck_assert_int_eq(f.code, FAIL_invalid_id);
    ck_assert_str_eq(f.message, "event_id is longer than 256 bytes");
}
END_TEST

START_TEST(unknown_names_of_any_length)
{
    struct got g;
    struct fail f;
    char *json = malloc(200000);
    ck_assert_ptr_nonnull(json);
    for (int n = 1; n < 100000; n = n * 2 + 1) {
        char *p = json + snprintf(json, 3, "{\"");
        memset(p, 'n', (size_t)n);
        memcpy(p + n, "\":1}", 5);
        ck_assert(!line(json, &g, &f));
        ck_assert_int_eq(f.code, FAIL_unknown_field);
        ck_assert_ptr_nonnull(strstr(f.message, "is not known"));
    }
    free(json);
}
END_TEST

/* ---- arrays ------------------------------------------------------------- */

/* n good ratings, the one at `broken` out of range. */
static char *array_of(int n, int broken)
{
    char *s = malloc((size_t)n * 64 + 3), *p = s;
    ck_assert_ptr_nonnull(s);
    *p++ = '[';
    for (int i = 0; i < n; i++)
        p += snprintf(p, 64, "%s{\"user_id\":%d,\"item_id\":%d,\"rating\":%d}",
                      i ? "," : "", i, i % 7, i == broken ? 6 : i % 5 + 1);
    memcpy(p, "]", 2);
    return s;
}

START_TEST(arrays)
{
    struct got g = {0};
    struct fail f;
    char *s = array_of(10000, -1);
    ck_assert_msg(document(s, &g, &f), "%s", f.message);
    ck_assert_uint_eq(g.n, 10000);
    ck_assert_str_eq(g.user, "9999");
    ck_assert_uint_le(arena_held(), ARENA_KEEP);
    free(s);
    s = array_of(10001, -1);
    ck_assert(!document(s, &g, &f));
    ck_assert_int_eq(f.code, FAIL_too_many_elements);
    ck_assert_uint_eq(g.n, 0);
    free(s);
}
END_TEST

START_TEST(the_bad_element_is_named)
{
    struct got g = {0};
    struct fail f;
    char *s = array_of(1000, 499);
    ck_assert(!document(s, &g, &f));
    ck_assert_int_eq(f.code, FAIL_invalid_rating);
    ck_assert_int_eq(f.index, 499);
    free(s);
    ck_assert(!document("[{" UI "\"rating\":4},[]]", &g, &f));
    ck_assert_int_eq(f.code, FAIL_invalid_type);
    ck_assert_int_eq(f.index, 1);
    ck_assert_str_eq(f.message, "a rating must be a JSON object, not an array");
    ck_assert(!document("[]", &g, &f));
    ck_assert_int_eq(f.code, FAIL_empty_batch);
    ck_assert_int_eq(f.index, -1);
    ck_assert(!line("[{" UI "\"rating\":4}]", &g, &f));
    ck_assert_int_eq(f.code, FAIL_invalid_type);
}
END_TEST

START_TEST(the_sink_can_refuse)
{
    struct got g = {.stop_at = 4};
    struct fail f;
    char *s = array_of(10, -1);
    ck_assert(!document(s, &g, &f));
    ck_assert_uint_eq(g.n, 3);
    ck_assert_int_eq(f.code, FAIL_model_full);
    ck_assert_int_eq(f.index, 3);
    free(s);
}
END_TEST

PROTO_TEST_MAIN("ratings", good_ratings, bad_ratings, minus_zero_is_zero,
                ids_of_256_and_257_bytes, unknown_names_of_any_length, arrays,
                the_bad_element_is_named, the_sink_can_refuse)
