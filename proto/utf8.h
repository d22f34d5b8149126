/* utf8.h -- characters in bytes that a client sent.  Any thread, pure. */
#ifndef FRESHET_PROTO_UTF8_H
#define FRESHET_PROTO_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the character at s into *cp.  Returns its bytes, 1..4; 0 when n is 0
 * or the bytes are not UTF-8 (cut, overlong, a surrogate, above U+10FFFF). */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);

/* Copies text for a message: printable characters as they are, other bytes as
 * \xNN, cut with "..." when it does not fit.  Terminates out; room is at least
 * 8.  Returns out. */
char *utf8_printable(char *out, size_t room, const char *s, size_t n);

#endif
