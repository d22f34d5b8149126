/* table.h -- one copy of the live model: what a reader pins and the trainer
 * writes.  live.h keeps two of these.
 *
 * Letters: U = users.n, I = items.n, K = dim.  Every column lives in address
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

#include "model/types.h"

/* The items a user has rated, without repeats: item[0..sorted) ascending, then
 * an unsorted tail.  The trainer appends behind what any reader may look at, so
 * a list is shared by both copies; how many entries a copy may see stands in
 * its own row (users.nseen).  See learn/seen.h. */
struct seen_list {
    uint32_t cap;
    uint32_t sorted;
    uint32_t item[];       /* (cap) rows of items */
};

/* First what every step of learning changes, of each rating that is replayed
 * too; then what changes with an event of the row's own only, which is far more
 * seldom: the swap copies no more than was touched (live_touch_step()).
 *
 *    name   C type              floats or elements per row, part of hash? */
#define USER_STEP_COLUMNS(X)                                                   \
    X(vec,   float,               DIM, 1)  /* (U, K) factors                */ \
    X(bias,  float,               1,   1)  /* (U)    deviation from mean    */
#define USER_EVENT_COLUMNS(X)                                                  \
    X(count, uint32_t,            1,   1)  /* (U)    ratings learned        */ \
    X(session, float,             1,   1)  /* (U)    mood at last_ms, see
                                              learn/session.h               */ \
    X(last_ms, int64_t,           1,   1)  /* (U)    time of the last event */ \
    X(nseen, uint32_t,            1,   1)  /* (U)    entries of seen to use */ \
    X(seen,  struct seen_list *,  1,   0)  /* (U)    NULL: none             */

#define ITEM_STEP_COLUMNS(X)                                                   \
    X(vec,   float,               DIM, 1)  /* (I, K) factors                */ \
    X(bias,  float,               1,   1)  /* (I)    deviation from mean    */
#define ITEM_EVENT_COLUMNS(X)                                                  \
    X(count, uint32_t,            1,   1)  /* (I)    ratings learned        */ \
    X(trend, double,              1,   1)  /* (I)    log2 popularity, see
                                              learn/trend.h                 */

#define USER_COLUMNS(X) USER_STEP_COLUMNS(X) USER_EVENT_COLUMNS(X)
#define ITEM_COLUMNS(X) ITEM_STEP_COLUMNS(X) ITEM_EVENT_COLUMNS(X)

#define TABLE_DECLARE_COLUMN(name, type, per_row, hashed) type *name;

struct users {
    uint32_t n;
    USER_COLUMNS(TABLE_DECLARE_COLUMN)
};

struct items {
    uint32_t n;
    ITEM_COLUMNS(TABLE_DECLARE_COLUMN)
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

/* The scalars of a copy.  Plain data, copied whole at each publish. */
struct totals {
    uint64_t seq;            /* newest event in this copy: model_seq */
    uint64_t events;         /* ratings learned */
    uint64_t skipped;        /* events the fold could not take (full table, a
                                step that was not finite) */
    double scaled_sum;       /* sum of learned ratings on the inner scale */
    int64_t clock_ms;        /* the newest event time seen */
    uint64_t epoch;          /* erasures and retractions folded so far; hashes
                                compare only within one */
    uint64_t interim;        /* 1: something was erased that this copy learned
                                from; a fold of the log would differ */
    uint64_t erased;         /* users whose rows are empty for good */
    struct error_sums all;
    struct error_sums recent[RECENT_BLOCKS]; /* ring; block of event number e
                                is (e / RECENT_EVENTS) % RECENT_BLOCKS */
};

struct table {
    uint32_t dim;            /* K */
    struct users users;
    struct items items;
    struct totals totals;
};

#endif
