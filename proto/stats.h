/* stats.h -- GET /v1/stats and the health answers: structs -> JSON. */
#ifndef FRESHET_PROTO_STATS_H
#define FRESHET_PROTO_STATS_H

#include <stdbool.h>

#include "proto/buf.h"

/* What the daemon says of itself.  NAN is written as null. */
struct stats {
    uint64_t seq;             /* newest acknowledged event */
    uint64_t model_seq;       /* newest event in the serving copy */
    uint64_t users, items;    /* in the serving copy */
    uint64_t events;          /* ratings learned */
    uint64_t skipped;         /* events the fold could not take */
    double rmse, mae;         /* test-then-train, all events */
    double rmse_recent, mae_recent;
    double rmse_mean;         /* of the running mean, all events */
    double rmse_cold_items, rmse_cold_users;  /* less than 5 ratings before */
    uint64_t rank_samples;    /* events at which all items were ranked */
    double hr10, hr10_popularity;
    double ndcg10, ndcg10_popularity;
    double mean;              /* running mean rating */
    bool hash_known;
    uint64_t hash;            /* model_hash, at hash_seq */
    uint64_t hash_seq;
    uint64_t queue_depth;     /* accepted, not yet learned */
    uint64_t publishes;
    const char *guard;        /* "ok", "held", "off"; when held: */
    uint64_t held_since_seq;  /* the last seq that was good, */
    uint64_t folded_seq;      /* ... and the newest that is learned */
    bool paused;
    double pace;              /* of steps; 1 without learn.control */
    double visible_p50, visible_p99;  /* seconds, received -> served */
    uint64_t memory_bytes;    /* the model's rows and maps */
    uint64_t epoch;           /* erasures so far; hashes compare within one */
    bool interim;             /* something erased is still in what was learned */
    bool durable;             /* there is a data.dir; then: */
    const char *storage;      /* "ok", "storage_full", "storage_failed" */
    uint64_t durable_seq;     /* newest event that is synced */
    uint64_t snapshot_seq;    /* of the newest snapshot, 0: none */
    uint64_t log_bytes, log_segments;
    uint64_t connections;
    double uptime;            /* seconds */
    float rating_min, rating_max;
    uint32_t rating_dim, ranking_dim;
    const char *version;
};

/* Any thread. */
void stats_write(struct buf *out, const struct stats *s);

/* Any thread.  {"status":"..."[,"reason":"..."]} */
void health_write(struct buf *out, const char *status, const char *reason);

/* Any thread.  {"status":"not ready","reason":"recovering","seq","of"} */
void health_recovering_write(struct buf *out, uint64_t seq, uint64_t of);

/* Any thread.  {"seq","model_hash","file","bytes","seconds"} */
struct snapshot_receipt {
    uint64_t seq;
    uint64_t model_hash;
    const char *file;
    uint64_t bytes;
    double seconds;
};
void snapshot_receipt_write(struct buf *out, const struct snapshot_receipt *s);

#endif
