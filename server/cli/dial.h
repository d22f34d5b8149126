/* dial.h -- a TCP connection to a host by name.  Blocking, any thread. */
#ifndef FRESHET_SERVER_CLI_DIAL_H
#define FRESHET_SERVER_CLI_DIAL_H

/* A connected socket (TCP_NODELAY, close on exec), after trying each address of
 * the host for timeout_ms; -1: `why` says what happened at the last. */
int dial(const char *host, const char *port, int timeout_ms, char why[160]);

#endif
