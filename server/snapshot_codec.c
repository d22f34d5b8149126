/* snapshot_codec.c -- see snapshot_codec.h. */
#include "server/snapshot_codec.h"

#include <stdio.h>
#include <string.h>

#include "proto/id.h"
#include "proto/safetensors.h"

static size_t write_head(char *dst, size_t room,
                         const struct tensor_note *notes, size_t nnotes,
                         const struct tensor *tensors, size_t ntensors)
{
    struct buf out = {0};
    size_t n = 0;
    safetensors_write(&out, notes, nnotes, tensors, ntensors);
    if (!out.failed && out.len <= room) {
        n = out.len;
        memcpy(dst, out.p, n);
    }
    buf_release(&out);
    return n;
}

static bool parse_head(const char *bytes, size_t n, uint64_t data_bytes,
                       struct snapshot_head *head,
                       char error[SNAPSHOT_ERROR_MAX])
{
    struct fail f;
    struct safetensors out = {.notes = head->notes,
                              .max_notes = head->max_notes,
                              .tensors = head->tensors,
                              .max_tensors = head->max_tensors};
    if (safetensors_parse(bytes, n, data_bytes, &out, &f)) {
        head->nnotes = out.nnotes;
        head->ntensors = out.ntensors;
        return true;
    }
    snprintf(error, SNAPSHOT_ERROR_MAX, "%s", f.message);
    return false;
}

const struct snapshot_codec snapshot_codec = {
    .write = write_head, .parse = parse_head, .id_ok = id_valid};
