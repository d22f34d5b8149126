/* id.h -- what is an id, and how it travels in a path.  Any thread, pure. */
#ifndef FRESHET_PROTO_ID_H
#define FRESHET_PROTO_ID_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"

/* 1..256 bytes of valid UTF-8 (no surrogates, no overlong forms) without
 * U+0000..U+001F and U+007F..U+009F. */
bool id_valid(const char *s, size_t n);

/* Percent-decodes one path segment in [s, s+n) into out (room for n); `+` stays
 * a plus.  False: bad escape.  *outlen is the decoded length. */
bool id_decode_path(const char *s, size_t n, char *out, size_t *outlen);

/* Percent-encodes for a path segment into out (room for 3n + 1, terminated). */
void id_encode_path(const char *s, size_t n, char *out);

#endif
