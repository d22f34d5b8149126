/* fuzz_redo.c -- a redo file that is accepted names places that can be, reads
 * back as it was written, and changes no segment's length.  The input: a byte
 * (fuzz_store.h), then the file. */
#include "tests/fuzz/fuzz_store.h"

#include "model/core/bytes.h"
#include "model/store/crc.h"
#include "model/store/redo.h"

#define SEGMENT_BYTES 600

static void check_same(const struct redo *a, const struct redo *b)
{
    MUST(a->birth == b->birth && a->n == b->n &&
         a->frame_bytes == b->frame_bytes);
    MUST(memcmp(a->frame, b->frame, a->frame_bytes) == 0);
    MUST(a->n == 0 || memcmp(a->place, b->place, a->n * sizeof *a->place) == 0);
}

/* Two segments are there; of what is in them only the length matters. */
static void apply(const struct redo *r)
{
    static const unsigned char bytes[SEGMENT_BYTES];
    static const char *const names[] = {"00000000000000000001.seg",
                                        "00000000000000000002.seg"};
    bool fits = true;
    for (int i = 0; i < 2; i++)
        fuzz_file(fuzz_log, names[i], bytes, sizeof bytes);
    for (uint64_t i = 0; i < r->n; i++) {
        const struct redo_place *p = &r->place[i];
        MUST(p->bytes >= EVENT_HEAD_BYTES && p->bytes <= EVENT_BYTES_MAX &&
             p->bytes % 8 == 0);
        if (p->segment == 1 || p->segment == 2)
            fits = fits && p->offset <= SEGMENT_BYTES &&
                   p->bytes <= SEGMENT_BYTES - p->offset;
    }
    MUST(redo_apply(fuzz_log, r) == (fits ? ERR_OK : ERR_CORRUPT));
    for (int i = 0; i < 2; i++) {
        struct stat st;
        MUST(fstatat(fuzz_log, names[i], &st, 0) == 0);
        MUST(st.st_size == SEGMENT_BYTES);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char file[65536];
    struct redo r, back;
    bool there;
    if (size < 1 || size - 1 > sizeof file)
        return 0;
    size_t n = size - 1;
    memcpy(file, data + 1, n);
    if (data[0] & FUZZ_REPAIR && n >= 40) {
        memcpy(file, "FRESREDO", 8);
        put_u32(file + 8, 1);
        put_u32(file + 12, 0);
        put_u32(file + 12, crc32c(0, file, n));
    }
    fuzz_file(fuzz_data, "redo", file, n);
    enum err err = redo_read(fuzz_data, &r, &there);
    MUST(err == ERR_OK || err == ERR_CORRUPT);
    if (err != ERR_OK) {
        MUST(!there && !r.place && r.n == 0);
        return 0;
    }
    MUST(there == (r.n || r.frame_bytes));
    apply(&r);
    MUST(redo_write(fuzz_data, &r) == ERR_OK);
    MUST(redo_look(fuzz_data, &back) == ERR_OK);
    check_same(&r, &back);
    redo_release(&r);
    redo_release(&back);
    return 0;
}
