/* storage_hooks.h -- the hooks of journal, trainer and keeper.  For storage.c. */
#ifndef FRESHET_SERVER_STORAGE_HOOKS_H
#define FRESHET_SERVER_STORAGE_HOOKS_H

#include "server/app.h"

struct trainer_hooks storage_trainer_hooks(struct app *app);
struct journal_hooks storage_journal_hooks(struct app *app);
struct keeper_hooks storage_keeper_hooks(struct app *app);

/* The alarm: the guard holds publishing, events up to seq are folded. */
void storage_log_held(const struct course *c, uint64_t seq);
/* Logs and counts a snapshot that was taken, or not. */
void storage_log_snapshot(struct app *app, const struct job *job);

#endif
