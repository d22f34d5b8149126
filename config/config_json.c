/* config_json.c -- the two-level JSON object of a --config file.
 *
 * A strict reader of exactly what such a file may be: an object of objects of
 * strings, numbers, true and false; no comments, no trailing commas.  config/
 * does not know jansson (one dependency, one folder), and a file of options
 * needs no more than this.  Allocates nothing.
 */
#include <stdio.h>
#include <string.h>

#include "config/config_internal.h"

struct reader {
    const char *start, *end;
    const char *p;          /* what comes next */
    config_json_set set;
    void *arg;
    char *error;
};

/* "line 3, column 7", both from 1, columns in characters. */
static void place_of(const struct reader *r, const char *at, char out[64])
{
    int line = 1, column = 1;
    for (const char *s = r->start; s < at; s++) {
        if (*s == '\n') {
            line++;
            column = 1;
        } else if ((*s & 0xc0) != 0x80) { // not inside a character of UTF-8
            column++;
        }
    }
    snprintf(out, 64, "line %d, column %d", line, column);
}

static bool fail_at(struct reader *r, const char *at, const char *what)
{
    char place[64];
    place_of(r, at, place);
    snprintf(r->error, CONFIG_ERROR_MAX, "%s: %s", place, what);
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next character that is not blank; '\0' at the end (and for a NUL, which
 * nothing expects). */
static char peek(struct reader *r)
{
    while (r->p < r->end && is_blank(*r->p))
        r->p++;
    return r->p < r->end ? *r->p : '\0';
}

static bool expect(struct reader *r, char c)
{
    char what[] = "expected '?'";
    if (peek(r) == c) {
        r->p++;
        return true;
    }
    what[10] = c;
    return fail_at(r, r->p, what);
}

/* ---- strings ------------------------------------------------------------ */

/* Four hexadecimal digits; -1: they are not. */
static int take_hex(struct reader *r)
{
    int v = 0;
    for (int i = 0; i < 4; i++) {
        static const char digits[] = "0123456789abcdef";
        char c = r->p < r->end ? *r->p : '\0';
        const char *d = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 32 : c)
                          : NULL;
        if (!d)
            return -1;
        v = v * 16 + (int)(d - digits);
        r->p++;
    }
    return v;
}

/* Behind "\u".  Returns the bytes of UTF-8 put into out; 0: not valid. */
static size_t take_unicode(struct reader *r, char out[4])
{
    int c = take_hex(r);
    if (c >= 0xd800 && c < 0xdc00) { // the first half of a pair
        if (r->end - r->p < 6 || r->p[0] != '\\' || r->p[1] != 'u')
            return 0;
        r->p += 2;
        int low = take_hex(r);
        if (low < 0xdc00 || low > 0xdfff)
            return 0;
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    } else if (c <= 0 || (c >= 0xdc00 && c <= 0xdfff)) {
        return 0; // NUL would end the text that is handed on
    }
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = n == 1 ? (char)c : (char)((0xf00 >> n & 0xf0) | c);
    return n;
}

/* Behind a backslash. */
static size_t take_escape(struct reader *r, char out[4])
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char c = r->p < r->end ? *r->p++ : '\0';
    const char *known = c ? strchr(from, c) : NULL;
    if (c == 'u')
        return take_unicode(r, out);
    if (!known)
        return 0;
    out[0] = to[known - from];
    return 1;
}

static bool take_string(struct reader *r, char *out, size_t size)
{
    size_t len = 0;
    if (!expect(r, '"'))
        return false;
    while (r->p < r->end && *r->p != '"') {
        const char *at = r->p;
        char bytes[4] = {*r->p++};
        size_t n = 1;
        if ((unsigned char)bytes[0] < 0x20)
            return fail_at(r, at, "a control character in a string");
        if (bytes[0] == '\\')
            n = take_escape(r, bytes);
        if (n == 0)
            return fail_at(r, at, "an escape that JSON does not have");
        if (len + n >= size)
            return fail_at(r, at, "the string is too long");
        memcpy(out + len, bytes, n);
        len += n;
    }
    out[len] = '\0';
    return expect(r, '"');
}

/* ---- values ------------------------------------------------------------- */

static size_t skip_digits(const char *s)
{
    return strspn(s, "0123456789");
}

/* -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool is_number(const char *s)
{
    size_t n;
    s += *s == '-';
    n = *s == '0' ? 1 : skip_digits(s);
    if (n == 0)
        return false;
    s += n;
    if (*s == '.') {
        n = skip_digits(++s);
        if (n == 0)
            return false;
        s += n;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '+' || *s == '-';
        n = skip_digits(s);
        if (n == 0)
            return false;
        s += n;
    }
    return *s == '\0';
}

static bool take_value(struct reader *r, char *out, size_t size,
                       enum config_json_kind *kind)
{
    char c = peek(r);
    const char *at = r->p;
    size_t n = 0;
    *kind = CONFIG_JSON_STRING;
    if (c == '"')
        return take_string(r, out, size);
    while (r->p < r->end && *r->p && !is_blank(*r->p) &&
           !strchr(",:{}[]\"", *r->p)) {
        if (n + 1 >= size)
            return fail_at(r, at, "the value is too long");
        out[n++] = *r->p++;
    }
    out[n] = '\0';
    *kind = is_number(out) ? CONFIG_JSON_NUMBER : CONFIG_JSON_WORD;
    if (*kind == CONFIG_JSON_NUMBER || strcmp(out, "true") == 0 ||
        strcmp(out, "false") == 0)
        return true;
    return fail_at(r, at, "expected a string, a number, true or false");
}

/* ---- objects ------------------------------------------------------------ */

/* '{' member ',' ... '}' where member() takes one, key and all. */
static bool take_object(struct reader *r, const char *section,
                        bool (*member)(struct reader *r, const char *section))
{
    if (!expect(r, '{'))
        return false;
    if (peek(r) == '}') {
        r->p++;
        return true;
    }
    for (;;) {
        if (!member(r, section))
            return false;
        if (peek(r) != ',')
            break;
        r->p++;
    }
    return peek(r) == '}' ? expect(r, '}')
                          : fail_at(r, r->p, "expected ',' or '}'");
}

static bool take_option(struct reader *r, const char *section)
{
    char key[64], name[sizeof key * 2], where[64], value[CONFIG_STR_MAX];
    enum config_json_kind kind;
    peek(r);
    const char *at = r->p;
    if (!take_string(r, key, sizeof key) || !expect(r, ':') ||
        !take_value(r, value, sizeof value, &kind))
        return false;
    snprintf(name, sizeof name, "%s.%s", section, key);
    place_of(r, at, where);
    return r->set(r->arg, name, value, kind, where, r->error);
}

static bool take_section(struct reader *r, const char *unused)
{
    char section[64];
    (void)unused;
    return take_string(r, section, sizeof section) && expect(r, ':') &&
           take_object(r, section, take_option);
}

bool config_json_read(const char *text, size_t n, config_json_set set,
                      void *arg, char error[CONFIG_ERROR_MAX])
{
    struct reader r = {text, text + n, text, set, arg, error};
    if (!take_object(&r, NULL, take_section))
        return false;
    peek(&r);
    return r.p == r.end || fail_at(&r, r.p, "something follows the object");
}
