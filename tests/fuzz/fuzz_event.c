/* fuzz_event.c -- a frame that is accepted has the one form of its event; none
 * is read past its end. */
#include "tests/fuzz/must.h"

#include <stdint.h>
#include <string.h>

#include "model/core/card.h"
#include "model/store/event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_within(const void *part, size_t n, const unsigned char *from,
                         const unsigned char *to)
{
    const unsigned char *p = part;
    MUST(n == 0 || (p >= from && n <= (size_t)(to - p)));
}

static void check(const unsigned char *p, const unsigned char *next,
                  const struct event *e)
{
    static unsigned char again[EVENT_BYTES_MAX];
    size_t size = (size_t)(next - p);
    struct event back;
    MUST(size % 8 == 0 && size == event_frame_bytes(p, next));
    MUST(e->user.len <= ID_BYTES_MAX && e->item.len <= ID_BYTES_MAX &&
         e->event_id.len <= ID_BYTES_MAX);
    check_within(e->user.s, e->user.len, p, next);
    check_within(e->item.s, e->item.len, p, next);
    check_within(e->event_id.s, e->event_id.len, p, next);
    check_within(e->payload, e->payload_bytes, p, next);
    if (e->type == EVENT_VOID) {
        event_void(again, size, 0);
    } else {
        MUST(event_size(e) == size && event_encode(e, again) == size);
        MUST(e->type != EVENT_ERASE || e->payload_bytes == sizeof(uint64_t));
        MUST((e->type != EVENT_ITEM_PUT && e->type != EVENT_USER_PUT) ||
             card_ok(e->payload, e->payload_bytes));
    }
    MUST(memcmp(p + 4, again + 4, size - 4) == 0);
    event_seal(again, 77);
    MUST(event_check(again, 77) && !event_check(again, 78));
    MUST(event_decode(again, again + size, &back) == again + size);
    MUST(event_same(e, &back) || e->value != e->value ||
         e->second != e->second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const unsigned char *p = data, *end = data + size;
    while (p) { // the frames of a batch, one behind the other
        struct event e;
        const unsigned char *next = event_decode(p, end, &e);
        if (next)
            check(p, next, &e);
        p = next;
    }
    return 0;
}
