/* replay_stream.c -- ratings as application/x-ndjson over a few connections.
 *
 * With N connections a user's ratings all take the same one (a hash of the id),
 * so each user's order is kept.  The daemon holds a stream back by not reading,
 * so a blocking send is all the flow control there is.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "proto/ratings.h"
#include "proto/ratings_file.h"
#include "server/app.h"
#include "server/cli/client.h"
#include "server/cli/line_reader.h"
#include "server/cli/progress_bar.h"
#include "server/cli/replay.h"
#include "server/cli/server_says.h"

#define PATH  "/v1/ratings"
#define TYPE  "application/x-ndjson"
#define CHUNK 32768

struct stream {
    pthread_t thread;
    struct replay *r;
    int index;
    struct client *client;
    _Atomic uint64_t sent;      /* read by the progress bar: relaxed */
    atomic_bool *failed;
    struct answer says;
    int status;                 /* exit status */
};

static bool is_mine(const struct stream *s, const struct ratings_record *rec)
{
    const char *id = s->r->ratings.bytes.p + rec->user;
    uint64_t h = 0xcbf29ce484222325u;
    if (s->r->connections == 1)
        return true;
    for (uint16_t i = 0; i < rec->user_len; i++)
        h = (h ^ (unsigned char)id[i]) * 0x100000001b3u;
    return (int)((h >> 32) % (unsigned)s->r->connections) == s->index;
}

static void sleep_until(int64_t ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* Sends what is in b; with a rate, small chunks at their time. */
static bool flush(struct stream *s, struct buf *b, uint64_t n)
{
    bool ok = client_upload_send(s->client, b->p, b->len);
    atomic_fetch_add_explicit(&s->sent, n, memory_order_relaxed);
    buf_clear(b);
    return ok;
}

static void send_all(struct stream *s)
{
    struct buf b = {0};
    uint64_t pending = 0, mine = 0;
    double rate = s->r->rate / s->r->connections;
    int64_t start = app_now_ns();
    bool ok = true;
    for (size_t i = 0; i < s->r->ratings.n && ok; i++) {
        if (!is_mine(s, &s->r->ratings.at[i]))
            continue;
        if (rate > 0) {
            int64_t due = start + (int64_t)((double)mine / rate * 1e9);
            if (due > app_now_ns()) {
                ok = pending == 0 || flush(s, &b, pending);
                pending = 0;
                sleep_until(due);
            }
        }
        struct rating r = ratings_set_get(&s->r->ratings, i);
        ratings_write_line(&b, &r);
        pending++;
        mine++;
        if (ok && b.len >= CHUNK) {
            ok = flush(s, &b, pending);
            pending = 0;
        }
        if (atomic_load_explicit(s->failed, memory_order_relaxed))
            ok = false;
    }
    if (ok && pending)
        flush(s, &b, pending);
    buf_release(&b);
}

static int finish(struct stream *s)
{
    struct buf answer = {0};
    int status = client_upload_end(s->client, &answer);
    if (status)
        answer_parse(answer.p, answer.len, &s->says);
    int code = status == 202 || status == 200
                   ? 0 : server_failed("replay", s->client, status, &answer);
    buf_release(&answer);
    return code;
}

static void *stream_main(void *arg)
{
    struct stream *s = arg;
    char error[256];
    s->client = client_new(s->r->to, s->r->token, error);
    if (!s->client) {
        fprintf(stderr, "freshet replay: %s\n", error);
        s->status = EX_USAGE;
    } else if (!client_upload_start(s->client, PATH, TYPE)) {
        s->status = server_failed("replay", s->client, 0, NULL);
    } else {
        client_timeout(s->client, 120);
        send_all(s);
        s->status = finish(s);
    }
    if (s->status)
        atomic_store(s->failed, true);
    client_free(s->client);
    return NULL;
}

static uint64_t sent_by_all(struct stream *all, int n)
{
    uint64_t sum = 0;
    for (int i = 0; i < n; i++)
        sum += atomic_load_explicit(&all[i].sent, memory_order_relaxed);
    return sum;
}

/* Draws while the streams run; they end by themselves. */
static void join_all(struct stream *all, int n, struct progress_bar *bar)
{
    struct timespec tick;
    for (int i = 0; i < n; i++) {
        do {
            progress_bar_show(bar, sent_by_all(all, n));
            clock_gettime(CLOCK_REALTIME, &tick);
            tick.tv_nsec += 100000000;
            if (tick.tv_nsec >= 1000000000) {
                tick.tv_sec++;
                tick.tv_nsec -= 1000000000;
            }
        } while (pthread_timedjoin_np(all[i].thread, NULL, &tick) != 0);
    }
    progress_bar_end(bar, sent_by_all(all, n));
}

static int conclude(struct replay *r, struct stream *all, int64_t took)
{
    struct answer sum = {0};
    int status = 0;
    for (int i = 0; i < r->connections; i++) {
        sum.accepted += all[i].says.accepted;
        sum.rejected += all[i].says.rejected;
        if (all[i].says.seq > sum.seq)
            sum.seq = all[i].says.seq;
        status = status ? status : all[i].status;
    }
    printf("sent %llu ratings in %.1f s (%.0f/s): %llu accepted, %llu "
           "rejected\n",
           (unsigned long long)sent_by_all(all, r->connections),
           (double)took * 1e-9,
           (double)sum.accepted / ((double)took * 1e-9),
           (unsigned long long)sum.accepted,
           (unsigned long long)sum.rejected);
    return status ? status : replay_report(r, sum.seq);
}

int replay_stream(struct replay *r)
{
    struct progress_bar bar;
    atomic_bool failed = false;
    int n = 0, status = EX_OSERR;
    struct stream *all = calloc((size_t)r->connections, sizeof *all);
    if (!all)
        return EX_OSERR;
    progress_bar_start(&bar, "sending ", r->ratings.n);
    int64_t start = app_now_ns();
    for (; n < r->connections; n++) {
        all[n].r = r;
        all[n].index = n;
        all[n].failed = &failed;
        if (pthread_create(&all[n].thread, NULL, stream_main, &all[n]) != 0)
            break;
    }
    join_all(all, n, &bar);
    if (n == r->connections)
        status = conclude(r, all, app_now_ns() - start);
    free(all);
    return status;
}

/* ---- standard input ---------------------------------------------------- */

static bool send_lines(struct replay *r, struct client *c,
                       struct line_reader *in, uint64_t *n)
{
    struct ratings_file file;
    struct progress_bar bar;
    struct buf b = {0};
    struct rating rating;
    struct fail f;
    const char *line;
    size_t len;
    bool has, ok = true;
    ratings_file_init(&file, &r->limits);
    progress_bar_start(&bar, "sending ", 0);
    while (ok && line_reader_next(in, &line, &len)) {
        if (!ratings_file_line(&file, line, len, &rating, &has, &f))
            fprintf(stderr, "freshet replay: line %lld left out: %s\n",
                    (long long)f.index, f.message);
        else if (has) {
            ratings_write_line(&b, &rating);
            ++*n;
        }
        if (b.len >= CHUNK || (b.len && line_reader_would_wait(in))) {
            ok = client_upload_send(c, b.p, b.len);
            buf_clear(&b);
        }
        if (r->limit && *n >= r->limit)
            break;
        progress_bar_show(&bar, *n);
    }
    if (ok && b.len)
        ok = client_upload_send(c, b.p, b.len);
    progress_bar_end(&bar, *n);
    buf_release(&b);
    return ok;
}

int replay_stdin(struct replay *r)
{
    char error[256];
    uint64_t n = 0;
    int status;
    struct stream s = {.r = r};
    struct line_reader *in = line_reader_open("-", error);
    s.client = in ? client_new(r->to, r->token, error) : NULL;
    if (!s.client) {
        fprintf(stderr, "freshet replay: %s\n", error);
        line_reader_close(in);
        return EX_USAGE;
    }
    if (!client_upload_start(s.client, PATH, TYPE)) {
        status = server_failed("replay", s.client, 0, NULL);
    } else {
        send_lines(r, s.client, in, &n);
        status = finish(&s);
    }
    printf("sent %llu ratings: %llu accepted, %llu rejected\n",
           (unsigned long long)n, (unsigned long long)s.says.accepted,
           (unsigned long long)s.says.rejected);
    client_free(s.client);
    line_reader_close(in);
    return status ? status : replay_report(r, s.says.seq);
}
