/* reserve.c -- see reserve.h. */
#include "model/core/reserve.h"

#include <sys/mman.h>

/* Below this a column is not worth a huge page: it would commit 2 MiB for the
 * first row. */
#define HUGE_BYTES (64u << 20)

void *reserve_new(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    if (bytes >= HUGE_BYTES)
        madvise(p, bytes, MADV_HUGEPAGE); // advice: its failure changes nothing
    return p;
}

void reserve_free(void *p, size_t bytes)
{
    if (p)
        munmap(p, bytes);
}
