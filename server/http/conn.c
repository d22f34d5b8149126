/* conn.c -- bytes in, answers out.  See conn.h. */
#include "server/http/conn.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/http/conn_close.h"
#include "server/http/message.h"
#include "server/http/route.h"

#define OUT_BYTES    65536      /* unsent answers that stop reading */
#define KEEP_BYTES   16384      /* buffers larger than this are given back */
#define LINGER_BYTES (1 << 20)  /* thrown away before a connection ends */

/* ---- what may happen next ---------------------------------------------- */

static size_t unsent(const struct conn *c)
{
    return c->out.len - c->out_at;
}

/* May more of this connection's bytes be parsed now? */
static bool can_parse(const struct conn *c)
{
    if (c->dead || c->phase >= PHASE_CLOSING || unsent(c) > OUT_BYTES)
        return false;
    if (c->current)
        return !c->current->paused;
    return c->nrequests < c->w->limits.pipeline;
}

static void on_event(evutil_socket_t fd, short what, void *arg);

static void watch(struct conn *c)
{
    short want = 0;
    if (!c->eof && (c->phase == PHASE_LINGER ||
                    (can_parse(c) && c->unparsed.len == 0)))
        want |= EV_READ;
    if (unsent(c))
        want |= EV_WRITE;
    if (want == c->watching)
        return;
    if (c->watching)
        event_del(c->event);
    c->watching = want;
    if (!want)
        return;
    event_assign(c->event, c->w->base, c->fd, want | EV_PERSIST, on_event, c);
    event_add(c->event, NULL);
}

/* ---- out --------------------------------------------------------------- */

static void flush(struct conn *c)
{
    while (!c->dead && unsent(c)) {
        ssize_t n = c->transport->send(c->fd, c->transport_state,
                                       c->out.p + c->out_at, unsent(c));
        if (n == TRANSPORT_BROKEN) {
            conn_close(c);
            return;
        }
        if (n == TRANSPORT_AGAIN) {
            if (!c->write_since_ns)
                c->write_since_ns = c->w->now_ns;
            return;
        }
        c->out_at += (size_t)n;
        c->write_since_ns = unsent(c) ? c->w->now_ns : 0;
    }
    c->out_at = 0;
    c->write_since_ns = 0;
    if (c->out.cap > KEEP_BYTES)
        buf_release(&c->out);
    else
        buf_clear(&c->out);
}

/* "100 Continue" for the request that is next to be answered. */
static void say_continue(struct conn *c)
{
    struct request *r = c->first;
    if (!r || r->answered || !r->expects || r->continued || r != c->current)
        return;
    r->continued = true;
    if (c->body_bytes == 0 && !r->complete)
        buf_puts(&c->out, "HTTP/1.1 100 Continue\r\n\r\n");
}

void conn_advance(struct conn *c)
{
    while (c->first && c->first->answered && !c->first->busy) {
        struct request *r = c->first;
        bool reading = r == c->current && !r->complete;
        if (reading && r->keep_alive)
            break; // its body is being skipped; then the answer goes
        if (r->answer.len)
            buf_put(&c->out, r->answer.p, r->answer.len);
        buf_clear(&r->answer);
        if (!r->keep_alive)
            conn_end(c);
        request_drop(r);
    }
    if (c->first && c->first->busy)
        return; // request_body() calls again
    say_continue(c);
    if (c->out.failed) {
        conn_close(c); // no memory for an answer: there is none to give
        return;
    }
    if (c->depth == 0)
        conn_resume(c);
}

/* ---- in ---------------------------------------------------------------- */

/* A request that is no HTTP: answered in its place, then the end. */
static void refuse_bytes(struct conn *c, const struct fail *f)
{
    struct request *r = c->current;
    if (!r)
        r = request_new(c->w, c);
    if (!r) {
        conn_close(c);
        return;
    }
    r->keep_alive = false;
    if (r->answered)
        conn_end(c);
    else
        request_reply_refused(r, f, NULL);
    if (!c->dead)
        conn_end(c);
}

/* The message has come to its end; its request may be answered and gone. */
static void message_done(struct conn *c)
{
    struct request *r = c->current;
    llhttp_resume(&c->parser);
    c->complete = false;
    c->phase = PHASE_IDLE;
    c->since_ns = c->w->now_ns;
    if (!r)
        return;
    bool last = !r->keep_alive;
    if (r->answered) {
        c->current = NULL;
        conn_advance(c);
    } else if (!r->paused) {
        c->current = NULL;
        request_end(r);
    }
    if (last && !c->dead)
        conn_end(c);
}

static size_t feed_head(struct conn *c, const char *p, size_t n)
{
    struct head_found head;
    struct fail f;
    if (c->phase == PHASE_IDLE) {
        c->phase = PHASE_HEAD;
        c->since_ns = c->w->now_ns;
    }
    switch (head_scan(&c->head, p, n, c->w->limits.header_bytes, &head, &f)) {
    case HEAD_MORE:
        return n;
    case HEAD_BAD:
        refuse_bytes(c, &f);
        return n;
    case HEAD_COMPLETE:
        break;
    }
    c->phase = PHASE_BODY;
    c->since_ns = c->w->now_ns;
    c->body_ns = 0;
    bool go_on = message_head(c, head.p, head.n);
    head_reset(&c->head);
    if (c->dead)
        return n;
    if (!go_on)
        conn_end(c);
    else if (c->complete)
        message_done(c);
    else
        say_continue(c);
    return head.used;
}

static size_t feed_body(struct conn *c, const char *p, size_t n)
{
    struct fail f;
    bool ok;
    size_t used = message_body(c, p, n, &ok, &f);
    if (c->dead || c->phase != PHASE_BODY)
        return used;
    if (!ok)
        refuse_bytes(c, &f);
    else if (c->complete)
        message_done(c);
    return used;
}

static void feed(struct conn *c, const char *p, size_t n)
{
    while (n && can_parse(c)) {
        size_t used = c->phase == PHASE_BODY ? feed_body(c, p, n)
                                             : feed_head(c, p, n);
        p += used;
        n -= used;
    }
    if (n && !c->dead && c->phase < PHASE_CLOSING) {
        buf_put(&c->unparsed, p, n);
        if (c->unparsed.failed)
            conn_close(c);
    }
}

static void on_readable(struct conn *c)
{
    struct worker *w = c->w;
    ssize_t n = c->transport->recv(c->fd, c->transport_state, w->input,
                                   WORKER_READ_BYTES);
    if (n == TRANSPORT_AGAIN)
        return;
    if (n == TRANSPORT_BROKEN) {
        conn_close(c);
    } else if (n == 0) {
        c->eof = true;
    } else if (c->phase == PHASE_LINGER) {
        c->lingered += (size_t)n;
        if (c->lingered > LINGER_BYTES)
            conn_close(c);
    } else {
        feed(c, w->input, (size_t)n);
    }
}

/* ---- after each turn --------------------------------------------------- */

/* A paused body goes on, and then what was read behind it. */
static void parse_on(struct conn *c)
{
    struct request *r = c->current;
    if (r && r->complete && !r->paused && !r->answered) {
        c->current = NULL;
        request_end(r);
    }
    while (!c->dead && c->unparsed.len && can_parse(c)) {
        struct buf kept = c->unparsed;
        memset(&c->unparsed, 0, sizeof c->unparsed);
        feed(c, kept.p, kept.len);
        buf_release(&kept);
    }
}

static void settle(struct conn *c)
{
    // sending makes room for more answers, so parsing may go on after it
    do {
        if (!c->dead)
            parse_on(c);
        if (!c->dead)
            flush(c);
    } while (!c->dead && c->unparsed.len && can_parse(c));
    if (!c->dead)
        conn_close_if_done(c);
    if (!c->dead)
        watch(c);
}

static void enter(struct conn *c)
{
    c->depth++;
}

static void leave(struct conn *c)
{
    if (--c->depth == 0 && c->dead)
        conn_free(c);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    (void)fd;
    worker_tick(c->w);
    enter(c);
    if (what & EV_WRITE)
        flush(c);
    if (what & EV_READ && !c->dead)
        on_readable(c);
    settle(c);
    leave(c);
}

void conn_resume(struct conn *c)
{
    if (c->dead || c->depth)
        return;
    enter(c);
    settle(c);
    leave(c);
}

void conn_continue_body(struct conn *c)
{
    struct request *r = c->current;
    enter(c);
    if (r && r->paused)
        request_continue_body(r);
    settle(c);
    leave(c);
}
