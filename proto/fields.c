/* fields.c -- see fields.h. */
#include "proto/fields.h"

#include <stdint.h>
#include <string.h>

#include "proto/document.h"
#include "proto/utf8.h"

#define NAME_MAX_LEN 32   /* longer than any field's name */
#define NEAR         2    /* typing errors that still look like the name */

/* Edit distance of two names without regard to case; both are short. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned diagonal = row[0];
        char c = a[i - 1];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = diagonal + (c != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[m];
}

/* The name that was probably meant by `key`, or NULL. */
static const char *meant(const char *key, size_t len, const struct field *names,
                         size_t n)
{
    const char *best = NULL;
    unsigned least = NEAR + 1;
    if (len < 3 || len > NAME_MAX_LEN)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        bool start = len < names[i].len && memcmp(key, names[i].name, len) == 0;
        unsigned d = start ? 1
                           : distance(key, len, names[i].name, names[i].len);
        if (d < least) {
            least = d;
            best = names[i].name;
        }
    }
    return best;
}

static bool unknown(const char *key, size_t len, const struct field *names,
                    size_t n, struct fail *f)
{
    char shown[64];
    const char *other = meant(key, len, names, n);
    utf8_printable(shown, sizeof shown, key, len);
    if (other)
        return fail_set(f, FAIL_unknown_field, "the field \"%s\" is not known; "
                        "did you mean \"%s\"?", shown, other);
    return fail_set(f, FAIL_unknown_field, "the field \"%s\" is not known",
                    shown);
}

static bool collect(const json_t *object, const char *what, bool strict,
                    const struct field *names, size_t n, const json_t **at,
                    struct fail *f)
{
    if (!json_is_object(object))
        return fail_set(f, FAIL_invalid_type, "%s must be a JSON object, not "
                        "%s", what, document_type(object));
    for (size_t i = 0; i < n; i++)
        at[i] = NULL;
    json_t *o = (json_t *)(uintptr_t)object; // iterating takes no const
    void *it = json_object_iter(o);
    for (; it; it = json_object_iter_next(o, it)) {
        const char *key = json_object_iter_key(it);
        size_t len = json_object_iter_key_len(it), i = 0;
        while (i < n && (len != names[i].len ||
                         memcmp(key, names[i].name, len) != 0))
            i++;
        if (i < n)
            at[i] = json_object_iter_value(it);
        else if (strict)
            return unknown(key, len, names, n, f);
    }
    return true;
}

bool fields_take(const json_t *object, const char *what,
                 const struct field *names, size_t n, const json_t **at,
                 struct fail *f)
{
    return collect(object, what, true, names, n, at, f);
}

bool fields_pick(const json_t *object, const char *what,
                 const struct field *names, size_t n, const json_t **at,
                 struct fail *f)
{
    return collect(object, what, false, names, n, at, f);
}
