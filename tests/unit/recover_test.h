/* recover_test.h -- what tests of recovery and of the keeper share: a data
 * directory that goes away, ways to end and to begin again, and an oracle: a
 * model that folds whatever the log holds, event by event.
 *
 * The events come from the stream of model_test.h: event k has seq k + 1 unless
 * others were appended between.
 */
#ifndef FRESHET_TESTS_UNIT_RECOVER_TEST_H
#define FRESHET_TESTS_UNIT_RECOVER_TEST_H

#include "store_test.h"

#include "cards_test.h"

#include "model/store/recover.h"
#include "model/store/snapshot_dir.h"
#include "proto/document.h"
#include "server/snapshot_codec.h"

#define HOME_USERS 40u
#define HOME_ITEMS 30u

struct home {
    char path[64];
    struct settings want;
    struct recover_options opt;
    struct recovery r;
    struct model *m;
    uint32_t next;             /* event of the stream */
    bool mixed;                /* it has events of all kinds */
    /* what the hooks said */
    uint32_t refused;
    char why[SNAPSHOT_ERROR_MAX];
    uint32_t progress;
    uint64_t seen;             /* newest seq of progress */
    uint32_t stop_at;          /* call of progress that says stop; 0: none */
};

static inline void home_refused(void *arg, const char *name, const char *why)
{
    struct home *h = arg;
    uint64_t seq;
    ck_assert(snapshot_seq_of(name, &seq));
    h->refused++;
    snprintf(h->why, sizeof h->why, "%s", why);
}

static inline bool home_progress(void *arg, uint64_t seq, uint64_t last)
{
    struct home *h = arg;
    ck_assert_uint_gt(seq, h->seen);
    ck_assert_uint_le(seq, last);
    h->seen = seq;
    return ++h->progress != h->stop_at;
}

static inline void home_init(struct home *h)
{
    memset(h, 0, sizeof *h);
    document_setup();
    snprintf(h->path, sizeof h->path, "%s/freshet-home-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(h->path));
    h->want = test_settings();
    h->mixed = true;
    h->opt = (struct recover_options){
        .path = h->path,
        .log = {.segment_bytes = STORE_SEGMENT, .reserve_bytes = STORE_SEGMENT},
        .dedupe_window = 500,
        .codec = &snapshot_codec,
        .want = &h->want,
        .nreaders = 2,
        .hooks = {h, home_refused, home_progress}};
}

/* ---- the end, and another beginning -------------------------------------- */

/* What recovery holds goes.  kill: as by kill -9, the files stay as they
 * are. */
static inline void home_end(struct home *h, bool kill)
{
    if (h->r.log && kill)
        h->r.log->begun = false;
    model_free(h->m);
    h->m = NULL;
    recover_release(&h->r);
}

/* All but the model's threads: ERR_OK, or what did not go, with everything
 * released. */
static inline enum err home_try(struct home *h)
{
    h->refused = h->progress = 0;
    h->seen = 0;
    h->why[0] = '\0';
    enum err err = recover_open(&h->r, &h->opt);
    if (err == ERR_OK)
        err = recover_load(&h->r, &h->m);
    if (err == ERR_OK)
        err = recover_replay(&h->r, h->m);
    if (err != ERR_OK)
        home_end(h, true);
    return err;
}

static inline void home_begin(struct home *h)
{
    enum err err = home_try(h);
    ck_assert_msg(err == ERR_OK, "%d: %s", err, h->r.error);
    ck_assert_uint_eq(model_seq(h->m), h->r.last);
}

static inline void home_again(struct home *h, bool kill)
{
    home_end(h, kill);
    home_begin(h);
}

/* Fails, and says why with these words in it. */
static inline void home_fails(struct home *h, enum err want, const char *words)
{
    enum err err = home_try(h);
    ck_assert_int_eq(err, want);
    ck_assert_msg(strstr(h->r.error, words) != NULL, "no \"%s\" in: %s", words,
                  h->r.error);
}

/* ---- files --------------------------------------------------------------- */

/* Calls visit with each file of the directory and below; or removes them. */
typedef void (*home_visit)(void *arg, int dirfd, const char *name);

static inline void home_walk(int dirfd, home_visit visit, void *arg,
                             bool remove)
{
    char name[256][64];
    int n = 0;
    DIR *dir = fdopendir(openat(dirfd, ".", O_RDONLY | O_DIRECTORY));
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *d; (d = readdir(dir)) && n < 256;)
        if (d->d_name[0] != '.')
            snprintf(name[n++], sizeof name[0], "%.63s", d->d_name);
    closedir(dir);
    for (int i = 0; i < n; i++) {
        int sub = openat(dirfd, name[i], O_RDONLY | O_DIRECTORY);
        if (sub >= 0) {
            home_walk(sub, visit, arg, remove);
            close(sub);
        } else if (visit)
            visit(arg, dirfd, name[i]);
        if (remove)
            ck_assert_int_eq(unlinkat(dirfd, name[i],
                                      sub >= 0 ? AT_REMOVEDIR : 0), 0);
    }
}

static inline void home_files(struct home *h, home_visit visit, void *arg,
                              bool remove)
{
    int fd = open(h->path, O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(fd, 0);
    home_walk(fd, visit, arg, remove);
    close(fd);
}

static inline void home_release(struct home *h)
{
    home_files(h, NULL, NULL, true);
    ck_assert_int_eq(rmdir(h->path), 0);
}

struct home_sum {
    uint64_t sum;
    const char *bytes;         /* to be looked for; NULL: none are */
    uint32_t with;             /* files that hold them */
};

static inline void home_sum_file(void *arg, int dirfd, const char *name)
{
    struct home_sum *s = arg;
    struct file f = file_read(dirfd, name);
    uint64_t x = random_id(name, (uint32_t)strlen(name));
    s->sum += random_mix(x ^ random_id((char *)f.bytes, (uint32_t)f.n));
    s->with += s->bytes && f.n &&
               memmem(f.bytes, f.n, s->bytes, strlen(s->bytes));
    free(f.bytes);
}

/* A sum of all names and bytes: equal sums, nothing was written. */
static inline uint64_t home_bytes(struct home *h)
{
    struct home_sum s = {0};
    home_files(h, home_sum_file, &s, false);
    return s.sum;
}

/* In how many files these bytes are. */
static inline uint32_t home_files_with(struct home *h, const char *bytes)
{
    struct home_sum s = {.bytes = bytes};
    home_files(h, home_sum_file, &s, false);
    return s.with;
}

static inline size_t home_snapshots(struct home *h)
{
    uint64_t seq[SNAPSHOT_LIST_MAX];
    size_t n;
    ck_assert_int_eq(snapshot_list(h->r.dir.snapshot, seq, &n), ERR_OK);
    return n;
}

/* ---- events -------------------------------------------------------------- */

static inline struct batch *home_batch(struct home *h, uint32_t n)
{
    struct batch *b = batch_new(0);
    for (uint32_t i = 0; i < n; i++) {
        char name[2][16], own[16];
        struct cards_test card;
        struct event e = test_stream(h->next, HOME_USERS, HOME_ITEMS, name);
        if (h->mixed)
            e = cards_test_mixed(e, h->next, &card);
        e.event_id = (struct id){own, (uint32_t)snprintf(own, 16, "e%u",
                                                         h->next++)};
        ck_assert_int_eq(batch_add(b, &e, i), ERR_OK);
    }
    return b;
}

/* One group of n events goes into the log and into the model, as journal and
 * trainer do it. */
static inline void home_learn(struct home *h, struct batch *b)
{
    unsigned char *p = b->data;
    b->first_seq = h->r.last + 1;
    model_begin(h->m);
    for (uint32_t i = 0; i < b->n; i++) {
        struct event e;
        event_seal(p, b->first_seq + i);
        p = b->data + (event_decode(p, b->data + b->bytes, &e) - b->data);
        model_fold(h->m, &e, b->first_seq + i, NULL);
    }
    ck_assert_int_eq(log_append(h->r.log, b, false), ERR_OK);
    model_publish(h->m);
    h->r.last += b->n;
    batch_free(b);
}

static inline void home_rate(struct home *h, uint32_t n)
{
    home_learn(h, home_batch(h, n));
}

static inline struct snapshot_result home_snapshot(struct home *h)
{
    struct snapshot_job job = {.model = h->m, .dirfd = h->r.dir.snapshot,
                               .codec = &snapshot_codec, .created = "now",
                               .log_id = log_id(h->r.log)};
    struct snapshot_result result;
    enum err err = snapshot_take(&job, &result);
    ck_assert_msg(err == ERR_OK, "%s", result.failed);
    return result;
}

/* ---- the oracle ---------------------------------------------------------- */

struct home_undone {
    struct model *m;
    struct voids voids;
};

static inline bool home_find_undone(void *arg, const struct log_event *e)
{
    struct home_undone *u = arg;
    struct void_range range;
    if (e->event.type == EVENT_ROLLBACK) {
        event_undone(&e->event, &range.after, &range.to);
        ck_assert(voids_add(&u->voids, range));
    }
    return true;
}

/* What was undone is folded as a void; only then the model is told of it. */
static inline bool home_fold_one(void *arg, const struct log_event *e)
{
    struct home_undone *u = arg;
    struct event event = e->event;
    struct void_range range;
    if (event_teaches(event.type) && voids_cover(&u->voids, e->seq))
        event = (struct event){.type = EVENT_VOID};
    if (event.type == EVENT_ROLLBACK) {
        event_undone(&event, &range.after, &range.to);
        ck_assert(model_void(u->m, range));
    }
    model_fold(u->m, &event, e->seq, NULL);
    return true;
}

/* The hash of a fold of all that the log, which is complete, holds. */
static inline uint64_t home_fold(struct home *h)
{
    struct settings s = h->r.genesis;
    struct log_place bad;
    struct model *m;
    s.max_users = s.max_users > 2000 ? s.max_users : 2000;
    s.max_items = s.max_items > 2000 ? s.max_items : 2000;
    s.max_features = s.max_features > 2000 ? s.max_features : 2000;
    s.max_features = s.max_features > 2000 ? s.max_features : 2000;
    ck_assert_int_eq(model_new(&s, 1, &m), ERR_OK);
    ck_assert(model_set(m, &h->r.genesis));
    model_begin(m);
    struct home_undone u = {.m = m};
    if (h->r.last)
        ck_assert_int_eq(log_each(h->r.log, 1, h->r.last, home_find_undone,
                                  &u, &bad), ERR_OK);
    if (h->r.last)
        ck_assert_int_eq(log_each(h->r.log, 1, h->r.last, home_fold_one, &u,
                                  &bad), ERR_OK);
    voids_release(&u.voids);
    model_publish(m);
    uint64_t hash = model_hash(m);
    model_free(m);
    return hash;
}

#endif
