/* conn_close.c -- the two ends of a connection's life, its deadlines. */
#include "server/http/conn_close.h"

#include <stdlib.h>
#include <unistd.h>

#include "server/http/message.h"
#include "server/http/route.h"

#define LINGER_NS 1000000000ll  /* how long a client may take to read the end */

void conn_open(struct worker *w, int fd)
{
    struct conn *c = calloc(1, sizeof *c);
    if (c)
        c->event = event_new(w->base, fd, EV_READ, NULL, NULL);
    if (!c || !c->event) {
        free(c);
        close(fd);
        atomic_fetch_sub_explicit(&w->app->connections, 1,
                                  memory_order_relaxed);
        return;
    }
    c->w = w;
    c->fd = fd;
    c->transport = &transport_plain;
    c->last = &c->first;
    c->phase = PHASE_HEAD; // the first request must come in header_timeout
    c->since_ns = w->now_ns;
    llhttp_init(&c->parser, HTTP_REQUEST, &message_settings);
    c->parser.data = c;
    c->next = w->conns;
    if (c->next)
        c->next->prev = c;
    w->conns = c;
    conn_resume(c); // watches for reading
}

void conn_close(struct conn *c)
{
    struct worker *w = c->w;
    if (c->dead)
        return;
    c->dead = true;
    if (c->watching)
        event_del(c->event);
    c->watching = 0;
    close(c->fd);
    while (c->first)
        request_drop(c->first);
    if (c->prev)
        c->prev->next = c->next;
    else
        w->conns = c->next;
    if (c->next)
        c->next->prev = c->prev;
    atomic_fetch_sub_explicit(&w->app->connections, 1, memory_order_relaxed);
    if (c->depth == 0)
        conn_free(c);
}

void conn_free(struct conn *c)
{
    event_free(c->event);
    head_release(&c->head);
    buf_release(&c->unparsed);
    buf_release(&c->out);
    free(c);
}

void conn_end(struct conn *c)
{
    if (c->phase >= PHASE_CLOSING)
        return;
    // Bytes that may still come make a close() lose our answer (RST).
    c->cut = c->current != NULL || c->unparsed.len > 0 || c->head.bytes.len;
    c->phase = PHASE_CLOSING;
    c->since_ns = c->w->now_ns;
    buf_release(&c->unparsed);
}

void conn_close_if_done(struct conn *c)
{
    bool idle = !c->first && c->out.len == c->out_at;
    if (c->phase == PHASE_LINGER) {
        if (c->eof)
            conn_close(c);
        return;
    }
    if (c->eof && c->current && c->unparsed.len == 0 && !c->current->paused &&
        !c->current->complete) {
        request_drop(c->current); // it will never be whole
        c->phase = PHASE_CLOSING;
        idle = !c->first && c->out.len == c->out_at;
    }
    if (!idle)
        return;
    if (c->eof && c->unparsed.len == 0) {
        conn_close(c);
    } else if (c->phase == PHASE_CLOSING) {
        if (!c->cut) {
            conn_close(c);
            return;
        }
        c->transport->shut(c->fd, c->transport_state);
        c->phase = PHASE_LINGER;
        c->since_ns = c->w->now_ns;
    }
}

void conn_drain(struct conn *c)
{
    struct request *r = c->current;
    if (r && r->type == BODY_TYPE_NDJSON && r->stream && !r->answered) {
        r->route->stream_cut(r);
        return;
    }
    // a head that has begun is in flight; one that has not is not
    bool begun = c->head.bytes.len > 0 || c->unparsed.len > 0;
    if (!c->first && !begun && c->phase < PHASE_CLOSING)
        conn_end(c);
    conn_resume(c);
}

/* ---- deadlines --------------------------------------------------------- */

static void too_slow(struct conn *c, const char *what)
{
    struct fail f;
    struct request *r = c->current ? c->current : request_new(c->w, c);
    if (!r || r->answered) {
        conn_close(c);
        return;
    }
    fail_set(&f, FAIL_request_timeout, "%s", what);
    r->keep_alive = false;
    c->depth++;
    request_reply_refused(r, &f, NULL);
    if (!c->dead)
        conn_end(c);
    if (--c->depth == 0 && c->dead)
        conn_free(c);
    else
        conn_resume(c);
}

static void sweep_body(struct conn *c, int64_t elapsed_ns)
{
    const struct worker_limits *l = &c->w->limits;
    if (!(c->watching & EV_READ))
        return; // we hold the client, not the other way round
    c->body_ns += elapsed_ns;
    int64_t over = c->body_ns - l->body_grace_ns;
    if (over > 0 && (double)c->body_bytes <
                        (double)over * 1e-9 * (double)l->body_rate)
        too_slow(c, "the body comes too slowly (limits.body_grace, "
                    "limits.body_rate)");
}

void conn_sweep(struct conn *c, int64_t elapsed_ns)
{
    const struct worker_limits *l = &c->w->limits;
    int64_t now = c->w->now_ns, age = now - c->since_ns;
    if (c->write_since_ns && now - c->write_since_ns > l->write_ns) {
        conn_close(c);
        return;
    }
    switch (c->phase) {
    case PHASE_IDLE:
        if (!c->first && c->out.len == c->out_at && age > l->idle_ns)
            conn_close(c);
        break;
    case PHASE_HEAD:
        if (age > l->header_ns) {
            if (c->head.bytes.len == 0)
                conn_close(c); // not a byte came: nobody to tell
            else
                too_slow(c, "the headers took too long "
                            "(limits.header_timeout)");
        }
        break;
    case PHASE_BODY:
        sweep_body(c, elapsed_ns);
        break;
    case PHASE_CLOSING:
        break;
    case PHASE_LINGER:
        if (age > LINGER_NS)
            conn_close(c);
        break;
    }
}
