/* supervise.h -- the main thread while the daemon runs.  Main thread only. */
#ifndef FRESHET_SERVER_SUPERVISE_H
#define FRESHET_SERVER_SUPERVISE_H

#include "server/app.h"
#include "server/signals.h"

/* Until SIGTERM or SIGINT; SIGHUP reads the options again and applies those that
 * can change. */
void supervise_wait(struct app *app, struct signals *s);

/* No new connections; requests in flight have server.drain_timeout to be
 * answered, then the loops are ended.  A second signal exits at once, 1. */
void supervise_drain(struct app *app, struct signals *s);

#endif
