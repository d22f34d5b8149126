/* transport.h -- how a connection's bytes move: plain TCP now, TLS on the same
 * events later.  Worker only.
 *
 * Both calls move what they can without blocking: > 0 bytes moved, 0 end of
 * stream (recv only), TRANSPORT_AGAIN, TRANSPORT_BROKEN.
 */
#ifndef FRESHET_SERVER_HTTP_TRANSPORT_H
#define FRESHET_SERVER_HTTP_TRANSPORT_H

#include <sys/types.h>

#define TRANSPORT_AGAIN  (-1)
#define TRANSPORT_BROKEN (-2)

struct transport {
    ssize_t (*recv)(int fd, void *state, void *buf, size_t n);
    ssize_t (*send)(int fd, void *state, const void *buf, size_t n);
    void (*shut)(int fd, void *state);   /* no more will be sent */
};

extern const struct transport transport_plain;

#endif
