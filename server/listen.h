/* listen.h -- one worker's listening socket.
 *
 * DESIGN  Each worker binds its own socket with SO_REUSEPORT and accepts until
 * the kernel has no more.  When there are no descriptors left, a spare one is
 * given up to accept and close the caller at once (so that it does not hang in
 * the backlog), and accepting rests for REST_MS: the loop does not spin.
 */
#ifndef FRESHET_SERVER_LISTEN_H
#define FRESHET_SERVER_LISTEN_H

#include <stdint.h>

#include "server/worker.h"

struct listener;

/* Boot only.  Binds host:port; port 0 lets the kernel choose.  ERR_IO: errno. */
enum err listener_new(struct worker *w, const char *host, uint16_t port,
                      struct listener **out) MUSTCHECK;
uint16_t listener_port(const struct listener *l);

/* Boot only, before the port is shared: is somebody else listening there?
 * SO_REUSEPORT would let two daemons share it in silence. */
enum err listen_probe(const char *host, uint16_t port) MUSTCHECK;

/* Worker only.  No new connections from now on. */
void listener_close(struct listener *l);
void listener_free(struct listener *l);

#endif
