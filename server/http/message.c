/* message.c -- see message.h. */
#include "server/http/message.h"

#include <string.h>
#include <strings.h>

#include "proto/id.h"
#include "server/auth.h"
#include "server/http/query.h"
#include "server/http/route.h"

/* A body of a refused request that is read and thrown away so that the
 * connection can go on; a larger one ends it. */
#define DISCARD_BYTES 65536

struct span {
    const char *p;
    size_t n;
};

/* What the callbacks see of one head.  They point into the head, which is fed
 * in one piece, so a span is never split over two buffers. */
struct fields {
    struct span url, name, value;
    struct span content_type, content_encoding, authorization, expect, coding,
        host;
    unsigned hosts;
    bool repeated;    /* one of the above came twice */
};

static void extend(struct span *s, const char *at, size_t n)
{
    if (s->n == 0)
        s->p = at;
    s->n += n;
}

static struct conn *conn_of(llhttp_t *p)
{
    return p->data;
}

/* The head that is being parsed on this thread; NULL while a body is, so that
 * trailers are thrown away. */
static _Thread_local struct fields *fields;

static int on_url(llhttp_t *p, const char *at, size_t n)
{
    (void)p;
    extend(&fields->url, at, n);
    return 0;
}

static int on_field(llhttp_t *p, const char *at, size_t n)
{
    (void)p;
    if (fields)
        extend(&fields->name, at, n);
    return 0;
}

static int on_value(llhttp_t *p, const char *at, size_t n)
{
    (void)p;
    if (fields)
        extend(&fields->value, at, n);
    return 0;
}

static bool is(struct span name, const char *want)
{
    return name.n == strlen(want) && strncasecmp(name.p, want, name.n) == 0;
}

static int on_value_complete(llhttp_t *p)
{
    (void)p;
    if (!fields)
        return 0;
    struct span value = fields->value, name = fields->name, *to = NULL;
    while (value.n && (value.p[value.n - 1] == ' ' ||
                       value.p[value.n - 1] == '\t'))
        value.n--;
    if (is(name, "host")) {
        fields->hosts++;
        fields->host = value;
    } else if (is(name, "content-type"))
        to = &fields->content_type;
    else if (is(name, "content-encoding"))
        to = &fields->content_encoding;
    else if (is(name, "authorization"))
        to = &fields->authorization;
    else if (is(name, "expect"))
        to = &fields->expect;
    else if (is(name, "transfer-encoding"))
        to = &fields->coding;
    if (to) {
        fields->repeated |= to->p != NULL;
        *to = value;
        if (!to->p)
            to->p = "";
    }
    fields->name = fields->value = (struct span){NULL, 0};
    return 0;
}

static int on_headers_complete(llhttp_t *p)
{
    p->upgrade = 0;  // we never switch protocols: the body follows as usual
    return 0;
}

static int on_body(llhttp_t *p, const char *at, size_t n)
{
    struct conn *c = conn_of(p);
    c->body_bytes += n;
    if (c->current)
        request_body(c->current, at, n);
    return 0;
}

static int on_message_complete(llhttp_t *p)
{
    struct conn *c = conn_of(p);
    c->complete = true;
    if (c->current)
        c->current->complete = true;
    return HPE_PAUSED;
}

const llhttp_settings_t message_settings = {
    .on_url = on_url,
    .on_header_field = on_field,
    .on_header_value = on_value,
    .on_header_value_complete = on_value_complete,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_message_complete = on_message_complete,
};

/* ---- the rules that are ours ------------------------------------------- */

static bool framing_ok(const llhttp_t *p, const struct fields *h,
                       struct fail *f)
{
    bool v11 = p->http_major == 1 && p->http_minor == 1;
    bool v10 = p->http_major == 1 && p->http_minor == 0;
    if (!v11 && !v10)
        return fail_set(f, FAIL_bad_request, "only HTTP/1.0 and 1.1 are spoken");
    if (h->hosts > 1 || (v11 && h->hosts != 1))
        return fail_set(f, FAIL_bad_host, NULL);
    for (size_t i = 0; i < h->host.n; i++) {
        unsigned char ch = (unsigned char)h->host.p[i];
        if (ch <= ' ' || ch > '~' || strchr("/?#@\\,", ch))
            return fail_set(f, FAIL_bad_host, "the Host header is not a host");
    }
    if (h->coding.p && (v10 || !is(h->coding, "chunked")))
        return fail_set(f, v10 ? FAIL_bad_request : FAIL_not_implemented,
                        "the only Transfer-Encoding is chunked, in HTTP/1.1");
    if (h->repeated)
        return fail_set(f, FAIL_bad_request, "a header came twice that may "
                        "come once");
    return true;
}

static bool target_ok(struct request *r, const struct fields *h,
                      struct fail *f)
{
    static const char scheme[] = "http://";
    struct span url = h->url;
    // RFC 9112 3.2.2: the absolute form must be understood too
    if (url.n > 7 && strncasecmp(url.p, scheme, 7) == 0) {
        const char *slash = memchr(url.p + 7, '/', url.n - 7);
        url.n = slash ? url.n - (size_t)(slash - url.p) : 0;
        url.p = slash;
    }
    if (url.n == 0 || url.p[0] != '/')
        return fail_set(f, FAIL_bad_request, "the target is not a path");
    for (size_t i = 0; i < url.n; i++) {
        unsigned char ch = (unsigned char)url.p[i];
        if (ch <= ' ' || ch == 0x7f || ch == '#')
            return fail_set(f, FAIL_bad_request, "the target has a blank, a "
                            "control character or a fragment");
    }
    buf_clear(&r->url);
    buf_put(&r->url, url.p, url.n);
    buf_putc(&r->url, '\0');
    if (r->url.failed)
        return fail_set(f, FAIL_busy, NULL);
    char *mark = strchr(r->url.p, '?');
    r->path_len = mark ? (size_t)(mark - r->url.p) : url.n;
    r->query = mark ? mark + 1 : NULL;
    return true;
}

static enum body_type type_of(struct span v)
{
    size_t n = v.n;
    const char *semi = n ? memchr(v.p, ';', n) : NULL;
    if (semi)
        n = (size_t)(semi - v.p);
    while (n && (v.p[n - 1] == ' ' || v.p[n - 1] == '\t'))
        n--;
    struct span main = {v.p, n};
    if (n == 0)
        return BODY_TYPE_NONE;
    if (is(main, "application/json"))
        return BODY_TYPE_JSON;
    if (is(main, "application/x-ndjson") || is(main, "application/ndjson") ||
        is(main, "application/jsonl"))
        return BODY_TYPE_NDJSON;
    return BODY_TYPE_OTHER;
}

static bool body_ok(struct request *r, const struct fields *h, struct fail *f)
{
    const struct route *route = r->route;
    bool has_body = r->chunked || r->content_length > 0;
    r->type = type_of(h->content_type);
    r->coding = BODY_IDENTITY;
    if (h->content_encoding.p && !is(h->content_encoding, "identity"))
        r->coding = is(h->content_encoding, "gzip") ? BODY_GZIP
                                                    : BODY_CODING_OTHER;
    if (route->body == ROUTE_NO_BODY)
        return !has_body ||
               fail_set(f, FAIL_bad_request, "this path takes no body");
    if (r->coding == BODY_CODING_OTHER)
        return fail_set(f, FAIL_unsupported_encoding,
                        "the only Content-Encoding is gzip");
    bool json = r->type == BODY_TYPE_JSON && route->body & ROUTE_JSON;
    bool ndjson = r->type == BODY_TYPE_NDJSON && route->body & ROUTE_NDJSON;
    if (!json && !ndjson)
        return fail_set(f, FAIL_unsupported_type, "send Content-Type: "
                        "application/json%s",
                        route->body & ROUTE_NDJSON
                            ? " or application/x-ndjson" : "");
    if (json && r->content_length > r->w->limits.body_bytes)
        return fail_set(f, FAIL_body_too_large,
                        "the body is larger than %zu bytes "
                        "(limits.body_bytes); ratings can be streamed as "
                        "application/x-ndjson", r->w->limits.body_bytes);
    return true;
}

static bool query_ok(struct request *r, struct fail *f)
{
    struct query q = {.at = r->query ? r->query : ""};
    unsigned known = r->route->query;
    while (query_next(&q, f)) {
        if (known & QUERY_MIN_SEQ && strcmp(q.name, "min_seq") == 0) {
            if (!query_uint(q.value, INT64_MAX, &r->min_seq))
                return fail_set(f, FAIL_bad_query, "min_seq is a whole number");
        } else if (known & QUERY_WAIT && strcmp(q.name, "wait") == 0) {
            if (strcmp(q.value, "applied") != 0)
                return fail_set(f, FAIL_bad_query, "wait can be: applied");
            r->wait_applied = true;
        } else if (!(known & QUERY_OWN))
            return fail_set(f, FAIL_bad_query, "the parameter \"%s\" is not "
                            "known here", q.name);
    }
    return f->code == FAIL_NONE;
}

static bool expect_ok(struct request *r, const struct fields *h,
                      struct fail *f)
{
    if (!h->expect.p)
        return true;
    if (!is(h->expect, "100-continue"))
        return fail_set(f, FAIL_expectation_failed, NULL);
    r->expects = r->chunked || r->content_length > 0;
    return true;
}

/* Answers a refused head.  The connection goes on only when the body is small
 * and already promised, so that it can be read past. */
static bool refuse(struct request *r, const struct fail *f, bool framing,
                   const char *allow)
{
    bool readable = !r->chunked && r->content_length <= DISCARD_BYTES &&
                    !r->expects;
    if (framing || (!r->complete && !readable))
        r->keep_alive = false;
    bool go_on = r->keep_alive;
    request_reply_refused(r, f, allow);
    return go_on;
}

bool message_head(struct conn *c, const char *head, size_t n)
{
    struct fields h = {0};
    struct fail f = {.code = FAIL_NONE, .index = -1};
    char allow[64] = "";
    struct request *r = request_new(c->w, c);
    if (!r)
        return false;
    c->current = r;
    c->body_bytes = 0;
    fields = &h;
    enum llhttp_errno rc = llhttp_execute(&c->parser, head, n);
    fields = NULL;
    r->method = c->parser.method;
    r->keep_alive = llhttp_should_keep_alive(&c->parser);
    if (rc != HPE_OK && rc != HPE_PAUSED) {
        r->keep_alive = false;
        bool unknown = rc == HPE_INVALID_METHOD ||
                       rc == HPE_INVALID_TRANSFER_ENCODING;
        fail_set(&f, unknown ? FAIL_not_implemented : FAIL_bad_request,
                 "not HTTP: %s", llhttp_get_error_reason(&c->parser));
        request_reply_refused(r, &f, NULL);
        return false;
    }
    r->chunked = c->parser.flags & F_CHUNKED;
    r->content_length = c->parser.flags & F_CONTENT_LENGTH
                            ? c->parser.content_length : 0;
    if (!framing_ok(&c->parser, &h, &f) || !target_ok(r, &h, &f))
        return refuse(r, &f, true, NULL);
    if (!expect_ok(r, &h, &f))
        return refuse(r, &f, false, NULL);
    r->route = route_find(r, &f, allow);
    if (!r->route)
        return refuse(r, &f, false, allow);
    if (!auth_allows(c->w->app->auth, r->route->scope, h.authorization.p,
                     h.authorization.n)) {
        fail_set(&f, FAIL_unauthorized,
                 "send the header Authorization: Bearer TOKEN");
        return refuse(r, &f, false, NULL);
    }
    if (!body_ok(r, &h, &f) || !query_ok(r, &f))
        return refuse(r, &f, false, NULL);
    if (r->coding == BODY_GZIP) {
        r->inflater = inflater_new();
        if (!r->inflater) {
            fail_set(&f, FAIL_busy, NULL);
            return refuse(r, &f, false, NULL);
        }
    }
    return true;
}

size_t message_body(struct conn *c, const char *p, size_t n, bool *ok,
                    struct fail *f)
{
    enum llhttp_errno rc = llhttp_execute(&c->parser, p, n);
    *ok = rc == HPE_OK || rc == HPE_PAUSED;
    if (rc == HPE_OK)
        return n;
    const char *pos = llhttp_get_error_pos(&c->parser);
    if (!*ok)
        fail_set(f, FAIL_bad_request, "the body's framing is broken: %s",
                 llhttp_get_error_reason(&c->parser));
    return pos && pos >= p && pos <= p + n ? (size_t)(pos - p) : n;
}
