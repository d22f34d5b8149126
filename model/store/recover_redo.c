/* recover_redo.c -- an erasure that a crash cut short is finished.  See
 * recover.h and redo.h. */
#include <string.h>

#include "model/store/recover.h"
#include "model/store/snapshot_dir.h"

struct seek {
    const struct event *wanted;
    bool found;
};

static bool same_erasure(const struct event *a, const struct event *b)
{
    return a->type == b->type && a->payload_bytes == b->payload_bytes &&
           memcmp(a->payload, b->payload, a->payload_bytes) == 0 &&
           a->item.len == b->item.len &&
           memcmp(a->item.s, b->item.s, a->item.len) == 0;
}

static bool seek_event(void *arg, const struct log_event *e)
{
    struct seek *s = arg;
    s->found = same_erasure(&e->event, s->wanted);
    return !s->found;
}

enum err recover_redo(struct recovery *r)
{
    const struct redo *redo = &r->redo;
    struct event e;
    uint64_t seq, from = redo->n ? redo->place[redo->n - 1].seq : 1;
    struct seek s = {.wanted = &e, .found = redo->frame_bytes == 0};
    if (!s.found &&
        !event_decode(redo->frame, redo->frame + redo->frame_bytes, &e))
        return ERR_CORRUPT;
    if (from < log_first(r->log))
        from = log_first(r->log);
    enum err err = log_begin(r->log);
    if (err == ERR_OK && r->last >= from && !s.found)
        err = log_each(r->log, from, r->last, seek_event, &s, &r->bad);
    if (err == ERR_OK && !s.found)
        err = recover_append(r, &e, &seq);
    uint64_t known = redo_known_from(redo, log_first(r->log));
    bool exact = false;
    if (err == ERR_OK)
        err = snapshot_base_before(r->dir.snapshot, log_first(r->log), known,
                                   &exact);
    if (err != ERR_OK || !exact) {
        r->redo_left = true; // the keeper takes a snapshot first
        return err;
    }
    err = snapshot_remove_from(r->dir.snapshot, known, 0);
    return err == ERR_OK ? redo_remove(r->dir.fd) : err;
}
