/* csv.h -- one line of text -> its fields.  Any thread, pure; for proto/ only.
 *
 * Fields point into the line; the quotes of RFC 4180 are taken off by copying.
 */
#ifndef FRESHET_PROTO_CSV_H
#define FRESHET_PROTO_CSV_H

#include <stdbool.h>
#include <stddef.h>

#define CSV_FIELDS 64   /* columns further right are not looked at */

struct csv_field {
    const char *s;      /* inside the quotes, if it has any */
    size_t n;
    bool doubled;       /* has "" that stand for " */
};

/* Takes the CR of a line end and, on the first line, a byte order mark off.
 * False: nothing but blanks is left, or it is a comment (#). */
bool csv_line(const char **s, size_t *n, bool first);

/* Splits at `separator`, heeding quotes.  Returns how many fields are in out[],
 * or -1: a quote is not closed, or something follows the closing one. */
int csv_split(const char *s, size_t n, char separator,
              struct csv_field out[CSV_FIELDS]);

/* Splits at each occurrence of `mark` (1 or 2 bytes); quotes mean nothing. */
int csv_split_plain(const char *s, size_t n, const char *mark,
                    struct csv_field out[CSV_FIELDS]);

/* Copies a field without its quotes.  Returns its length; room + 1 if it does
 * not fit. */
size_t csv_copy(const struct csv_field *f, char *out, size_t room);

/* Tab, comma or semicolon: what separates this first line. */
char csv_separator(const char *s, size_t n);

/* Is the field one of these words?  `words` is "|user|userid|": lower case,
 * each between bars.  Case, underscores, hyphens and blanks do not count. */
bool csv_is_word(const struct csv_field *f, const char *words);

/* A decimal number and nothing else, blanks around it apart. */
bool csv_number(const struct csv_field *f, double *out);

#endif
