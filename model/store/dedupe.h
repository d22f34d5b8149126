/* dedupe.h -- which event ids were used, over a window of the newest events.
 *
 * DESIGN  A table maps a 64-bit fingerprint of the event id to the seq of its
 * event: 16 bytes an entry.  A fingerprint proves nothing, so a hit is told to
 * the caller, who reads the frame and compares; that makes the answer exact.
 * Where there is no log to read from, 8 bytes more keep a digest of the event,
 * and the answer is as sure as 128 bits of keyed hash.
 * Tables are made by generation, each for a quarter of the window, and dropped
 * whole when all they know is older than the window: no entry is ever deleted
 * one by one, but for those of an append that failed.  The key of the
 * fingerprint (SipHash) is random, so a client cannot make them collide.
 *
 * The window is counted in seqs, not in time, so that every replica and every
 * restart decides alike.  The journal's thread only, and boot.
 */
#ifndef FRESHET_MODEL_STORE_DEDUPE_H
#define FRESHET_MODEL_STORE_DEDUPE_H

#include <stdbool.h>

#include "model/types.h"

struct dedupe;

/* window: events; 0: nothing is remembered.  NULL: no memory. */
struct dedupe *dedupe_new(uint64_t window, bool digests);
void dedupe_free(struct dedupe *d);

uint64_t dedupe_fingerprint(const struct dedupe *d, struct id event_id);
uint64_t dedupe_digest(const struct dedupe *d, const void *bytes, size_t n);

/* Is the event of seq the one that is looked for?  digest is 0 where none are
 * kept. */
typedef bool (*dedupe_match)(void *arg, uint64_t seq, uint64_t digest);

/* Calls `is_it` for each event in the window that ends before seq `next` whose
 * id has this fingerprint, newest generation first, until it returns true;
 * returns that seq, or 0. */
uint64_t dedupe_find(const struct dedupe *d, uint64_t fingerprint,
                     uint64_t next, dedupe_match is_it, void *arg);

/* Remembers that the event of seq has an id of this fingerprint; seqs come in
 * ascending order.  False: no memory. */
bool dedupe_add(struct dedupe *d, uint64_t fingerprint, uint64_t seq,
                uint64_t digest) MUSTCHECK;

/* Forgets what was added for seq: its append failed. */
void dedupe_remove(struct dedupe *d, uint64_t fingerprint, uint64_t seq);

size_t dedupe_bytes(const struct dedupe *d);
uint64_t dedupe_count(const struct dedupe *d);

#endif
