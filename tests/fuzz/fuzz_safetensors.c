/* fuzz_safetensors.c -- a header that is accepted describes its data, and reads
 * back as it was written.  The input is that of a file: 8 bytes, here how many
 * bytes of data follow the header, then the header. */
#include "tests/fuzz/fuzz.h"

#include "proto/safetensors.h"

#define MAX_NOTES   3
#define MAX_TENSORS 5

static struct tensor_note notes[MAX_NOTES], notes_again[MAX_NOTES];
static struct tensor tensors[MAX_TENSORS], tensors_again[MAX_TENSORS];

static void check_text(const char *s, size_t room)
{
    uint32_t cp;
    MUST(memchr(s, '\0', room));
    for (size_t n = strlen(s), len = 0; n; s += len, n -= len) {
        len = utf8_decode(s, n, &cp);
        MUST(len > 0);
    }
}

/* Each tensor has as many bytes as its shape says, the first begins at 0, each
 * begins where the one before it ends, and the last ends with the data. */
static void check(const struct safetensors *h, uint64_t data_bytes)
{
    static const uint64_t size[TENSOR_TYPES] = {1, 4, 8, 4, 8, 2, 2};
    uint64_t at = 0;
    MUST(h->nnotes <= MAX_NOTES && h->ntensors <= MAX_TENSORS);
    for (size_t i = 0; i < h->nnotes; i++) {
        check_text(h->notes[i].name, sizeof h->notes[i].name);
        check_text(h->notes[i].text, sizeof h->notes[i].text);
    }
    for (size_t i = 0; i < h->ntensors; i++) {
        const struct tensor *t = &h->tensors[i];
        check_text(t->name, sizeof t->name);
        MUST((unsigned)t->type < TENSOR_TYPES && t->ndim <= TENSOR_DIMS_MAX);
        unsigned __int128 bytes = size[t->type];
        for (uint32_t k = 0; k < t->ndim; k++) {
            bytes *= t->shape[k];
            MUST(bytes <= UINT64_MAX);
        }
        MUST(t->begin == at && t->end >= at && t->end - at == bytes);
        at = t->end;
    }
    MUST(at == data_bytes);
}

static void read_back(const struct safetensors *h, uint64_t data_bytes)
{
    static struct buf b;
    struct safetensors again = {.notes = notes_again, .max_notes = MAX_NOTES,
                                .tensors = tensors_again,
                                .max_tensors = MAX_TENSORS};
    struct fail f;
    buf_clear(&b);
    safetensors_write(&b, h->notes, h->nnotes, h->tensors, h->ntensors);
    MUST(!b.failed && b.len % 8 == 0);
    MUST(safetensors_parse(b.p, b.len, data_bytes, &again, &f));
    MUST(again.nnotes == h->nnotes && again.ntensors == h->ntensors);
    for (size_t i = 0; i < h->nnotes; i++) {
        MUST(strcmp(h->notes[i].name, again.notes[i].name) == 0);
        MUST(strcmp(h->notes[i].text, again.notes[i].text) == 0);
    }
    MUST(memcmp(h->tensors, again.tensors,
                h->ntensors * sizeof *h->tensors) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct safetensors h = {.notes = notes, .max_notes = MAX_NOTES,
                            .tensors = tensors, .max_tensors = MAX_TENSORS};
    struct fail f;
    uint64_t data_bytes;
    if (size < sizeof data_bytes)
        return 0;
    memcpy(&data_bytes, data, sizeof data_bytes);
    const char *json = (const char *)data + sizeof data_bytes;
    size -= sizeof data_bytes;
    if (!safetensors_parse(json, size, data_bytes, &h, &f)) {
        MUST(f.code == FAIL_invalid_json && f.index == -1);
        MUST(h.nnotes == 0 && h.ntensors == 0);
        fuzz_check_fail(&f);
        return 0;
    }
    check(&h, data_bytes);
    read_back(&h, data_bytes);
    return 0;
}
