/* error_body.h -- the body of every answer that is an error. */
#ifndef FRESHET_PROTO_ERROR_BODY_H
#define FRESHET_PROTO_ERROR_BODY_H

#include "proto/buf.h"
#include "proto/errors.h"

/* Any thread.  {"error":{"code","message"[,"index"]}} */
void error_body_write(struct buf *out, const struct fail *f);

/* Any thread.  The inner object alone, {"code","message"[,"index"]}. */
void error_body_write_inner(struct buf *out, const struct fail *f);

#endif
