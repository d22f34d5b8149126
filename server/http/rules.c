/* rules.c -- see rules.h. */
#include "server/http/rules.h"

#include <string.h>
#include <strings.h>

#include "server/http/query.h"
#include "server/http/route.h"

bool span_is(struct span s, const char *want)
{
    return s.n == strlen(want) && strncasecmp(s.p, want, s.n) == 0;
}

bool rules_framing_ok(const llhttp_t *p, const struct fields *h,
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
        if (ch <= ' ' || ch > '~' || ch == '/' || ch == '?' || ch == '#' ||
            ch == '@' || ch == '\\' || ch == ',')
            return fail_set(f, FAIL_bad_host, "the Host header is not a host");
    }
    if (h->coding.p && (v10 || !span_is(h->coding, "chunked")))
        return fail_set(f, v10 ? FAIL_bad_request : FAIL_not_implemented,
                        "the only Transfer-Encoding is chunked, in HTTP/1.1");
    if (h->repeated)
        return fail_set(f, FAIL_bad_request, "a header came twice that may "
                        "come once");
    return true;
}

bool rules_target_ok(struct request *r, const struct fields *h,
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
    if (span_is(main, "application/json"))
        return BODY_TYPE_JSON;
    if (span_is(main, "application/x-ndjson") || span_is(main, "application/ndjson") ||
        span_is(main, "application/jsonl"))
        return BODY_TYPE_NDJSON;
    return BODY_TYPE_OTHER;
}

bool rules_body_ok(struct request *r, const struct fields *h, struct fail *f)
{
    const struct route *route = r->route;
    bool has_body = r->chunked || r->content_length > 0;
    r->type = type_of(h->content_type);
    r->coding = BODY_IDENTITY;
    if (h->content_encoding.p && !span_is(h->content_encoding, "identity"))
        r->coding = span_is(h->content_encoding, "gzip") ? BODY_GZIP
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

bool rules_query_ok(struct request *r, struct fail *f)
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

bool rules_expect_ok(struct request *r, const struct fields *h,
                      struct fail *f)
{
    if (!h->expect.p)
        return true;
    if (!span_is(h->expect, "100-continue"))
        return fail_set(f, FAIL_expectation_failed, NULL);
    r->expects = r->chunked || r->content_length > 0;
    return true;
}
