/* route.h -- every path that is served, once, with who may call it.
 *
 * The table stands in route.c.  What is not in it is 404; a method that a path
 * does not have is 405 with Allow; `scope` is checked for every route in one
 * place (message.c), so that a new route cannot forget it.
 */
#ifndef FRESHET_SERVER_HTTP_ROUTE_H
#define FRESHET_SERVER_HTTP_ROUTE_H

#include "server/http/request.h"

struct intake_kind;

/* What a token must allow.  One token for all of /v1 today. */
enum scope { SCOPE_OPEN, SCOPE_PREDICT, SCOPE_INGEST, SCOPE_ADMIN };

enum route_body {
    ROUTE_NO_BODY = 0,
    ROUTE_JSON = 1,      /* application/json, collected, then handle() */
    ROUTE_NDJSON = 2     /* application/x-ndjson, given to stream() */
};

enum route_query {
    QUERY_MIN_SEQ = 1,   /* ?min_seq=N: handle() is called when it is there */
    QUERY_WAIT = 2,      /* ?wait=applied */
    QUERY_OWN = 4        /* further parameters, read by the handler */
};

struct route {
    const char *name;    /* the label in /metrics */
    unsigned char method;
    const char *path;    /* {id} stands for one segment */
    enum scope scope;
    unsigned body;       /* enum route_body bits */
    unsigned query;      /* enum route_query bits */
    /* the whole body is in r->body */
    void (*handle)(struct request *r);
    /* streamed bodies: bytes as they come; the end; the daemon shuts down and
     * wants the answer now; r goes away without an answer */
    enum flow (*stream)(struct request *r, const char *bytes, size_t n);
    void (*stream_end)(struct request *r);
    void (*stream_cut)(struct request *r);
    void (*stream_abandon)(struct request *r);
    const struct intake_kind *intake; /* what it ingests, NULL: nothing */
};

/* Any thread.  For metrics and tests. */
const struct route *route_table(size_t *n);
size_t route_index(const struct route *route);

/* Worker only.  Finds the route of r->url and r->method and fills r->id.  On
 * NULL *f says why, and for 405 `allow` lists the methods. */
const struct route *route_find(struct request *r, struct fail *f,
                               char allow[64]);

#endif
