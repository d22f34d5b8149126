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

#endif
