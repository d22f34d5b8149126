/* storage.h -- the model and what keeps it: log, snapshots, recovery.
 *
 * Boot only, on the main thread; serve.c says in which order.  Each of the first
 * three returns 0 or the exit status, having logged why.
 */
#ifndef FRESHET_SERVER_STORAGE_H
#define FRESHET_SERVER_STORAGE_H

#include "server/app.h"
#include "server/signals.h"

/* Locks and opens data.dir, loads a snapshot, makes the model and everything
 * that is fed by it (queue, trainer, journal, keeper): nothing runs yet. */
int storage_open(struct app *app, const struct config *cfg);

/* Folds what the log has behind the snapshot, while workers answer what they
 * can.  *stopped: a signal came meanwhile. */
int storage_recover(struct app *app, struct signals *s, bool *stopped);

/* Starts trainer, journal and keeper: events are taken from now on. */
int storage_start(struct app *app);

/* After the workers have ended: passes on what was accepted, takes the last
 * snapshot, closes the log. */
void storage_stop(struct app *app, const struct config *cfg, bool snapshot);
void storage_release(struct app *app);

/* Any thread.  Stops learning, or goes on with it. */
void storage_pause(struct app *app, bool on);

/* Any thread.  The newest event in the serving copy. */
uint64_t storage_seq(struct app *app);

/* Any thread.  What /health/ready says: NULL when all is well, else the reason;
 * *serving: reads are answered, *degraded: and only events are not taken. */
const char *storage_trouble(struct app *app, bool *serving, bool *degraded);

/* Any thread.  Why no newer event gets into the serving copy for now, or NULL:
 * the guard holds, or learning is paused. */
const char *storage_in_vain(struct app *app);

#endif
