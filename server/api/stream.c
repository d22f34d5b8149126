/* stream.c -- what is ingested as application/x-ndjson.
 *
 * DESIGN  Lines are parsed as they come; what one read brought goes to the
 * journal as one batch.  When the journal has no room the batch waits here, the
 * body is paused (so TCP holds the client back) and goes on when there is.  The
 * answer comes when the body has ended and every batch is acknowledged, so a
 * stream needs memory for one line, one batch and its receipt, however long.
 */
#include <stdlib.h>
#include <string.h>

#include "proto/error_body.h"
#include "proto/ratings.h"
#include "server/api/api.h"
#include "server/api/intake_kind.h"
#include "server/http/conn.h"
#include "server/http/route.h"

struct stream {
    const struct intake_kind *kind;
    struct intake in;
    struct buf line;         /* the part of a line that has come so far */
    bool skipping;           /* ... was too long: look for its end */
    uint64_t lines;          /* ended so far: the index of the current one */
    uint32_t unacked;        /* batches submitted, not acknowledged */
    bool ended;              /* no more bytes are taken */
    enum fail_code cut;      /* ... and why, when it is not the end */
    struct receipt receipt;
};

static struct stream *stream_of(struct request *r)
{
    struct stream *s = r->stream;
    if (s)
        return s;
    s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->kind = r->route->intake;
    s->in.w = r->w;
    s->in.stream = true;
    r->stream = s;
    return s;
}

static void reject(struct request *r, struct stream *s, struct fail *f)
{
    f->index = (int64_t)s->lines;
    if (s->receipt.nerrors < RECEIPT_ERRORS)
        s->receipt.errors[s->receipt.nerrors++] = *f;
    s->receipt.rejected++;
    metrics_count(r->w->metrics, s->kind->rejected, 1);
}

static bool is_blank(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != ' ' && p[i] != '\t' && p[i] != '\r')
            return false;
    return true;
}

static void take_line(struct request *r, struct stream *s, const char *p,
                      size_t n)
{
    struct fail f;
    size_t max = r->w->limits.line_bytes;
    s->in.line = s->lines;
    if (n && p[n - 1] == '\r')
        n--;
    if (s->skipping || n > max) {
        fail_set(&f, FAIL_line_too_long, "a line is longer than %zu bytes "
                 "(limits.line_bytes)", max);
        reject(r, s, &f);
    } else if (!is_blank(p, n) &&
               !s->kind->line(&s->in, p, n, &f))
        reject(r, s, &f);
    s->skipping = false;
    s->lines++;
}

/* Keeps the start of a line whose end has not come. */
static bool keep_part(struct request *r, struct stream *s, const char *p,
                      size_t n)
{
    if (s->skipping)
        return true;
    if (s->line.len + n > r->w->limits.line_bytes + 1) { // + 1: its CR
        s->skipping = true;
        buf_clear(&s->line);
        return true;
    }
    buf_put(&s->line, p, n);
    return !s->line.failed;
}

static bool take_bytes(struct request *r, struct stream *s, const char *p,
                       size_t n)
{
    worker_proto(r->w); // the clock for this read's lines
    while (n) {
        const char *lf = memchr(p, '\n', n);
        size_t len = lf ? (size_t)(lf - p) : n;
        if (!lf || s->line.len) {
            if (!keep_part(r, s, p, len))
                return false;
            if (!lf)
                return true;
            take_line(r, s, s->line.p, s->line.len);
            buf_clear(&s->line);
        } else
            take_line(r, s, p, len);
        p += len + 1;
        n -= len + 1;
    }
    return true;
}

/* ---- to the journal ---------------------------------------------------- */

static void finish(struct request *r);

static enum err submit(struct request *r, struct stream *s)
{
    if (!s->in.batch)
        return ERR_OK;
    enum err err = intake_submit(&s->in, r);
    if (err == ERR_OK)
        s->unacked++;
    return err;
}

/* The queue has room (or may have: the wait was long).  Deliver, and go on. */
static void try_again(struct request *r, enum wake why)
{
    struct stream *s = r->stream;
    (void)why;
    enum err err = submit(r, s);
    if (err == ERR_FULL)
        request_park(r, WAIT_ROOM, 0, try_again);
    else if (err != ERR_OK)
        intake_refused(r, err);
    else if (s->ended)
        finish(r);
    else
        conn_continue_body(r->conn);
}

enum flow api_stream(struct request *r, const char *bytes, size_t n)
{
    struct stream *s = stream_of(r);
    if (s && s->ended)
        return FLOW_STOP;
    if (!s || !take_bytes(r, s, bytes, n)) {
        request_fail(r, FAIL_busy, NULL);
        return FLOW_STOP;
    }
    enum err err = submit(r, s);
    if (err == ERR_OK)
        return FLOW_MORE;
    if (err == ERR_FULL) {
        request_park(r, WAIT_ROOM, 0, try_again);
        return FLOW_PAUSE;
    }
    intake_refused(r, err);
    return FLOW_STOP;
}

/* ---- the end ----------------------------------------------------------- */

static void answer(struct request *r)
{
    struct stream *s = r->stream;
    struct buf *out = &r->w->body;
    int status = r->wait_applied ? 200 : 202;
    s->receipt.has_model_seq = r->wait_applied;
    s->receipt.model_seq = live_seq(r->w->live);
    buf_clear(out);
    if (s->cut) {
        struct fail f;
        fail_set(&f, s->cut, "%s: the stream was cut; what was kept of it ends "
                 "with seq %llu", fail_text(s->cut),
                 (unsigned long long)s->receipt.seq);
        status = fail_status(f.code);
        buf_puts(out, "{\"error\":");
        error_body_write_inner(out, &f);
        buf_puts(out, ",\"receipt\":");
    }
    receipt_write(out, &s->receipt);
    if (s->cut)
        buf_putc(out, '}');
    request_reply_json(r, status, out);
}

static void late(struct request *r, enum wake why)
{
    (void)why;
    request_fail(r, FAIL_unconfirmed, NULL);
}

/* Answers when all is acknowledged; until then the acks call again. */
static void finish(struct request *r)
{
    struct stream *s = r->stream;
    if (s->unacked) {
        request_unpark(r);
        request_park(r, WAIT_ACK, 0, late);
        return;
    }
    if (s->receipt.accepted || s->receipt.duplicates || s->cut)
        intake_finish(r, s->receipt.seq, answer);
    else if (s->receipt.rejected)
        request_reply_fail(r, &s->receipt.errors[0]);
    else
        request_fail(r, FAIL_empty_batch, NULL);
}

void api_stream_end(struct request *r)
{
    struct stream *s = stream_of(r);
    if (!s) {
        request_fail(r, FAIL_busy, NULL);
        return;
    }
    if (s->line.len || s->skipping)
        take_line(r, s, s->line.p, s->line.len);
    buf_clear(&s->line);
    s->ended = true;
    try_again(r, WAKE_READY);
}

/* No more of it is taken; it is answered when what was taken is acknowledged. */
static void cut(struct request *r, struct stream *s, enum fail_code why)
{
    request_unpark(r);
    s->ended = true;
    s->cut = why;
    batch_free(s->in.batch); // not accepted, and not counted as such
    s->in.batch = NULL;
    finish(r);
}

void api_stream_cut(struct request *r)
{
    struct stream *s = r->stream;
    if (s->ended)
        return;
    if (submit(r, s) != ERR_OK)
        metrics_count(r->w->metrics, COUNT_queue_refusals, 1);
    cut(r, s, FAIL_shutting_down);
}

void api_stream_abandon(struct request *r)
{
    struct stream *s = r->stream;
    batch_free(s->in.batch);
    buf_release(&s->line);
    free(s);
    r->stream = NULL;
}

/* What an ack says of the lines of one batch. */
static void take_ack(struct request *r, struct stream *s, const struct ack *a)
{
    struct fail f;
    uint64_t lines = s->lines;
    s->receipt.accepted += a->n;
    s->receipt.duplicates += a->duplicates;
    if (a->duplicate_seq > s->receipt.seq)
        s->receipt.seq = a->duplicate_seq;
    if (a->n)
        s->receipt.seq = a->first_seq + a->n - 1;
    for (uint32_t i = 0; i < a->conflicts; i++) {
        fail_set(&f, FAIL_event_id_conflict, NULL);
        if (i < ACK_CONFLICTS)
            s->lines = a->conflict[i]; // where reject() says it was
        reject(r, s, &f);
    }
    s->lines = lines;
    metrics_count(r->w->metrics, s->kind->accepted, a->n);
    metrics_count(r->w->metrics, s->kind->duplicate, a->duplicates);
}

static void stream_acked(struct request *r, const struct ack *a)
{
    struct stream *s = r->stream;
    enum fail_code failed = intake_failed(a);
    s->unacked--;
    take_ack(r, s, a);
    if (failed != FAIL_NONE && !s->cut) {
        cut(r, s, failed);
    } else if (s->ended && s->unacked == 0 && r->waiting != WAIT_ROOM) {
        request_unpark(r);
        finish(r);
    }
}

void api_acked(struct request *r, const struct ack *a)
{
    if (r->stream)
        stream_acked(r, a);
    else
        api_ingest_acked(r, a);
}

void api_room(struct worker *w)
{
    request_wake(w, WAIT_ROOM);
}
