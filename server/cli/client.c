/* client.c -- see client.h. */
#include "server/cli/client.h"

#include <errno.h>
#include <fcntl.h>
#include <llhttp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct client {
    char host[256], port[8], authority[280];
    char token[600];
    char error[256];
    int fd;                  /* -1: not connected */
    int timeout_ms;
    llhttp_t parser;
    struct buf out;
    struct buf *answer;      /* where the body goes; NULL: nowhere */
    bool complete;
    bool keep_alive;
    bool early;              /* an answer has begun during an upload */
    char input[65536];       /* bytes of an early answer */
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
    c->keep_alive = llhttp_should_keep_alive(p);
    c->complete = p->status_code != 100;
    return c->complete ? HPE_PAUSED : 0;
}

static const llhttp_settings_t settings = {.on_body = on_body,
                                           .on_message_complete = on_complete};

static bool parse_url(struct client *c, const char *url, char error[256])
{
    const char *at = url;
    if (strncmp(at, "http://", 7) == 0)
        at += 7;
    size_t n = strcspn(at, "/");
    const char *colon = NULL;
    for (size_t i = 0; i < n; i++)
        if (at[i] == ':' && !memchr(at + i, ']', n - i))
            colon = at + i;
    size_t host = colon ? (size_t)(colon - at) : n;
    bool v6 = host > 2 && at[0] == '[' && at[host - 1] == ']';
    if (strstr(url, "://") && at == url)
        host = 0; // a scheme we do not speak
    if (host == 0 || host >= sizeof c->host || n >= sizeof c->authority) {
        snprintf(error, 256, "%.150s is not http://host:port", url);
        return false;
    }
    snprintf(c->host, sizeof c->host, "%.*s", (int)host - 2 * v6, at + v6);
    snprintf(c->port, sizeof c->port, "%.*s",
             colon ? (int)(n - host - 1) : 4, colon ? colon + 1 : "8470");
    snprintf(c->authority, sizeof c->authority, "%.*s", (int)n, at);
    return true;
}

struct client *client_new(const char *url, const char *token, char error[256])
{
    struct client *c = calloc(1, sizeof *c);
    if (!c) {
        snprintf(error, 256, "out of memory");
        return NULL;
    }
    c->fd = -1;
    c->timeout_ms = 30000;
    if (!parse_url(c, url, error)) {
        free(c);
        return NULL;
    }
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
    free(c);
}

const char *client_error(const struct client *c)
{
    return c->error;
}

void client_timeout(struct client *c, double seconds)
{
    c->timeout_ms = (int)(seconds * 1000);
}

static bool fail(struct client *c, const char *what)
{
    snprintf(c->error, sizeof c->error, "%.110s: %.120s", c->authority, what);
    hang_up(c);
    return false;
}

/* ---- connecting -------------------------------------------------------- */

static int connect_one(const struct addrinfo *a, int timeout_ms)
{
    int one = 1, error = 0;
    socklen_t size = sizeof error;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    a->ai_protocol);
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        error = errno;
        if (error == EINPROGRESS) {
            error = ETIMEDOUT;
            if (poll(&p, 1, timeout_ms) == 1)
                getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
        }
    }
    if (error) {
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

static bool dial(struct client *c)
{
    struct addrinfo *list, hints = {.ai_socktype = SOCK_STREAM};
    if (c->fd >= 0)
        return true;
    int rc = getaddrinfo(c->host, c->port, &hints, &list);
    if (rc != 0)
        return fail(c, gai_strerror(rc));
    for (struct addrinfo *a = list; a && c->fd < 0; a = a->ai_next)
        c->fd = connect_one(a, c->timeout_ms);
    int error = errno;
    freeaddrinfo(list);
    if (c->fd < 0)
        return fail(c, error == ECONNREFUSED
                           ? "nobody listens there; is `freshet serve` running?"
                           : strerror(error));
    llhttp_init(&c->parser, HTTP_RESPONSE, &settings);
    c->parser.data = c;
    c->ninput = 0;
    return true;
}

/* ---- moving bytes ------------------------------------------------------ */

/* Reads what is there into c->input; false: the connection is over. */
static bool read_some(struct client *c)
{
    size_t room = sizeof c->input - c->ninput;
    if (room == 0)
        return true;
    ssize_t n = recv(c->fd, c->input + c->ninput, room, 0);
    if (n > 0)
        c->ninput += (size_t)n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Sends all of it; true also when it stopped because an answer came. */
static bool send_all(struct client *c, const char *p, size_t n)
{
    while (n && !c->early) {
        ssize_t sent = send(c->fd, p, n, MSG_NOSIGNAL);
        if (sent > 0) {
            p += sent;
            n -= (size_t)sent;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            c->early = c->ninput > 0 || (read_some(c) && c->ninput > 0);
            return c->early || fail(c, strerror(errno));
        }
        struct pollfd w = {.fd = c->fd, .events = POLLOUT | POLLIN};
        poll(&w, 1, 1000); // a daemon that holds us back may take its time
        if (w.revents & (POLLIN | POLLHUP | POLLERR)) {
            if (!read_some(c) && c->ninput == 0)
                return fail(c, "the connection was closed");
            c->early = c->ninput > 0;
        }
    }
    return true;
}

static int parse_input(struct client *c)
{
    size_t n = c->ninput;
    c->ninput = 0;
    enum llhttp_errno rc = llhttp_execute(&c->parser, c->input, n);
    if (rc == HPE_OK || rc == HPE_PAUSED)
        return 1;
    fail(c, "the answer is not HTTP");
    return 0;
}

static int read_answer(struct client *c, struct buf *answer)
{
    c->answer = answer;
    c->complete = false;
    if (answer)
        buf_clear(answer);
    llhttp_reset(&c->parser);
    if (c->ninput && !parse_input(c))
        return 0;
    while (!c->complete) {
        struct pollfd r = {.fd = c->fd, .events = POLLIN};
        int ready = poll(&r, 1, c->timeout_ms);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0) {
            fail(c, "no answer in time");
            return 0;
        }
        if (!read_some(c)) {
            fail(c, "the connection was closed without an answer");
            return 0;
        }
        if (c->ninput && !parse_input(c))
            return 0;
    }
    int status = c->parser.status_code;
    llhttp_resume(&c->parser);
    if (!c->keep_alive || c->early)
        hang_up(c);
    c->early = false;
    return status;
}

/* ---- requests ---------------------------------------------------------- */

static void put_head(struct client *c, const char *method, const char *path,
                     const char *content_type)
{
    buf_clear(&c->out);
    buf_printf(&c->out, "%s %s HTTP/1.1\r\nHost: %s\r\n", method, path,
               c->authority);
    if (c->token[0])
        buf_printf(&c->out, "Authorization: Bearer %s\r\n", c->token);
    if (content_type)
        buf_printf(&c->out, "Content-Type: %s\r\n", content_type);
}

int client_call(struct client *c, const char *method, const char *path,
                const char *content_type, const char *body, size_t n,
                struct buf *answer)
{
    for (int try = 0; try < 2; try++) {
        bool fresh = c->fd < 0;
        if (!dial(c))
            return 0;
        put_head(c, method, path, content_type);
        if (body)
            buf_printf(&c->out, "Content-Length: %zu\r\n", n);
        buf_puts(&c->out, "\r\n");
        if (body)
            buf_put(&c->out, body, n);
        int status = send_all(c, c->out.p, c->out.len) ? read_answer(c, answer)
                                                       : 0;
        // a connection kept alive may have been closed meanwhile; only what
        // can be repeated is
        if (status || fresh || strcmp(method, "GET") != 0)
            return status;
    }
    return 0;
}

bool client_upload_start(struct client *c, const char *path,
                         const char *content_type)
{
    hang_up(c); // a stream gets a connection of its own
    if (!dial(c))
        return false;
    put_head(c, "POST", path, content_type);
    buf_puts(&c->out, "Transfer-Encoding: chunked\r\n\r\n");
    return send_all(c, c->out.p, c->out.len);
}

bool client_upload_send(struct client *c, const void *bytes, size_t n)
{
    if (c->fd < 0 || c->early)
        return false;
    if (n == 0)
        return true;
    buf_clear(&c->out);
    buf_printf(&c->out, "%zx\r\n", n);
    buf_put(&c->out, bytes, n);
    buf_puts(&c->out, "\r\n");
    return send_all(c, c->out.p, c->out.len) && !c->early;
}

int client_upload_end(struct client *c, struct buf *answer)
{
    if (c->fd < 0)
        return 0;
    if (!c->early && !send_all(c, "0\r\n\r\n", 5))
        return 0;
    return read_answer(c, answer);
}
