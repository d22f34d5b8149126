/* stress_snapshot.c -- snapshots beside a trainer that never rests.
 *
 *   stress_snapshot SECONDS [SEED]
 *
 * One thread feeds events, the trainer folds them, this thread takes snapshots
 * one after the other, in chunks of a few rows, and has a second model follow
 * to each snapshot's seq.  It fails when
 *   - the hash of what was streamed is not that of the model that followed;
 *   - the file cannot be loaded, or is another model when it is.
 * Among the events are behaviours, cards that are replaced all the time, and
 * erasures and changes of the history's size, which spoil the snapshot that they
 * meet.
 *
 * Built with -DLIVE_STRESS the steps of the protocol sleep at random.  Exit
 * status 1: it failed, 2: wrong arguments.
 */
#define STRESS_NAME "stress_snapshot"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/bytes.h"
#include "model/core/card.h"
#include "model/core/live_point.h"
#include "model/core/random.h"
#include "model/learn/trainer.h"
#include "model/store/snapshot_read.h"
#include "proto/document.h"
#include "server/snapshot_codec.h"
#include "tests/stress/stress.h"

#define ENOUGH     5        /* snapshots, or the result means nothing */
#define PATIENCE   60.0     /* seconds more than asked to get them in */
#define USERS      600u
#define ITEMS      400u
#define ERASE_EACH 30011u   /* events */
#define RESIZE_EACH 70001u

/* The events in order; whoever reads them has one of these. */
struct stream {
    uint64_t seed;
    uint64_t seq;             /* of the newest */
    uint64_t birth[USERS];    /* seq of the event that made the user's row */
    struct settings settings;
    /* what the newest event borrows */
    char user[16], item[16];
    unsigned char payload[512];
    char text[SETTINGS_TEXT_MAX];
};

struct stress {
    struct stream fed, followed;
    struct model *m, *follower;
    struct queue *q;
    struct trainer *t;
    pthread_t feeder;
    atomic_bool stop;
    int dirfd;
    uint64_t taken, spoilt, kept;
};

/* ---- events ------------------------------------------------------------ */

static struct event erasure(struct stream *s, uint32_t user)
{
    put_u64(s->payload, s->birth[user]);
    s->birth[user] = 0;
    return (struct event){.type = EVENT_ERASE, .payload = s->payload,
                          .payload_bytes = 8};
}

static struct event resizing(struct stream *s)
{
    s->settings.history = s->settings.history == 3000 ? 1000 : 3000;
    size_t n = settings_write(&s->settings, s->text);
    return (struct event){.type = EVENT_SETTINGS,
                          .payload = (const unsigned char *)s->text,
                          .payload_bytes = (uint32_t)n};
}

/* A card of a few features, with a text that is long or short. */
static uint32_t make_card(struct stream *s, uint64_t r)
{
    char text[200];
    size_t n = 0;
    memset(text, 'a' + (int)(r % 26), sizeof text);
    struct card_field f = {.kind = CARD_TAG,
                           .value = (const unsigned char *)text,
                           .value_len = 1 + random_below(r, 200)};
    bool ok = card_put(s->payload, sizeof s->payload, &n, &f);
    for (uint64_t i = random_mix(r) % 5; i > 0; i--) {
        unsigned char weight[4];
        put_f32(weight, (float)i / 4);
        snprintf(text, sizeof text, "f%u", random_below(random_mix(r + i), 50));
        f = (struct card_field){.kind = CARD_FEATURE, .name = text,
                                .name_len = (uint32_t)strlen(text),
                                .value = weight, .value_len = 4};
        ok = card_put(s->payload, sizeof s->payload, &n, &f) && ok;
    }
    if (!ok)
        fail("a card is too large");
    return (uint32_t)n;
}

/* Makes of a rating an event of another kind. */
static struct event another_kind(struct stream *s, struct event e, uint64_t r)
{
    e.value = 0;
    if (r % 3 == 0) {
        memcpy(s->payload, "click", 5);
        e.type = EVENT_BEHAVIOUR;
        e.value = (float)(r % 4) - 1;
        e.payload_bytes = 5;
    } else {
        e.type = r % 3 == 1 ? EVENT_USER_PUT : EVENT_ITEM_PUT;
        *(r % 3 == 1 ? &e.item : &e.user) = (struct id){.len = 0};
        e.payload_bytes = make_card(s, r);
    }
    e.payload = s->payload;
    return e;
}

/* The next event, borrowed until the one after it. */
static struct event next_event(struct stream *s)
{
    uint64_t r = random_u64(s->seed, RANDOM_REPLAY, ++s->seq, 0);
    uint32_t user = random_below(r, USERS);
    uint32_t item = random_below(random_mix(r), ITEMS);
    if (s->seq % ERASE_EACH == 0)
        return erasure(s, user);
    if (s->seq % RESIZE_EACH == 0)
        return resizing(s);
    int n = snprintf(s->user, sizeof s->user, "u%u", user);
    int k = snprintf(s->item, sizeof s->item, "i%u", item);
    struct event e = {.type = EVENT_RATING, .value = (float)(1 + r % 5),
                      .time_ms = 1700000000000 + (int64_t)s->seq * 1000,
                      .user = {s->user, (uint32_t)n},
                      .item = {s->item, (uint32_t)k}};
    uint64_t what = random_mix(r + 7);
    if (what % 4 == 0)
        e = another_kind(s, e, what / 4);
    if (e.user.len && !s->birth[user])
        s->birth[user] = s->seq;
    return e;
}

static void *feeder_main(void *arg)
{
    struct stress *s = arg;
    while (!atomic_load(&s->stop)) {
        struct batch *b = batch_new(64 * 256);
        uint64_t n = 1 + random_mix(s->fed.seq) % 300;
        if (!b)
            fail("no memory");
        b->first_seq = s->fed.seq + 1;
        for (uint32_t i = 0; i < n; i++) {
            struct event e = next_event(&s->fed);
            if (batch_add(b, &e, i) != ERR_OK)
                fail("no memory");
        }
        if (queue_push_wait(s->q, b) != ERR_OK)
            fail("the queue is closed");
    }
    return NULL;
}

/* ---- snapshots --------------------------------------------------------- */

static uint64_t hash_at(struct stress *s, uint64_t seq)
{
    while (s->followed.seq < seq) {
        model_begin(s->follower);
        for (int i = 0; i < 500 && s->followed.seq < seq; i++) {
            struct event e = next_event(&s->followed);
            model_fold(s->follower, &e, s->followed.seq, NULL);
        }
        model_publish(s->follower);
    }
    return model_hash(s->follower);
}

static void load(struct stress *s, const char *name)
{
    struct snapshot_info info;
    struct model *m;
    char error[SNAPSHOT_ERROR_MAX];
    if (model_new(model_settings(s->m), 1, &m) != ERR_OK)
        fail("no memory");
    if (snapshot_read(s->dirfd, name, &snapshot_codec, m, &info, error) !=
        ERR_OK)
        fail("%s: %s", name, error);
    model_free(m);
}

static void take_one(struct stress *s, uint64_t dice)
{
    struct snapshot_result r;
    struct snapshot_job job = {.model = s->m, .trainer = s->t,
                               .dirfd = s->dirfd, .codec = &snapshot_codec,
                               .created = "now",
                               .chunk_rows = 1 + (uint32_t)(dice % 64)};
    enum err err = snapshot_take(&job, &r);
    if (err == ERR_FULL) {
        s->spoilt++;
        return;
    }
    if (err != ERR_OK)
        fail("cannot %s: %s", r.failed, strerror(r.os_error));
    uint64_t hash = hash_at(s, r.seq);
    if (hash != r.model_hash)
        fail("seq %lu has hash %lx, not %lx", r.seq, r.model_hash, hash);
    if (s->taken % 4 == 0)
        load(s, r.name);
    if (unlinkat(s->dirfd, r.name, 0) != 0)
        fail("%s is not there", r.name);
    s->taken++;
    s->kept += r.saved;
}

/* ---- life -------------------------------------------------------------- */

static void visible(void *arg, uint32_t n, int64_t latency_ns)
{
    (void)arg;
    (void)n;
    (void)latency_ns;
}

static void start(struct stress *s, uint64_t seed)
{
    const struct settings settings = {
        .seed = seed, .dim = 16, .max_users = 100000, .max_items = 1000,
        .rating_min = 1, .rating_max = 5, .init = 0.1f, .factor_rate = 0.17f,
        .factor_half = 15, .factor_l2 = 0.015f, .bias_rate = 0.044f,
        .bias_count = 4.5f, .bias_l2 = 0.07f, .replay = 4, .history = 3000,
        .max_seen = 100, .half_life_days = 30, .max_features = 1000,
        .item_features = 1, .user_features = 1, .feature_rate = 0.2f,
        .rdim = 8, .rank_init = 0.1f, .rank_rate = 0.05f, .rank_half = 1000,
        .rank_l2 = 0.01f, .rank_feature_rate = 0.2f, .negatives = 2,
        .rank_replay = 2, .positives = 2000, .positive_from = 3};
    struct trainer_options opt = {64, 2};
    struct trainer_hooks hooks = {.visible = visible};
    s->fed.seed = s->followed.seed = seed;
    s->fed.settings = s->followed.settings = settings;
    s->q = queue_new(2000);
    if (!s->q || model_new(&settings, 1, &s->m) != ERR_OK ||
        model_new(&settings, 1, &s->follower) != ERR_OK)
        fail("no memory");
    s->t = trainer_new(s->m, s->q, 0, &opt, &hooks);
    if (!s->t || trainer_start(s->t) != ERR_OK ||
        pthread_create(&s->feeder, NULL, feeder_main, s) != 0)
        fail("no thread");
}

static void finish(struct stress *s)
{
    atomic_store(&s->stop, true);
    pthread_join(s->feeder, NULL);
    trainer_stop(s->t);
    trainer_free(s->t);
    queue_free(s->q);
    uint64_t hash = hash_at(s, s->fed.seq);
    if (hash != model_hash(s->m))
        fail("the models differ in the end");
    model_free(s->m);
    model_free(s->follower);
    printf("stress_snapshot: ok: %lu events, %lu snapshots, %lu spoilt, "
           "%lu rows and entries kept\n", s->fed.seq, s->taken, s->spoilt,
           s->kept);
    if (s->taken < ENOUGH || s->kept < 100)
        fail("%lu snapshots only", s->taken);
}

int main(int argc, char **argv)
{
    static struct stress s;
    char path[] = "/dev/shm/stress-snapshot-XXXXXX";
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (seconds <= 0) {
        fprintf(stderr, "usage: stress_snapshot SECONDS [SEED]\n");
        return 2;
    }
    document_setup();
    live_point_seed((unsigned)seed);
    if (access("/dev/shm", W_OK) != 0)
        memcpy(path, "/var/tmp", 8);
    s.dirfd = mkdtemp(path) ? open(path, O_RDONLY | O_DIRECTORY) : -1;
    if (s.dirfd < 0)
        fail("no directory");
    start(&s, seed);
    double until = now() + seconds;
    for (uint64_t i = 0;
         now() < until || (s.taken < ENOUGH && now() < until + PATIENCE); i++)
        take_one(&s, random_u64(seed, RANDOM_RESERVOIR, i, 1));
    finish(&s);
    close(s.dirfd);
    rmdir(path);
    return 0;
}
