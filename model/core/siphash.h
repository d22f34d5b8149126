/* siphash.h -- SipHash-1-3 (Aumasson, Bernstein 2012): a keyed hash, so that
 * clients cannot choose ids that collide.  Any thread, pure. */
#ifndef FRESHET_MODEL_CORE_SIPHASH_H
#define FRESHET_MODEL_CORE_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash13(const uint64_t key[2], const void *bytes, size_t n);

#endif
