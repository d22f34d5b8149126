/* rules.h -- what a request's head must be, beyond what llhttp demands.
 *
 * Each rule looks at the fields of a parsed head, fills its part of the request
 * and returns true, or sets *f.  Worker only.
 */
#ifndef FRESHET_SERVER_HTTP_RULES_H
#define FRESHET_SERVER_HTTP_RULES_H

#include <llhttp.h>

#include "server/http/request.h"

struct span {
    const char *p;
    size_t n;
};

/* What the parser's callbacks see of one head.  They point into the head, which
 * is fed in one piece, so a span is never split over two buffers. */
struct fields {
    struct span url, name, value;
    struct span content_type, content_encoding, authorization, expect, coding,
        host;
    unsigned hosts;
    bool repeated;    /* one of the above came twice */
};

/* Without case, as header names and most of their values are compared. */
bool span_is(struct span s, const char *want);

/* Versions, exactly one Host, Transfer-Encoding, no header twice. */
bool rules_framing_ok(const llhttp_t *p, const struct fields *h,
                      struct fail *f);
/* The target: path and query, into r->url. */
bool rules_target_ok(struct request *r, const struct fields *h,
                     struct fail *f);
/* Expect: 100-continue, or nothing. */
bool rules_expect_ok(struct request *r, const struct fields *h,
                     struct fail *f);
/* Content-Type, Content-Encoding and size, for r->route. */
bool rules_body_ok(struct request *r, const struct fields *h, struct fail *f);
/* The common query parameters; others only where the route reads them. */
bool rules_query_ok(struct request *r, struct fail *f);

#endif
