/* snapshot_stream.h -- the state at the cut, from the live model into the file,
 * chunk by chunk, while the trainer goes on.  The snapshot's thread.
 */
#ifndef FRESHET_MODEL_STORE_SNAPSHOT_STREAM_H
#define FRESHET_MODEL_STORE_SNAPSHOT_STREAM_H

#include "model/core/overlay.h"
#include "model/store/snapshot_file.h"

struct stream {
    struct live *live;
    int slot;                   /* reader slot of this thread */
    const struct model_cut *cut;
    struct overlay *overlay;
    struct snapshot_file *file;
    uint32_t chunk_rows;        /* at most; 0: as many as is good */
    uint64_t hash;              /* sum of the hashes of what was streamed */
    int64_t longest_pin_ns;
};

/* Each writes its tensors whole and adds to stream->hash.  In this order, which
 * is that of the open tensors.  ERR_FULL: spoiled. */
enum err stream_users(struct stream *s) MUSTCHECK;
enum err stream_items(struct stream *s) MUSTCHECK;
enum err stream_features(struct stream *s) MUSTCHECK;
enum err stream_history(struct stream *s) MUSTCHECK;
enum err stream_mlp(struct stream *s) MUSTCHECK;
enum err stream_totals(struct stream *s) MUSTCHECK;
enum err stream_evaluation(struct stream *s) MUSTCHECK;
enum err stream_names(struct stream *s) MUSTCHECK;

#endif
