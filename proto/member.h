/* member.h -- members of a JSON object that is being written: the comma, the
 * name, the value.  Any thread, pure.
 */
#ifndef FRESHET_PROTO_MEMBER_H
#define FRESHET_PROTO_MEMBER_H

#include <stdbool.h>

#include "proto/buf.h"

/* The name, for a value to follow; a comma first unless the object was just
 * opened. */
void member_key(struct buf *b, const char *name);

void member_uint(struct buf *b, const char *name, uint64_t v);
/* To so many digits; null when it is not finite. */
void member_real(struct buf *b, const char *name, double v, int digits);
void member_text(struct buf *b, const char *name, const char *v);
void member_bool(struct buf *b, const char *name, bool v);

#endif
