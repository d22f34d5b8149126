/* check_log_line.c -- events of the log as lines: one of each type. */
#include "proto_test.h"

#include "proto/log_line.h"

static const unsigned char card[] = {2, 0, 1, 0, 'a'};
static const unsigned char two_seqs[16] = {5, 1, [8] = 9};
static const unsigned char vector[12] = {1, [10] = 0x80, [11] = 0x3f};

static const struct {
    struct log_line line;
    const char *out;
} lines[] = {
    {{.seq = 0, .type = 9, .payload = (const unsigned char *)"a=1\n",
      .payload_bytes = 4},
     "{\"seq\":0,\"type\":\"genesis\",\"settings\":\"a=1\\n\"}\n"},
    {{.seq = 1, .type = 0}, "{\"seq\":1,\"type\":\"void\"}\n"},
    {{.seq = 2, .type = 1, .user = {"u", 1}, .item = {"\"", 1}, .value = 0.1f,
      .time_ms = 1500, .event_id = {"e", 1}},
     "{\"seq\":2,\"type\":\"rating\",\"user_id\":\"u\",\"item_id\":\"\\\"\","
     "\"rating\":0.1,\"timestamp\":1.500,\"event_id\":\"e\"}\n"},
    {{.seq = 3, .type = 1, .user = {"u", 1}, .item = {"i", 1}, .value = 1,
      .has_second = true, .second = 4.5f, .time_ms = 1000},
     "{\"seq\":3,\"type\":\"rating\",\"user_id\":\"u\",\"item_id\":\"i\","
     "\"rating\":1,\"teacher_rating\":4.5,\"timestamp\":1}\n"},
    {{.seq = 4, .type = 2, .user = {"u", 1}, .item = {"i", 1}, .value = -1,
      .has_second = true, .time_ms = 1000,
      .payload = (const unsigned char *)"skip", .payload_bytes = 4},
     "{\"seq\":4,\"type\":\"behaviour\",\"user_id\":\"u\",\"item_id\":\"i\","
     "\"kind\":\"skip\",\"weight\":-1,\"value\":0,\"timestamp\":1}\n"},
    {{.seq = 5, .type = 3, .item = {"i", 1}, .time_ms = 1000, .payload = card,
      .payload_bytes = sizeof card},
     "{\"seq\":5,\"type\":\"item_put\",\"item_id\":\"i\",\"metadata\":"
     "{\"tags\":[\"a\"]},\"timestamp\":1}\n"},
    {{.seq = 6, .type = 4, .item = {"i", 1}},
     "{\"seq\":6,\"type\":\"item_delete\",\"item_id\":\"i\"}\n"},
    {{.seq = 7, .type = 5, .user = {"u", 1}, .time_ms = 1000},
     "{\"seq\":7,\"type\":\"user_put\",\"user_id\":\"u\",\"metadata\":{},"
     "\"timestamp\":1}\n"},
    {{.seq = 8, .type = 6, .payload = two_seqs, .payload_bytes = 8},
     "{\"seq\":8,\"type\":\"erase\",\"birth\":261}\n"},
    {{.seq = 9, .type = 7, .item = {"i", 1}, .payload = two_seqs,
      .payload_bytes = 8},
     "{\"seq\":9,\"type\":\"retract\",\"item_id\":\"i\",\"birth\":261}\n"},
    {{.seq = 10, .type = 8, .payload = (const unsigned char *)"b=2",
      .payload_bytes = 3},
     "{\"seq\":10,\"type\":\"settings\",\"settings\":\"b=2\"}\n"},
    {{.seq = 11, .type = 10, .payload = two_seqs, .payload_bytes = 16},
     "{\"seq\":11,\"type\":\"rollback\",\"from\":261,\"to\":9}\n"},
    {{.seq = 12, .type = 11, .item = {"i", 1}, .value = 0.5f,
      .payload = vector, .payload_bytes = sizeof vector},
     "{\"seq\":12,\"type\":\"vector\",\"item_id\":\"i\",\"head\":\"ranking\","
     "\"bias\":0.5,\"vector\":[0,1]}\n"},
    {{.seq = 12, .type = 11, .value = 3.5f, .has_second = true, .second = 9},
     "{\"seq\":12,\"type\":\"vector\",\"mean\":3.5,\"count\":9}\n"},
    {{.seq = 13, .type = 12,
      .payload = (const unsigned char *)
          "\3\0\0\0\0\0\x80?\0\0\0?\0\0\x80>\0\0\0\0\0\0\0\0\0\0\x80?"
          "\0\0\0@\1\0\0\0",
      .payload_bytes = 36},
     "{\"seq\":13,\"type\":\"train\",\"training\":{\"epochs\":3,"
     "\"factor_rate\":1,\"bias_rate\":0.5,\"feature_rate\":0.25,"
     "\"factor_l2\":0,\"bias_l2\":0,\"decay\":1,\"init\":2,"
     "\"fresh\":true}}\n"},
    {{.seq = 13, .type = 12, .payload = (const unsigned char *)"epochs=3",
      .payload_bytes = 8}, "{\"seq\":13,\"type\":\"train\"}\n"},
    {{.seq = 14, .type = 13, .user = {"u", 1}, .item = {"i", 1}, .value = 4,
      .time_ms = 1500},
     "{\"seq\":14,\"type\":\"teacher\",\"user_id\":\"u\",\"item_id\":\"i\","
     "\"teacher_rating\":4,\"timestamp\":1.500}\n"},
    {{.seq = 14, .type = 99}, "{\"seq\":14,\"type\":\"unknown\"}\n"},
    {{.seq = 15, .type = -1}, "{\"seq\":15,\"type\":\"unknown\"}\n"},
};

START_TEST(each_type)
{
    struct buf out = {0};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        buf_clear(&out);
        log_line_write(&out, &lines[i].line);
        buf_putc(&out, '\0');
        ck_assert_str_eq(out.p, lines[i].out);
    }
    buf_release(&out);
}
END_TEST

PROTO_TEST_MAIN("log_line", each_type)
