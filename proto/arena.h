/* arena.h -- memory that is forgotten all at once, one arena per thread.
 *
 * DESIGN  jansson asks for memory through two global hooks.  While a document
 * is being parsed they serve from the calling thread's arena: a pointer moved
 * up, and nothing to free.  Blocks too large for that get a chunk of their own,
 * which a free really returns, so that a growing string does not leave its old
 * copies behind.  Outside arena_begin() .. arena_end() blocks come from malloc.
 * The word before a block says where it came from, so a free is always right
 * and never searches; such a block may be freed by the hook alone, never by
 * free().  Nothing is shared between threads: no lock, no atomics.  A thread
 * that ends gives its arena back.
 *
 * For proto/ only.
 */
#ifndef FRESHET_PROTO_ARENA_H
#define FRESHET_PROTO_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#define ARENA_KEEP (256 * 1024)   /* bytes a thread keeps between documents */

/* Boot only. */
void arena_setup(void);

/* Any thread.  Allocations of this thread come from its arena, or no longer. */
void arena_begin(void);
void arena_end(void);

/* Any thread.  Takes from the arena, for proto/'s own structs; NULL: no memory.
 * Aligned for pointers and doubles.  Lives until arena_reset(). */
void *arena_alloc(size_t n);

/* Any thread.  Forgets everything; keeps ARENA_KEEP bytes at most. */
void arena_reset(void);

/* Any thread.  Bytes this thread's arena holds now. */
size_t arena_held(void);

/* The hooks. */
void *arena_hook_malloc(size_t n);
void arena_hook_free(void *p);

#endif
