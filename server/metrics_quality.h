/* metrics_quality.h -- the part of /metrics that says how good the model is. */
#ifndef FRESHET_SERVER_METRICS_QUALITY_H
#define FRESHET_SERVER_METRICS_QUALITY_H

#include "proto/buf.h"

struct quality;

/* Any thread.  freshet_quality{measure,of,over}; a measure of which there is
 * nothing yet is left out. */
void metrics_quality_write(struct quality *q, struct buf *out);

#endif
