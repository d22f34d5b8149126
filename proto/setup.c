/* setup.c -- see setup.h. */
#include "proto/setup.h"

#include <stdbool.h>

#include "proto/document.h"

void proto_setup(void)
{
    static bool done;
    if (!done)
        document_setup();
    done = true;
}
