/* crc.h -- CRC32C (Castagnoli), by ISA-L: what each frame of the log, each
 * group's head and each snapshot is checked with.  Any thread, pure.
 *
 * Continues from crc, which is 0 at the start: crc32c(crc32c(0, a), b) is that
 * of a and b joined.
 */
#ifndef FRESHET_MODEL_STORE_CRC_H
#define FRESHET_MODEL_STORE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);

/* The CRC of a and b joined, from that of each and the length of b. */
uint32_t crc32c_join(uint32_t a, uint32_t b, uint64_t bytes_of_b);

#endif
