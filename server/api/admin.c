/* admin.c -- POST /v1/admin/snapshot. */
#include <string.h>

#include "proto/stats.h"
#include "server/api/api.h"

void api_snapshot(struct request *r)
{
    if (!r->w->app->recovery.log) {
        request_fail(r, FAIL_snapshot_failed, "there is no data.dir to write "
                     "it to: this daemon keeps everything in memory");
        return;
    }
    api_job_submit(r, job_new(JOB_SNAPSHOT));
}

void api_snapshot_done(struct request *r, const struct job *job)
{
    struct snapshot_receipt s = {.seq = job->snapshot.seq,
                                 .model_hash = job->snapshot.model_hash,
                                 .file = job->snapshot.name,
                                 .bytes = job->snapshot.bytes,
                                 .seconds = job->seconds};
    if (job->err == ERR_CLOSED) {
        request_fail(r, FAIL_shutting_down, NULL);
    } else if (job->err != ERR_OK) {
        request_fail(r, job->err == ERR_NOSPACE ? FAIL_storage_full
                                                : FAIL_snapshot_failed,
                     "the snapshot could not be written: %s",
                     job->why ? job->why
                     : job->error ? strerror(job->error)
                                : "the model changed its shape meanwhile, "
                                  "try again");
    } else {
        buf_clear(&r->w->body);
        snapshot_receipt_write(&r->w->body, &s);
        request_reply_json(r, 200, &r->w->body);
    }
}
