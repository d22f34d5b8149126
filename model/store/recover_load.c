/* recover_load.c -- the model to begin with, the log made ready, and options that
 * changed since.  See recover.h. */
#include <errno.h>
#include <stdio.h>

#include "model/store/recover.h"
#include "model/store/snapshot_dir.h"

/* Nothing was written so far; from here on the start goes through. */
static enum err begin(struct recovery *r)
{
    enum err err = r->redo.frame_bytes ? ERR_OK : log_begin(r->log);
    if (err == ERR_OK) // what a killed writer left
        err = snapshot_remove_from(r->dir.snapshot, UINT64_MAX, 0);
    return err == ERR_OK ? err : recover_fail(r, err, "the log cannot be "
                                              "written");
}

/* Options whose configuration changed since are an event like any other; what
 * was set while the daemon ran stays, else. */
static enum err settle(struct recovery *r)
{
    char text[SETTINGS_TEXT_MAX];
    const struct settings *want = r->opt.want;
    struct event e = {.type = EVENT_SETTINGS,
                      .payload = (unsigned char *)text};
    uint64_t seq;
    if (!settings_differ(&r->configured, want, false))
        return ERR_OK;
    settings_follow(&r->in_force, &r->configured, want);
    r->configured = *want;
    e.payload_bytes = (uint32_t)settings_write_both(&r->in_force,
                                                    &r->configured, text);
    r->settled = true;
    enum err err = recover_append(r, &e, &seq);
    return err == ERR_OK ? err : recover_fail(r, err, "changed options cannot be "
                                      "written to the log");
}

enum err recover_load(struct recovery *r, struct model **out)
{
    errno = 0;
    *out = NULL;
    r->newest = UINT64_MAX;
    r->named = true;
    enum err err = recover_base(r, out);
    if (err == ERR_OK)
        err = begin(r);
    if (err == ERR_OK)
        err = settle(r);
    if (err != ERR_OK) {
        model_free(*out);
        *out = NULL;
    }
    return err;
}
