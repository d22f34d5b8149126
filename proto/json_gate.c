/* json_gate.c -- see json_gate.h. */
#include "proto/json_gate.h"

#include <string.h>

/* Behind the string that opens at p[i]: the place after its closing quote. */
static size_t skip_string(const char *p, size_t i, size_t n)
{
    for (i++; i < n && p[i] != '"'; i++)
        if (p[i] == '\\')
            i++;
    return i + 1;
}

bool json_gate(const char *p, size_t n, const struct proto_limits *limits,
               struct fail *f)
{
    uint32_t commas[JSON_DEPTH_MAX];
    bool array[JSON_DEPTH_MAX];
    uint32_t depth = 0, values = 1;
    uint32_t deepest = limits->json_depth < JSON_DEPTH_MAX
                           ? limits->json_depth : JSON_DEPTH_MAX;
    for (size_t i = 0; i < n;) {
        char c = p[i];
        if (c == '"') {
            i = skip_string(p, i, n);
            continue;
        }
        i++;
        if (c == '[' || c == '{') {
            if (depth == deepest)
                return fail_set(f, FAIL_too_deep, "the JSON is nested deeper "
                                "than %u (limits.json_depth)", deepest);
            commas[depth] = 0;
            array[depth++] = c == '[';
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
            values++;
        } else if (c == ',' && depth > 0) {
            uint32_t max = array[depth - 1] ? limits->array_elements
                                            : JSON_KEYS_MAX;
            values++;
            if (++commas[depth - 1] >= max)
                return fail_set(f, FAIL_too_many_elements, array[depth - 1]
                                ? "an array has more than %u elements "
                                  "(limits.array_elements); ratings can be "
                                  "streamed as application/x-ndjson"
                                : "an object has more than %u keys", max);
        }
        if (values > limits->json_values)
            return fail_set(f, FAIL_too_many_values, "the document has more "
                            "than %u values (limits.json_values)",
                            limits->json_values);
    }
    return true;
}
