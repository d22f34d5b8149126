/* message.h -- from a complete head to a request that may have a body.
 *
 * Runs llhttp over the head, then the rules that are ours: versions, Host,
 * Transfer-Encoding, the route, the token, Expect, types and sizes, the common
 * query parameters.  Worker only.
 */
#ifndef FRESHET_SERVER_HTTP_MESSAGE_H
#define FRESHET_SERVER_HTTP_MESSAGE_H

#include "server/http/conn.h"

/* The callbacks for conn's parser. */
extern const llhttp_settings_t message_settings;

/* Parses the head and makes c->current.  The request may be answered already
 * (refused); whether its message is complete stands in r->complete.  False: the
 * connection cannot go on after this answer. */
bool message_head(struct conn *c, const char *head, size_t n);

/* Feeds body bytes.  Returns how many were used; false in *ok when the framing
 * is broken and *f says how. */
size_t message_body(struct conn *c, const char *p, size_t n, bool *ok,
                    struct fail *f);

#endif
