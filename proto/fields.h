/* fields.h -- the members of a JSON object against the names it may have.
 * For proto/ only. */
#ifndef FRESHET_PROTO_FIELDS_H
#define FRESHET_PROTO_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "proto/errors.h"

struct field {
    const char *name;
    size_t len;
};
#define FIELD(name) {name, sizeof name - 1}

/* Any thread.  Puts the member called names[i] into at[i], i < n; NULL: not
 * there.  False: `object` is none (invalid_type, calling it `what`), or has a
 * member with another name (unknown_field, naming it and the name it may have
 * been meant to be). */
bool fields_take(const json_t *object, const char *what,
                 const struct field *names, size_t n, const json_t **at,
                 struct fail *f);

/* Any thread.  The same, but a member with another name is passed over. */
bool fields_pick(const json_t *object, const char *what,
                 const struct field *names, size_t n, const json_t **at,
                 struct fail *f);

#endif
