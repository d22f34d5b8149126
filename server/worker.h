/* worker.h -- one thread that serves HTTP: one event loop, one listener, its
 * connections, one reader slot, scratch memory.
 *
 * DESIGN  memcached's shape: N equal threads, each with an event_base of its
 * own (no locks in libevent) and an SO_REUSEPORT listener of its own, so the
 * kernel spreads connections and no connection ever changes its thread.  What
 * other threads have to say comes through the mailbox.  A sweep every
 * SWEEP_MS looks at every connection's deadline; no timer is armed per request.
 *
 * Everything in struct worker belongs to its thread unless the group says
 * otherwise.
 */
#ifndef FRESHET_SERVER_WORKER_H
#define FRESHET_SERVER_WORKER_H

#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>

#include "proto/buf.h"
#include "proto/limits.h"
#include "server/app.h"
#include "server/api/recommend_ask.h"
#include "server/mailbox.h"

#define WORKER_READ_BYTES    16384  /* most that llhttp is fed at a time */
#define WORKER_INFLATE_BYTES 65536  /* one step of gunzip */
#define SWEEP_MS             100

struct card_builder;
struct predict_batch;
struct visit_room;
struct conn;
struct request;
struct worker_metrics;

/* The limits of options.h in the units the loop uses. */
struct worker_limits {
    size_t header_bytes, body_bytes, body_memory, line_bytes;
    int max_connections, pipeline;
    int64_t header_ns, body_grace_ns, idle_ns, write_ns, wait_ns;
    int64_t body_rate;       /* bytes per second */
};

struct worker {
    /* set at boot, then read-only */
    struct app *app;
    int index;               /* also its reader slot and its watcher number */
    pthread_t thread;
    bool started;            /* there is a thread to join; main thread only */
    struct mailbox *mail;    /* own lock inside */
    struct worker_metrics *metrics; /* written here, read by any thread */
    /* this thread only */
    struct model *model;     /* what to read, until MAIL_MODEL says otherwise, */
    struct live *live;       /* ... its copies, */
    struct settings settings; /* ... and the fold's settings in force */
    struct event_base *base;
    struct listener *listener;
    struct event *wake;      /* the mailbox */
    struct event *sweep;
    struct conn *conns;      /* list of the open ones */
    struct request *spare;   /* list of requests to reuse */
    struct request **slots;  /* by slot number: whom an ack is for */
    uint32_t nslots, free_slot;
    size_t in_flight;        /* batches submitted and not acknowledged */
    struct request *parked;  /* list: waiting for an ack, a seq, ... */
    struct request *ready;   /* list: their wait is over (park.c) */
    uint64_t watched;        /* the seq the trainer is asked to tell of */
    struct worker_limits limits;
    struct proto_limits proto;
    bool draining;
    int64_t now_ns;          /* of this turn of the loop */
    int64_t swept_ns;        /* the last sweep */
    int64_t date_s;          /* the second that `date` shows */
    char date[32];
    char head[160];          /* of a 200 with JSON, up to its length */
    size_t head_len;
    /* scratch, valid within one callback */
    char *input;             /* WORKER_READ_BYTES */
    char *inflated;          /* WORKER_INFLATE_BYTES */
    struct buf body;         /* of the answer being written */
    struct card_builder *cards;
    struct ask_turn ask;     /* a list that is made here */
    float *ratings;          /* limits.array_elements */
    unsigned char *cold;     /* limits.array_elements */
    struct visit_room *visits; /* NULL: none was needed so far */
    struct buf explained;    /* explanations, before the rest of the answer */
    struct predict_batch *batch; /* NULL: none was needed so far */
    size_t nratings;         /* how many these two have room for */
};

/* Boot only.  A worker with its listener bound; ERR_IO: errno says why. */
enum err worker_new(struct app *app, const char *host, uint16_t port,
                    int index, struct worker **out) MUSTCHECK;
enum err worker_start(struct worker *w) MUSTCHECK;
void worker_join(struct worker *w);
void worker_free(struct worker *w);

/* Boot only.  The port that was bound (for port 0, what the kernel chose). */
uint16_t worker_port(const struct worker *w);

/* Any thread.  Puts a flag into the mailbox of every worker there is. */
void worker_tell_all(struct app *app, enum mail_flag flag);

/* Worker only.  Reads the clocks; at the start of each callback. */
void worker_tick(struct worker *w);

/* Worker only.  w->proto with the wall clock read: for what has timestamps. */
const struct proto_limits *worker_proto(struct worker *w);

/* Worker only.  A parked request waits for seq: the trainer is to wake this
 * worker when it is in the serving copy. */
void worker_watch(struct worker *w, uint64_t seq);

/* Worker only.  The request that tag stands for, or NULL when it is gone. */
struct request *worker_request(struct worker *w, uint64_t tag);

#endif
