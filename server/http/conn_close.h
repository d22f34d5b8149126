/* conn_close.h -- how connections begin and end.  For conn.c; worker only. */
#ifndef FRESHET_SERVER_HTTP_CONN_CLOSE_H
#define FRESHET_SERVER_HTTP_CONN_CLOSE_H

#include "server/http/conn.h"

/* Ends c when nothing is left to do: all answered and sent after conn_end(), or
 * the client is gone.  Lingers when the client may still be sending. */
void conn_close_if_done(struct conn *c);

/* Frees a dead connection. */
void conn_free(struct conn *c);

#endif
