/* faults_log.c -- the log with the failpoints of the faults build (disk.h): it
 * ends, or a call fails, at each of them; what was acknowledged is there.
 *
 * A process reads its failpoints once.  So every life of the log, and every
 * look at what it left, is a process of its own, and this one never has a log
 * open.
 */
#include "store_test.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "model/store/person.h"
#include "model/store/redo.h"

#define ENDED 137

static struct store s;

/* What the processes tell each other. */
static struct {
    uint64_t acked;            /* the newest event that was acknowledged */
    uint64_t full;             /* appends that found no room */
    uint64_t last;
} *told;

static void setup(void)
{
    store_init(&s);
    s.opt.segment_bytes = 4096;
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert(told != MAP_FAILED);
}

/* Runs f in a process with these failpoints (or NULL); its exit status. */
static int in_process(const char *failpoint, void (*f)(void))
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (failpoint)
            setenv("FRESHET_FAILPOINT", failpoint, 1);
        f();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Some segments of events; an append that fails is tried again, once. */
static void live(void)
{
    enum err err = store_open(&s);
    if (err == ERR_OK)
        err = log_begin(s.log);
    for (uint32_t k = 0; k < 60 && err == ERR_OK; k++) {
        err = store_try(&s, 1 + k % 7, false);
        if (err == ERR_NOSPACE) {
            told->full++;
            s.log->next_try_ns = 0;
            err = store_try(&s, 1 + k % 7, false);
        }
        if (err == ERR_OK)
            told->acked = log_last(s.log);
        log_tend(s.log);
    }
    if (s.log)
        store_close(&s);
}

/* Everything is there; and it goes on. */
static void look(void)
{
    enum err err = store_open(&s);
    ck_assert_msg(err == ERR_OK, "%s", s.found.at.what);
    told->last = log_last(s.log);
    ck_assert_int_eq(log_begin(s.log), ERR_OK);
    store_check(&s, told->last, true);
    store_append(&s, 30);
    store_kill(&s);
    store_begin(&s);
    ck_assert(!s.found.torn);
    store_check(&s, told->last + 30, false);
    store_close(&s);
}

/* A life with the failpoint, and a look afterwards; the exit status of the
 * life. */
static int run(const char *failpoint)
{
    setup();
    int status = in_process(failpoint, live);
    ck_assert_msg(in_process(NULL, look) == 0, "%s", failpoint);
    ck_assert_msg(told->last >= told->acked && told->last <= told->acked + 7,
                  "%s: %llu of %llu", failpoint,
                  (unsigned long long)told->last,
                  (unsigned long long)told->acked);
    store_release(&s);
    return status;
}

static void done(void)
{
    munmap(told, sizeof *told);
}

static const char *const points[] = {
    "disk.write", "disk.sync", "disk.sync_dir", "disk.rename", "disk.unlink",
    "disk.truncate", "disk.allocate", "log.allocate", "log.before_write",
    "log.after_write", "log.after_sync", "log.segment_created",
    "log.segment_switched"};
#define POINTS (sizeof points / sizeof *points)

START_TEST(nothing_fails)
{
    ck_assert_int_eq(run(NULL), 0);
    ck_assert_uint_eq(told->acked, 8 * 28 + 10);
    ck_assert_uint_eq(told->last, told->acked);
    ck_assert_uint_eq(told->full, 0);
    done();
}
END_TEST

/* At each point, at each pass of it up to many. */
START_TEST(ends_at_each_point)
{
    for (size_t i = 0; i < POINTS; i++) {
        unsigned passes = 0;
        int status = ENDED;
        for (unsigned nth = 1; status == ENDED && nth < 200;
             nth += 1 + nth / 8) {
            char spec[64];
            snprintf(spec, sizeof spec, "%s:%u", points[i], nth);
            status = run(spec);
            ck_assert_msg(status == ENDED || status == 0, "%s: %d", spec,
                          status);
            passes += status == ENDED;
            done();
        }
        ck_assert_msg(passes > 0, "%s is not passed", points[i]);
    }
}
END_TEST

START_TEST(fails_at_each_point)
{
    static const char *const actions[] = {"eio", "enospc"};
    for (size_t i = 0; i < POINTS; i++)
        for (unsigned nth = 1; nth < 12; nth += nth)
            for (int a = 0; a < 2; a++) {
                char spec[64];
                snprintf(spec, sizeof spec, "%s:%u:%s", points[i], nth,
                         actions[a]);
                ck_assert_int_eq(run(spec), 0);
                done();
            }
}
END_TEST

/* A disk that is full for a moment costs a moment. */
START_TEST(full_for_a_moment)
{
    static const char *const specs[] = {
        "disk.write:9:enospc", "disk.truncate:2:enospc",
        "log.allocate:4:enospc", "disk.allocate:5:enospc",
        "disk.allocate:5:enospc,disk.write:20:enospc"};
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        ck_assert_int_eq(run(specs[i]), 0);
        ck_assert_msg(told->acked == 8 * 28 + 10, "%s: %llu", specs[i],
                      (unsigned long long)told->acked);
        ck_assert_uint_eq(told->last, told->acked);
        done();
    }
}
END_TEST

START_TEST(interrupted)
{
    ck_assert_int_eq(run("disk.write:2:eintr"), 0);
    ck_assert_uint_eq(told->acked, 8 * 28 + 10);
    done();
}
END_TEST

/* ---- erasures ------------------------------------------------------------ */

static bool note(void *arg, const struct event *e, const struct redo_place *at,
                 const unsigned char *frame)
{
    (void)e;
    (void)frame;
    return redo_add(arg, at);
}

static void erase(void)
{
    char text[3][160];
    struct redo r = {.birth = 1};
    struct event e = store_event(3, text);
    struct person who = {.user = e.user};
    if (store_open(&s) != ERR_OK ||
        person_find(s.log, &who, 1, log_last(s.log), note, &r) != ERR_OK ||
        r.n < 2 || redo_write(s.fd, &r) != ERR_OK ||
        redo_apply(s.dir, &r) != ERR_OK)
        _exit(1);
}

static void finish_erasure(void)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct redo r;
    bool there;
    ck_assert_int_eq(redo_read(s.fd, &r, &there), ERR_OK);
    ck_assert(there && r.n > 1);
    ck_assert_int_eq(redo_apply(s.dir, &r), ERR_OK);
    ck_assert_int_eq(redo_remove(s.fd), ERR_OK);
    ck_assert_int_eq(store_open(&s), ERR_OK);
    for (uint64_t i = 0; i < r.n; i++) {
        struct event e;
        ck_assert_int_eq(log_fetch(s.log, r.place[i].seq, frame), ERR_OK);
        ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
        ck_assert_int_eq(e.type, EVENT_VOID);
    }
    redo_release(&r);
    store_kill(&s);
}

START_TEST(half_an_erasure)
{
    setup();
    ck_assert_int_eq(in_process(NULL, live), 0);
    ck_assert_int_eq(in_process("erase.half_voided", erase), ENDED);
    ck_assert(file_there(s.fd, "redo"));
    ck_assert_int_eq(in_process(NULL, finish_erasure), 0);
    ck_assert(!file_there(s.fd, "redo"));
    store_release(&s);
    done();
}
END_TEST

/* ---- the faults themselves ----------------------------------------------- */

static void two_writes(void)
{
    int fd = openat(s.fd, "file", O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < 2; i++)
        told->full += disk_write(fd, "x", 1, i) != ERR_OK;
    told->acked = errno == EIO;
}

START_TEST(what_a_list_means)
{
    static const struct {
        const char *spec;
        int status;
        uint64_t failed;
    } specs[] = {
        {NULL, 0, 0}, {"", 0, 0}, {"disk.write", ENDED, 0},
        {"disk.write:2", ENDED, 0}, {"disk.write:3", 0, 0},
        {"disk.write:1:eio", 0, 1}, {"disk.write:2:eio", 0, 1},
        {"disk.write:1:eio,disk.write:2:eio", 0, 2},
        {"disk.writes:1:eio,disk.writ:1:eio,,:", 0, 0},
        {"disk.sync:1:eio,disk.write:2:exit", ENDED, 0},
        {"disk.write:1:sleep", 0, 0}, {"disk.write:1:eintr,x", 0, 0}};
    for (size_t i = 0; i < sizeof specs / sizeof *specs - 1; i++) {
        setup();
        ck_assert_msg(in_process(specs[i].spec, two_writes) == specs[i].status,
                      "%s", specs[i].spec);
        ck_assert_msg(told->full == specs[i].failed, "%s", specs[i].spec);
        store_release(&s);
        done();
    }
}
END_TEST

/* An old bug put back in is one: a wrong CRC is not seen, and a test that looks
 * for it would fail. */
static void wrong_crc(void)
{
    char text[3][160];
    unsigned char frame[1024];
    struct event e = store_event(1, text);
    event_encode(&e, frame);
    event_seal(frame, 1);
    _exit(event_check(frame, 2) ? 1 : 0);
}

START_TEST(the_mutant_without_crc)
{
    ck_assert_int_eq(in_process(NULL, wrong_crc), 0);
    setenv("FRESHET_MUTANT", "no_fsync,no_crc", 1);
    ck_assert_int_eq(in_process(NULL, wrong_crc), 1);
    setenv("FRESHET_MUTANT", "no_crcs,crc", 1);
    ck_assert_int_eq(in_process(NULL, wrong_crc), 0);
    unsetenv("FRESHET_MUTANT");
}
END_TEST

MODEL_TEST_MAIN("faults of the log", nothing_fails, ends_at_each_point,
                fails_at_each_point, full_for_a_moment, interrupted,
                half_an_erasure, what_a_list_means, the_mutant_without_crc)
