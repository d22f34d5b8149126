/* check_ratings_write.c -- receipts, and lines that the parser reads back. */
#include "proto_test.h"

#include "proto/ratings.h"

struct got {
    char user[16], item[16], event[16];
    float value, teacher;
    bool has_teacher;
    int64_t time_ms;
};

static bool keep(void *arg, const struct rating *r, struct fail *f)
{
    struct got *g = arg;
    (void)f;
    snprintf(g->user, sizeof g->user, "%.*s", (int)r->user.len, r->user.s);
    snprintf(g->item, sizeof g->item, "%.*s", (int)r->item.len, r->item.s);
    snprintf(g->event, sizeof g->event, "%.*s", (int)r->event_id.len,
             r->event_id.s);
    g->value = r->value;
    g->has_teacher = r->has_teacher;
    g->teacher = r->teacher;
    g->time_ms = r->time_ms;
    return true;
}

static bool line(const struct buf *b, struct got *g, struct fail *f)
{
    ck_assert_int_eq(b->p[b->len - 1], '\n');
    return ratings_parse_line(b->p, b->len - 1, &proto_test_limits, keep, g, f);
}

START_TEST(receipts)
{
    struct buf b = {0};
    static struct receipt r = {.accepted = 3, .seq = 42};
    receipt_write(&b, &r);
    buf_putc(&b, '\0');
    ck_assert_str_eq(b.p, "{\"accepted\":3,\"duplicates\":0,\"rejected\":0,"
                          "\"errors\":[],\"seq\":42}");
    r.rejected = 30;
    r.duplicates = UINT64_MAX;
    r.has_model_seq = true;
    r.model_seq = 41;
    r.nerrors = 2;
    fail_set(&r.errors[0], FAIL_invalid_rating, "a");
    r.errors[0].index = 7;
    fail_set(&r.errors[1], FAIL_invalid_json, "b");
    r.errors[1].index = 8;
    buf_clear(&b);
    receipt_write(&b, &r);
    buf_putc(&b, '\0');
    ck_assert_str_eq(
        b.p, "{\"accepted\":3,\"duplicates\":18446744073709551615,"
             "\"rejected\":30,\"errors\":["
             "{\"code\":\"invalid_rating\",\"message\":\"a\",\"index\":7},"
             "{\"code\":\"invalid_json\",\"message\":\"b\",\"index\":8}],"
             "\"seq\":42,\"model_seq\":41}");
    buf_release(&b);
}
END_TEST

static const struct {
    const char *user, *item, *event;
    float value;
    int64_t time_ms;
    const char *line;
} lines[] = {
    {"1", "2", "", 4, TIME_UNSET,
     "{\"user_id\":\"1\",\"item_id\":\"2\",\"rating\":4}\n"},
    {"a\"b", "c\\d", "", 3.3f, 881250949000,
     "{\"user_id\":\"a\\\"b\",\"item_id\":\"c\\\\d\",\"rating\":3.3,"
     "\"timestamp\":881250949}\n"},
    {"u", "i", "", 1, 1007,
     "{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":1,"
     "\"timestamp\":1.007}\n"},
    {"u", "i", "a\"7", 1, TIME_UNSET,
     "{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":1,"
     "\"event_id\":\"a\\\"7\"}\n"},
    {"u", "i", "7", 1, 0,
     "{\"user_id\":\"u\",\"item_id\":\"i\",\"rating\":1,\"timestamp\":0,"
     "\"event_id\":\"7\"}\n"},
};

START_TEST(lines_read_back)
{
    struct buf b = {0};
    struct got g = {0};
    struct fail f;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct rating r = {
            .user = {lines[i].user, (uint32_t)strlen(lines[i].user)},
            .item = {lines[i].item, (uint32_t)strlen(lines[i].item)},
            .event_id = {lines[i].event, (uint32_t)strlen(lines[i].event)},
            .value = lines[i].value, .time_ms = lines[i].time_ms};
        buf_clear(&b);
        ratings_write_line(&b, &r);
        ck_assert_uint_eq(b.len, strlen(lines[i].line));
        ck_assert_int_eq(memcmp(b.p, lines[i].line, b.len), 0);
        ck_assert(line(&b, &g, &f));
        ck_assert_str_eq(g.user, lines[i].user);
        ck_assert_str_eq(g.item, lines[i].item);
        ck_assert_str_eq(g.event, lines[i].event);
        ck_assert(g.value == lines[i].value);
        ck_assert_int_eq(g.time_ms, lines[i].time_ms);
    }
    buf_release(&b);
}
END_TEST

START_TEST(a_teacher_reads_back)
{
    struct rating r = {.user = {"u", 1}, .item = {"i", 1}, .value = 1,
                       .time_ms = TIME_UNSET, .has_teacher = true,
                       .teacher = 3.3f};
    struct buf b = {0};
    struct got g = {0};
    struct fail f;
    ratings_write_line(&b, &r);
    ck_assert(line(&b, &g, &f));
    ck_assert(g.has_teacher && g.teacher == 3.3f);
    r.has_teacher = false;
    buf_clear(&b);
    ratings_write_line(&b, &r);
    ck_assert(line(&b, &g, &f));
    ck_assert(!g.has_teacher);
    buf_release(&b);
}
END_TEST

START_TEST(every_millisecond_reads_back)
{
    struct buf b = {0};
    struct got g = {0};
    struct fail f;
    uint64_t state = 7;
    for (int i = 0; i < 20000; i++) {
        struct rating r = {.user = {"u", 1}, .item = {"i", 1}, .value = 1};
        r.time_ms = (int64_t)(proto_test_random(&state) % NOW_MS);
        buf_clear(&b);
        ratings_write_line(&b, &r);
        ck_assert(line(&b, &g, &f));
        ck_assert_int_eq(g.time_ms, r.time_ms);
    }
    buf_release(&b);
}
END_TEST

PROTO_TEST_MAIN("ratings_write", receipts, lines_read_back,
                a_teacher_reads_back,
                every_millisecond_reads_back)
