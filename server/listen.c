/* listen.c -- see listen.h. */
#include "server/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server/http/conn.h"
#include "server/log.h"
#include "server/metrics.h"

#define BACKLOG 4096
#define REST_MS 100

struct listener {
    struct worker *w;
    int fd;
    int spare;             /* a descriptor to give up, or -1 */
    uint16_t port;
    struct event *ready;
    struct event *rest;    /* accept again */
};

static int resolve(const char *host, uint16_t port, struct addrinfo **out)
{
    char text[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    snprintf(text, sizeof text, "%u", (unsigned)port);
    int rc = getaddrinfo(host, text, &hints, out);
    if (rc != 0)
        errno = rc == EAI_SYSTEM ? errno : EADDRNOTAVAIL;
    return rc;
}

/* A bound socket, not blocking, or -1 with errno. */
static int bind_socket(const char *host, uint16_t port, int reuse_port)
{
    struct addrinfo *list;
    int one = 1, fd = -1;
    if (resolve(host, port, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family,
                    a->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    a->ai_protocol);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
        if (reuse_port)
            setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        if (bind(fd, a->ai_addr, a->ai_addrlen) != 0) {
            int saved = errno;
            close(fd);
            errno = saved;
            fd = -1;
        }
    }
    int saved = errno;
    freeaddrinfo(list);
    errno = saved;
    return fd;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    if (getsockname(fd, (struct sockaddr *)&a, &n) != 0)
        return 0;
    if (a.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)(void *)&a)->sin6_port);
    return ntohs(((struct sockaddr_in *)(void *)&a)->sin_port);
}

enum err listen_probe(const char *host, uint16_t port)
{
    if (port == 0)
        return ERR_OK;
    int fd = bind_socket(host, port, 0);
    if (fd < 0)
        return ERR_IO;
    // a bound socket of ours would refuse the workers' sockets
    close(fd);
    return ERR_OK;
}

/* ---- accepting --------------------------------------------------------- */

static int open_spare(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptors: turn one caller away, then rest. */
static void no_descriptors(struct listener *l)
{
    struct timeval pause = {0, REST_MS * 1000};
    if (l->spare >= 0) {
        close(l->spare);
        int fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        l->spare = open_spare();
    }
    metrics_count(l->w->metrics, COUNT_connections_refused, 1);
    log_limited(LOG_WARN, "no_descriptors",
                LOG_STR("hint", "raise the limit on open files (ulimit -n)"));
    event_del(l->ready);
    event_add(l->rest, &pause);
}

/* Over server.max_connections: say so and close, without making a conn. */
static void turn_away(struct listener *l, int fd)
{
    static const char answer[] =
        "HTTP/1.1 503 Service Unavailable\r\n"
        "Content-Type: application/json\r\nRetry-After: 1\r\n"
        "Content-Length: 84\r\nConnection: close\r\n\r\n"
        "{\"error\":{\"code\":\"too_many_connections\","
        "\"message\":\"too many connections are open\"}}\n";
    ssize_t ignored = send(fd, answer, sizeof answer - 1,
                           MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)ignored;
    shutdown(fd, SHUT_WR);
    close(fd);
    metrics_count(l->w->metrics, COUNT_connections_refused, 1);
    log_limited(LOG_WARN, "too_many_connections",
                LOG_STR("hint", "raise server.max_connections"));
}

static void take(struct listener *l, int fd)
{
    struct app *app = l->w->app;
    int open_now = atomic_fetch_add_explicit(&app->connections, 1,
                                             memory_order_relaxed) + 1;
    if (open_now > l->w->limits.max_connections) {
        atomic_fetch_sub_explicit(&app->connections, 1, memory_order_relaxed);
        turn_away(l, fd);
        return;
    }
    metrics_count(l->w->metrics, COUNT_connections_accepted, 1);
    conn_open(l->w, fd);
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
    struct listener *l = arg;
    (void)what;
    worker_tick(l->w);
    for (int i = 0; i < 64; i++) { // then let the others have their turn
        int c = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (c >= 0) {
            take(l, c);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
            errno == ENOMEM)
            no_descriptors(l);
        else if (errno == ECONNABORTED || errno == EINTR)
            continue;
        return;
    }
}

static void on_rested(evutil_socket_t fd, short what, void *arg)
{
    struct listener *l = arg;
    (void)fd;
    (void)what;
    if (l->spare < 0)
        l->spare = open_spare();
    if (l->fd >= 0)
        event_add(l->ready, NULL);
}

enum err listener_new(struct worker *w, const char *host, uint16_t port,
                      struct listener **out)
{
    struct listener *l = calloc(1, sizeof *l);
    if (!l)
        return ERR_NOMEM;
    l->w = w;
    l->spare = -1;
    l->fd = bind_socket(host, port, 1);
    if (l->fd < 0 || listen(l->fd, BACKLOG) != 0)
        goto fail;
    l->port = port_of(l->fd);
    l->ready = event_new(w->base, l->fd, EV_READ | EV_PERSIST, on_ready, l);
    l->rest = event_new(w->base, -1, 0, on_rested, l);
    l->spare = open_spare();
    if (!l->ready || !l->rest || event_add(l->ready, NULL) != 0)
        goto fail;
    *out = l;
    return ERR_OK;
fail:;
    int saved = errno;
    listener_free(l);
    errno = saved;
    return ERR_IO;
}

uint16_t listener_port(const struct listener *l)
{
    return l->port;
}

void listener_close(struct listener *l)
{
    if (l->fd < 0)
        return;
    event_del(l->ready);
    event_del(l->rest);
    close(l->fd);
    l->fd = -1;
}

void listener_free(struct listener *l)
{
    if (!l)
        return;
    if (l->ready)
        event_free(l->ready);
    if (l->rest)
        event_free(l->rest);
    if (l->fd >= 0)
        close(l->fd);
    if (l->spare >= 0)
        close(l->spare);
    free(l);
}
