/* refold.h -- getting a log ready to be folded again from its first event.
 *
 * Boot only, with the directory locked by the caller (offline commands).  The
 * genesis is replaced by one that says what `want` says, `settings` events become
 * voids and the snapshots go: recover.h then folds everything with the options
 * of today.
 */
#ifndef FRESHET_MODEL_STORE_REFOLD_H
#define FRESHET_MODEL_STORE_REFOLD_H

#include "model/learn/settings.h"
#include "model/store/datadir.h"
#include "model/store/log.h"

/* ERR_RANGE: the first events were dropped (journal.keep), there is nothing to
 * fold; others as log_open().  *bad: where a log is damaged. */
enum err refold_prepare(const struct datadir *dir, const struct log_options *opt,
                        const struct settings *want, struct log_place *bad)
    MUSTCHECK;

#endif
