/* check_recover_redo.c -- an erasure that was cut short is finished by the next
 * start, from whatever step on, and done once. */
#include "recover_test.h"

#include "model/core/bytes.h"
#include "model/core/ids.h"
#include "model/store/person.h"

#define VICTIM "victim-of-the-test"

static struct home h;

/* Ratings, a behaviour after each, and a card that names them. */
static void rate_as_victim(uint32_t n)
{
    struct batch *b = batch_new(0);
    struct cards_test card = {.n = 0};
    cards_test_tag(&card, VICTIM);
    cards_test_feature(&card, "feature:1", 0.5f);
    for (uint32_t i = 0; i < 2 * n + 1; i++) {
        char item[16];
        snprintf(item, sizeof item, "i%u", (h.next + i / 2) % 7);
        struct event e = test_event(VICTIM, item, 4, 1700000000000);
        if (i % 2)
            e = cards_test_behaviour(VICTIM, item, i % 4 == 1 ? 1 : -1);
        if (i == 2 * n)
            e = cards_test_put(EVENT_USER_PUT, VICTIM, &card);
        e.event_id = (struct id){VICTIM, sizeof VICTIM - 1};
        ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
    }
    h.next += n;
    home_learn(&h, b);
}

/* A log with the victim in several segments, and snapshots that know them but
 * for the first. */
static void populate(void)
{
    home_init(&h);
    home_begin(&h);
    home_rate(&h, 300);
    (void)home_snapshot(&h);
    for (int i = 0; i < 3; i++) {
        home_rate(&h, 700);
        rate_as_victim(3);
        home_rate(&h, 300);
        (void)home_snapshot(&h);
    }
}

static bool note_frame(void *arg, const struct event *e,
                       const struct redo_place *at, const unsigned char *frame)
{
    (void)e;
    (void)frame;
    return redo_add(arg, at);
}

static uint64_t birth_of_victim(void)
{
    const struct ids *ids = live_user_ids(model_live(h.m));
    return ids_birth(ids, ids_find(ids, (struct id){VICTIM, sizeof VICTIM - 1},
                                   UINT32_MAX));
}

/* What the keeper writes down of it: the whole victim, or what they said of an
 * item. */
static struct redo redo_of(const char *item)
{
    struct redo redo = {.birth = birth_of_victim()};
    struct person who = {.user = {VICTIM, sizeof VICTIM - 1}};
    unsigned char birth[8];
    struct event e = {.type = EVENT_ERASE, .time_ms = TIME_UNSET,
                      .payload = birth, .payload_bytes = sizeof birth};
    if (item) {
        e.type = EVENT_RETRACT;
        e.item = who.item = (struct id){item, (uint32_t)strlen(item)};
    }
    put_u64(birth, redo.birth);
    redo.frame_bytes = (uint32_t)event_encode(&e, redo.frame);
    ck_assert_int_eq(person_find(h.r.log, &who, log_first(h.r.log), h.r.last,
                                 note_frame, &redo), ERR_OK);
    ck_assert_uint_gt(redo.n, 0);
    return redo;
}

static bool count_type(void *arg, const struct log_event *e)
{
    uint32_t *count = arg;
    count[e->event.type]++;
    return true;
}

static uint32_t count_of(enum event_type type)
{
    uint32_t count[16] = {0};
    struct log_place bad;
    ck_assert_int_eq(log_each(h.r.log, log_first(h.r.log), h.r.last,
                              count_type, count, &bad), ERR_OK);
    return count[type];
}

/* The steps of keeper.h until the machine goes out. */
enum step { TEMPORARY, WRITTEN, HALF_VOIDED, VOIDED, LOGGED, OTHERS_CAME,
            SNAPSHOTS_GONE, STEPS };

static void cut_short(const struct redo *redo, enum step step)
{
    ck_assert_int_eq(redo_write(h.r.dir.fd, redo), ERR_OK);
    if (step == TEMPORARY)
        ck_assert_int_eq(renameat(h.r.dir.fd, "redo", h.r.dir.fd, "redo.tmp"),
                         0);
    struct redo half = *redo;
    half.n = step == HALF_VOIDED ? redo->n / 2 : redo->n;
    if (step >= HALF_VOIDED)
        ck_assert_int_eq(redo_apply(h.r.dir.log, &half), ERR_OK);
    if (step >= LOGGED) {
        struct event e;
        struct batch *b = batch_new(0);
        const unsigned char *end = redo->frame + redo->frame_bytes;
        ck_assert_ptr_nonnull(event_decode(redo->frame, end, &e));
        ck_assert_int_eq(batch_add(b, &e, 0), ERR_OK);
        home_learn(&h, b);
    }
    if (step >= OTHERS_CAME)
        home_rate(&h, 20);
    if (step >= SNAPSHOTS_GONE)
        ck_assert_int_eq(snapshot_remove_from(h.r.dir.snapshot,
                                              redo->place[0].seq, 0), ERR_OK);
}

static void is_finished(const char *item, uint32_t events, uint64_t last)
{
    ck_assert(!file_there(h.r.dir.fd, "redo"));
    ck_assert(!file_there(h.r.dir.fd, "redo.tmp"));
    ck_assert(!h.r.redo_left);
    ck_assert_uint_eq(h.r.last, last);
    ck_assert_uint_eq(count_of(item ? EVENT_RETRACT : EVENT_ERASE), 1);
    ck_assert_uint_eq(count_of(EVENT_VOID), events);
    ck_assert_uint_eq(h.r.base, 300); // the others knew them
    ck_assert_uint_eq(home_snapshots(&h), 1);
    ck_assert(item || home_files_with(&h, VICTIM) == 0);
    const struct table *t = live_pin(model_live(h.m), 0);
    ck_assert_uint_eq(t->totals.interim, 0);
    ck_assert_uint_eq(t->totals.epoch, 1);
    live_unpin(model_live(h.m), 0);
    ck_assert_uint_eq(model_hash(h.m), home_fold(&h));
}

static void from_each_step(const char *item)
{
    for (enum step step = TEMPORARY; step < STEPS; step++) {
        populate();
        uint64_t hash = model_hash(h.m), last = h.r.last + 1;
        struct redo redo = redo_of(item);
        uint32_t events = (uint32_t)redo.n;
        cut_short(&redo, step);
        last += step >= OTHERS_CAME ? 20 : 0;
        home_again(&h, true);
        if (step == TEMPORARY) { // then it has not happened
            ck_assert_uint_eq(model_hash(h.m), hash);
            ck_assert_uint_eq(count_of(EVENT_VOID), 0);
            ck_assert_uint_eq(h.r.last, last - 1);
            ck_assert(!file_there(h.r.dir.fd, "redo.tmp"));
        } else {
            is_finished(item, events, last);
            hash = model_hash(h.m);
            home_again(&h, true);
            is_finished(item, events, last);
            ck_assert_uint_eq(model_hash(h.m), hash);
            ck_assert_uint_eq(h.r.redo.frame_bytes, 0);
            home_rate(&h, 10);
        }
        redo_release(&redo);
        home_end(&h, false);
        home_release(&h);
    }
}

START_TEST(erasures)
{
    from_each_step(NULL);
}
END_TEST

START_TEST(retractions)
{
    from_each_step("i1");
}
END_TEST

/* The same thing once more, later: that is another event. */
START_TEST(retracted_again)
{
    populate();
    for (uint32_t n = 1; n <= 3; n++) {
        struct redo redo = redo_of("i1");
        cut_short(&redo, n == 2 ? LOGGED : WRITTEN);
        redo_release(&redo);
        home_again(&h, true);
        ck_assert_uint_eq(count_of(EVENT_RETRACT), n);
        ck_assert_uint_eq(model_hash(h.m), home_fold(&h));
        rate_as_victim(7); // of i1 too
    }
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* As freshet refold leaves one: voids, and no event. */
START_TEST(without_an_event)
{
    populate();
    uint64_t last = h.r.last;
    struct redo redo = redo_of(NULL);
    redo.frame_bytes = 0;
    ck_assert_int_eq(redo_write(h.r.dir.fd, &redo), ERR_OK);
    for (int i = 0; i < 2; i++) {
        home_again(&h, true);
        ck_assert_uint_eq(h.r.last, last);
        ck_assert_uint_eq(count_of(EVENT_VOID), redo.n);
        ck_assert_uint_eq(home_files_with(&h, VICTIM), 0);
        ck_assert_uint_eq(model_hash(h.m), home_fold(&h));
        home_rate(&h, 100);
        last += 100;
    }
    redo_release(&redo);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* Events of the victim were in segments that are gone, and snapshots know of
 * those too: they may not stay, and nothing to build on is left without
 * them. */
START_TEST(known_from_dropped_segments)
{
    uint32_t dropped;
    populate();
    uint64_t birth = birth_of_victim();
    ck_assert_uint_eq(birth, 1001);
    ck_assert_int_eq(log_trim(h.r.log, 1308, &dropped), ERR_OK);
    ck_assert_uint_gt(log_first(h.r.log), birth);
    struct redo redo = redo_of(NULL);
    ck_assert_uint_gt(redo.place[0].seq, 1307); // a snapshot is between
    ck_assert_int_eq(redo_write(h.r.dir.fd, &redo), ERR_OK);
    redo_release(&redo);
    home_again(&h, true);
    ck_assert(h.r.redo_left); // the keeper takes a snapshot first
    ck_assert(file_there(h.r.dir.fd, "redo"));
    const struct ids *ids = live_user_ids(model_live(h.m));
    ck_assert_uint_eq(ids_find(ids, (struct id){VICTIM, sizeof VICTIM - 1},
                               UINT32_MAX), ROW_NONE);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* ---- what does not go ---------------------------------------------------- */

START_TEST(unreadable)
{
    populate();
    struct redo redo = redo_of(NULL);
    ck_assert_int_eq(redo_write(h.r.dir.fd, &redo), ERR_OK);
    redo_release(&redo);
    struct file f = file_read(h.r.dir.fd, "redo");
    for (size_t at = 0; at < f.n; at += 37) {
        f.bytes[at] ^= 1;
        file_write(h.r.dir.fd, "redo", f.bytes, f.n);
        f.bytes[at] ^= 1;
        home_end(&h, true);
        home_fails(&h, ERR_CORRUPT, "redo");
        ck_assert_int_eq(recover_open(&h.r, &h.opt), ERR_CORRUPT);
    }
    file_write(h.r.dir.fd, "redo", f.bytes, f.n);
    free(f.bytes);
    home_again(&h, true);
    ck_assert_uint_eq(home_files_with(&h, VICTIM), 0);
    home_end(&h, true);
    home_release(&h);
}
END_TEST

/* A sound file with an event in it that is none. */
START_TEST(says_why)
{
    populate();
    struct redo redo = redo_of(NULL);
    memset(redo.frame, 0xff, redo.frame_bytes);
    ck_assert_int_eq(redo_write(h.r.dir.fd, &redo), ERR_OK);
    redo_release(&redo);
    home_end(&h, true);
    home_fails(&h, ERR_CORRUPT, "redo");
    home_release(&h);
}
END_TEST

MODEL_TEST_MAIN("recover_redo", erasures, retractions, retracted_again,
                without_an_event, known_from_dropped_segments, unreadable,
                says_why)
