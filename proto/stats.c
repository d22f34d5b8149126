/* stats.c -- see stats.h. */
#include "proto/stats.h"

#include <stdio.h>
#include <string.h>

#include "proto/member.h"

static void put_hash(struct buf *b, const struct stats *s)
{
    char hex[17];
    if (!s->hash_known) {
        member_key(b, "model_hash");
        buf_puts(b, "null");
        return;
    }
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)s->hash);
    member_text(b, "model_hash", hex);
    member_uint(b, "model_hash_seq", s->hash_seq);
}

static void put_store(struct buf *b, const struct stats *s)
{
    member_uint(b, "epoch", s->epoch);
    member_bool(b, "interim", s->interim);
    member_bool(b, "durable", s->durable);
    if (!s->durable)
        return;
    member_text(b, "storage", s->storage);
    member_uint(b, "durable_seq", s->durable_seq);
    member_uint(b, "snapshot_seq", s->snapshot_seq);
    member_uint(b, "log_bytes", s->log_bytes);
    member_uint(b, "log_segments", s->log_segments);
}

/* The model beside what is compared with it. */
static void put_evaluation(struct buf *b, const struct stats *s)
{
    member_real(b, "rmse_mean", s->rmse_mean, 6);
    member_real(b, "rmse_cold_items", s->rmse_cold_items, 6);
    member_real(b, "rmse_cold_users", s->rmse_cold_users, 6);
    member_uint(b, "rank_samples", s->rank_samples);
    member_real(b, "hr10", s->hr10, 6);
    member_real(b, "hr10_popularity", s->hr10_popularity, 6);
    member_real(b, "ndcg10", s->ndcg10, 6);
    member_real(b, "ndcg10_popularity", s->ndcg10_popularity, 6);
}

static void put_course(struct buf *b, const struct stats *s)
{
    member_text(b, "guard", s->guard);
    if (strcmp(s->guard, "held") == 0) {
        member_uint(b, "held_since_seq", s->held_since_seq);
        member_uint(b, "folded_seq", s->folded_seq);
    }
    member_bool(b, "paused", s->paused);
    member_real(b, "pace", s->pace, 4);
}

void stats_write(struct buf *out, const struct stats *s)
{
    buf_putc(out, '{');
    member_uint(out, "seq", s->seq);
    member_uint(out, "model_seq", s->model_seq);
    member_uint(out, "lag", s->seq > s->model_seq ? s->seq - s->model_seq : 0);
    member_uint(out, "users", s->users);
    member_uint(out, "items", s->items);
    member_uint(out, "events", s->events);
    member_uint(out, "skipped", s->skipped);
    member_real(out, "rmse", s->rmse, 6);
    member_real(out, "rmse_recent", s->rmse_recent, 6);
    member_real(out, "mae", s->mae, 6);
    member_real(out, "mae_recent", s->mae_recent, 6);
    put_evaluation(out, s);
    member_real(out, "mean", s->mean, 6);
    put_hash(out, s);
    put_store(out, s);
    member_uint(out, "queue_depth", s->queue_depth);
    member_uint(out, "publishes", s->publishes);
    put_course(out, s);
    member_real(out, "visible_p50_seconds", s->visible_p50, 4);
    member_real(out, "visible_p99_seconds", s->visible_p99, 4);
    member_uint(out, "memory_bytes", s->memory_bytes);
    member_uint(out, "connections", s->connections);
    member_real(out, "uptime_seconds", s->uptime, 8);
    member_real(out, "rating_min", s->rating_min, 7);
    member_real(out, "rating_max", s->rating_max, 7);
    member_uint(out, "rating_dim", s->rating_dim);
    member_uint(out, "ranking_dim", s->ranking_dim);
    member_text(out, "version", s->version);
    buf_putc(out, '}');
}

void health_write(struct buf *out, const char *status, const char *reason)
{
    buf_putc(out, '{');
    member_text(out, "status", status);
    if (reason)
        member_text(out, "reason", reason);
    buf_putc(out, '}');
}

void health_recovering_write(struct buf *out, uint64_t seq, uint64_t of)
{
    buf_putc(out, '{');
    member_text(out, "status", "not ready");
    member_text(out, "reason", "recovering");
    member_uint(out, "seq", seq);
    member_uint(out, "of", of);
    buf_putc(out, '}');
}

void snapshot_receipt_write(struct buf *out, const struct snapshot_receipt *s)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)s->model_hash);
    buf_putc(out, '{');
    member_uint(out, "seq", s->seq);
    member_text(out, "model_hash", hex);
    member_text(out, "file", s->file);
    member_uint(out, "bytes", s->bytes);
    member_real(out, "seconds", s->seconds, 6);
    buf_putc(out, '}');
}
