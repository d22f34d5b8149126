/* check_stats.c -- what the daemon says of itself: every field, null for what
 * is not a number, and nothing of a store where there is none. */
#include "proto_test.h"

#include <jansson.h>
#include <math.h>

#include "proto/stats.h"

static struct stats some(void)
{
    return (struct stats){
        .seq = 120, .model_seq = 100, .users = 3, .items = 4, .events = 90,
        .skipped = 10, .rmse = 0.92345678, .mae = 0.7, .rmse_recent = 0.9,
        .mae_recent = 0.6, .rmse_mean = 1.1, .rmse_cold_items = 1.25,
        .rmse_cold_users = (double)NAN, .rank_samples = 17, .hr10 = 0.2,
        .hr10_popularity = 0.1, .ndcg10 = 0.15, .ndcg10_popularity = 0.0625,
        .mean = 3.5, .hash_known = true, .hash = 0xabcdef,
        .hash_seq = 99, .queue_depth = 20, .publishes = 33, .guard = "held",
        .held_since_seq = 7, .folded_seq = 8, .paused = true, .pace = 1.5,
        .visible_p50 = 0.00123456, .visible_p99 = 0.25, .memory_bytes = 4096,
        .epoch = 2, .interim = true, .durable = true, .storage = "storage_full",
        .durable_seq = 119, .snapshot_seq = 64, .log_bytes = 1 << 20,
        .log_segments = 5, .connections = 7, .uptime = 12.5, .rating_min = 0.5f,
        .rating_max = 5, .rating_dim = 16,
        .ranking_dim = 32, .version = "1.2 \"x\""};
}

static json_t *read(struct buf *out)
{
    json_error_t e;
    ck_assert(!out->failed);
    json_t *o = json_loadb(out->p, out->len, JSON_REJECT_DUPLICATES, &e);
    ck_assert_msg(o != NULL, "%s: %.*s", e.text, (int)out->len, out->p);
    buf_release(out);
    return o;
}

static json_t *stats_of(const struct stats *s)
{
    struct buf out = {0};
    stats_write(&out, s);
    return read(&out);
}

static const struct {
    const char *name;
    double value;
} numbers[] = {
    {"seq", 120}, {"model_seq", 100}, {"lag", 20}, {"users", 3}, {"items", 4},
    {"events", 90}, {"skipped", 10}, {"rmse", 0.923457}, {"rmse_recent", 0.9},
    {"mae", 0.7}, {"mae_recent", 0.6}, {"rmse_mean", 1.1},
    {"rmse_cold_items", 1.25}, {"rank_samples", 17}, {"hr10", 0.2},
    {"hr10_popularity", 0.1}, {"ndcg10", 0.15}, {"ndcg10_popularity", 0.0625},
    {"mean", 3.5}, {"model_hash_seq", 99},
    {"epoch", 2}, {"durable_seq", 119}, {"snapshot_seq", 64},
    {"log_bytes", 1 << 20}, {"log_segments", 5}, {"queue_depth", 20},
    {"publishes", 33}, {"held_since_seq", 7}, {"folded_seq", 8},
    {"pace", 1.5}, {"visible_p50_seconds", 0.001235},
    {"visible_p99_seconds", 0.25}, {"memory_bytes", 4096}, {"connections", 7},
    {"uptime_seconds", 12.5}, {"rating_min", 0.5}, {"rating_max", 5},
    {"rating_dim", 16}, {"ranking_dim", 32}};

START_TEST(every_field)
{
    struct stats s = some();
    json_t *o = stats_of(&s);
    size_t n = sizeof numbers / sizeof *numbers;
    for (size_t i = 0; i < n; i++) {
        json_t *v = json_object_get(o, numbers[i].name);
        ck_assert_msg(json_is_number(v), "%s", numbers[i].name);
        ck_assert_msg(json_number_value(v) == numbers[i].value, "%s",
                      numbers[i].name);
    }
    ck_assert_str_eq(json_string_value(json_object_get(o, "model_hash")),
                     "0000000000abcdef");
    ck_assert_str_eq(json_string_value(json_object_get(o, "storage")),
                     "storage_full");
    ck_assert_str_eq(json_string_value(json_object_get(o, "version")),
                     "1.2 \"x\"");
    ck_assert(json_is_true(json_object_get(o, "interim")));
    ck_assert(json_is_true(json_object_get(o, "durable")));
    ck_assert_str_eq(json_string_value(json_object_get(o, "guard")), "held");
    ck_assert(json_is_true(json_object_get(o, "paused")));
    ck_assert_uint_eq(json_object_size(o), n + 8);
    json_decref(o);
    s.guard = "ok";
    o = stats_of(&s);
    ck_assert_str_eq(json_string_value(json_object_get(o, "guard")), "ok");
    ck_assert_uint_eq(json_object_size(o), n + 6);
    json_decref(o);
}
END_TEST

START_TEST(what_is_not_known)
{
    struct stats s = some();
    s.model_seq = 121; // published while the other number was read
    s.hash_known = false;
    s.rmse = NAN;
    s.mean = INFINITY;
    s.durable = false;
    s.storage = NULL;
    s.interim = false;
    s.guard = "off";
    json_t *o = stats_of(&s);
    ck_assert_int_eq(json_integer_value(json_object_get(o, "lag")), 0);
    static const char *const null[] = {"rmse", "mean", "model_hash"};
    for (int i = 0; i < 3; i++)
        ck_assert(json_is_null(json_object_get(o, null[i])));
    static const char *const none[] = {"model_hash_seq", "storage",
                                       "durable_seq", "snapshot_seq",
                                       "log_bytes", "log_segments"};
    for (int i = 0; i < 6; i++)
        ck_assert_ptr_null(json_object_get(o, none[i]));
    ck_assert(json_is_false(json_object_get(o, "durable")));
    ck_assert(json_is_false(json_object_get(o, "interim")));
    json_decref(o);
}
END_TEST

static void is(struct buf *out, const char *want)
{
    buf_putc(out, '\0');
    ck_assert_str_eq(out->p, want);
    buf_release(out);
}

START_TEST(health)
{
    struct buf out = {0};
    health_write(&out, "ok", NULL);
    is(&out, "{\"status\":\"ok\"}");
    health_write(&out, "degraded", "storage_full");
    is(&out, "{\"status\":\"degraded\",\"reason\":\"storage_full\"}");
    health_recovering_write(&out, 4096, UINT64_MAX);
    is(&out, "{\"status\":\"not ready\",\"reason\":\"recovering\",\"seq\":4096,"
             "\"of\":18446744073709551615}");
}
END_TEST

START_TEST(snapshot)
{
    struct snapshot_receipt r = {.seq = 5, .model_hash = UINT64_MAX,
                                 .file = "00000000000000000005.safetensors",
                                 .bytes = 123456, .seconds = 0.0123456789};
    struct buf out = {0};
    snapshot_receipt_write(&out, &r);
    is(&out, "{\"seq\":5,\"model_hash\":\"ffffffffffffffff\","
             "\"file\":\"00000000000000000005.safetensors\",\"bytes\":123456,"
             "\"seconds\":0.0123457}");
}
END_TEST

PROTO_TEST_MAIN("stats", every_field, what_is_not_known, health, snapshot)
