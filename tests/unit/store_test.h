/* store_test.h -- what tests of the durable log share: a data directory that
 * goes away, a log of known events in it, and files as bytes.
 *
 * The event of each seq is known (store_event), so whatever is read back can be
 * judged without having kept it.
 */
#ifndef FRESHET_TESTS_UNIT_STORE_TEST_H
#define FRESHET_TESTS_UNIT_STORE_TEST_H

#include "model_test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/store/log_internal.h"

#define STORE_SEGMENT 65536u

struct store {
    char path[64];
    int fd;                    /* the directory, */
    int dir;                   /* ... and log/ in it */
    struct log_options opt;
    struct log *log;
    struct log_found found;
};

/* ---- events ------------------------------------------------------------ */

/* The event of seq; its ids live in text.  Frames of 32 to 400 bytes or so,
 * every third with a name of its own. */
static inline struct event store_event(uint64_t seq, char text[3][160])
{
    static const char kind[3] = {'u', 'i', 'e'};
    for (int i = 0; i < 3; i++) {
        uint32_t r = test_below(seq, (uint64_t)i, 4096), n = 0;
        text[i][n++] = kind[i];
        for (uint32_t v = i < 2 ? r % 64 : r; v; v /= 16)
            text[i][n++] = (char)('a' + v % 16);
        for (uint32_t more = r % 8 ? 0 : r % 149; more; more--)
            text[i][n++] = '.';
        text[i][n] = '\0';
    }
    struct event e = test_event(text[0], text[1],
                                (float)test_below(seq, 3, 10),
                                1700000000000 + (int64_t)seq);
    if (seq % 3 == 0)
        e.event_id = (struct id){text[2], (uint32_t)strlen(text[2])};
    return e;
}

/* Is that the event of seq?  A void counts as it where `voids` allows. */
static inline bool store_is_event(const struct event *e, uint64_t seq,
                                  bool voids)
{
    char text[3][160];
    struct event want = store_event(seq, text);
    return event_same(e, &want) || (voids && e->type == EVENT_VOID);
}

static inline struct event store_genesis(void)
{
    static const unsigned char text[] = "genesis of the test";
    return (struct event){.type = EVENT_GENESIS, .payload = text,
                          .payload_bytes = sizeof text};
}

/* Events first .. first + n - 1, sealed, in batches of at most `each`. */
static inline struct batch *store_group(uint64_t first, uint32_t n,
                                        uint32_t each)
{
    struct batch *head = NULL, **link = &head;
    for (uint32_t i = 0; i < n;) {
        struct batch *b = batch_new(64);
        ck_assert_ptr_nonnull(b);
        b->first_seq = first + i;
        for (; i < n && b->n < each; i++) {
            char text[3][160];
            struct event e = store_event(first + i, text);
            size_t at = b->bytes;
            ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
            event_seal(b->data + at, first + i);
        }
        *link = b;
        link = &b->next;
    }
    return head;
}

static inline void store_group_free(struct batch *b)
{
    while (b) {
        struct batch *next = b->next;
        batch_free(b);
        b = next;
    }
}

/* ---- the directory ----------------------------------------------------- */

static inline void store_init(struct store *s)
{
    memset(s, 0, sizeof *s);
    snprintf(s->path, sizeof s->path, "%s/freshet-store-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(s->path));
    s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_eq(mkdirat(s->fd, "log", 0755), 0);
    s->dir = openat(s->fd, "log", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ck_assert_int_ge(s->dir, 0);
    s->opt = (struct log_options){.segment_bytes = STORE_SEGMENT};
}

static inline void store_empty(int dirfd)
{
    DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *d; (d = readdir(dir));)
        if (d->d_name[0] != '.')
            unlinkat(dirfd, d->d_name, 0);
    closedir(dir);
}

static inline void store_release(struct store *s)
{
    log_close(s->log);
    store_empty(s->dir);
    close(s->dir);
    unlinkat(s->fd, "log", AT_REMOVEDIR);
    store_empty(s->fd);
    close(s->fd);
    ck_assert_int_eq(rmdir(s->path), 0);
}

static inline enum err store_open(struct store *s)
{
    struct event genesis = store_genesis();
    s->log = NULL;
    return log_open(s->dir, s->fd, &s->opt, &genesis, &s->log, &s->found);
}

static inline void store_begin(struct store *s)
{
    ck_assert_int_eq(store_open(s), ERR_OK);
    ck_assert_int_eq(log_begin(s->log), ERR_OK);
}

static inline void store_close(struct store *s)
{
    log_close(s->log);
    s->log = NULL;
}

/* As by kill -9: the files stay as they are. */
static inline void store_kill(struct store *s)
{
    s->log->begun = false;
    store_close(s);
}

/* ---- the log ----------------------------------------------------------- */

static inline enum err store_try(struct store *s, uint32_t n, bool urgent)
{
    struct batch *group = store_group(log_last(s->log) + 1, n, 500);
    enum err err = log_append(s->log, group, urgent);
    int saved = errno;
    store_group_free(group);
    errno = saved;
    return err;
}

/* One group of n events. */
static inline void store_append(struct store *s, uint32_t n)
{
    uint64_t last = log_last(s->log);
    ck_assert_int_eq(store_try(s, n, false), ERR_OK);
    ck_assert_uint_eq(log_last(s->log), last + n);
}

struct store_reading {
    uint64_t next;             /* the event that has to come next */
    uint64_t groups;
    bool voids;                /* are allowed */
    bool wrong;
};

static inline bool store_visit(void *arg, const struct group *g,
                               const unsigned char *bytes,
                               const struct log_place *at)
{
    struct store_reading *r = arg;
    const unsigned char *p = bytes + GROUP_HEAD_BYTES, *end = bytes + g->bytes;
    (void)at;
    if (r->groups++ == 0 && g->first_seq < r->next)
        r->next = g->first_seq; // the group may begin earlier
    r->wrong = r->wrong || g->first_seq != r->next;
    for (uint32_t i = 0; i < g->n && !r->wrong; i++, r->next++) {
        struct event e;
        p = event_decode(p, end, &e);
        r->wrong = !p || !store_is_event(&e, r->next, r->voids);
    }
    r->wrong = r->wrong || p != end;
    return !r->wrong;
}

/* Reads from .. to and checks each event. */
static inline enum err store_read(struct store *s, uint64_t from, uint64_t to,
                                  struct log_place *bad)
{
    struct store_reading r = {.next = from};
    enum err err = log_read(s->log, from, to, store_visit, &r, bad);
    if (err == ERR_OK) {
        ck_assert_msg(!r.wrong, "another event than that of %llu",
                      (unsigned long long)r.next);
        ck_assert_uint_ge(r.next, to + 1);
    }
    return err;
}

/* All of it, and each event by itself where `fetch`. */
static inline void store_check(struct store *s, uint64_t last, bool fetch)
{
    static unsigned char frame[EVENT_BYTES_MAX];
    struct log_place bad;
    ck_assert_uint_eq(log_last(s->log), last);
    if (last)
        ck_assert_msg(store_read(s, log_first(s->log), last, &bad) == ERR_OK,
                      "%s, offset %lld, seq %llu: %s", bad.segment,
                      (long long)bad.offset, (unsigned long long)bad.seq,
                      bad.what);
    for (uint64_t seq = log_first(s->log); fetch && seq <= last; seq++) {
        struct event e;
        ck_assert_int_eq(log_fetch(s->log, seq, frame), ERR_OK);
        ck_assert_ptr_nonnull(event_decode(frame, frame + sizeof frame, &e));
        ck_assert(store_is_event(&e, seq, false));
    }
}

/* ---- files ------------------------------------------------------------- */

struct file {
    unsigned char *bytes;
    size_t n;
};

static inline struct file file_read(int dirfd, const char *name)
{
    struct file f = {0};
    struct stat st;
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
    ck_assert_msg(fd >= 0 && fstat(fd, &st) == 0, "%s: %s", name,
                  strerror(errno));
    f.n = (size_t)st.st_size;
    f.bytes = malloc(f.n + 1);
    ck_assert_int_eq(pread(fd, f.bytes, f.n, 0), (ssize_t)f.n);
    close(fd);
    return f;
}

static inline void file_write(int dirfd, const char *name, const void *bytes,
                              size_t n)
{
    int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                    0644);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
    close(fd);
}

/* The bytes behind the last that is not zero are room, not content. */
static inline size_t file_content(const struct file *f)
{
    size_t n = f->n;
    while (n && f->bytes[n - 1] == 0)
        n--;
    return (n + 7) / 8 * 8;
}

static inline bool file_is(int dirfd, const char *name, const struct file *f)
{
    struct file now = file_read(dirfd, name);
    bool same = now.n == f->n && memcmp(now.bytes, f->bytes, f->n) == 0;
    free(now.bytes);
    return same;
}

static inline bool file_there(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, 0) == 0;
}

/* Descriptors that this process has open. */
static inline int open_files(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    ck_assert_ptr_nonnull(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

#endif
