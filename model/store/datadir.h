/* datadir.h -- the directory of data.dir: made, locked, open.  Boot only.
 *
 *   LOCK          held (flock) by the process that uses the directory; its pid
 *   log/          segments (log.h)
 *   snapshot/     snapshots (snapshot.h)
 *   reserve       space kept for erasures and snapshots on a full disk
 *   redo          an erasure that is being done (redo.h)
 */
#ifndef FRESHET_MODEL_STORE_DATADIR_H
#define FRESHET_MODEL_STORE_DATADIR_H

#include <stdbool.h>

#include "model/types.h"

#define DATADIR_ERROR_MAX 512

struct datadir {
    int fd;
    int log;
    int snapshot;
    int lock;
};

/* Opens, making what is not there unless `offline`: then it may also be where
 * nothing can be written.  ERR_CLOSED: another process has it; ERR_IO: it
 * cannot be made, read or written.  error says which, and what to do. */
enum err datadir_open(const char *path, bool offline, struct datadir *out,
                      char error[DATADIR_ERROR_MAX]) MUSTCHECK;
void datadir_close(struct datadir *d);

#endif
