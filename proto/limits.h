/* limits.h -- what a document may be, handed in by server/ from the options. */
#ifndef FRESHET_PROTO_LIMITS_H
#define FRESHET_PROTO_LIMITS_H

#include <stdint.h>

struct behaviour_kinds;

struct proto_limits {
    uint32_t json_depth;      /* limits.json_depth */
    uint32_t array_elements;  /* limits.array_elements */
    uint32_t json_values;     /* limits.json_values */
    uint32_t top_n;           /* limits.top_n */
    uint32_t history;         /* limits.history */
    uint32_t explain;         /* limits.explain */
    float rating_min;         /* model.rating_min */
    float rating_max;         /* model.rating_max */
    int64_t now_ms;           /* the wall clock at this request */
    int64_t future_ms;        /* limits.future_seconds * 1000 */
    const struct behaviour_kinds *kinds; /* events.types; NULL: none */
};

#endif
