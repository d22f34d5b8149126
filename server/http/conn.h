/* conn.h -- one client connection: bytes in, requests out, answers back.
 *
 * DESIGN  A connection owns one event and moves its bytes itself through a
 * transport.  Incoming bytes go through two gates in turn: head.c looks at the
 * raw bytes of a request's head (line ends, folding, size) and hands a complete
 * head to llhttp; bodies go to llhttp as they come, at most WORKER_READ_BYTES
 * at a time.  When a request must not get more bytes (no credits, too many
 * requests in progress, an answer the client does not read), reading stops and
 * what was read but not parsed is kept: at most one read.
 *
 * Worker only.
 */
#ifndef FRESHET_SERVER_HTTP_CONN_H
#define FRESHET_SERVER_HTTP_CONN_H

#include <llhttp.h>

#include "server/http/head.h"
#include "server/http/request.h"
#include "server/http/transport.h"

enum conn_phase {
    PHASE_IDLE,      /* between requests */
    PHASE_HEAD,      /* part of a head has come */
    PHASE_BODY,      /* the head is complete, the message is not */
    PHASE_CLOSING,   /* no more requests: answer what is there, then close */
    PHASE_LINGER     /* all is sent: throw away what still comes, so that the
                        client can read our last answer */
};

struct conn {
    struct conn *next, *prev;      /* in w->conns */
    struct worker *w;
    int fd;
    const struct transport *transport;
    void *transport_state;
    struct event *event;
    short watching;                /* EV_READ, EV_WRITE of `event` */
    enum conn_phase phase;
    bool eof;                      /* the client sends no more */
    bool cut;                      /* conn_end() came before the client's end */
    bool dead;                     /* free when depth is back at 0 */
    int depth;                     /* conn.c functions on the stack */
    llhttp_t parser;
    struct head head;              /* the head being read */
    struct buf unparsed;           /* read, but parsing is paused */
    struct request *first, **last; /* open requests in order */
    int nrequests;
    struct request *current;       /* whose body is being read, or NULL */
    bool complete;                 /* llhttp saw the end of the message */
    struct buf out;                /* to be sent, from out_at */
    size_t out_at;
    /* deadlines */
    int64_t since_ns;              /* when this phase began */
    int64_t body_ns;               /* time spent reading this body */
    uint64_t body_bytes;           /* of it so far, as they came */
    int64_t write_since_ns;        /* no byte could be sent since, 0: none due */
    size_t lingered;               /* bytes thrown away */
};

/* Takes over fd (not blocking).  Closes it when there is no memory. */
void conn_open(struct worker *w, int fd);

/* Drops everything now. */
void conn_close(struct conn *c);

/* The first requests of the list that are answered move to `out`, and go. */
void conn_advance(struct conn *c);

/* Something changed (an answer, a place in the list): parse on, send, watch.
 * Nothing happens while conn.c is on the stack, which does it anyway. */
void conn_resume(struct conn *c);

/* The paused body of c->current may go on. */
void conn_continue_body(struct conn *c);

/* After the answers of c no further request is read. */
void conn_end(struct conn *c);

/* Closes or answers 408 where a deadline is over. */
void conn_sweep(struct conn *c, int64_t elapsed_ns);

/* For SIGTERM: closes c when nothing is in progress, ends it after its answers
 * otherwise. */
void conn_drain(struct conn *c);

#endif
