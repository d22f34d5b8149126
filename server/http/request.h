/* request.h -- one HTTP request, from its head to its answer.
 *
 * LIFE  conn.c makes it when a head is complete, the route's handler takes the
 * body (whole or streamed), and exactly one request_reply_*() ends it, at once
 * or later.  Answers leave in the order of the requests (a connection's list),
 * whatever order they are given in.  A connection that goes away takes its
 * requests with it; acks that come for them later find nobody.
 *
 * PARKED  A handler that must wait (for a seq, for a hash, for room in the
 * queue) parks the request with what it waits for and a resume function, and
 * returns; nothing blocks the loop.  Worker only, all of it.
 */
#ifndef FRESHET_SERVER_HTTP_REQUEST_H
#define FRESHET_SERVER_HTTP_REQUEST_H

#include <stdbool.h>

#include "proto/buf.h"
#include "proto/errors.h"
#include "server/http/inflate.h"
#include "server/worker.h"

struct route;

enum body_type { BODY_TYPE_NONE, BODY_TYPE_JSON, BODY_TYPE_NDJSON,
                 BODY_TYPE_OTHER };
enum body_coding { BODY_IDENTITY, BODY_GZIP, BODY_CODING_OTHER };

/* What a parked request waits for; any of them ends the wait, and so does the
 * deadline. */
enum wait_kind { WAIT_NOTHING = 0, WAIT_ACK, WAIT_SEQ, WAIT_HASH, WAIT_ROOM,
                 WAIT_JOB /* the keeper's */,
                 WAIT_OVER /* park.c: set free, to be resumed this turn */ };

/* Why a parked request is resumed. */
enum wake { WAKE_READY, WAKE_TIMEOUT };
typedef void (*request_resume)(struct request *r, enum wake why);

struct request {
    struct request *next;      /* in its connection's order, or in w->spare */
    struct worker *w;
    struct conn *conn;
    uint32_t slot;             /* its place in w->slots */
    uint32_t generation;       /* raised at each reuse: old acks miss */
    /* the head */
    const struct route *route; /* NULL: refused before it was known */
    unsigned char method;      /* HTTP_GET ... of llhttp */
    bool keep_alive;
    bool chunked;
    bool http10;               /* keep-alive must be granted in words */
    bool expects;              /* Expect: 100-continue */
    bool continued;            /* ... and 100 was said, or need not be */
    uint64_t content_length;
    enum body_type type;
    enum body_coding coding;
    struct buf url;            /* terminated copy of the target */
    size_t path_len;           /* bytes of url before '?' */
    char *query;               /* after '?', or NULL; into url */
    uint32_t id_len, id2_len;  /* of `id` and `id2`, below */
    uint64_t min_seq;          /* ?min_seq=, 0: none */
    bool wait_applied;         /* ?wait=applied */
    /* the body */
    struct buf body;           /* buffered routes only */
    size_t charged;            /* of app->body_bytes */
    struct inflater *inflater; /* gzip only */
    void *stream;              /* streamed routes: the handler's state */
    bool complete;             /* the whole body has come */
    bool paused;               /* the handler asked for no more bytes */
    bool busy;                 /* its body is being fed: do not drop it */
    /* waiting */
    enum wait_kind waiting;
    request_resume resume;
    uint64_t wait_seq;
    int64_t wait_deadline;
    struct request *park_prev, *park_next;
    /* a handler that parks keeps here what it needs then */
    uint64_t last_seq;
    uint32_t events;
    uint32_t duplicates;
    int tries;
    void (*answer_applied)(struct request *r);
    /* the answer */
    uint32_t max_age;          /* seconds a cache may keep a 200; 0: not said */
    bool is_public;            /* ... one that others share */
    bool answered;
    bool refused;              /* by its head: what body there is is skipped */
    int status;
    int64_t started_ns;
    struct buf answer;         /* bytes not yet moved to the connection */
    /* last, so that what must be zeroed for the next request lies before it */
    char id[ID_BYTES_MAX + 1]; /* {id} of the path, decoded */
    char id2[ID_BYTES_MAX + 1]; /* the second one */
};

/* ---- for conn.c -------------------------------------------------------- */

struct request *request_new(struct worker *w, struct conn *c);
/* Drops it wherever it stands; the route's abandon hook frees the stream. */
void request_drop(struct request *r);

/* Body bytes in, end of body, and "go on" after a pause. */
enum flow request_body(struct request *r, const char *bytes, size_t n);
enum flow request_continue_body(struct request *r);
void request_end(struct request *r);

/* ---- for handlers ------------------------------------------------------ */

/* Answers.  The body is copied.  No use of r after this but returning. */
void request_reply(struct request *r, int status, const char *content_type,
                   const struct buf *body);
void request_reply_json(struct request *r, int status, const struct buf *body);
void request_reply_fail(struct request *r, const struct fail *f);
/* as the last, for a head that was refused; allow: for 405, else NULL or "" */
void request_reply_refused(struct request *r, const struct fail *f,
                           const char *allow);
/* code with a printf-style message (NULL: the table's) */
void request_fail(struct request *r, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The Date header changed: makes w->head anew. */
void request_new_second(struct worker *w);

/* Parks r.  seq: for WAIT_SEQ.  It is resumed after the wait_timeout limit at
 * the latest, but for WAIT_JOB, which takes as long as it takes. */
void request_park(struct request *r, enum wait_kind kind, uint64_t seq,
                  request_resume resume);
void request_unpark(struct request *r);

/* Calls resume of every parked request that `kind` (and for WAIT_SEQ the
 * published seq) sets free; of all whose deadline is over. */
void request_wake(struct worker *w, enum wait_kind kind);
void request_wake_late(struct worker *w);
/* Resumes who waits for a seq, as if late: it will not come soon. */
void request_wake_vain(struct worker *w);

/* The resume function of reads that wait for ?min_seq=. */
void request_resume_read(struct request *r, enum wake why);

/* The mark for batch.tag. */
uint64_t request_tag(const struct request *r);

#endif
