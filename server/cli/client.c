/* client.c -- see client.h.
 *
 * What comes in is kept in `input` until somebody waits for an answer, and goes
 * through llhttp only then; an upload in progress just looks whether there is
 * any.
 */
#include "server/cli/client.h"

#include <errno.h>
#include <llhttp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/cli/dial.h"
#include "server/cli/url.h"

struct client {
    struct url url;
    char token[CLIENT_TOKEN_MAX];
    char error[256];
    int fd;                  /* -1: not connected */
    int timeout_ms;
    llhttp_t parser;
    struct buf out;          /* a request on its way */
    struct buf *answer;      /* where the body goes; NULL: nowhere */
    bool complete;           /* the answer */
    bool keep_alive;
    bool whole;              /* the request has been sent to its end */
    bool ended;              /* nothing more will come in */
    char input[16384];       /* not parsed yet */
    size_t ninput;
};

static int on_body(llhttp_t *p, const char *at, size_t n)
{
    struct client *c = p->data;
    if (c->answer)
        buf_put(c->answer, at, n);
    return 0;
}

static int on_complete(llhttp_t *p)
{
    struct client *c = p->data;
    if (p->status_code < 200)
        return 0; // 100 Continue and its like come before the answer
    c->complete = true;
    c->keep_alive = llhttp_should_keep_alive(p);
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {.on_body = on_body,
                                           .on_message_complete = on_complete};

struct client *client_new(const char *url, const char *token,
                          char error[256])
{
    struct url parsed;
    if (!url_parse(url, &parsed, error))
        return NULL;
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        snprintf(error, 256, "out of memory");
        return NULL;
    }
    c->url = parsed;
    c->fd = -1;
    c->timeout_ms = 60000;
    snprintf(c->token, sizeof c->token, "%s", token ? token : "");
    return c;
}

static void hang_up(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

void client_free(struct client *c)
{
    if (!c)
        return;
    hang_up(c);
    buf_release(&c->out);
    explicit_bzero(c, sizeof *c); // the token
    free(c);
}

const char *client_error(const struct client *c)
{
    return c->error;
}

int client_fd(const struct client *c)
{
    return c->fd;
}

void client_timeout(struct client *c, double seconds)
{
    c->timeout_ms = (int)(seconds * 1000);
}

static bool fail(struct client *c, const char *what)
{
    snprintf(c->error, sizeof c->error, "http://%.100s: %.140s",
             c->url.authority, what);
    hang_up(c);
    return false;
}

/* ---- moving bytes ------------------------------------------------------ */

/* Takes in what is there, without waiting. */
static void take_input(struct client *c)
{
    size_t room = sizeof c->input - c->ninput;
    if (room == 0 || c->ended)
        return;
    ssize_t n = recv(c->fd, c->input + c->ninput, room, MSG_DONTWAIT);
    if (n > 0)
        c->ninput += (size_t)n;
    else if (n == 0 || (errno != EAGAIN && errno != EINTR))
        c->ended = true;
}

/* Waits for any of `events`; false: nothing in time. */
static bool wait_for(struct client *c, short events)
{
    struct pollfd p = {.fd = c->fd, .events = events};
    int n;
    do
        n = poll(&p, 1, c->timeout_ms);
    while (n < 0 && errno == EINTR);
    return n > 0;
}

/* False: it could not all be sent, because an answer came first or nothing can
 * be sent any more; read_answer() tells which. */
static bool send_out(struct client *c)
{
    const char *p = c->out.p;
    size_t n = c->out.len;
    if (c->out.failed)
        return fail(c, "out of memory");
    while (n > 0) {
        ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
            continue;
        }
        if (errno == EPIPE || errno == ECONNRESET) {
            take_input(c); // the reason may still be there to read
            return false;
        }
        if (errno != EAGAIN && errno != EINTR)
            return fail(c, strerror(errno));
        if (!wait_for(c, POLLOUT | POLLIN))
            return fail(c, "it takes no more bytes; gave up waiting");
        take_input(c);
        if (c->ninput > 0 || c->ended)
            return false;
    }
    return true;
}

static bool parse_input(struct client *c)
{
    enum llhttp_errno rc = llhttp_execute(&c->parser, c->input, c->ninput);
    c->ninput = 0;
    return rc == HPE_OK || rc == HPE_PAUSED || fail(c, "the answer is not "
                                                    "HTTP/1.1");
}

/* The status, or 0. */
static int read_answer(struct client *c, struct buf *answer)
{
    if (c->fd < 0)
        return 0; // failed before
    c->answer = answer;
    c->complete = false;
    if (answer)
        buf_clear(answer);
    llhttp_init(&c->parser, HTTP_RESPONSE, &settings);
    c->parser.data = c;
    while (!c->complete) {
        if (c->ninput == 0 && !c->ended && !wait_for(c, POLLIN)) {
            fail(c, "no answer; gave up waiting");
            return 0;
        }
        take_input(c);
        if (c->ninput > 0 && !parse_input(c))
            return 0;
        if (c->ended && !c->complete) {
            fail(c, "it closed the connection without an answer");
            return 0;
        }
    }
    if (answer && answer->failed) {
        fail(c, "out of memory");
        return 0;
    }
    if (!c->keep_alive || !c->whole || c->ended)
        hang_up(c);
    return c->parser.status_code;
}

/* ---- requests ---------------------------------------------------------- */

/* A connection, and the head of a request for it in c->out. */
static bool begin(struct client *c, const char *method, const char *path,
                  const char *type, bool *kept)
{
    char why[160];
    if (c->fd >= 0) {
        c->ninput = 0;
        take_input(c);
        if (c->ended || c->ninput > 0) // closed while it was idle
            hang_up(c);
    }
    *kept = c->fd >= 0;
    if (!*kept) {
        c->fd = dial(c->url.host, c->url.port, c->timeout_ms, why);
        c->ninput = 0;
        c->ended = false;
        if (c->fd < 0)
            return fail(c, why);
    }
    c->whole = false;
    buf_clear(&c->out);
    buf_printf(&c->out, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path,
               c->url.authority);
    if (c->token[0])
        buf_printf(&c->out, "Authorization: Bearer %s\r\n", c->token);
    if (type)
        buf_printf(&c->out, "Content-Type: %s\r\n", type);
    return true;
}

int client_call(struct client *c, const char *method, const char *path,
                const char *type, const struct buf *body, struct buf *answer)
{
    int status = 0;
    bool kept = true;
    for (int try = 0; try < 2 && status == 0 && kept; try++) {
        if (!begin(c, method, path, type, &kept))
            return 0;
        if (body)
            buf_printf(&c->out, "Content-Length: %zu\r\n", body->len);
        buf_puts(&c->out, "\r\n");
        if (body)
            buf_put(&c->out, body->p, body->len);
        c->whole = send_out(c);
        status = read_answer(c, answer);
        if (strcmp(method, "GET") != 0 || !c->ended)
            break; // it may have been heard, or is not about the connection
    }
    return status;
}

bool client_upload_begin(struct client *c, const char *path, const char *type)
{
    bool kept;
    if (!begin(c, "POST", path, type, &kept))
        return false;
    buf_puts(&c->out, "Transfer-Encoding: chunked\r\n\r\n");
    return send_out(c);
}

bool client_upload_over(struct client *c)
{
    if (c->fd >= 0)
        take_input(c);
    return c->fd < 0 || c->ninput > 0 || c->ended;
}

bool client_upload_send(struct client *c, const struct buf *bytes)
{
    if (client_upload_over(c))
        return false;
    if (bytes->len == 0)
        return true;
    buf_clear(&c->out);
    buf_printf(&c->out, "%zx\r\n", bytes->len);
    buf_put(&c->out, bytes->p, bytes->len);
    buf_puts(&c->out, "\r\n");
    return send_out(c);
}

int client_upload_end(struct client *c, struct buf *answer)
{
    if (!client_upload_over(c)) {
        buf_clear(&c->out);
        buf_puts(&c->out, "0\r\n\r\n");
        c->whole = send_out(c);
    }
    return read_answer(c, answer);
}
