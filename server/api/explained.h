/* explained.h -- an explanation (model/rank/explain.h) as JSON. */
#ifndef FRESHET_SERVER_API_EXPLAINED_H
#define FRESHET_SERVER_API_EXPLAINED_H

#include "model/core/live.h"
#include "model/rank/explain.h"
#include "proto/buf.h"

/* Past items that all explanations of one request look at together, so that a
 * pin stays short. */
#define EXPLAINED_SCAN (10 * EXPLAIN_SCAN)

/* Any thread, under the pin that e was made under: names belong to the copy.
 * "parts" and "because", without braces. */
void explained_write(struct buf *out, const struct live *live,
                     const struct explanation *e);

#endif
