/* json_gate.h -- what a JSON text may be, found by counting, before it costs.
 *
 * One pass over the bytes, no memory: nesting, elements per array, keys per
 * object and values in all.  It does not judge the grammar; the parser does.
 * Any thread, pure.
 */
#ifndef FRESHET_PROTO_JSON_GATE_H
#define FRESHET_PROTO_JSON_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/errors.h"
#include "proto/limits.h"

#define JSON_KEYS_MAX  256
#define JSON_DEPTH_MAX 512

bool json_gate(const char *bytes, size_t n, const struct proto_limits *limits,
               struct fail *f);

#endif
