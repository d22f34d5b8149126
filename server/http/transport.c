/* transport.c -- plain TCP.  See transport.h. */
#include "server/http/transport.h"

#include <errno.h>
#include <sys/socket.h>

static ssize_t answer(ssize_t n)
{
    if (n >= 0)
        return n;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
        return TRANSPORT_AGAIN;
    return TRANSPORT_BROKEN;
}

static ssize_t plain_recv(int fd, void *state, void *buf, size_t n)
{
    (void)state;
    return answer(recv(fd, buf, n, 0));
}

static ssize_t plain_send(int fd, void *state, const void *buf, size_t n)
{
    (void)state;
    return answer(send(fd, buf, n, MSG_NOSIGNAL));
}

static void plain_shut(int fd, void *state)
{
    (void)state;
    shutdown(fd, SHUT_WR);
}

const struct transport transport_plain = {plain_recv, plain_send, plain_shut};
