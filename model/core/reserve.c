/* reserve.c -- see reserve.h. */
#include "model/core/reserve.h"

#include <sys/mman.h>

/* A huge page saves most of the work of finding memory, but its first row commits
 * all of it.  So a column has them behind as much in small pages: it commits at
 * most twice what it uses, and what stays small costs nothing. */
#define HUGE_BYTES (2u << 20)

void *reserve_new(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (bytes > HUGE_BYTES) // advice: its failure changes nothing
        madvise((char *)p + HUGE_BYTES, bytes - HUGE_BYTES, MADV_HUGEPAGE);
    return p;
}

void reserve_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}
