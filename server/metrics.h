/* metrics.h -- what /metrics shows, each declared once.
 *
 * DESIGN  Every worker, the journal and the trainer count in a part of their
 * own, on cache lines of their own; whoever asks sums the parts.  Each counter
 * has one writer, so an increment is a relaxed load and a relaxed store; a
 * reader may see a count that is a moment old, never one that is torn.
 */
#ifndef FRESHET_SERVER_METRICS_H
#define FRESHET_SERVER_METRICS_H

#include <stdint.h>

#include "model/types.h"
#include "proto/buf.h"

struct app;
struct model;
struct metrics;
struct worker_metrics;
struct route;

/* Counters of a worker.   name, help */
#define WORKER_COUNTERS(X)                                                     \
    X(connections_accepted, "Connections accepted")                            \
    X(connections_refused, "Connections refused: server.max_connections or "   \
                           "no descriptors")                                   \
    X(predictions, "Ratings predicted")                                        \
    X(predictions_cold, "Ratings predicted for an unknown user or item")       \
    X(explanations, "Predictions and scores explained, but for those of lists") \
    X(ratings_accepted, "Ratings accepted")                                    \
    X(ratings_duplicate, "Ratings that were in the log already")               \
    X(ratings_rejected, "Ratings rejected as invalid")                         \
    X(behaviours_accepted, "Events of /v1/events accepted")                    \
    X(behaviours_duplicate, "Events of /v1/events that were in the log "       \
                            "already")                                         \
    X(behaviours_rejected, "Events of /v1/events rejected as invalid")         \
    X(metadata_accepted, "Documents of items and users accepted, deletions "   \
                         "too")                                                \
    X(metadata_rejected, "Documents of items and users rejected as invalid")   \
    X(vectors_accepted, "Rows of other models accepted")                       \
    X(vectors_rejected, "Rows of other models rejected as invalid")            \
    X(trainings_accepted, "Trainings accepted")                                \
    X(trainings_rejected, "Trainings rejected as invalid")                     \
    X(queue_refusals, "Times the ingest queue was full")                       \
    X(scans, "Recommendation lists made on scan threads")                      \
    X(recommendations, "Recommendation lists served")

#define WORKER_COUNTER_ENUM(name, help) COUNT_##name,
enum worker_counter { WORKER_COUNTERS(WORKER_COUNTER_ENUM) WORKER_COUNTER_N };

/* Boot only. */
struct metrics *metrics_new(int nworkers);
void metrics_free(struct metrics *m);
struct worker_metrics *metrics_worker(struct metrics *m, int index);

/* Worker only, on its own part. */
void metrics_count(struct worker_metrics *m, enum worker_counter c,
                   uint64_t by);
/* An answer left: route NULL when it was refused before the route was known. */
void metrics_answer(struct worker_metrics *m, const struct route *route,
                    int status, int64_t latency_ns);
/* A pin lasted this long. */
void metrics_pin(struct worker_metrics *m, int64_t ns);

/* Trainer only. */
void metrics_visible(struct metrics *m, uint32_t events, int64_t latency_ns);

/* Any thread.  The whole page in Prometheus text format. */
void metrics_write(struct app *app, struct model *m, struct buf *out);

/* Any thread.  Seconds from "received" to "in the serving copy": quantile q of
 * the last events; NAN when there is none. */
double metrics_visible_quantile(struct metrics *m, double q);

#endif
