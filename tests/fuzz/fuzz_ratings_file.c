/* fuzz_ratings_file.c -- a file's lines, read as ratings and as items. */
#include "tests/fuzz/fuzz.h"

#include "proto/item_file.h"
#include "proto/ratings_file.h"

static void check_text(const char *s)
{
    uint32_t cp;
    MUST(strlen(s) < ITEM_TEXT_MAX);
    for (size_t n = strlen(s), len = 0; n; s += len, n -= len) {
        len = utf8_decode(s, n, &cp);
        MUST(len > 0);
    }
}

static void take_rating(struct ratings_file *file, const char *s, size_t n)
{
    struct rating r;
    struct fail f;
    bool has;
    if (!ratings_file_line(file, s, n, &r, &has, &f)) {
        MUST(!has && f.index == (int64_t)file->line);
        fuzz_check_fail(&f);
    } else if (has) {
        fuzz_check_id(r.user);
        fuzz_check_id(r.item);
        if (r.event_id.len)
            fuzz_check_id(r.event_id);
        MUST(r.value >= -1 && r.value <= 5);
        MUST(r.time_ms == TIME_UNSET || r.time_ms >= 0);
    }
}

static void take_item(struct item_file *file, const char *s, size_t n)
{
    struct item_line l;
    struct fail f;
    bool has;
    if (!item_file_line(file, s, n, &l, &has, &f)) {
        MUST(!has && f.index == (int64_t)file->line);
        fuzz_check_fail(&f);
    } else if (has) {
        fuzz_check_id(l.item);
        check_text(l.title);
        check_text(l.categories);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ratings_file ratings;
    struct item_file items;
    ratings_file_init(&ratings, &fuzz_limits);
    item_file_init(&items, &fuzz_limits);
    while (size) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end ? (size_t)(end - data) : size;
        char *line = malloc(n + (n == 0)); // its own, so that ASan sees its end
        MUST(line);
        memcpy(line, data, n);
        take_rating(&ratings, line, n);
        take_item(&items, line, n);
        free(line);
        n += end != NULL;
        data += n;
        size -= n;
    }
    return 0;
}
