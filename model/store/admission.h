/* admission.h -- from batches as they were submitted to batches that have seqs.
 *
 * Journal's thread only.  A group is begun, batches are numbered one by one,
 * and then it is kept (nothing to do) or given up.
 */
#ifndef FRESHET_MODEL_STORE_ADMISSION_H
#define FRESHET_MODEL_STORE_ADMISSION_H

#include "model/store/batch.h"
#include "model/store/dedupe.h"
#include "model/store/log.h"

struct admission;

/* log may be NULL.  NULL: no memory. */
struct admission *admission_new(struct log *log, struct dedupe *dedupe);
void admission_free(struct admission *in);

/* The next event gets seq next_seq; events without a time get now_ms. */
void admission_begin(struct admission *in, uint64_t next_seq, int64_t now_ms);

/* Drops the events of b that are known, stamps, numbers and seals the others;
 * b->n, b->first_seq and b->ack say what is left.  A batch that is all or
 * nothing and has a conflict ends with n = 0 and ack.err = ERR_RANGE.  Returns
 * the next seq. */
uint64_t admission_number(struct admission *in, struct batch *b);

/* The group was not kept: nothing of it is known any more. */
void admission_give_up(struct admission *in);

#endif
