/* csv.c -- see csv.h. */
#include "proto/csv.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

bool csv_line(const char **s, size_t *n, bool first)
{
    size_t len = *n;
    if (first && len >= 3 && memcmp(*s, "\xef\xbb\xbf", 3) == 0) {
        *s += 3;
        len -= 3;
    }
    if (len && (*s)[len - 1] == '\r')
        len--;
    *n = len;
    while (len && is_blank((*s)[len - 1]))
        len--;
    return len && **s != '#';
}

/* The field that is quoted from *i on; *i moves behind its closing quote. */
static bool quoted(const char *s, size_t n, size_t *i, struct csv_field *f)
{
    size_t at = *i + 1;
    *f = (struct csv_field){.s = s + at};
    for (; at < n; at++) {
        if (s[at] != '"')
            continue;
        if (at + 1 == n || s[at + 1] != '"')
            break;
        f->doubled = true;
        at++;
    }
    f->n = (size_t)(s + at - f->s);
    *i = at + 1;
    return at < n;
}

int csv_split(const char *s, size_t n, char separator,
              struct csv_field out[CSV_FIELDS])
{
    int count = 0;
    size_t i = 0;
    while (count < CSV_FIELDS) {
        struct csv_field *f = &out[count++];
        if (i < n && s[i] == '"') {
            if (!quoted(s, n, &i, f))
                return -1;
        } else {
            const char *end = i < n ? memchr(s + i, separator, n - i) : NULL;
            size_t len = end ? (size_t)(end - s) - i : n - i;
            *f = (struct csv_field){.s = s + i, .n = len};
            i += len;
        }
        if (i >= n)
            break;
        if (s[i++] != separator)
            return -1;
    }
    return count;
}

int csv_split_plain(const char *s, size_t n, const char *mark,
                    struct csv_field out[CSV_FIELDS])
{
    size_t width = strlen(mark);
    int count = 0;
    while (count < CSV_FIELDS) {
        const char *end = memmem(s, n, mark, width);
        size_t len = end ? (size_t)(end - s) : n;
        out[count++] = (struct csv_field){.s = s, .n = len};
        if (!end)
            break;
        s += len + width;
        n -= len + width;
    }
    return count;
}

size_t csv_copy(const struct csv_field *f, char *out, size_t room)
{
    size_t len = 0;
    if (!f->doubled && f->n <= room) {
        memcpy(out, f->s, f->n);
        return f->n;
    }
    for (size_t i = 0; i < f->n; i++) {
        if (len == room)
            return room + 1;
        out[len++] = f->s[i];
        i += f->doubled && f->s[i] == '"';
    }
    return len;
}

char csv_separator(const char *s, size_t n)
{
    size_t commas = 0, semicolons = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\t')
            return '\t';
        commas += s[i] == ',';
        semicolons += s[i] == ';';
    }
    return semicolons > commas ? ';' : ',';
}

bool csv_is_word(const struct csv_field *f, const char *words)
{
    char word[24] = "|";
    size_t len = 1;
    for (size_t i = 0; i < f->n; i++) {
        char c = f->s[i];
        if (c == '_' || c == '-' || is_blank(c))
            continue;
        if (c == '|' || c == '\0' || len + 2 >= sizeof word)
            return false;
        word[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    word[len++] = '|';
    word[len] = '\0';
    return len > 2 && strstr(words, word);
}

bool csv_number(const struct csv_field *f, double *out)
{
    char text[48];
    const char *s = f->s;
    size_t n = f->n;
    while (n && is_blank(*s)) {
        s++;
        n--;
    }
    while (n && is_blank(s[n - 1]))
        n--;
    if (n == 0 || n >= sizeof text)
        return false;
    for (size_t i = 0; i < n; i++) // neither hexadecimal nor "inf" nor "nan"
        if (!s[i] || !strchr("+-.0123456789eE", s[i]))
            return false;
    memcpy(text, s, n);
    text[n] = '\0';
    char *end = NULL;
    *out = strtod(text, &end);
    return end == text + n;
}
