/* reply.c -- answers: their bytes, and their order.  See request.h. */
#include <llhttp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/error_body.h"
#include "server/http/conn.h"
#include "server/http/route.h"
#include "server/metrics.h"

static const char JSON[] = "application/json";

static const char *reason(int status)
{
    switch (status) {
    case 200: return "OK";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default:  return "Status";
    }
}

/* Headers that go with a status, whoever answers it. */
static void put_status_headers(struct buf *out, int status, const char *allow)
{
    if (status == 503)
        buf_puts(out, "\r\nRetry-After: 1");
    else if (status == 401)
        buf_puts(out, "\r\nWWW-Authenticate: Bearer");
    else if (status == 405 && allow) {
        buf_puts(out, "\r\nAllow: ");
        buf_puts(out, allow);
    }
}

static void put_cache(struct buf *out, const struct request *r)
{
    buf_puts(out, r->is_public ? "\r\nCache-Control: public, max-age="
                               : "\r\nCache-Control: private, max-age=");
    buf_uint(out, r->max_age);
}

/* Everything up to the length of the body. */
static void put_first_lines(struct buf *out, const struct worker *w,
                            int status, const char *content_type)
{
    buf_puts(out, "HTTP/1.1 ");
    buf_uint(out, (uint64_t)status);
    buf_putc(out, ' ');
    buf_puts(out, reason(status));
    buf_puts(out, "\r\nDate: ");
    buf_puts(out, w->date);
    buf_puts(out, "\r\nContent-Type: ");
    buf_puts(out, content_type);
    buf_puts(out, "\r\nContent-Length: ");
}

void request_new_second(struct worker *w)
{
    struct buf b = {.p = w->head, .cap = sizeof w->head};
    put_first_lines(&b, w, 200, JSON);
    w->head_len = b.len;
}

static void put_answer(struct request *r, struct buf *out, int status,
                       const char *content_type, const struct buf *body,
                       const char *allow)
{
    const struct worker *w = r->w;
    if (status == 200 && content_type == JSON)
        buf_put(out, w->head, w->head_len); // by far the most common
    else
        put_first_lines(out, w, status, content_type);
    buf_uint(out, body->len);
    if (status != 200 && status != 202)
        put_status_headers(out, status, allow);
    else if (r->max_age)
        put_cache(out, r);
    if (!r->keep_alive)
        buf_puts(out, "\r\nConnection: close\r\n\r\n");
    else
        buf_puts(out, r->http10 ? "\r\nConnection: keep-alive\r\n\r\n"
                                : "\r\n\r\n");
    if (r->method != HTTP_HEAD)
        buf_put(out, body->p, body->len);
}

static void reply(struct request *r, int status, const char *content_type,
                  const struct buf *body, const char *allow)
{
    struct conn *c = r->conn;
    bool last = !r->next && c->unparsed.len == 0;
    bool in_body = c->current == r && !r->complete && !r->refused;
    if ((r->w->draining && last) || in_body)
        r->keep_alive = false;
    // straight to the connection when nothing stands before it
    bool first = c->first == r && r->answer.len == 0;
    put_answer(r, first ? &c->out : &r->answer, status, content_type, body,
               allow);
    r->answered = true;
    r->status = status;
    metrics_answer(r->w->metrics, r->route, status,
                   app_now_ns() - r->started_ns);
    conn_advance(c);
}

void request_reply(struct request *r, int status, const char *content_type,
                   const struct buf *body)
{
    reply(r, status, content_type, body, NULL);
}

void request_reply_json(struct request *r, int status, const struct buf *body)
{
    reply(r, status, JSON, body, NULL);
}

static void put_fail(struct buf *b, const struct fail *f)
{
    buf_clear(b);
    error_body_write(b, f);
}

void request_reply_fail(struct request *r, const struct fail *f)
{
    put_fail(&r->w->body, f);
    reply(r, fail_status(f->code), JSON, &r->w->body, NULL);
}

void request_reply_refused(struct request *r, const struct fail *f,
                           const char *allow)
{
    r->refused = true;
    put_fail(&r->w->body, f);
    reply(r, fail_status(f->code), JSON, &r->w->body, allow);
}

void request_fail(struct request *r, enum fail_code code, const char *fmt, ...)
{
    struct fail f;
    if (fmt) {
        char text[sizeof f.message];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(text, sizeof text, fmt, ap);
        va_end(ap);
        fail_set(&f, code, "%s", text);
    } else
        fail_set(&f, code, NULL);
    request_reply_fail(r, &f);
}
