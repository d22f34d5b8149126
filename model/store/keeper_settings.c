/* keeper_settings.c -- other settings while the daemon runs.  See keeper.h.
 *
 * Every settings event after the start is made here, one at a time, so what is
 * in force at the end of the log is known without asking the fold. */
#include <errno.h>

#include "model/store/keeper_internal.h"

static enum err change(struct keeper *k, struct job *job)
{
    struct settings next = k->opt.in_force;
    char text[SETTINGS_TEXT_MAX];
    struct event e = {.type = EVENT_SETTINGS, .time_ms = TIME_UNSET,
                      .payload = (unsigned char *)text};
    struct ack ack = {.n = 0};
    settings_take(&next, &job->settings, job->fields);
    job->settings = next;
    job->seq = journal_last(k->opt.journal);
    if (!settings_ok(&next)) {
        job->why = "these options do not go together";
        return ERR_RANGE;
    }
    if (!settings_differ(&k->opt.in_force, &next, false))
        return ERR_OK; // so it is
    e.payload_bytes = (uint32_t)settings_write_both(&next, &k->opt.configured,
                                                    text);
    enum err err = keeper_send(k, &e, NULL, NULL, &ack);
    job->error = errno;
    if (err != ERR_OK)
        return err;
    k->opt.in_force = next;
    job->seq = ack.first_seq;
    job->events = 1;
    return ERR_OK;
}

void keeper_settings(struct keeper *k, struct job *job)
{
    errno = 0;
    job->err = change(k, job);
}
