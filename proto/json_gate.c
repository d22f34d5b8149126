/* json_gate.c -- see json_gate.h. */
#include "proto/json_gate.h"

#include <stdint.h>

enum kind { PLAIN = 0, BLANK, QUOTE, OPEN_ARRAY, OPEN_OBJECT, CLOSE, COMMA };

static const unsigned char kinds[256] = {
    ['"'] = QUOTE,  ['['] = OPEN_ARRAY, ['{'] = OPEN_OBJECT, [']'] = CLOSE,
    ['}'] = CLOSE,  [','] = COMMA,      [' '] = BLANK,       ['\t'] = BLANK,
    ['\n'] = BLANK, ['\r'] = BLANK,
};

/* The containers that are open, innermost last. */
struct gate {
    uint32_t depth;
    bool opened;             /* nothing has followed the last bracket yet */
    struct {
        uint32_t room;       /* elements that may still follow */
        bool object;
    } open[JSON_GATE_DEPTH];
};

/* The byte after the string whose first quote is before i. */
static size_t skip_string(const char *s, size_t i, size_t n)
{
    while (i < n && s[i] != '"')
        i += s[i] == '\\' ? 2 : 1;
    return i + 1;
}

static bool open_container(struct gate *g, bool object,
                           const struct proto_limits *limits, struct fail *f)
{
    uint32_t max = limits->json_depth < JSON_GATE_DEPTH ? limits->json_depth
                                                        : JSON_GATE_DEPTH;
    if (g->depth >= max)
        return fail_set(f, FAIL_too_deep, "the JSON is nested deeper than %u "
                        "(limits.json_depth)", max);
    g->open[g->depth].object = object;
    g->open[g->depth].room = object ? JSON_GATE_KEYS : limits->array_elements;
    g->depth++;
    g->opened = true;
    return true;
}

/* A comma, which means one element more. */
static bool add_element(struct gate *g, const struct proto_limits *limits,
                        struct fail *f)
{
    if (g->depth == 0)
        return true; // invalid: the parser says how
    if (g->open[g->depth - 1].room-- > 1)
        return true;
    if (g->open[g->depth - 1].object)
        return fail_set(f, FAIL_too_many_elements, "a JSON object has more "
                        "than %d keys", JSON_GATE_KEYS);
    return fail_set(f, FAIL_too_many_elements, "a JSON array has more than %u "
                    "elements (limits.array_elements)",
                    limits->array_elements);
}

bool json_gate_check(const char *bytes, size_t n,
                     const struct proto_limits *limits, struct fail *f)
{
    struct gate g; // open[] is filled as far as depth goes
    uint64_t values = 1;
    bool ok = true;
    g.depth = 0;
    g.opened = false;
    for (size_t i = 0; i < n && ok;) {
        enum kind kind = kinds[(unsigned char)bytes[i++]];
        if (kind == BLANK)
            continue;
        values += kind == COMMA || (g.opened && kind != CLOSE);
        g.opened = false;
        if (values > limits->json_values)
            return fail_set(f, FAIL_too_many_values, "the JSON document has "
                            "more than %u values (limits.json_values)",
                            limits->json_values);
        if (kind == QUOTE)
            i = skip_string(bytes, i, n);
        else if (kind == OPEN_ARRAY || kind == OPEN_OBJECT)
            ok = open_container(&g, kind == OPEN_OBJECT, limits, f);
        else if (kind == CLOSE)
            g.depth -= g.depth > 0;
        else if (kind == COMMA)
            ok = add_element(&g, limits, f);
    }
    return ok;
}
