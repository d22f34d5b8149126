/* fold.h -- what one event does to the model.  THE learning rule.
 *
 *   x      = the rating on the inner scale 1..5, or between it and what a
 *            teacher says (distill.h)
 *   test   = predict_rating(user, item, t)    before anything is learned
 *   e      = x - predict_inner(user, item) - s_u(t)     with new rows too
 *   b_u   += f_b(n_u) (e - bias_l2 b_u)        b_i likewise
 *   p_u   += f_f(n_u) (e q_i - factor_l2 p_u)  q_i likewise, from the old p_u
 *   s_u   = s_u(t) + session_rate e            (session.h)
 *   n_u++, n_i++, running mean, trend, seen
 *   then `replay` past ratings learn again, one after the other, by the same
 *     step with the counts and the mean of now, but biases at replay_rate *
 *     bias_rate and factors at replay_rate * f_f(n); the j-th is place
 *     random_below(random_u64(seed, RANDOM_REPLAY, seq, j), n) of the n there
 *     and, of an item with features, leaves out its own vector and bias when
 *     the top 24 bits of random_u64(seed, RANDOM_DROPOUT, seq, j), as a part
 *     of 1, are below feature_dropout: the features alone predict and learn
 *   then the rating enters the history.
 *
 * f_b and f_f are the count-scaled steps of step_table.h (worth .003 RMSE on
 * MovieLens-100k; replay is worth .010).  replay_rate 0 means 0.6 / replay.
 *
 * A new row starts with bias 0 and factors (z - 131070) * scale, where z is the
 * sum of the four 16-bit parts of random_u64(seed, RANDOM_INIT_USER or _ITEM,
 * random_id(external id), dimension) and scale = init / sqrt(K) / 37837.227:
 * the standard deviation of z is 65536 / sqrt(3).
 *
 * All of it in binary32, every operation rounded on its own, in the order
 * written here, in step.h and in predict.h; sums and the mean in binary64.
 * tests/golden/golden_fold.py and golden_heads.py are a second implementation.
 *
 * Total: what it cannot take (a rating out of range, a full table, a step that
 * would not be finite) is counted in totals.skipped and leaves no trace beyond
 * totals.seq; a replay step that would not be finite is counted too.
 * Deterministic: see "The fold" in ARCHITECTURE.md.  Trainer only.
 */
#ifndef FRESHET_MODEL_LEARN_FOLD_H
#define FRESHET_MODEL_LEARN_FOLD_H

#include <stdbool.h>

#include "model/core/live.h"
#include "model/learn/cards.h"
#include "model/learn/settings.h"
#include "model/learn/voids.h"
#include "model/store/event.h"

/* Raised when the same log would give another model than before: what was
 * learned under another version has to be folded again. */
#define FOLD_VERSION 5

struct fold;
struct history;
struct quality;

/* Boot only.  live is borrowed. */
struct fold *fold_new(const struct settings *s, struct live *live);
void fold_free(struct fold *f);

/* Boot only.  What an empty model is not empty of, into the first shadow: the
 * weights of the neural head (learn/mlp_step.h). */
void fold_begin(struct fold *f, struct table *t);

/* Takes other settings from now on.  False, and nothing has changed: one of them
 * may not change or is out of range (settings.h), the tables are reserved for
 * fewer rows, or there is no memory. */
bool fold_set(struct fold *f, const struct settings *s);
const struct settings *fold_settings_now(const struct fold *f);

/* Before an event of the range is folded: a rollback undid it (voids.h).  False:
 * no memory. */
bool fold_void(struct fold *f, struct void_range range) MUSTCHECK;

/* What the configuration said when the settings in force were made
 * (settings_write_both()); at first it is those.  No state: nothing is learned
 * by it. */
const struct settings *fold_configured(const struct fold *f);
void fold_set_configured(struct fold *f, const struct settings *s);

/* Learns e as event seq into the shadow t.  *predicted (unless NULL): the test
 * prediction, NAN when the event was skipped. */
void fold_event(struct fold *f, struct table *t, const struct event *e,
                uint64_t seq, float *predicted);

/* The same for n events with seqs in a row, the first of them `seq`; while one
 * is folded, the memory of those after it is on its way (look.h).  predicted:
 * NULL, or (n). */
void fold_run(struct fold *f, struct table *t, const struct event *e,
              uint32_t n, uint64_t seq, float *predicted);

/* For the registry of state (state.h). */
struct quality *fold_quality(const struct fold *f);
struct history *fold_history(const struct fold *f);
struct history *fold_positives(const struct fold *f);
const struct card_sums *fold_user_cards(const struct fold *f);
const struct card_sums *fold_item_cards(const struct fold *f);
uint64_t fold_liked_hash(const struct fold *f);
uint64_t fold_seen_hash(const struct fold *f);
uint64_t fold_seen_bytes(const struct fold *f);

#endif
