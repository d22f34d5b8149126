/* must.h -- what must hold, whatever the bytes are. */
#ifndef FRESHET_TESTS_FUZZ_MUST_H
#define FRESHET_TESTS_FUZZ_MUST_H

#include <stdlib.h>

#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition))                                                      \
            abort();                                                           \
    } while (0)

#endif
