/* check_redo.c -- an erasure is written down before it is done: all of it
 * happens, however often it is cut short, or none. */
#include "store_test.h"

#include "disk_test.h"
#include "model/store/person.h"
#include "model/store/redo.h"

static struct store s;

static void setup(void)
{
    disk_hook_reset();
    store_init(&s);
    s.opt.segment_bytes = 4096;
}

/* ---- the file ---------------------------------------------------------- */

static void fill(struct redo *r, uint64_t places, uint32_t frame_bytes)
{
    memset(r, 0, sizeof *r);
    r->birth = 12345;
    for (uint64_t i = 0; i < places; i++)
        ck_assert(redo_add(r, &(struct redo_place){
            1 + i / 7, 64 + 32 * i, i + 1, 24 + 8 * (i % 50)}));
    r->frame_bytes = frame_bytes;
    memset(r->frame, 'f', frame_bytes);
}

static void same(const struct redo *a, const struct redo *b)
{
    ck_assert_uint_eq(a->birth, b->birth);
    ck_assert_uint_eq(a->n, b->n);
    ck_assert_uint_eq(a->frame_bytes, b->frame_bytes);
    ck_assert_mem_eq(a->frame, b->frame, a->frame_bytes);
    if (a->n)
        ck_assert_mem_eq(a->place, b->place, a->n * sizeof *a->place);
}

static const struct {
    uint64_t places;
    uint32_t frame_bytes;
} files[] = {{0, 32}, {1, 0}, {1, 40}, {63, 40}, {64, 40}, {65, 304},
             {10000, 32}};

START_TEST(comes_back)
{
    setup();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct redo r, back;
        bool there;
        fill(&r, files[i].places, files[i].frame_bytes);
        ck_assert_int_eq(redo_write(s.fd, &r), ERR_OK);
        ck_assert(!file_there(s.fd, "redo.tmp"));
        ck_assert_int_eq(redo_read(s.fd, &back, &there), ERR_OK);
        ck_assert(there);
        same(&r, &back);
        redo_release(&back);
        ck_assert_int_eq(redo_look(s.fd, &back), ERR_OK);
        same(&r, &back);
        redo_release(&back);
        redo_release(&r);
        ck_assert_int_eq(redo_remove(s.fd), ERR_OK);
        ck_assert_int_eq(redo_remove(s.fd), ERR_OK);
        ck_assert(!file_there(s.fd, "redo"));
    }
    store_release(&s);
}
END_TEST

START_TEST(nothing_there)
{
    struct redo r;
    bool there = true;
    setup();
    file_write(s.fd, "redo.tmp", "half of one", 11);
    ck_assert_int_eq(redo_look(s.fd, &r), ERR_OK);
    ck_assert(r.n == 0 && r.frame_bytes == 0);
    ck_assert(file_there(s.fd, "redo.tmp")); // only looked
    ck_assert_int_eq(redo_read(s.fd, &r, &there), ERR_OK);
    ck_assert(!there);
    ck_assert(!file_there(s.fd, "redo.tmp"));
    store_release(&s);
}
END_TEST

static void refused(const struct file *f)
{
    struct redo r;
    bool there = true;
    ck_assert_int_eq(redo_read(s.fd, &r, &there), ERR_CORRUPT);
    ck_assert(!there);
    ck_assert(!r.place && r.n == 0 && r.frame_bytes == 0);
    ck_assert(file_is(s.fd, "redo", f));
}

START_TEST(damaged)
{
    struct redo r;
    setup();
    fill(&r, 3, 40);
    ck_assert_int_eq(redo_write(s.fd, &r), ERR_OK);
    redo_release(&r);
    struct file f = file_read(s.fd, "redo");
    for (size_t at = 0; at < f.n; at++) {
        f.bytes[at] ^= (unsigned char)(1 << at % 8);
        file_write(s.fd, "redo", f.bytes, f.n);
        refused(&f);
        f.bytes[at] ^= (unsigned char)(1 << at % 8);
        struct file part = {f.bytes, at};
        file_write(s.fd, "redo", f.bytes, at);
        refused(&part);
    }
    f.bytes[f.n] = 0;
    f.n++;
    file_write(s.fd, "redo", f.bytes, f.n);
    refused(&f);
    free(f.bytes);
    store_release(&s);
}
END_TEST

/* Sound, and yet not what redo_write() would have written. */
START_TEST(places_that_cannot_be)
{
    static const uint64_t bytes[] = {0, 16, 25, EVENT_BYTES_MAX + 8,
                                     UINT64_MAX - 7};
    setup();
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++) {
        struct redo r;
        fill(&r, 2, 40);
        r.place[1].bytes = bytes[i];
        ck_assert_int_eq(redo_write(s.fd, &r), ERR_OK);
        redo_release(&r);
        struct file f = file_read(s.fd, "redo");
        refused(&f);
        free(f.bytes);
    }
    store_release(&s);
}
END_TEST

/* Whatever call fails: there is no redo file then, or it has happened. */
START_TEST(written_or_not)
{
    static const int errors[] = {EIO, ENOSPC};
    setup();
    for (int i = 0; i < 2; i++) {
        enum err err = ERR_IO;
        for (unsigned n = 1; err != ERR_OK; n++) {
            struct redo r;
            int files_open = open_files();
            fill(&r, 5, 40);
            disk_hook_arm(n, 1, errors[i]);
            err = redo_write(s.fd, &r);
            int error = errno;
            disk_hook_reset();
            redo_release(&r);
            ck_assert_int_eq(open_files(), files_open);
            ck_assert(n > 4 || err == (errors[i] == EIO ? ERR_IO
                                                        : ERR_NOSPACE));
            ck_assert(err == ERR_OK || error == errors[i]);
            ck_assert(file_there(s.fd, "redo") == (err == ERR_OK));
            ck_assert(!file_there(s.fd, "redo.tmp"));
        }
        ck_assert_int_eq(redo_remove(s.fd), ERR_OK);
    }
    store_release(&s);
}
END_TEST

/* ---- doing it ---------------------------------------------------------- */

static bool note(void *arg, const struct event *e, const struct redo_place *at,
                 const unsigned char *frame)
{
    (void)e;
    (void)frame;
    return redo_add(arg, at);
}

/* A log of some segments, and what it holds about one of its users. */
static uint64_t make_log(struct redo *r, char user[160])
{
    char text[3][160];
    store_begin(&s);
    while (s.log->nsegments < 8)
        store_append(&s, 7);
    uint64_t last = log_last(s.log);
    struct event e = store_event(last / 2, text);
    snprintf(user, 160, "%s", text[0]);
    struct person who = {.user = {user, e.user.len}};
    memset(r, 0, sizeof *r);
    ck_assert_int_eq(person_find(s.log, &who, 1, last, note, r), ERR_OK);
    ck_assert_uint_gt(r->n, 4);
    ck_assert_uint_ne(r->place[0].segment, r->place[r->n - 1].segment);
    store_kill(&s);
    return last;
}

/* Everything is there but what was erased. */
static void check_erased(const struct redo *r, uint64_t last)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    ck_assert_int_eq(store_open(&s), ERR_OK);
    ck_assert_uint_eq(log_last(s.log), last);
    for (uint64_t seq = log_first(s.log), i = 0; seq <= last; seq++) {
        struct event e;
        ck_assert_int_eq(log_fetch(s.log, seq, frame), ERR_OK);
        ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
        while (i < r->n && r->place[i].seq < seq)
            i++;
        if (i < r->n && r->place[i].seq == seq)
            ck_assert_int_eq(e.type, EVENT_VOID);
        else
            ck_assert(store_is_event(&e, seq, false));
    }
    store_kill(&s);
}

START_TEST(erased)
{
    struct redo r, again = {0};
    char user[160];
    setup();
    uint64_t last = make_log(&r, user), segments = 1;
    for (uint64_t i = 1; i < r.n; i++)
        segments += r.place[i].segment != r.place[i - 1].segment;
    for (int twice = 0; twice < 2; twice++) {
        disk_hook.syncs = 0;
        ck_assert_int_eq(redo_apply(s.dir, &r), ERR_OK);
        ck_assert_uint_eq(disk_hook.syncs, segments);
        check_erased(&r, last);
    }
    ck_assert_int_eq(store_open(&s), ERR_OK);
    struct person who = {.user = {user, (uint32_t)strlen(user)}};
    ck_assert_int_eq(person_find(s.log, &who, 1, last, note, &again), ERR_OK);
    ck_assert_uint_eq(again.n, 0);
    redo_release(&r);
    store_release(&s);
}
END_TEST

/* Cut short at each call, and within frames: the next start finishes it. */
START_TEST(cut_short)
{
    enum err err = ERR_IO;
    for (unsigned n = 1; err != ERR_OK; n++) {
        struct redo r;
        char user[160];
        setup();
        uint64_t last = make_log(&r, user);
        disk_hook.part = n * 5 % 31;
        disk_hook_arm(n, UINT_MAX, EIO);
        int files_open = open_files();
        err = redo_apply(s.dir, &r);
        ck_assert_int_eq(open_files(), files_open);
        ck_assert(err == ERR_OK || err == ERR_IO);
        disk_hook_reset();
        ck_assert_int_eq(redo_apply(s.dir, &r), ERR_OK);
        check_erased(&r, last);
        redo_release(&r);
        store_release(&s);
    }
}
END_TEST

START_TEST(dropped_segments_are_passed_over)
{
    struct redo r;
    char user[160], name[SEGMENT_NAME_BYTES];
    setup();
    uint64_t last = make_log(&r, user);
    uint32_t dropped;
    store_begin(&s);
    ck_assert_int_eq(log_trim(s.log, r.place[r.n - 1].segment, &dropped),
                     ERR_OK);
    ck_assert_uint_gt(dropped, 1);
    store_kill(&s);
    ck_assert_int_eq(redo_apply(s.dir, &r), ERR_OK);
    segment_name(r.place[0].segment, name);
    ck_assert(!file_there(s.dir, name));
    check_erased(&r, last);
    redo_release(&r);
    store_release(&s);
}
END_TEST

/* A log that ends before, an older copy perhaps, is not written to. */
START_TEST(not_behind_the_end)
{
    struct redo r;
    char user[160], name[SEGMENT_NAME_BYTES];
    setup();
    make_log(&r, user);
    const struct redo_place *p = &r.place[1];
    segment_name(p->segment, name);
    struct file f = file_read(s.dir, name);
    f.n = p->offset + p->bytes - 8;
    file_write(s.dir, name, f.bytes, f.n);
    r.place[0] = r.place[1];
    r.n = 1;
    ck_assert_int_eq(redo_apply(s.dir, &r), ERR_CORRUPT);
    ck_assert(file_is(s.dir, name, &f));
    free(f.bytes);
    redo_release(&r);
    store_release(&s);
}
END_TEST

MODEL_TEST_MAIN("redo", comes_back, nothing_there, damaged,
                places_that_cannot_be, written_or_not, erased, cut_short,
                dropped_segments_are_passed_over, not_behind_the_end)
