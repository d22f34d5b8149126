/* signals.h -- signals as something to wait for, on the main thread only. */
#ifndef FRESHET_SERVER_SIGNALS_H
#define FRESHET_SERVER_SIGNALS_H

struct signals;

/* Boot only, before any other thread starts (they inherit the mask): blocks
 * SIGTERM, SIGINT and SIGHUP, ignores SIGPIPE. */
struct signals *signals_new(void);
/* Restores the mask. */
void signals_free(struct signals *s);

/* Main thread, when all that is left is to end: from now on a SIGTERM or SIGINT
 * ends the process at once, with status 1. */
void signals_die(struct signals *s);

/* Main thread.  Waits up to timeout_ms (-1: for ever) for a signal, whose number
 * it returns, or for `fd` (an eventfd, which it empties): 0, as for timeout. */
int signals_wait(struct signals *s, int timeout_ms, int fd);

#endif
