/* config_json.c -- the two-level JSON object of a --config file.
 *
 * A strict reader of exactly what such a file may be: an object of objects of
 * strings, numbers, true and false.  config/ does not know jansson (one
 * dependency, one folder), and a file of options needs no more than this.
 */
#include <stdio.h>
#include <string.h>

#include "config/config_internal.h"

struct reader {
    const char *p, *end, *start;
    char *error;
};

static bool fail(struct reader *r, const char *what)
{
    int line = 1, column = 1;
    for (const char *s = r->start; s < r->p; s++) {
        column = *s == '\n' ? 1 : column + 1;
        line += *s == '\n';
    }
    snprintf(r->error, CONFIG_ERROR_MAX, "line %d, column %d: %s", line,
             column, what);
    return false;
}

static char peek(struct reader *r)
{
    while (r->p < r->end && strchr(" \t\r\n", *r->p) && *r->p)
        r->p++;
    return r->p < r->end ? *r->p : '\0';
}

static bool expect(struct reader *r, char c)
{
    char what[] = "expected ' '";
    if (peek(r) == c) {
        r->p++;
        return true;
    }
    what[10] = c;
    return fail(r, what);
}

/* A string without its quotes.  Escapes: \" \\ \/ and the blank ones; an option
 * has no use for the others. */
static bool take_string(struct reader *r, char *out, size_t size)
{
    size_t n = 0;
    if (!expect(r, '"'))
        return false;
    while (r->p < r->end && *r->p != '"') {
        char c = *r->p++;
        if ((unsigned char)c < 0x20)
            return fail(r, "a control character in a string");
        if (c == '\\') {
            char e = r->p < r->end ? *r->p++ : '\0';
            if (!e || !strchr("\"\\/tn", e))
                return fail(r, "an escape that is not known here");
            c = e == 't' ? '\t' : e == 'n' ? '\n' : e;
        }
        if (n + 1 >= size)
            return fail(r, "a string is too long");
        out[n++] = c;
    }
    out[n] = '\0';
    return expect(r, '"');
}

static bool take_value(struct reader *r, char *out, size_t size)
{
    size_t n = 0;
    char c = peek(r);
    if (c == '"')
        return take_string(r, out, size);
    if (c == '{' || c == '[')
        return fail(r, "an option is a string, a number, true or false");
    while (r->p < r->end && *r->p && !strchr(",}] \t\r\n", *r->p)) {
        if (n + 1 >= size)
            return fail(r, "a value is too long");
        out[n++] = *r->p++;
    }
    out[n] = '\0';
    return n > 0 || fail(r, "expected a value");
}

/* {"name":value,...} of one section */
static bool take_section(struct reader *r, const char *section,
                         config_json_set set, void *arg)
{
    char key[64], name[160], value[CONFIG_STR_MAX], where[64];
    if (!expect(r, '{'))
        return false;
    if (peek(r) == '}')
        return expect(r, '}');
    for (;;) {
        peek(r);
        const char *at = r->p;
        if (!take_string(r, key, sizeof key) || !expect(r, ':') ||
            !take_value(r, value, sizeof value))
            return false;
        snprintf(name, sizeof name, "%s.%s", section, key);
        int line = 1;
        for (const char *s = r->start; s < at; s++)
            line += *s == '\n';
        snprintf(where, sizeof where, "line %d", line);
        if (!set(arg, name, value, where, r->error))
            return false;
        if (peek(r) != ',')
            return expect(r, '}');
        r->p++;
    }
}

bool config_json_read(const char *text, size_t n, config_json_set set,
                      void *arg, char error[CONFIG_ERROR_MAX])
{
    struct reader r = {text, text + n, text, error};
    char section[64];
    if (!expect(&r, '{'))
        return false;
    if (peek(&r) == '}')
        r.p++;
    else
        for (;;) {
            if (!take_string(&r, section, sizeof section) ||
                !expect(&r, ':') || !take_section(&r, section, set, arg))
                return false;
            if (peek(&r) != ',') {
                if (!expect(&r, '}'))
                    return false;
                break;
            }
            r.p++;
        }
    peek(&r);
    return r.p == r.end || fail(&r, "something follows the object");
}
