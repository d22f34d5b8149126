/* refold.c -- see refold.h. */
#include "model/store/refold.h"

#include <stdlib.h>
#include <string.h>

#include "model/store/log_internal.h"
#include "model/store/redo.h"
#include "model/store/snapshot_dir.h"

/* Does the genesis of the log say the same as `text`? */
static enum err genesis_says(struct log *l, const char *text, uint32_t n,
                             bool *same)
{
    unsigned char *frame = malloc(EVENT_BYTES_MAX);
    struct event e;
    enum err err = frame ? log_fetch(l, 0, frame) : ERR_NOMEM;
    *same = err == ERR_OK && event_decode(frame, frame + EVENT_BYTES_MAX, &e) &&
            e.payload_bytes == n && memcmp(e.payload, text, n) == 0;
    free(frame);
    return err;
}

static bool find_settings(void *arg, const struct log_event *e)
{
    struct redo_place place = {e->segment, e->offset, e->seq, e->bytes};
    return e->event.type != EVENT_SETTINGS || redo_add(arg, &place);
}

static enum err void_settings(const struct datadir *dir, struct log *l,
                              struct log_place *bad)
{
    struct redo redo = {0};
    enum err err = log_last(l) ? log_each(l, 1, log_last(l), find_settings,
                                          &redo, bad)
                               : ERR_OK;
    if (err == ERR_OK && redo.n) {
        err = redo_write(dir->fd, &redo);
        if (err == ERR_OK)
            err = redo_apply(dir->log, &redo);
        if (err == ERR_OK)
            err = redo_remove(dir->fd);
    }
    redo_release(&redo);
    return err;
}

enum err refold_prepare(const struct datadir *dir, const struct log_options *opt,
                        const struct settings *want, struct log_place *bad)
{
    char text[SETTINGS_TEXT_MAX];
    struct event genesis = {.type = EVENT_GENESIS,
                            .payload = (unsigned char *)text};
    struct log_found found;
    struct log *l = NULL;
    bool same = true;
    genesis.payload_bytes = (uint32_t)settings_write(want, text);
    enum err err = log_open(dir->log, dir->fd, opt, &genesis, &l, &found);
    *bad = found.at;
    if (err != ERR_OK)
        return err;
    if (log_first(l) > 1)
        err = ERR_RANGE;
    if (err == ERR_OK)
        err = snapshot_remove_from(dir->snapshot, 0, UINT64_MAX);
    if (err == ERR_OK)
        err = void_settings(dir, l, bad);
    if (err == ERR_OK)
        err = genesis_says(l, text, genesis.payload_bytes, &same);
    if (err == ERR_OK && !same)
        err = log_write_genesis(l, &genesis);
    log_close(l);
    return err;
}
