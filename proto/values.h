/* values.h -- what a rating and a time may be, whichever form they came in. */
#ifndef FRESHET_PROTO_VALUES_H
#define FRESHET_PROTO_VALUES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/types.h"
#include "proto/errors.h"
#include "proto/limits.h"

/* From here on a count of seconds (the year 5138) is taken for milliseconds. */
#define VALUE_MILLISECONDS 1e11

/* Any thread.  A rating in rating_min..rating_max once it is a float; -0 is 0.
 * Else invalid_rating, calling it `name`. */
bool value_rating(double v, const char *name,
                  const struct proto_limits *limits, float *out,
                  struct fail *f);

/* Any thread.  Seconds since 1970 as milliseconds, 0..now + future.  Else
 * invalid_timestamp. */
bool value_time(double seconds, const struct proto_limits *limits,
                int64_t *out, struct fail *f);

/* Any thread.  An id that came as text.  Else invalid_id, calling it `name`. */
bool value_id(const char *s, size_t n, const char *name, struct id *out,
              struct fail *f);

#endif
