/* quality.h -- how good the model is, next to a baseline on the same events.
 *
 * Progressive: every event is predicted (and on a sample of events every item is
 * ranked) before it is learned, so no number here has seen its own answer.
 *
 *   ratings   RMSE, MAE of the model, and of the running mean; all, and those
 *             of cold items and cold users: with less than QUALITY_COLD earlier
 *             ratings
 *   rankings  the place of the item a user took among all that he had not seen,
 *             in the order of the ranking head, and in the order of popularity
 *             (rank/rank_of.h): HR@10, NDCG@10, MRR.  There is one right item
 *             per sample, so recall@10 is HR@10 and precision@10 a tenth of it.
 *
 * each of them in four views, all of fixed size:
 *
 *   overall   since the first event
 *   recent    the last QUALITY_BLOCKS blocks of QUALITY_BLOCK_RATINGS ratings,
 *             and of QUALITY_BLOCK_RANKS samples; the newest is being filled
 *   curve     the way here: bucket i holds the events with
 *             seq / width == i.  When seq outgrows the last bucket, neighbours
 *             are added up and width doubles: between half and all of the
 *             buckets are in use, however long the log is
 *   minutes   today: a bucket per minute of event time, found by minute modulo
 *             a day, and named by its minute.  A later minute takes the bucket
 *             over; an event older than its bucket is in the other views only
 *
 * Two series, because neither clock will do alone.  By seq a busy year has no
 * today.  By minutes, an import of last year's ratings is over in a moment, has
 * more minutes than there is room for, and none of them is of today.  (Readers
 * show the minutes of the day before now and pass over older ones.)  Buckets by
 * modulo need no clock of the newest event: events may come in any order, and
 * one that is dated tomorrow by mistake costs one bucket, not the day.
 *
 * A pure function of the events, of which are sampled, and of the model's
 * predictions: the same in every replica and after every recovery.  It is no
 * part of the model: nothing is learned from it and model_hash leaves it out.
 * No logarithm is taken: ndcg of one item is one of ten constants.
 *
 * DESIGN  The trainer alone changes the state, without a lock, event by event;
 * quality_publish() copies what changed to a second copy under a mutex, and
 * readers (a scrape, the dashboard; no predict) copy from that one under it.
 * So a reader keeps the trainer for one copy of 350 KB at most, some 30 us,
 * and only between batches; the trainer keeps a reader for the few buckets of a
 * batch.  Not read through a pin of live.h: that would need two sets of marks
 * and make the swap wait for the slowest reader of a report.
 */
#ifndef FRESHET_MODEL_LEARN_QUALITY_H
#define FRESHET_MODEL_LEARN_QUALITY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/learn/quality_sums.h"

#define QUALITY_COLD          5u
#define QUALITY_BLOCKS        8u
#define QUALITY_BLOCK_RATINGS 1024u  /* as totals.recent of core/table.h */
#define QUALITY_BLOCK_RANKS   256u
#define QUALITY_MINUTES       1440u
#define QUALITY_CURVE         512u   /* even */
#define QUALITY_WIDTH         16u    /* first width of the curve's buckets; a
                                        power of two */

/* Of the form and the meaning of struct quality_state, in snapshots. */
#define QUALITY_VERSION 1

struct quality;

struct quality_minute {
    int64_t minute;         /* floor(time_ms / 60000) */
    struct quality_sums sums;
};

struct quality_state {
    uint64_t width;         /* seqs per bucket of the curve: a power of two */
    struct quality_sums overall;
    struct quality_sums recent[QUALITY_BLOCKS];
    struct quality_sums curve[QUALITY_CURVE];
    struct quality_minute minutes[QUALITY_MINUTES];
};

/* Any thread, pure.  The place of a minute among the minutes. */
uint32_t quality_minute_place(int64_t minute);

/* ---- the trainer -------------------------------------------------------- */

/* Boot only.  Nothing is sampled until quality_sample() says so.  NULL: no
 * memory. */
struct quality *quality_new(void);
void quality_free(struct quality *q);

/* Trainer only.  Rank at every `every`-th seq; 0: never.  With `spread` the
 * interval doubles as often as the catalogue exceeds QUALITY_SPREAD_ITEMS by a
 * power of two, so that ranking costs a small part of what learning does, however
 * many items there are: 64 at 1,682 items when `every` is 16. */
#define QUALITY_SPREAD_ITEMS 512u
void quality_sample(struct quality *q, uint32_t every, bool spread);

/* Trainer only.  Is the event of this seq, with a catalogue of nitems before it,
 * one to rank? */
bool quality_wants(const struct quality *q, uint64_t seq, uint32_t nitems);

/* A rating that was predicted, and what came.  All in rating units. */
struct quality_rating {
    uint64_t seq;
    int64_t time_ms;
    float rating, predicted;
    float baseline;             /* the running mean of the ratings before it */
    uint32_t user_count;        /* ratings before this one */
    uint32_t item_count;
};
/* Trainer only; the seqs of calls never decrease. */
void quality_rated(struct quality *q, const struct quality_rating *r);

/* A positive event whose item was looked for before it was learned.  Ranks count
 * from 0. */
struct quality_ranking {
    uint64_t seq;
    int64_t time_ms;
    uint32_t rank, rank_popular;
    int64_t took_ns;            /* what it cost to find them */
};
/* Trainer only; as above. */
void quality_ranked(struct quality *q, const struct quality_ranking *r);

/* Trainer only, between batches: shows readers what there is. */
void quality_publish(struct quality *q);

/* Trainer only: the state for a snapshot.  Lives as long as q does and changes
 * with the next event. */
const struct quality_state *quality_now(const struct quality *q);
/* Boot only.  Takes a saved state (quality_save.h). */
void quality_restore(struct quality *q, const struct quality_state *s);

/* ---- readers: any thread ------------------------------------------------ */

/* Copies all of the published state. */
void quality_read(struct quality *q, struct quality_state *out);
/* Overall, and the recent blocks added up. */
void quality_read_sums(struct quality *q, struct quality_sums *overall,
                       struct quality_sums *recent);
/* Since the start of the process: time that went into ranking the samples. */
int64_t quality_ranking_ns(struct quality *q);
size_t quality_bytes(void);

#endif
