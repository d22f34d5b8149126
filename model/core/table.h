/* table.h -- one copy of the live model: what a reader pins and the trainer
 * writes.  live.h keeps two of these.
 *
 * Letters: U = users.n, I = items.n, F = features.n, K = dim (of the rating
 * head), R = rdim (of the ranking head, 0 when it is off).  Every column lives in address
 * space reserved for its limit and is committed as rows appear, so growth
 * never copies and pointers never move.  A row's number is the same in both
 * copies and never changes.  Rows >= n do not exist in this copy.
 *
 * STATE REGISTRY  The lists below are the only place where the rows of the
 * fold's state are declared: copying (live.c), hashing (hash.c) and the memory
 * report walk them.  A new column is one line here.  State that readers never
 * see (the replay history) is registered in learn/state.h.
 */
#ifndef FRESHET_MODEL_CORE_TABLE_H
#define FRESHET_MODEL_CORE_TABLE_H

#include "model/core/mlp_shape.h"
#include "model/core/seen_list.h"
#include "model/core/sieve.h"
#include "model/types.h"

/* What is known of an item or a user besides events: its card (card.h), and
 * which rows of features its FEATURE fields name.  Immutable; another card
 * takes its place, and the old one is retired (reclaim.h). */
struct card_feature {
    uint32_t row;          /* of features */
    float weight;
};
struct card {
    uint32_t nfeatures;
    uint32_t bytes;                  /* of the card, behind the features */
    struct card_feature feature[];   /* (nfeatures) */
};

/* The features of an item's card once more, side by side with those of the items
 * next to it: a scan of all items reads this and leaves the cards alone, which
 * lie anywhere.  Holds up to BRIEF_FEATURES of weight 1, as they stand on the
 * card; with others, or more, or one of them twice, n is BRIEF_SEE_CARD.  Follows
 * from the card. */
#define BRIEF_FEATURES 7
#define BRIEF_SEE_CARD UINT32_MAX
struct brief {
    uint32_t n;
    uint32_t slot[BRIEF_FEATURES];   /* row of features + 1; 0 behind the n-th,
                                        so that a sum may run over all */
};

static inline uint32_t brief_row(const struct brief *b, uint32_t i)
{
    return b->slot[i] - 1;
}

/* What a filter can tell of an item without its card (filter.h): derived too. */
struct label_bits {
    uint64_t bits;
};

/* Three groups: what a step of the rating head changes, what one of the ranking
 * head changes (both happen for each event that is replayed, too), and what
 * changes with an event of the row's own only, which is far more seldom.  The
 * swap copies no more than was touched (rows.h).
 *
 *    name   C type              floats or elements per row, part of hash? */
#define USER_STEP_COLUMNS(X)                                                   \
    X(vec,   float,               DIM, 1)  /* (U, K) factors                */ \
    X(bias,  float,               1,   1)  /* (U)    deviation from mean    */
#define USER_RANK_COLUMNS(X)                                                   \
    X(rvec,  float,               RDIM, 1) /* (U, R) ranking factors        */
#define USER_EVENT_COLUMNS(X)                                                  \
    X(count, uint32_t,            1,   1)  /* (U)    ratings learned        */ \
    X(positives, uint32_t,        1,   1)  /* (U)    learned for ranking    */ \
    X(day,   uint32_t,            1,   1)  /* (U)    of the newest events,  */ \
    X(today, uint32_t,            1,   1)  /* (U)    ... and how many, see
                                              learn/influence.h             */ \
    X(session, float,             1,   1)  /* (U)    mood at last_ms, see
                                              learn/session.h               */ \
    X(last_ms, int64_t,           1,   1)  /* (U)    time of the last event */ \
    X(liked, uint32_t,  LIKED_ITEMS,   0)  /* (U, LIKED_ITEMS) rows of items + 1,
                                              0: none, see learn/liked.h;
                                              hashed as nseen and seen are */ \
    X(nseen, uint32_t,            1,   0)  /* (U)    entries of seen to use;
                                              one more when something is there
                                              twice, so not hashed          */ \
    X(seen,  struct seen_list *,  1,   0)  /* (U)    NULL: none; hashed as a
                                              part of its own, learn/state.h */ \
    X(card,  struct card *,       1,   0)  /* (U)    NULL: none             */

#define ITEM_STEP_COLUMNS(X)                                                   \
    X(vec,   float,               DIM, 1)  /* (I, K) factors                */ \
    X(bias,  float,               1,   1)  /* (I)    deviation from mean    */
#define ITEM_RANK_COLUMNS(X)                                                   \
    X(rvec,  float,               RDIM, 1) /* (I, R) ranking factors        */ \
    X(rbias, float,               1,   1)  /* (I)    ranking bias           */ \
    X(code,  int8_t,              RDIM, 0) /* (I, R) rvec in small, see     */ \
    X(grain, struct grain,        1,   0)  /* (I)    ... sieve.h            */
#define ITEM_EVENT_COLUMNS(X)                                                  \
    X(count, uint32_t,            1,   1)  /* (I)    ratings learned        */ \
    X(positives, uint32_t,        1,   1)  /* (I)    learned for ranking    */ \
    X(events, uint32_t,           1,   1)  /* (I)    in the trend           */ \
    X(trend, double,              1,   1)  /* (I)    log2 popularity, see
                                              learn/trend.h                 */ \
    X(card,  struct card *,       1,   0)  /* (I)    NULL: none             */ \
    X(brief, struct brief,        1,   0)  /* (I)    of the card            */ \
    X(labels, struct label_bits,  1,   0)  /* (I)    of the card            */

#define FEATURE_STEP_COLUMNS(X)                                                \
    X(vec,   float,               DIM, 1)  /* (F, K) added to an item's     */ \
    X(bias,  float,               1,   1)  /* (F)    likewise               */
#define FEATURE_RANK_COLUMNS(X)                                                \
    X(rvec,  float,               RDIM, 1) /* (F, R) added to an item's     */
#define FEATURE_EVENT_COLUMNS(X)                                               \
    X(count, uint32_t,            1,   1)  /* (F)    events it was part of  */

#define USER_COLUMNS(X)                                                        \
    USER_STEP_COLUMNS(X) USER_RANK_COLUMNS(X) USER_EVENT_COLUMNS(X)
#define ITEM_COLUMNS(X)                                                        \
    ITEM_STEP_COLUMNS(X) ITEM_RANK_COLUMNS(X) ITEM_EVENT_COLUMNS(X)
#define FEATURE_COLUMNS(X)                                                     \
    FEATURE_STEP_COLUMNS(X) FEATURE_RANK_COLUMNS(X) FEATURE_EVENT_COLUMNS(X)

/* So many positive events of a user are kept in their order. */
#define LIKED_ITEMS 8

/* Floats of a row of vec and of rvec. */
struct dims {
    uint32_t rating;         /* K: a multiple of 8, 8..512 */
    uint32_t ranking;        /* R: the same, or 0 */
};

#define TABLE_DECLARE_COLUMN(name, type, per_row, hashed) type *name;

struct users {
    uint32_t n;
    USER_COLUMNS(TABLE_DECLARE_COLUMN)
};

struct items {
    uint32_t n;
    ITEM_COLUMNS(TABLE_DECLARE_COLUMN)
};

struct features {
    uint32_t n;
    FEATURE_COLUMNS(TABLE_DECLARE_COLUMN)
};

/* Errors of test-then-train over a run of events: each event is predicted
 * before it is learned, so none of these numbers has seen its own answer. */
struct error_sums {
    uint64_t n;
    double squared;      /* sum of (prediction - rating)^2, in rating units */
    double absolute;     /* sum of |prediction - rating| */
};

/* "recent" is the last RECENT_BLOCKS blocks of RECENT_EVENTS events. */
#define RECENT_EVENTS 1024
#define RECENT_BLOCKS 8

/* Squared errors of test-then-train, and of a baseline on the same events that
 * says the running mean. */
struct versus {
    uint64_t n;
    double squared, baseline;
};

/* How learning goes: what the guard (learn/guard.h) and the control of rates
 * (learn/pace.h) have seen and decided. */
struct course {
    struct versus window;    /* since the last look */
    struct versus past;      /* of the windows before, but for those held */
    uint64_t good_seq;       /* the last look that found the model good */
    uint64_t held;           /* publishing is held, the last good seq; 0: not */
    uint64_t held_at;        /* the look that decided so, 0: not held */
    uint64_t trips;          /* times that was decided */
    double fast, slow;       /* relative error, smoothed; 0 at first */
    double pace;             /* of steps; 0: as at first */
};

/* A fold of the log would differ, since it would be without something that this
 * copy learned from: what was erased since, what was rolled back since. */
#define INTERIM_ERASED 1u
#define INTERIM_UNDONE 2u

/* The scalars of a copy.  Plain data, copied whole at each publish. */
struct totals {
    uint64_t seq;            /* newest event in this copy: model_seq */
    uint64_t events;         /* ratings learned */
    uint64_t behaviours;     /* behaviour events taken */
    uint64_t positives;      /* events that the ranking head learned from */
    uint64_t capped;         /* of the skipped: those of users who had had
                                their say (learn/influence.h) */
    uint64_t skipped;        /* events the fold could not take (full table, a
                                step that was not finite) */
    double scaled_sum;       /* sum of learned ratings on the inner scale */
    int64_t clock_ms;        /* the newest event time seen */
    uint64_t epoch;          /* erasures, retractions and rollbacks folded so
                                far; hashes compare only within one */
    uint64_t interim;        /* INTERIM_...; 0: as a fold of the log */
    uint64_t erased;         /* users whose rows are empty for good */
    struct seen_kinds kinds; /* what the bits of seen lists mean */
    struct error_sums all;
    struct error_sums recent[RECENT_BLOCKS]; /* ring; block of event number e
                                is (e / RECENT_EVENTS) % RECENT_BLOCKS */
    struct course course;
    double prior_mean;       /* an imported mean (inner scale), and how many */
    uint64_t prior_count;    /* ... ratings it counts as; 0: there is none */
};

struct table {
    uint32_t dim;            /* K */
    uint32_t rdim;           /* R */
    struct users users;
    struct items items;
    struct features features;
    float *mlp;              /* weights of the neural head (mlp_shape.h); NULL:
                                there is none */
    struct mlp_shape mlp_shape;
    struct totals totals;
};

static inline struct dims table_dims(const struct table *t)
{
    return (struct dims){t->dim, t->rdim};
}

/* The bytes of a card (card.h). */
static inline const unsigned char *table_card_bytes(const struct card *c)
{
    return (const unsigned char *)&c->feature[c->nfeatures];
}

#endif
