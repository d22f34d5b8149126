/* training.h -- POST /v1/admin/train: how epochs are to be run, as JSON.
 *
 *   {"epochs":20,"factor_rate","bias_rate","feature_rate","factor_l2",
 *    "bias_l2","decay","init","fresh"}     each may be left out
 */
#ifndef FRESHET_PROTO_TRAINING_H
#define FRESHET_PROTO_TRAINING_H

#include "model/core/training.h"
#include "proto/buf.h"
#include "proto/errors.h"
#include "proto/limits.h"

/* Any thread.  Sets what the document says in *t, which holds what is to be
 * where it says nothing.  False: *f (invalid_training: out of its range). */
bool training_parse(const char *bytes, size_t n,
                    const struct proto_limits *limits, struct training *t,
                    struct fail *f);

/* Any thread.  The same, all of it written out. */
void training_write(struct buf *out, const struct training *t);

#endif
