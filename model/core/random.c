/* random.c -- see random.h. */
#include "model/core/random.h"

uint64_t random_id(const char *s, uint32_t len)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (uint32_t i = 0; i < len; i++) {
        h ^= (unsigned char)s[i];
        h *= 0x100000001b3u;
    }
    return random_mix(h + len);
}
