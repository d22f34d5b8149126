/* auth.h -- who may call: one bearer token for all of /v1.
 *
 * The token comes from the file of auth.token_file or from FRESHET_AUTH_TOKEN
 * (which wins), never from an argument, where `ps` would show it.
 */
#ifndef FRESHET_SERVER_AUTH_H
#define FRESHET_SERVER_AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "server/http/route.h"

struct auth;

/* Boot only.  NULL: no memory. */
struct auth *auth_new(void);
void auth_free(struct auth *a);

/* Main thread, at boot and on SIGHUP.  Reads the token again; on false `error`
 * says why and the token in force stays; on true `error` is "" or a warning.  Takes FRESHET_AUTH_TOKEN out of the
 * environment the first time, so that no child or dump shows it. */
bool auth_load(struct auth *a, const char *token_file, char error[256]);

/* Any thread.  Is there a token at all? */
bool auth_required(struct auth *a);

/* Any thread.  May a request with this Authorization value (NULL: none) use a
 * route of this scope?  Takes the same time for every wrong token. */
bool auth_allows(struct auth *a, enum scope scope, const char *value,
                 size_t n);

#endif
