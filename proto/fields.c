/* fields.c -- see fields.h. */
#include "proto/fields.h"

#include <string.h>

/* Edit distance of two short names, cut off at 3. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[40];
    size_t n = strlen(a), m = strlen(b);
    if (n >= 40 || m >= 40)
        return 3;
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[m] < 3 ? row[m] : 3;
}

static bool unknown(const char *key, const char *const *names, size_t n,
                    struct fail *f)
{
    for (size_t i = 0; i < n; i++)
        if (distance(key, names[i]) < 3)
            return fail_set(f, FAIL_unknown_field, "the field \"%.64s\" is "
                            "not known; did you mean \"%s\"?", key, names[i]);
    return fail_set(f, FAIL_unknown_field, "the field \"%.64s\" is not known",
                    key);
}

bool fields_take(const json_t *object, const char *const *names, size_t n,
                 const json_t **out, struct fail *f)
{
    const char *key;
    json_t *value;
    json_t *o = (json_t *)(uintptr_t)object; // jansson's iterators are not const
    for (size_t i = 0; i < n; i++)
        out[i] = NULL;
    json_object_foreach(o, key, value) {
        size_t i = 0;
        while (i < n && strcmp(key, names[i]) != 0)
            i++;
        if (i == n)
            return unknown(key, names, n, f);
        out[i] = value;
    }
    return true;
}
