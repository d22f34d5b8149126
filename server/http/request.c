/* request.c -- the life of a request and its body.  See request.h. */
#include "server/http/request.h"

#include <stdlib.h>
#include <string.h>

#include "server/http/conn.h"
#include "server/http/route.h"
#include "server/storage.h"

#define KEEP_BYTES 4096  /* a buffer larger than this is not kept for reuse */

static bool grow_slots(struct worker *w)
{
    uint32_t n = w->nslots ? w->nslots * 2 : 64;
    struct request **slots = realloc(w->slots, n * sizeof *slots);
    if (!slots)
        return false;
    memset(slots + w->nslots, 0, (n - w->nslots) * sizeof *slots);
    w->slots = slots;
    w->nslots = n;
    return true;
}

static struct request *request_alloc(struct worker *w)
{
    if (w->free_slot == w->nslots && !grow_slots(w))
        return NULL;
    struct request *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->slot = w->free_slot++;
    w->slots[r->slot] = r;
    r->w = w;
    return r;
}

struct request *request_new(struct worker *w, struct conn *c)
{
    struct request *r = w->spare;
    if (r)
        w->spare = r->next;
    else
        r = request_alloc(w);
    if (!r)
        return NULL;
    r->conn = c;
    r->next = NULL;
    r->started_ns = w->now_ns;
    *c->last = r;
    c->last = &r->next;
    c->nrequests++;
    return r;
}

static void recycle(struct buf *b)
{
    if (b->cap > KEEP_BYTES)
        buf_release(b);
    else
        buf_clear(b);
}

/* Back to the spare list with everything but its slot and buffers forgotten. */
static void request_retire(struct request *r)
{
    struct worker *w = r->w;
    if (r->charged)
        atomic_fetch_sub_explicit(&w->app->body_bytes, (long long)r->charged,
                                  memory_order_relaxed);
    recycle(&r->url);
    recycle(&r->body);
    recycle(&r->answer);
    struct buf url = r->url, body = r->body, answer = r->answer;
    uint32_t slot = r->slot, generation = r->generation + 1;
    memset(r, 0, offsetof(struct request, id));
    r->w = w;
    r->slot = slot;
    r->generation = generation;
    r->url = url;
    r->body = body;
    r->answer = answer;
    r->next = w->spare;
    w->spare = r;
}

void request_drop(struct request *r)
{
    struct conn *c = r->conn;
    request_unpark(r);
    if (r->stream && r->route && r->route->stream_abandon)
        r->route->stream_abandon(r);
    inflater_free(r->inflater);
    for (struct request **at = &c->first; *at; at = &(*at)->next) {
        if (*at != r)
            continue;
        *at = r->next;
        if (c->last == &r->next)
            c->last = at;
        break;
    }
    c->nrequests--;
    if (c->current == r)
        c->current = NULL;
    request_retire(r);
}

uint64_t request_tag(const struct request *r)
{
    return (uint64_t)r->generation << 32 | r->slot;
}

struct request *worker_request(struct worker *w, uint64_t tag)
{
    uint32_t slot = (uint32_t)tag;
    struct request *r = slot < w->nslots ? w->slots[slot] : NULL;
    return r && r->conn && r->generation == tag >> 32 ? r : NULL;
}

/* ---- the body ---------------------------------------------------------- */

/* Charges bytes of body memory; false: over limits.body_memory. */
static bool charge(struct request *r, size_t bytes)
{
    atomic_llong *held = &r->w->app->body_bytes;
    long long now = atomic_fetch_add_explicit(held, (long long)bytes,
                                              memory_order_relaxed);
    if (now + (long long)bytes > (long long)r->w->limits.body_memory) {
        atomic_fetch_sub_explicit(held, (long long)bytes,
                                  memory_order_relaxed);
        return false;
    }
    r->charged += bytes;
    return true;
}

/* Collects a document. */
static enum flow collect(struct request *r, const char *bytes, size_t n)
{
    if (r->body.len + n > r->w->limits.body_bytes) {
        request_fail(r, FAIL_body_too_large,
                     "the body is larger than %zu bytes (limits.body_bytes)",
                     r->w->limits.body_bytes);
        return FLOW_STOP;
    }
    if (r->body.len + n > r->charged) {
        size_t more = r->body.len + n - r->charged;
        size_t step = r->charged > 4096 ? r->charged : 4096;
        if (!charge(r, more > step ? more : step)) {
            request_fail(r, FAIL_busy, "too many request bodies are held now "
                         "(limits.body_memory)");
            return FLOW_STOP;
        }
    }
    buf_put(&r->body, bytes, n);
    if (r->body.failed) {
        request_fail(r, FAIL_busy, NULL);
        return FLOW_STOP;
    }
    return FLOW_MORE;
}

/* Plain body bytes, to whoever wants them. */
static enum flow sink(void *arg, const char *bytes, size_t n)
{
    struct request *r = arg;
    enum flow flow = FLOW_STOP;
    if (!r->answered)
        flow = r->type == BODY_TYPE_NDJSON ? r->route->stream(r, bytes, n)
                                           : collect(r, bytes, n);
    if (flow == FLOW_PAUSE)
        r->paused = true;
    return flow;
}

/* An answer that is given in here must not take r away under our feet: `busy`
 * holds it until the bytes are dealt with. */
static enum flow feed(struct request *r, const char *bytes, size_t n)
{
    struct conn *c = r->conn;
    enum flow flow;
    bool bad = false;
    struct inflate_sink plain = {sink, r, r->w->inflated,
                                 WORKER_INFLATE_BYTES};
    r->busy = true;
    if (r->inflater)
        flow = inflater_feed(r->inflater, bytes, n, &plain, &bad);
    else
        flow = sink(r, bytes, n);
    if (bad && !r->answered)
        request_fail(r, FAIL_invalid_gzip, NULL);
    r->busy = false;
    if (r->answered) {
        conn_advance(c);
        return FLOW_STOP;
    }
    return flow;
}

enum flow request_body(struct request *r, const char *bytes, size_t n)
{
    if (r->answered)
        return FLOW_STOP;
    if (r->paused) { // what the parser still had of this read
        buf_put(&r->body, bytes, n);
        return FLOW_PAUSE;
    }
    return feed(r, bytes, n);
}

enum flow request_continue_body(struct request *r)
{
    r->paused = false;
    enum flow flow = r->inflater ? feed(r, "", 0) : FLOW_MORE;
    if (flow != FLOW_MORE || r->body.len == 0 || r->type != BODY_TYPE_NDJSON)
        return flow;
    struct buf kept = r->body; // feed() may pause again and keep more
    memset(&r->body, 0, sizeof r->body);
    flow = feed(r, kept.p, kept.len);
    buf_release(&kept);
    return flow;
}

void request_end(struct request *r)
{
    if (r->answered)
        return;
    if (r->inflater && !inflater_complete(r->inflater)) {
        request_fail(r, FAIL_invalid_gzip, "the gzip body is cut short");
        return;
    }
    if (r->type == BODY_TYPE_NDJSON) {
        r->route->stream_end(r);
        return;
    }
    if (r->min_seq > live_seq(r->w->live)) {
        if (storage_in_vain(r->w->app))
            request_resume_read(r, WAKE_TIMEOUT);
        else
            request_park(r, WAIT_SEQ, r->min_seq, request_resume_read);
        return;
    }
    r->route->handle(r);
}
