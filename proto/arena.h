/* arena.h -- the memory of one document: taken in bumps, given back at once.
 *
 * DESIGN  Each thread has one arena.  While a document is open (arena_begin ..
 * arena_reset), allocations of this thread come from it, and freeing does
 * nothing; otherwise they come from malloc.  A block says in the word before it
 * where it came from, so a block may be freed at any time.  Chunks beyond the
 * first are returned at the reset, so a large document holds nothing after its
 * answer.  Any thread, on its own arena.
 */
#ifndef FRESHET_PROTO_ARENA_H
#define FRESHET_PROTO_ARENA_H

#include <stddef.h>

/* For json_set_alloc_funcs(). */
void *arena_malloc(size_t n);
void arena_free(void *p);

/* Between these, this thread's allocations come from its arena; a reset forgets
 * them all.  arena_begin() resets first. */
void arena_begin(void);
void arena_end(void);
void arena_reset(void);

/* Memory that lives until the reset, or NULL. */
void *arena_take(size_t n);

#endif
