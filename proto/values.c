/* values.c -- see values.h. */
#include "proto/values.h"

#include <float.h>
#include <math.h>

#include "proto/id.h"

bool value_rating(double v, const char *name,
                  const struct proto_limits *limits, float *out,
                  struct fail *f)
{
    /* A double beyond a float's range may not be cast. */
    float r = fabs(v) <= (double)FLT_MAX ? (float)v : NAN;
    if (!(r >= limits->rating_min && r <= limits->rating_max))
        return fail_set(f, FAIL_invalid_rating, "%s %.9g is not in "
                        "%.9g..%.9g (model.rating_min, model.rating_max)",
                        name, v, (double)limits->rating_min,
                        (double)limits->rating_max);
    *out = r + 0.0f; // -0 becomes 0
    return true;
}

bool value_time(double seconds, const struct proto_limits *limits,
                int64_t *out, struct fail *f)
{
    if (!(seconds >= 0))
        return fail_set(f, FAIL_invalid_timestamp, "timestamp %.15g is before "
                        "1970", seconds);
    if (seconds >= VALUE_MILLISECONDS)
        return fail_set(f, FAIL_invalid_timestamp, "timestamp %.15g looks like "
                        "milliseconds or finer; it must be seconds since 1970",
                        seconds);
    int64_t ms = (int64_t)floor(seconds * 1000 + 0.5);
    if (ms > limits->now_ms + limits->future_ms)
        return fail_set(f, FAIL_invalid_timestamp, "timestamp %.15g is more "
                        "than %lld seconds in the future "
                        "(limits.future_seconds)", seconds,
                        (long long)(limits->future_ms / 1000));
    *out = ms;
    return true;
}

bool value_id(const char *s, size_t n, const char *name, struct id *out,
              struct fail *f)
{
    if (n == 0)
        return fail_set(f, FAIL_invalid_id, "%s is empty", name);
    if (n > ID_BYTES_MAX)
        return fail_set(f, FAIL_invalid_id, "%s is longer than %d bytes", name,
                        ID_BYTES_MAX);
    if (!id_valid(s, n))
        return fail_set(f, FAIL_invalid_id, "%s must be UTF-8 without control "
                        "characters", name);
    *out = (struct id){s, (uint32_t)n};
    return true;
}
