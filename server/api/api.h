/* api.h -- the handlers that the route table names.  Worker only, all.
 *
 * A handler gets a request whose head is checked and whose body is complete
 * (route.h says how), and answers it or parks it.  Parsing and writing are in
 * proto/; what is left here is the way between HTTP and the model.
 */
#ifndef FRESHET_SERVER_API_API_H
#define FRESHET_SERVER_API_API_H

#include "model/store/keeper.h"
#include "server/http/request.h"

struct scan;

/* predict.c */
void api_predict(struct request *r);

/* explain.c */
void api_explain(struct request *r);

/* recommend.c */
void api_recommend(struct request *r);
void api_recommendations(struct request *r);
void api_popular(struct request *r);
void api_latest(struct request *r);
void api_similar_items(struct request *r);
void api_similar_users(struct request *r);
/* The list that r asked for is made; the caller frees the scan. */
void api_scanned(struct request *r, struct scan *scan);

/* ingest.c: a document;  stream.c: NDJSON; of the kind in the route */
void api_ingest(struct request *r);
void api_ingest_acked(struct request *r, const struct ack *a);
enum flow api_stream(struct request *r, const char *bytes, size_t n);
void api_stream_end(struct request *r);
void api_stream_cut(struct request *r);
void api_stream_abandon(struct request *r);
/* An ack for r came: from the mailbox. */
void api_acked(struct request *r, const struct ack *a);
/* The queue has room again. */
void api_room(struct worker *w);

/* metadata.c */
void api_item(struct request *r);
void api_user(struct request *r);

/* users.c, admin.c: work for the keeper */
void api_user_export(struct request *r);
void api_user_erase(struct request *r);
void api_rating_retract(struct request *r);
void api_snapshot(struct request *r);
/* users.c.  The job that r asked for is done; the caller frees it. */
void api_job_done(struct request *r, const struct job *job);
/* For the two: hands job to the keeper and parks r; takes job. */
void api_job_submit(struct request *r, struct job *job);
void api_snapshot_done(struct request *r, const struct job *job);

/* control.c */
void api_rollback(struct request *r);
void api_rollback_done(struct request *r, const struct job *job);
void api_pause(struct request *r);
void api_resume(struct request *r);
void api_settings(struct request *r);
void api_settings_set(struct request *r);
void api_settings_done(struct request *r, const struct job *job);

/* evaluation.c */
void api_evaluation(struct request *r);

/* status.c */
void api_stats(struct request *r);
void api_metrics(struct request *r);
void api_health_live(struct request *r);
void api_health_ready(struct request *r);

#endif
