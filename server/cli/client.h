/* client.h -- a small blocking HTTP/1.1 client for the commands.
 *
 * One connection, kept alive, one request at a time.  An upload of unknown
 * length goes out in chunks; while it does, an early answer (an error, a daemon
 * that shuts down) is noticed, and the upload ends.  One thread per client.
 */
#ifndef FRESHET_SERVER_CLI_CLIENT_H
#define FRESHET_SERVER_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/buf.h"

struct client;

/* Boot only.  url: http://host:port; token: NULL or "" for none (copied).  Does
 * not connect yet.  NULL: `error` says why. */
struct client *client_new(const char *url, const char *token,
                          char error[256]);
void client_free(struct client *c);

/* One request with a whole body (NULL: none).  Returns the status and puts the
 * answer's body into *answer; 0 when no answer came: client_error() says why. */
int client_call(struct client *c, const char *method, const char *path,
                const char *content_type, const char *body, size_t n,
                struct buf *answer);

/* A chunked POST: start, any number of sends, end (which answers as
 * client_call).  A send that returns false ended the upload: call end. */
bool client_upload_start(struct client *c, const char *path,
                         const char *content_type);
bool client_upload_send(struct client *c, const void *bytes, size_t n);
int client_upload_end(struct client *c, struct buf *answer);

const char *client_error(const struct client *c);

/* Seconds that a connect or an answer may take (default 30). */
void client_timeout(struct client *c, double seconds);

#endif
