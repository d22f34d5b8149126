/* bare_loop.c -- the floor that the daemon is measured against.
 *
 * The least a libevent program can do for an HTTP request: one thread, one
 * read event per connection, recv, find where the request ends, send a
 * constant answer.  No parser, no JSON, no model, no limits, no metrics.  The
 * answer has the headers and the size of one of the daemon's, so both sides
 * move the same bytes.  bench.py compares the CPU time per request of the two.
 *
 *   bare_loop [PORT]     0 or nothing: the kernel picks; the first line says
 *
 * Loopback only.  SIGTERM and SIGINT end it with status 0.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_MAX 4096

static const char answer[] = "HTTP/1.1 200 OK\r\n"
                             "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
                             "Content-Type: application/json\r\n"
                             "Content-Length: 38\r\n"
                             "\r\n"
                             "{\"rating\":3.528105,\"model_seq\":100000}";

struct conn {
    struct event *readable;
    size_t have;
    char in[REQUEST_MAX + 1]; /* requests not answered yet, then a NUL */
};

static void conn_close(struct conn *c)
{
    close(event_get_fd(c->readable));
    event_free(c->readable);
    free(c);
}

/* Bytes of the first request in c->in: 0 while it is incomplete. */
static size_t request_size(const struct conn *c)
{
    static const char length[] = "Content-Length: ";
    const char *end = memmem(c->in, c->have, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t size = (size_t)(end - c->in) + 4;
    const char *field = memmem(c->in, size, length, sizeof length - 1);
    if (field)
        size += strtoul(field + sizeof length - 1, NULL, 10);
    return size <= c->have ? size : 0;
}

static bool answer_all(struct conn *c, int fd)
{
    size_t size = request_size(c);
    while (size > 0) {
        ssize_t sent = send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
        if (sent != (ssize_t)sizeof answer - 1)
            return false; // a full socket: nobody who pipelines this much
        c->have -= size;
        if (c->have > 0)
            memmove(c->in, c->in + size, c->have);
        size = request_size(c);
    }
    return c->have < REQUEST_MAX;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *c = arg;
    (void)what;
    ssize_t n = recv(fd, c->in + c->have, REQUEST_MAX - c->have, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        conn_close(c);
        return;
    }
    c->have += (size_t)n;
    c->in[c->have] = '\0'; // so that strtoul() stops
    if (!answer_all(c, fd))
        conn_close(c);
}

static void on_connection(evutil_socket_t listener, short what, void *arg)
{
    int one = 1;
    (void)what;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct conn *c = malloc(sizeof *c);
    if (c) {
        c->have = 0;
        c->readable = event_new(arg, fd, EV_READ | EV_PERSIST, on_readable, c);
    }
    if (c && c->readable && event_add(c->readable, NULL) == 0)
        return;
    if (c && c->readable)
        event_free(c->readable);
    free(c);
    close(fd);
}

/* A listening socket on 127.0.0.1; its port in *port.  -1: errno says why. */
static int listen_loopback(uint16_t *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(*port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof a;
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fd, (struct sockaddr *)&a, size) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&a, &size)) {
        close(fd);
        return -1;
    }
    *port = ntohs(a.sin_port);
    return fd;
}

static void on_signal(evutil_socket_t sig, short what, void *arg)
{
    (void)sig;
    (void)what;
    event_base_loopbreak(arg);
}

int main(int argc, char **argv)
{
    uint16_t port = (uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 0);
    int fd = listen_loopback(&port);
    if (fd < 0) {
        perror("bare_loop");
        return 1;
    }
    struct event_config *config = event_config_new();
    if (!config)
        return 1;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    if (!base)
        return 1;
    struct event *accept_ev = event_new(base, fd, EV_READ | EV_PERSIST,
                                        on_connection, base);
    struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
    struct event *intr = evsignal_new(base, SIGINT, on_signal, base);
    if (!accept_ev || !term || !intr || event_add(accept_ev, NULL) ||
        event_add(term, NULL) || event_add(intr, NULL))
        return 1;
    printf("listening addr=127.0.0.1:%u\n", port);
    fflush(stdout);
    event_base_dispatch(base);
    return 0;
}
