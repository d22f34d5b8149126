/* stats.c -- see stats.h. */
#include "proto/stats.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void key(struct buf *b, const char *name)
{
    if (b->len && b->p[b->len - 1] != '{')
        buf_putc(b, ',');
    buf_putc(b, '"');
    buf_puts(b, name);
    buf_puts(b, "\":");
}

static void put_uint(struct buf *b, const char *name, uint64_t v)
{
    key(b, name);
    buf_uint(b, v);
}

static void put_real(struct buf *b, const char *name, double v, int digits)
{
    key(b, name);
    if (isfinite(v))
        buf_double(b, v, digits);
    else
        buf_puts(b, "null");
}

static void put_text(struct buf *b, const char *name, const char *v)
{
    key(b, name);
    buf_json_string(b, v, strlen(v));
}

static void put_hash(struct buf *b, const struct stats *s)
{
    char hex[17];
    if (!s->hash_known) {
        key(b, "model_hash");
        buf_puts(b, "null");
        return;
    }
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)s->hash);
    put_text(b, "model_hash", hex);
    put_uint(b, "model_hash_seq", s->hash_seq);
}

static void put_bool(struct buf *b, const char *name, bool v)
{
    key(b, name);
    buf_puts(b, v ? "true" : "false");
}

static void put_store(struct buf *b, const struct stats *s)
{
    put_uint(b, "epoch", s->epoch);
    put_bool(b, "interim", s->interim);
    put_bool(b, "durable", s->durable);
    if (!s->durable)
        return;
    put_text(b, "storage", s->storage);
    put_uint(b, "durable_seq", s->durable_seq);
    put_uint(b, "snapshot_seq", s->snapshot_seq);
    put_uint(b, "log_bytes", s->log_bytes);
    put_uint(b, "log_segments", s->log_segments);
}

static void put_course(struct buf *b, const struct stats *s)
{
    put_text(b, "guard", s->guard);
    if (strcmp(s->guard, "held") == 0) {
        put_uint(b, "held_since_seq", s->held_since_seq);
        put_uint(b, "folded_seq", s->folded_seq);
    }
    put_bool(b, "paused", s->paused);
    put_real(b, "pace", s->pace, 4);
}

void stats_write(struct buf *out, const struct stats *s)
{
    buf_putc(out, '{');
    put_uint(out, "seq", s->seq);
    put_uint(out, "model_seq", s->model_seq);
    put_uint(out, "lag", s->seq > s->model_seq ? s->seq - s->model_seq : 0);
    put_uint(out, "users", s->users);
    put_uint(out, "items", s->items);
    put_uint(out, "events", s->events);
    put_uint(out, "skipped", s->skipped);
    put_real(out, "rmse", s->rmse, 6);
    put_real(out, "rmse_recent", s->rmse_recent, 6);
    put_real(out, "mae", s->mae, 6);
    put_real(out, "mae_recent", s->mae_recent, 6);
    put_real(out, "mean", s->mean, 6);
    put_hash(out, s);
    put_store(out, s);
    put_uint(out, "queue_depth", s->queue_depth);
    put_uint(out, "publishes", s->publishes);
    put_course(out, s);
    put_real(out, "visible_p50_seconds", s->visible_p50, 4);
    put_real(out, "visible_p99_seconds", s->visible_p99, 4);
    put_uint(out, "memory_bytes", s->memory_bytes);
    put_uint(out, "connections", s->connections);
    put_real(out, "uptime_seconds", s->uptime, 8);
    put_real(out, "rating_min", s->rating_min, 7);
    put_real(out, "rating_max", s->rating_max, 7);
    put_uint(out, "rating_dim", s->rating_dim);
    put_uint(out, "ranking_dim", s->ranking_dim);
    put_text(out, "version", s->version);
    buf_putc(out, '}');
}

void health_write(struct buf *out, const char *status, const char *reason)
{
    buf_putc(out, '{');
    put_text(out, "status", status);
    if (reason)
        put_text(out, "reason", reason);
    buf_putc(out, '}');
}

void health_recovering_write(struct buf *out, uint64_t seq, uint64_t of)
{
    buf_putc(out, '{');
    put_text(out, "status", "not ready");
    put_text(out, "reason", "recovering");
    put_uint(out, "seq", seq);
    put_uint(out, "of", of);
    buf_putc(out, '}');
}

void snapshot_receipt_write(struct buf *out, const struct snapshot_receipt *s)
{
    char hex[17];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)s->model_hash);
    buf_putc(out, '{');
    put_uint(out, "seq", s->seq);
    put_text(out, "model_hash", hex);
    put_text(out, "file", s->file);
    put_uint(out, "bytes", s->bytes);
    put_real(out, "seconds", s->seconds, 6);
    buf_putc(out, '}');
}
