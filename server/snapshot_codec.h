/* snapshot_codec.h -- proto/'s safetensors for model/'s snapshots: neither may
 * know the other. */
#ifndef FRESHET_SERVER_SNAPSHOT_CODEC_H
#define FRESHET_SERVER_SNAPSHOT_CODEC_H

#include "model/store/snapshot.h"

extern const struct snapshot_codec snapshot_codec;

#endif
