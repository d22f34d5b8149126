/* load_conn.c -- one keep-alive HTTP connection of a client.  See load.h. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/load.h"

void conn_open(struct conn *c, const struct load_options *opt, int epfd,
               uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.ptr = c};
    int one = 1;
    c->busy = false;
    c->have = 0;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        load_die("socket");
    if (connect(c->fd, (const struct sockaddr *)&opt->addr,
                sizeof opt->addr) < 0)
        load_die("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0 ||
        epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &ev) < 0)
        load_die("epoll_ctl");
}

void conn_close(struct conn *c)
{
    close(c->fd); // leaves the epoll set by itself
    c->fd = -1;
    c->busy = false;
}

bool conn_send(struct conn *c, const char *bytes, size_t n)
{
    return send(c->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* Parses the answer in c->in.  CONN_BROKEN: not HTTP, or without a
 * Content-Length, or too large for the buffer. */
static enum conn_state reply_parse(struct conn *c, struct reply *r)
{
    c->in[c->have] = '\0';
    const char *end = strstr(c->in, "\r\n\r\n");
    if (!end)
        return c->have < CONN_IN ? CONN_WAIT : CONN_BROKEN;
    const char *field = strcasestr(c->in, "\r\nContent-Length:");
    if (strncmp(c->in, "HTTP/1.1 ", 9) != 0 || !field || field > end)
        return CONN_BROKEN;
    size_t header = (size_t)(end - c->in) + 4;
    r->status = (int)strtol(c->in + 9, NULL, 10);
    r->body = end + 4;
    r->body_len = strtoul(field + strlen("\r\nContent-Length:"), NULL, 10);
    if (r->body_len > CONN_IN - header)
        return CONN_BROKEN;
    r->bytes = header + r->body_len;
    return r->bytes <= c->have ? CONN_REPLY : CONN_WAIT;
}

enum conn_state conn_read(struct conn *c, struct reply *r)
{
    ssize_t n = recv(c->fd, c->in + c->have, CONN_IN - c->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return CONN_WAIT;
    if (n <= 0)
        return CONN_BROKEN;
    c->have += (size_t)n;
    enum conn_state state = reply_parse(c, r);
    if (state == CONN_REPLY) {
        // one request in flight: nothing may follow its answer
        if (r->bytes != c->have)
            return CONN_BROKEN;
        c->have = 0;
        c->busy = false;
    }
    return state;
}
