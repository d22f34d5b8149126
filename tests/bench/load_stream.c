/* load_stream.c -- endless NDJSON bodies of ratings.  See load.h.
 *
 * Each connection is one POST with a chunked body.  At a fixed rate the lines
 * that are due leave once a millisecond, one chunk for each connection; flat
 * out, a connection gets the next chunk as soon as its socket takes it.  A
 * server that stops reading makes lines late, never lost: they stay due.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/load.h"

#define TICK_NS     1000000
#define CHUNK_LINES 256
#define CHUNK_HEAD  6 /* four hex digits, CR, LF */
#define CHUNK_MAX   (CHUNK_HEAD + CHUNK_LINES * SOURCE_BODY_MAX + 2)
#define ANSWER_MS   60000 /* for the receipt, after the end of the body */

/* One POST: what of it is not sent yet, and where it stands. */
struct post {
    struct conn conn;
    size_t out_pos, out_len;
    bool ended;           /* the last chunk is in `out` or sent */
    bool answered;
    char out[CHUNK_MAX + 8];
};

struct stream {
    const struct load_options *opt;
    struct load_result *res;
    struct source source;
    struct post *posts;   /* opt->connections of them */
    int epfd;
    int open;             /* posts that have no answer yet */
};

static void post_head(struct post *p, const struct load_options *opt)
{
    int n = snprintf(p->out, sizeof p->out,
                     "POST %s HTTP/1.1\r\nHost: %s\r\n"
                     "Content-Type: application/x-ndjson\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n",
                     opt->path, opt->target);
    p->out_pos = 0;
    p->out_len = (size_t)n;
}

/* One chunk of n lines into p->out, which must be empty. */
static void post_chunk(struct post *p, struct source *source, uint64_t n)
{
    char head[CHUNK_HEAD + 1];
    size_t at = CHUNK_HEAD;
    for (uint64_t i = 0; i < n; i++) {
        at += source_body(source, p->out + at);
        p->out[at++] = '\n';
    }
    snprintf(head, sizeof head, "%04x\r\n", (unsigned)(at - CHUNK_HEAD));
    memcpy(p->out, head, CHUNK_HEAD);
    memcpy(p->out + at, "\r\n", 2);
    p->out_pos = 0;
    p->out_len = at + 2;
}

static void post_end(struct post *p)
{
    static const char last[] = "0\r\n\r\n";
    memcpy(p->out, last, sizeof last - 1);
    p->out_pos = 0;
    p->out_len = sizeof last - 1;
    p->ended = true;
}

/* Sends what the socket takes.  False: the connection is broken. */
static bool post_flush(struct post *p)
{
    while (p->out_pos < p->out_len) {
        ssize_t n = send(p->conn.fd, p->out + p->out_pos,
                         p->out_len - p->out_pos, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        p->out_pos += (size_t)n;
    }
    return true;
}

static void post_close(struct stream *s, struct post *p)
{
    conn_close(&p->conn);
    p->answered = true;
    s->open--;
}

static void on_answer(struct stream *s, struct post *p)
{
    struct load_result *res = s->res;
    struct reply r;
    enum conn_state state = conn_read(&p->conn, &r);
    if (state == CONN_WAIT)
        return;
    if (state == CONN_REPLY) {
        size_t used = strlen(res->receipts);
        snprintf(res->receipts + used, sizeof res->receipts - used, "%s%.*s",
                 used ? "," : "", (int)r.body_len, r.body);
        res->reply_bytes += r.bytes;
    }
    if (state == CONN_BROKEN || r.status / 100 != 2 || !p->ended)
        res->errors++;
    post_close(s, p);
}

static void poll_answers(struct stream *s, int timeout_ms)
{
    struct epoll_event ev[64];
    int n = epoll_wait(s->epfd, ev, 64, timeout_ms);
    if (n < 0 && errno != EINTR)
        load_die("epoll_wait");
    for (int i = 0; i < n; i++) {
        struct post *p = ev[i].data.ptr; // conn is its first member
        if (ev[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP))
            on_answer(s, p);
    }
}

/* Gives every connection that has nothing left to send its next chunk, until
 * `due` lines are made.  True if some socket took all it was given. */
static bool feed(struct stream *s, uint64_t due)
{
    bool progress = false;
    for (int i = 0; i < s->opt->connections; i++) {
        struct post *p = &s->posts[i];
        if (p->answered)
            continue;
        uint64_t n = due - s->source.n;
        if (p->out_pos == p->out_len && n > 0)
            post_chunk(p, &s->source, n < CHUNK_LINES ? n : CHUNK_LINES);
        if (!post_flush(p)) {
            s->res->errors++;
            post_close(s, p);
        } else if (p->out_pos == p->out_len) {
            progress = true;
        }
    }
    return progress;
}

/* Lines that should have left `elapsed_ns` after the start. */
static uint64_t lines_due(const struct load_options *opt, int64_t elapsed_ns)
{
    uint64_t due = UINT64_MAX;
    if (opt->rate > 0)
        due = (uint64_t)(opt->rate * (double)elapsed_ns * 1e-9);
    return opt->count > 0 && due > opt->count ? opt->count : due;
}

/* Until the next tick, or not at all if that has passed. */
static void sleep_until(int64_t ns)
{
    struct timespec at = {.tv_sec = ns / 1000000000,
                          .tv_nsec = ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static void send_lines(struct stream *s)
{
    const struct load_options *opt = s->opt;
    int64_t end = INT64_MAX, tick = load_now(), now = tick;
    if (opt->seconds > 0)
        end = s->res->start_ns + (int64_t)(opt->seconds * 1e9);
    while (s->open > 0 && now < end && !load_stop &&
           (opt->count == 0 || s->source.n < opt->count)) {
        uint64_t due = lines_due(opt, now - s->res->start_ns);
        bool progress = feed(s, due);
        if (s->source.n < due) { // flat out, or behind
            poll_answers(s, progress ? 0 : 1);
        } else {
            tick += TICK_NS;
            sleep_until(tick);
            poll_answers(s, 0);
        }
        now = load_now();
    }
}

/* Ends all bodies and waits for the answers. */
static void finish(struct stream *s)
{
    int64_t deadline = load_now() + (int64_t)ANSWER_MS * 1000000;
    while (s->open > 0 && load_now() < deadline) {
        for (int i = 0; i < s->opt->connections; i++) {
            struct post *p = &s->posts[i];
            if (p->answered)
                continue;
            if (p->out_pos == p->out_len && !p->ended)
                post_end(p);
            if (!post_flush(p)) {
                s->res->errors++;
                post_close(s, p);
            }
        }
        poll_answers(s, 1);
    }
    s->res->errors += (uint64_t)s->open;
}

void load_stream(const struct load_options *opt, struct load_result *res)
{
    struct stream s = {.opt = opt, .res = res, .open = opt->connections};
    source_init(&s.source, opt);
    s.epfd = epoll_create1(EPOLL_CLOEXEC);
    s.posts = calloc((size_t)opt->connections, sizeof *s.posts);
    if (s.epfd < 0 || !s.posts)
        load_die("set-up");
    for (int i = 0; i < opt->connections; i++) {
        conn_open(&s.posts[i].conn, opt, s.epfd, EPOLLIN);
        post_head(&s.posts[i], opt);
    }
    int64_t cpu = opt->pid ? load_cpu(opt->pid) : 0;
    res->start_ns = load_now();
    send_lines(&s);
    finish(&s);
    res->elapsed_ns = load_now() - res->start_ns;
    res->cpu_ns = opt->pid ? load_cpu(opt->pid) - cpu : 0;
    res->requests = s.source.n;
    for (int i = 0; i < opt->connections; i++)
        if (!s.posts[i].answered)
            conn_close(&s.posts[i].conn);
    close(s.epfd);
    free(s.posts);
}
