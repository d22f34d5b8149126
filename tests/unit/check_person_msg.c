/* check_person_msg.c -- the export of a person and the receipt of an erasure:
 * the very bytes, and JSON whatever the ids are. */
#include "proto_test.h"

#include <jansson.h>
#include <math.h>

#include "proto/person.h"

static struct id id(const char *s)
{
    return (struct id){s, (uint32_t)strlen(s)};
}

static void is(struct buf *out, const char *want)
{
    buf_putc(out, '\0');
    ck_assert(!out->failed);
    ck_assert_str_eq(out->p, want);
    json_error_t e;
    json_t *parsed = json_loads(out->p, JSON_REJECT_DUPLICATES, &e);
    ck_assert_msg(parsed != NULL, "%s: %s", e.text, out->p);
    json_decref(parsed);
    buf_release(out);
}

START_TEST(nothing_held)
{
    struct buf out = {0};
    person_begin(&out, id("ann"));
    person_model(&out, NULL);
    person_seen_begin(&out);
    person_liked_begin(&out);
    person_replay_begin(&out);
    person_events_begin(&out);
    person_end(&out, 0, false, 0);
    is(&out, "{\"user_id\":\"ann\",\"model\":null,\"seen\":[],\"liked\":[],"
             "\"replay\":[],"
             "\"events\":[],\"log\":false,\"next_seq\":null,\"model_seq\":0}");
}
END_TEST

static const unsigned char card[] = {2, 0, 1, 0, 'a'};

/* One of each, seq 7 to 12. */
static void put_events(struct buf *out)
{
    static const unsigned char vector[12] = {[10] = 0x80, [11] = 0x3f};
    struct person_event full = {.seq = 7, .item = id("i\"1"), .value = 4.5f,
                                .time_ms = 1700000000123,
                                .event_id = id("e/1")};
    struct person_event plain = {.seq = 8, .item = id("\xc3\xa4"), .value = 1,
                                 .time_ms = 1700000000000};
    struct person_event taught = {.seq = 9, .item = id("i"), .value = 1,
                                  .time_ms = 7, .has_second = true,
                                  .second = 2.5f};
    struct person_event watch = {.seq = 10, .item = id("i"), .value = 0.2f,
                                 .time_ms = 1000, .has_second = true,
                                 .second = 6, .event_id = id("e"),
                                 .payload = (const unsigned char *)"watch",
                                 .payload_bytes = 5};
    struct person_event put = {.seq = 11, .time_ms = 1000, .payload = card,
                               .payload_bytes = sizeof card};
    struct person_event import = {.seq = 12, .value = -1, .time_ms = 1000,
                                  .payload = vector,
                                  .payload_bytes = sizeof vector};
    person_rating(out, true, &full);
    person_rating(out, false, &plain);
    person_rating(out, false, &taught);
    person_behaviour(out, false, &watch);
    person_metadata(out, false, &put);
    person_vector(out, false, &import);
}

START_TEST(all_of_it)
{
    static const float factors[] = {0.5f, -0.1f, 0, NAN};
    struct person_model m = {.first_seq = 7, .ratings = 3, .bias = -0.25f,
                             .factors = factors, .dim = 4,
                             .positives = 2, .card = card,
                             .card_bytes = sizeof card,
                             .ranking_factors = factors, .ranking_dim = 2};
    struct buf out = {0};
    person_begin(&out, id("a\nb"));
    person_model(&out, &m);
    person_seen_begin(&out);
    person_seen(&out, true, id("i\"1"), 0);
    person_kind(&out, true, id("rating"));
    person_kind(&out, false, id("view"));
    person_seen_end(&out);
    person_seen(&out, false, id("j"), 65535);
    person_kind(&out, true, id("others"));
    person_seen_end(&out);
    person_liked_begin(&out);
    person_item(&out, true, id("j"));
    person_item(&out, false, id("i\"1"));
    person_replay_begin(&out);
    person_replay(&out, true, id("i\"1"), 4.5f, 7);
    person_replay(&out, false, id("j"), 3, 9007199254740993);
    person_positives_begin(&out);
    person_positive(&out, true, id("j"), 0.5f, 6);
    person_positive(&out, false, id("k"), 1, 7);
    person_events_begin(&out);
    put_events(&out);
    person_end(&out, 12, true, 11);
    is(&out,
       "{\"user_id\":\"a\\nb\",\"model\":{\"first_seq\":7,\"ratings\":3,"
       "\"positives\":2,\"bias\":-0.25,\"factors\":[0.5,-0.1,0,null],"
       "\"ranking_factors\":[0.5,-0.1],\"metadata\":{\"tags\":[\"a\"]}},"
       "\"seen\":[{\"item_id\":\"i\\\"1\",\"day\":\"1970-01-01\","
       "\"kinds\":[\"rating\",\"view\"]},{\"item_id\":\"j\","
       "\"day\":\"2149-06-06\",\"kinds\":[\"others\"]}],"
       "\"liked\":[\"j\",\"i\\\"1\"],"
       "\"replay\":[{\"item_id\":\"i\\\"1\",\"rating\":4.5,\"seq\":7},"
       "{\"item_id\":\"j\",\"rating\":3,\"seq\":9007199254740993}],"
       "\"ranking_replay\":[{\"item_id\":\"j\",\"weight\":0.5,\"seq\":6},"
       "{\"item_id\":\"k\",\"weight\":1,\"seq\":7}],"
       "\"events\":[{\"seq\":7,\"type\":\"rating\",\"item_id\":\"i\\\"1\","
       "\"rating\":4.5,\"timestamp\":1700000000.123,\"event_id\":\"e/1\"},"
       "{\"seq\":8,\"type\":\"rating\",\"item_id\":\"\xc3\xa4\",\"rating\":1,"
       "\"timestamp\":1700000000},"
       "{\"seq\":9,\"type\":\"rating\",\"item_id\":\"i\",\"rating\":1,"
       "\"teacher_rating\":2.5,\"timestamp\":0.007},"
       "{\"seq\":10,\"type\":\"watch\",\"item_id\":\"i\",\"value\":6,"
       "\"weight\":0.2,\"timestamp\":1,\"event_id\":\"e\"},"
       "{\"seq\":11,\"type\":\"metadata\",\"metadata\":{\"tags\":[\"a\"]},"
       "\"timestamp\":1},"
       "{\"seq\":12,\"type\":\"vector\",\"head\":\"rating\",\"bias\":-1,"
       "\"vector\":[0,1],\"timestamp\":1}],"
       "\"log\":true,\"next_seq\":12,\"model_seq\":11}");
}
END_TEST

START_TEST(receipts)
{
    struct erasure_receipt e = {.what = "erased", .events = 15, .seq = 99,
                                .exact = true, .interim = true,
                                .model_seq = 100};
    struct buf out = {0};
    person_erased(&out, &e);
    is(&out, "{\"erased\":true,\"events\":15,\"seq\":99,\"exact\":true,"
             "\"interim\":true,\"model_seq\":100}");
    e = (struct erasure_receipt){.what = "retracted", .seq = 9007199254740993};
    person_erased(&out, &e);
    is(&out, "{\"retracted\":true,\"events\":0,\"seq\":9007199254740993,"
             "\"exact\":false,\"interim\":false,\"model_seq\":0}");
}
END_TEST

PROTO_TEST_MAIN("person_msg", nothing_held, all_of_it, receipts)
