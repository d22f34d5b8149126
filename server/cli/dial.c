/* dial.c -- see dial.h. */
#include "server/cli/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* 0, or why the connect failed, as an errno. */
static int finish_connect(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0, n;
    socklen_t size = sizeof error;
    do
        n = poll(&p, 1, timeout_ms);
    while (n < 0 && errno == EINTR);
    if (n == 0)
        return ETIMEDOUT;
    if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

static int dial_one(const struct addrinfo *a, int timeout_ms, int *error)
{
    int one = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                    a->ai_protocol);
    if (fd < 0) {
        *error = errno;
        return -1;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    *error = 0;
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
        *error = errno == EINPROGRESS ? finish_connect(fd, timeout_ms) : errno;
    if (*error) {
        close(fd);
        return -1;
    }
    return fd;
}

int dial(const char *host, const char *port, int timeout_ms, char why[160])
{
    struct addrinfo *list = NULL, hints = {.ai_socktype = SOCK_STREAM};
    int fd = -1, error = 0;
    int rc = getaddrinfo(host, port, &hints, &list);
    if (rc != 0) {
        snprintf(why, 160, "%s", gai_strerror(rc));
        return -1;
    }
    for (struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
        fd = dial_one(a, timeout_ms, &error);
    freeaddrinfo(list);
    if (fd < 0)
        snprintf(why, 160, "%s", error == ECONNREFUSED
                     ? "nobody listens there; is `freshet serve` running?"
                     : strerror(error));
    return fd;
}
