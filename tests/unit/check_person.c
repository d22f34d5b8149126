/* check_person.c -- everything that the log holds about one person, and nothing
 * about another. */
#include "store_test.h"

#include "model/core/bytes.h"
#include "model/store/person.h"
#include "model/store/redo.h"

static struct store s;
static const unsigned char birth_of_ann[8] = {2}, birth_of_bob[8] = {4},
                           no_birth[8];

#define ID(text) {text, sizeof(text) - 1}

/* The events of the log; seq: place + 1. */
static const struct event events[] = {
    {.type = EVENT_RATING, .user = ID("an"), .item = ID("x")},
    {.type = EVENT_RATING, .user = ID("ann"), .item = ID("x")},
    {.type = EVENT_RATING, .user = ID("ann"), .item = ID("y"),
     .event_id = ID("e")},
    {.type = EVENT_RATING, .user = ID("bob"), .item = ID("ann")},
    {.type = EVENT_RATING, .user = ID("anna"), .item = ID("x"),
     .event_id = ID("ann")},
    {.type = EVENT_RETRACT, .item = ID("x"), .payload = birth_of_ann,
     .payload_bytes = 8},
    {.type = EVENT_RETRACT, .item = ID("ann"), .payload = birth_of_bob,
     .payload_bytes = 8},
    {.type = EVENT_ERASE, .payload = birth_of_ann, .payload_bytes = 8},
    {.type = EVENT_SETTINGS, .payload = birth_of_ann, .payload_bytes = 3},
    {.type = EVENT_RATING, .user = ID("ANN"), .item = ID("x")},
    {.type = EVENT_RATING, .user = ID("ann"), .item = ID("x")},
    {.type = EVENT_VOID},
    {.type = EVENT_RETRACT, .item = ID("x"), .payload = no_birth,
     .payload_bytes = 8},
};
#define EVENTS (sizeof events / sizeof *events)

/* In groups of `each`. */
static void setup(size_t each)
{
    store_init(&s);
    s.opt.segment_bytes = 256; // several segments
    store_begin(&s);
    for (size_t i = 0; i < EVENTS;) {
        struct batch *b = batch_new(64);
        for (size_t k = 0; k < each && i < EVENTS; k++, i++) {
            size_t at = b->bytes;
            ck_assert_int_eq(batch_add(b, &events[i], 0), ERR_OK);
            event_seal(b->data + at, i + 1);
        }
        ck_assert_int_eq(log_append(s.log, b, false), ERR_OK);
        batch_free(b);
    }
}

struct found {
    uint64_t seq[EVENTS + 1];
    uint32_t n;
    uint32_t most;
};

/* Each is what it says, and where it says. */
static bool found(void *arg, const struct event *e, const struct redo_place *at,
                  const unsigned char *frame)
{
    struct found *f = arg;
    char name[SEGMENT_NAME_BYTES];
    ck_assert(at->seq >= 1 && at->seq <= EVENTS);
    ck_assert(event_same(e, &events[at->seq - 1]));
    ck_assert(event_check(frame, at->seq));
    segment_name(at->segment, name);
    struct file file = file_read(s.dir, name);
    ck_assert_uint_le(at->offset + at->bytes, file.n);
    ck_assert_mem_eq(file.bytes + at->offset, frame, at->bytes);
    ck_assert_uint_eq(at->bytes, event_size(e));
    free(file.bytes);
    f->seq[f->n++] = at->seq;
    return f->n != f->most;
}

static const struct {
    struct person who;
    uint64_t from, to;
    uint32_t n, most;
    uint64_t seq[4];
} searches[] = {
    {{.user = ID("ann")}, 1, EVENTS, 3, 0, {2, 3, 11}},
    {{.user = ID("ann"), .birth = 2}, 1, EVENTS, 4, 0, {2, 3, 6, 11}},
    {{.user = ID("ann"), .item = ID("x")}, 1, EVENTS, 2, 0, {2, 11}},
    {{.user = ID("ann"), .item = ID("")}, 1, EVENTS, 3, 0, {2, 3, 11}},
    {{.user = ID("ann"), .item = ID("xx")}, 1, EVENTS, 0, 0, {0}},
    {{.user = ID("ann")}, 3, EVENTS, 2, 0, {3, 11}},
    {{.user = ID("ann")}, 3, 10, 1, 0, {3}},
    {{.user = ID("ann")}, 4, 10, 0, 0, {0}},
    {{.user = ID("ann")}, 11, 11, 1, 0, {11}},
    {{.user = ID("ann")}, 5, 4, 0, 0, {0}},
    {{.user = ID("ann")}, 1, EVENTS, 2, 2, {2, 3}},
    {{.user = ID("bob"), .birth = 4}, 1, EVENTS, 2, 0, {4, 7}},
    {{.user = ID("an")}, 1, EVENTS, 1, 0, {1}},
    {{.user = ID("anna")}, 1, EVENTS, 1, 0, {5}},
    {{.user = ID("x")}, 1, EVENTS, 0, 0, {0}},
    {{.user = ID("nobody"), .birth = 99}, 1, EVENTS, 0, 0, {0}},
};

START_TEST(who_and_where)
{
    for (size_t each = 1; each <= EVENTS; each += each == 1 ? 2 : 9) {
        setup(each);
        for (size_t i = 0; i < sizeof searches / sizeof *searches; i++) {
            struct found f = {.most = searches[i].most};
            ck_assert_int_eq(person_find(s.log, &searches[i].who,
                                         searches[i].from, searches[i].to,
                                         found, &f), ERR_OK);
            ck_assert_msg(f.n == searches[i].n, "search %zu: %u", i, f.n);
            ck_assert_mem_eq(f.seq, searches[i].seq, f.n * sizeof *f.seq);
        }
        store_release(&s);
    }
}
END_TEST

/* A log that cannot be read is no person without events. */
START_TEST(what_cannot_be_read)
{
    struct person ann = {.user = ID("ann")};
    struct found f = {.most = 0};
    uint32_t dropped;
    setup(3);
    ck_assert_uint_gt(s.log->nsegments, 3);
    char name[SEGMENT_NAME_BYTES];
    segment_name(s.log->segment[2].first_seq, name);
    struct file file = file_read(s.dir, name);
    file.bytes[SEGMENT_HEAD_BYTES + GROUP_HEAD_BYTES + 26] ^= 1;
    file_write(s.dir, name, file.bytes, file.n);
    free(file.bytes);
    ck_assert_int_eq(person_find(s.log, &ann, 1, EVENTS, found, &f),
                     ERR_CORRUPT);
    ck_assert_int_eq(log_trim(s.log, s.log->segment[3].first_seq, &dropped),
                     ERR_OK);
    ck_assert_int_eq(person_find(s.log, &ann, 1, EVENTS, found, &f),
                     ERR_RANGE);
    store_release(&s);
}
END_TEST

MODEL_TEST_MAIN("person", who_and_where, what_cannot_be_read)
