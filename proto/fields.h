/* fields.h -- the members of a JSON object against the names it may have.
 * For proto/ only; any thread. */
#ifndef FRESHET_PROTO_FIELDS_H
#define FRESHET_PROTO_FIELDS_H

#include <jansson.h>
#include <stdbool.h>

#include "proto/errors.h"

/* Puts the member called names[i] into out[i] (NULL: not there), i < n.  A
 * member with another name is unknown_field, naming it and what it may have
 * been meant to be. */
bool fields_take(const json_t *object, const char *const *names, size_t n,
                 const json_t **out, struct fail *f);

#endif
