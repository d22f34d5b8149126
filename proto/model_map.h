/* model_map.h -- which tensor of a file is what: the JSON that `freshet import`
 * and `freshet distill` take beside a safetensors file.
 *
 *   {"rating":  {"users":T,"items":T,"user_bias":T,"item_bias":T,
 *                "mean":number or T,"range":[1,5],
 *                "layers":[{"weight":T,"bias":T},...]},
 *    "ranking": {"users":T,"items":T,"item_bias":T},
 *    "user_ids":IDS,"item_ids":IDS,"count":20}
 *
 *   T     "name", or {"tensor":"name","transpose":true} for one that has a
 *         column per user or item where freshet has a row
 *   IDS   "file.txt"            a line per row, or {"file":"file.txt"}
 *         {"first":1}           rows are called 1, 2, 3, ...
 *         {"tensor":"ids"}      whole numbers
 *         {"offsets":"o","bytes":"b"}   I64 [n+1] and U8: row i's id is the
 *                               bytes o[i] .. o[i+1]
 *         {"ends":"e","bytes":"b"}      I64 [n]: ... e[i-1] .. e[i]; a row
 *                               without an id is passed over
 *
 * range: the units of the model of ratings, when they are not those of the
 * daemon: what it calls 1 and 5 here is the lowest and the highest rating.
 * layers: dense layers on [user, item, user * item], from the first on, with
 * ReLU between them (model.hidden_slope); the last one has one unit, which is
 * added to the rating.  A weight has a row per unit (PyTorch; a Keras kernel is
 * to be transposed).
 * Everything may be left out but what the rest needs: one head with users or
 * items, and the ids of both that are given.
 */
#ifndef FRESHET_PROTO_MODEL_MAP_H
#define FRESHET_PROTO_MODEL_MAP_H

#include <stdbool.h>

#include "model/types.h"
#include "proto/errors.h"

#define MAP_FILE_MAX   1024
#define MAP_LAYERS_MAX 4

struct map_tensor {
    char name[TENSOR_NAME_MAX];   /* "": none */
    bool transpose;
};

enum map_ids_kind { MAP_IDS_NONE, MAP_IDS_FILE, MAP_IDS_FIRST, MAP_IDS_TENSOR,
                    MAP_IDS_OFFSETS, MAP_IDS_ENDS };

struct map_ids {
    enum map_ids_kind kind;
    char file[MAP_FILE_MAX];
    int64_t first;
    char tensor[TENSOR_NAME_MAX]; /* the numbers, offsets or ends */
    char bytes[TENSOR_NAME_MAX];
};

struct map_layer {
    struct map_tensor weight, bias;
};

struct map_head {
    struct map_tensor users, items, user_bias, item_bias;
    struct map_tensor mean;
    bool has_mean;                /* as a number: */
    double mean_value;
    bool has_range;
    double range[2];              /* lowest, highest */
    uint32_t nlayers;             /* of ratings only */
    struct map_layer layer[MAP_LAYERS_MAX];
};

struct model_map {
    struct map_head rating, ranking;
    struct map_ids user_ids, item_ids;
    uint32_t count;               /* of ratings behind each row */
};

/* Any thread.  False with a message (code invalid_json or another of the
 * parser's) when it is not such a document. */
bool model_map_parse(const char *bytes, size_t n, struct model_map *out,
                     struct fail *f);

/* Any thread.  The map of our own snapshots (model/store/snapshot.h), whose
 * mean is in their notes; with a ranking head or without. */
void model_map_snapshot(struct model_map *out, bool ranking);

#endif
