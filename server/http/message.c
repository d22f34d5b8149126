/* message.c -- see message.h. */
#include "server/http/message.h"

#include <string.h>

#include "server/auth.h"
#include "server/http/route.h"
#include "server/http/rules.h"

/* A body of a refused request that is read and thrown away so that the
 * connection can go on; a larger one ends it. */
#define DISCARD_BYTES 65536

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

static int on_value_complete(llhttp_t *p)
{
    (void)p;
    if (!fields)
        return 0;
    struct span value = fields->value, name = fields->name, *to = NULL;
    while (value.n && (value.p[value.n - 1] == ' ' ||
                       value.p[value.n - 1] == '\t'))
        value.n--;
    if (span_is(name, "host")) {
        fields->hosts++;
        fields->host = value;
    } else if (span_is(name, "content-type"))
        to = &fields->content_type;
    else if (span_is(name, "content-encoding"))
        to = &fields->content_encoding;
    else if (span_is(name, "authorization"))
        to = &fields->authorization;
    else if (span_is(name, "expect"))
        to = &fields->expect;
    else if (span_is(name, "transfer-encoding"))
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

/* ---- the head as a whole ------------------------------------------------ */

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
    r->http10 = c->parser.http_minor == 0;
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
    if (!rules_framing_ok(&c->parser, &h, &f) || !rules_target_ok(r, &h, &f))
        return refuse(r, &f, true, NULL);
    if (!rules_expect_ok(r, &h, &f))
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
    if (r->route->scope != SCOPE_OPEN &&
        atomic_load_explicit(&c->w->app->phase, memory_order_relaxed) ==
            PHASE_RECOVERING) {
        fail_set(&f, FAIL_recovering, NULL);
        return refuse(r, &f, false, NULL);
    }
    if (!rules_body_ok(r, &h, &f) || !rules_query_ok(r, &f))
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
