/* job.c -- the life of a job.  See keeper.h. */
#include <stdlib.h>

#include "model/store/keeper.h"

struct job *job_new(enum job_kind kind)
{
    struct job *job = calloc(1, sizeof *job);
    if (job) {
        job->kind = kind;
        job->owner = -1;
    }
    return job;
}

void job_free(struct job *job)
{
    if (!job)
        return;
    free(job->frames);
    free(job->history.entry);
    free(job->positives.entry);
    free(job);
}
