/* seen_kinds.h -- what the bits of a seen list's stamps mean.
 *
 * Ratings have bit 0.  A kind of behaviour gets the next bit when the fold first
 * meets it in somebody's list, so that bits follow from the log and not from the
 * order of events.types.  The first SEEN_NAMES of them have a bit of their own,
 * for as long as there is a log; those that come later share SEEN_OTHERS.
 */
#ifndef FRESHET_MODEL_LEARN_SEEN_KINDS_H
#define FRESHET_MODEL_LEARN_SEEN_KINDS_H

#include <stdbool.h>

#include "model/core/seen_list.h"
#include "model/store/event.h"

/* Trainer only.  The bit of the event's kind, which is made if there is room. */
uint16_t seen_kind_of(struct seen_kinds *k, const struct event *e);

/* Any thread.  The bit of that name; SEEN_OTHERS when it has none of its own and
 * all are taken, 0: nobody's list has it. */
uint16_t seen_kind_bit(const struct seen_kinds *k, const char *name, size_t n);

/* Any thread.  What bit number `bit` is called: "rating" and "others", too. */
struct id seen_kind_name(const struct seen_kinds *k, uint32_t bit);

/* Any thread.  Days since 1970, 0..SEEN_DAY_MAX. */
uint32_t seen_day_of(int64_t time_ms);

/* Any thread.  Can what was read from a file be such names? */
bool seen_kinds_ok(const struct seen_kinds *k);

#endif
