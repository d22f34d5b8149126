/* import.h -- the parts of `freshet import`.  For server/cli/import*.c. */
#ifndef FRESHET_SERVER_CLI_IMPORT_H
#define FRESHET_SERVER_CLI_IMPORT_H

#include "server/cli/replay.h"
#include "server/cli/training_words.h"

struct import {
    struct replay r;            /* the words that both share, and ratings */
    const char *map;            /* NULL: none */
    bool trains;                /* epochs at the end: */
    struct training training;
};

/* Sends the rows of a pretrained model.  *seq: of the last one.  The exit
 * status. */
int import_model(const struct import *in, struct client *c, uint64_t *seq);

#endif
