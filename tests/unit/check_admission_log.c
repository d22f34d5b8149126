/* check_admission_log.c -- a name is known by the frame in the log, as it is
 * now: erased, or unreadable. */
#include "admission_test.h"

#include "model/store/redo.h"

static bool find_place(void *arg, const struct log_event *e)
{
    *(struct redo_place *)arg = (struct redo_place){e->segment, e->offset,
                                                    e->seq, e->bytes};
    return false;
}

static struct redo_place place_of(struct rig *r, uint64_t seq)
{
    struct redo_place at = {0};
    struct log_place bad;
    ck_assert_int_eq(log_each(r->s.log, seq, seq, find_place, &at, &bad),
                     ERR_OK);
    ck_assert_uint_eq(at.seq, seq);
    return at;
}

/* An erased event's name is free again. */
START_TEST(erased)
{
    static const struct said named[] = {{"n", "u", "i", 1, 5},
                                        {"m", "u", "i", 1, 5}};
    struct rig r;
    rig_init(&r, true, 100);
    struct ack a = number(&r, named, 2, true, true);
    struct redo_place at = place_of(&r, 1);
    struct redo redo = {.n = 1, .place = &at};
    ck_assert_int_eq(redo_apply(r.s.dir, &redo), ERR_OK);
    log_changed(r.s.log);
    a = number(&r, named, 2, true, true);
    expect(&a, ERR_OK, 1, 1, 0);
    a = number(&r, named, 2, true, true);
    expect(&a, ERR_OK, 0, 2, 0);
    ck_assert_uint_eq(a.duplicate_seq, 3);
    rig_release(&r);
}
END_TEST

/* An original that cannot be read: its copy must not be taken for new. */
START_TEST(unreadable)
{
    static const struct said named[] = {{"n", "u", "i", 1, 5}};
    static const struct said more[] = {{"o", "u", "i", 1, 5},
                                       {"n", "u", "i", 1, 5}};
    struct rig r;
    rig_init(&r, true, 100);
    struct ack a = number(&r, named, 1, true, true);
    struct redo_place at = place_of(&r, 1);
    char segment[SEGMENT_NAME_BYTES];
    segment_name(at.segment, segment);
    int fd = openat(r.s.dir, segment, O_RDWR | O_CLOEXEC);
    unsigned char byte;
    off_t offset = (off_t)at.offset + 20;
    ck_assert_int_eq(pread(fd, &byte, 1, offset), 1);
    byte ^= 1;
    ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
    log_changed(r.s.log);
    for (int whole = 0; whole < 2; whole++) {
        a = number(&r, more, 2, whole, true);
        expect(&a, ERR_IO, 0, 0, 0);
        ck_assert_uint_eq(r.last, 1);
    }
    byte ^= 1;
    ck_assert_int_eq(pwrite(fd, &byte, 1, offset), 1);
    close(fd);
    log_changed(r.s.log);
    a = number(&r, more, 2, true, true);
    expect(&a, ERR_OK, 1, 1, 0);
    rig_release(&r);
}
END_TEST

MODEL_TEST_MAIN("admission_log", erased, unreadable)
