/* fuzz_segment.c -- whatever the last segment of a log holds: it opens or says
 * where it is damaged, what it holds can be read, and a torn tail heals once.
 * The input: a byte (fuzz_store.h), then the file. */
#include "tests/fuzz/fuzz_store.h"

#include "model/core/bytes.h"
#include "model/store/log.h"

#define LOG_ID   0x0102030405060708ull
#define FETCHES  40u

static const char genesis_name[] = "00000000000000000000.seg";
static const char name[] = "00000000000000000001.seg";

static unsigned char frame[EVENT_BYTES_MAX];

static struct event genesis(void)
{
    return (struct event){.type = EVENT_GENESIS,
                          .payload = (const unsigned char *)"genesis",
                          .payload_bytes = 7};
}

static void write_genesis(void)
{
    unsigned char bytes[SEGMENT_HEAD_BYTES + GROUP_HEAD_BYTES + 64];
    unsigned char *at = bytes + SEGMENT_HEAD_BYTES;
    struct event e = genesis();
    struct segment_head h = {0, LOG_ID, SEGMENT_VERSION};
    size_t size = event_encode(&e, at + GROUP_HEAD_BYTES);
    struct group g = {(uint32_t)(GROUP_HEAD_BYTES + size), 1, 0, 0, LOG_ID};
    segment_head_encode(&h, bytes);
    group_encode(&g, at);
    event_seal(at + GROUP_HEAD_BYTES, 0);
    fuzz_file(fuzz_log, genesis_name, bytes, SEGMENT_HEAD_BYTES + g.bytes);
}

/* The group at p, of which `left` bytes are there, gets its CRCs and the seq
 * that it should have.  How many bytes it takes, 0: it is none. */
static size_t repair_group(unsigned char *p, size_t left, uint64_t *seq)
{
    struct group g = {get_u32(p + 8), get_u32(p + 12), *seq, get_u64(p + 24),
                      LOG_ID};
    if (memcmp(p, "\xf9GRP", 4) != 0 || g.bytes < GROUP_HEAD_BYTES)
        return 0;
    group_encode(&g, p);
    size_t at = GROUP_HEAD_BYTES, end = g.bytes < left ? g.bytes : left;
    for (uint32_t i = 0; i < g.n; i++) {
        size_t size = event_frame_bytes(p + at, p + end);
        if (size == 0)
            break;
        event_seal(p + at, *seq + i);
        at += size;
    }
    *seq += g.n;
    return g.bytes;
}

static void repair(unsigned char *file, size_t n)
{
    struct segment_head h = {1, LOG_ID, SEGMENT_VERSION};
    uint64_t seq = 1;
    if (n < SEGMENT_HEAD_BYTES)
        return;
    segment_head_encode(&h, file);
    for (size_t at = SEGMENT_HEAD_BYTES; at + GROUP_HEAD_BYTES <= n;) {
        size_t bytes = repair_group(file + at, n - at, &seq);
        at += bytes ? bytes : 8;
    }
}

static bool visit(void *arg, const struct log_event *e)
{
    uint64_t *next = arg;
    struct event again;
    MUST(e->seq == (*next)++ && e->segment == 1);
    MUST(event_check(e->frame, e->seq));
    MUST(event_decode(e->frame, e->frame + e->bytes, &again));
    return true;
}

/* What an open log holds can be read, all of it. */
static void check_open(struct log *l)
{
    uint64_t last = log_last(l), next = 1;
    struct log_place bad;
    struct event e;
    MUST(log_first(l) == 1);
    MUST(last == 0 || log_each(l, 1, last, visit, &next, &bad) == ERR_OK);
    MUST(next == last + 1);
    MUST(log_each(l, 1, last + 1, visit, &(uint64_t){1}, &bad) ==
         ERR_CORRUPT);
    for (uint64_t seq = 0; seq <= last && seq < FETCHES; seq++) {
        MUST(log_fetch(l, seq, frame) == ERR_OK);
        MUST(event_decode(frame, frame + sizeof frame, &e));
        MUST(event_check(frame, seq));
    }
    MUST(log_fetch(l, last + 1, frame) == ERR_RANGE);
}

static enum err open_log(bool offline, struct log **l, struct log_found *found)
{
    struct log_options opt = {.segment_bytes = 4096, .offline = offline};
    struct event e = genesis();
    enum err err = log_open(fuzz_log, fuzz_data, &opt, &e, l, found);
    MUST(err == ERR_OK || err == ERR_CORRUPT);
    MUST(!found->created);
    return err;
}

/* Healed once, it is well, and has what it had. */
static void heal(uint64_t last)
{
    struct log_found found;
    struct log *l;
    MUST(open_log(false, &l, &found) == ERR_OK);
    MUST(log_begin(l) == ERR_OK);
    check_open(l);
    log_close(l);
    MUST(open_log(true, &l, &found) == ERR_OK);
    MUST(!found.torn && log_last(l) == last);
    check_open(l);
    log_close(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char file[65536];
    struct log_found found;
    struct log *l;
    if (size < 1 || size - 1 > sizeof file)
        return 0;
    size_t n = size - 1;
    memcpy(file, data + 1, n);
    if (data[0] & FUZZ_REPAIR)
        repair(file, n);
    write_genesis();
    fuzz_file(fuzz_log, name, file, n);
    enum err err = open_log(true, &l, &found);
    if (err == ERR_CORRUPT || found.torn) {
        MUST(strcmp(found.at.segment, name) == 0 && found.at.what[0]);
        MUST(found.at.offset >= 0 && (size_t)found.at.offset <= n);
    }
    if (err != ERR_OK)
        return 0;
    uint64_t last = log_last(l);
    check_open(l);
    log_close(l);
    if (data[0] & FUZZ_BEGIN)
        heal(last);
    return 0;
}
