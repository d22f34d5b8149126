/* reserve.h -- address space now, memory when it is touched.
 *
 * A column reserves room for its largest size once, so it never moves and never
 * copies; the kernel gives zeroed pages as rows appear.  Any thread.
 */
#ifndef FRESHET_MODEL_CORE_RESERVE_H
#define FRESHET_MODEL_CORE_RESERVE_H

#include <stddef.h>

/* bytes of zeroed address space, page-aligned; NULL when there is none. */
void *reserve_new(size_t bytes);
void reserve_free(void *p, size_t bytes);

#endif
