/* query.h -- the parameters after '?', percent-decoded.  Any thread, pure. */
#ifndef FRESHET_SERVER_HTTP_QUERY_H
#define FRESHET_SERVER_HTTP_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/errors.h"

#define QUERY_NAME_MAX  32
#define QUERY_VALUE_MAX 128

struct query {
    const char *at;   /* what is left; set it to the string after '?' */
    char name[QUERY_NAME_MAX + 1];
    char value[QUERY_VALUE_MAX + 1];
};

/* The next name=value into q.  False at the end, or with f->code set on bad
 * escapes, control characters or parts that are too long. */
bool query_next(struct query *q, struct fail *f);

/* A decimal number without sign or blanks, at most `max`. */
bool query_uint(const char *value, uint64_t max, uint64_t *out);

#endif
