/* json_gate.h -- how big would this JSON be?  Asked before memory is spent.
 *
 * One pass over the bytes that knows strings and escapes, and nothing else of
 * JSON: a document that passes may still be invalid, one that is refused is
 * truly over a limit or invalid as well.
 */
#ifndef FRESHET_PROTO_JSON_GATE_H
#define FRESHET_PROTO_JSON_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/errors.h"
#include "proto/limits.h"

#define JSON_GATE_DEPTH 512  /* limits->json_depth is not heeded beyond it */
#define JSON_GATE_KEYS 256   /* of one object: colliding keys stay cheap */

/* Any thread.  False: *f is too_deep, too_many_elements (an array's elements or
 * an object's keys) or too_many_values, and names the limit. */
bool json_gate_check(const char *bytes, size_t n,
                     const struct proto_limits *limits, struct fail *f);

#endif
