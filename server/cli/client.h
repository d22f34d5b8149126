/* client.h -- a small blocking HTTP/1.1 client for the commands.
 *
 * One connection, made when it is needed, kept alive, one request at a time.
 * An upload of unknown length goes out in chunks; while it does, an early
 * answer (an error, a daemon that shuts down) is noticed, and the upload ends.
 * The daemon holds an upload back by not reading, so a send may block for as
 * long as bytes move at all.  One thread per client.
 */
#ifndef FRESHET_SERVER_CLI_CLIENT_H
#define FRESHET_SERVER_CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/buf.h"

#define CLIENT_TOKEN_MAX 512

struct client;

/* url: http://host:port; token: NULL or "" for none (copied).  Does not connect
 * yet.  NULL: `error` says why. */
struct client *client_new(const char *url, const char *token,
                          char error[256]);
void client_free(struct client *c);

/* Seconds without a byte moving, or for a connect, before it gives up (60). */
void client_timeout(struct client *c, double seconds);

/* The bearer token of the caller: the first line of `file`, or, when that is
 * NULL, FRESHET_AUTH_TOKEN, or "".  False: `error`. */
bool client_token(const char *file, char token[CLIENT_TOKEN_MAX],
                  char error[256]);

/* One request with a whole body (type NULL: none).  Returns the status and puts
 * the answer's body into *answer; 0 when no answer came: client_error() says
 * why.  A GET is repeated once if a kept connection turns out to be closed. */
int client_call(struct client *c, const char *method, const char *path,
                const char *type, const struct buf *body, struct buf *answer);

/* A chunked POST: begin, any number of sends, end (which answers as
 * client_call).  A begin or send that returns false has ended the upload, by an
 * early answer or by an error: call end to learn which. */
bool client_upload_begin(struct client *c, const char *path, const char *type);
bool client_upload_send(struct client *c, const struct buf *bytes);
int client_upload_end(struct client *c, struct buf *answer);

/* Did the upload that was begun end before its time: has an answer come, or did
 * the daemon hang up?  Asks the socket, does not wait. */
bool client_upload_over(struct client *c);

/* The socket, to wait for it together with something else; -1: none. */
int client_fd(const struct client *c);

const char *client_error(const struct client *c);

#endif
