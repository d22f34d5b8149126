/* item_card.c -- see item_card.h. */
#include "proto/item_card.h"

#include <string.h>

#include "proto/csv.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The year in brackets that ends the title, or 0. */
static int year_of(const char *title)
{
    size_t n = strlen(title);
    while (n && title[n - 1] == ' ')
        n--;
    if (n < 6)
        return 0;
    const char *p = title + n - 6;
    int year = 0;
    if (p[0] != '(' || p[5] != ')')
        return 0;
    for (int i = 1; i <= 4; i++) {
        if (!is_digit(p[i]))
            return 0;
        year = 10 * year + (p[i] - '0');
    }
    return year;
}

static enum err add_categories(struct card_builder *b, const char *list)
{
    enum err err = ERR_OK;
    while (*list && err != ERR_FULL) {
        size_t n = strcspn(list, "|");
        if (n)
            err = card_builder_category(b, list, n);
        list += n + (list[n] == '|');
    }
    return err == ERR_FULL ? err : ERR_OK;
}

static enum err add_line(struct card_builder *b, const struct item_line *l)
{
    int year = year_of(l->title);
    enum err err = add_categories(b, l->categories);
    if (err == ERR_OK && year)
        err = card_builder_number(b, "year", 4, year);
    if (err == ERR_OK && l->title[0])
        err = card_builder_text(b, "title", 5, l->title, strlen(l->title));
    return err;
}

bool item_card_line(struct item_file *f, struct card_builder *b, const char *s,
                    size_t n, card_sink sink, void *arg, struct fail *fail)
{
    struct card_reader reader = {CARD_OF_ITEM, b, &f->limits};
    struct item_line l;
    size_t bytes;
    bool has, ok = item_file_line(f, s, n, &l, &has, fail);
    if (!ok || !has)
        return ok;
    card_builder_begin(b);
    if (f->form == ITEM_FORM_NDJSON) {
        csv_line(&s, &n, f->line == 1);
        ok = card_json_parse_line(&reader, s, n, sink, arg, fail);
    } else if (add_line(b, &l) != ERR_OK) {
        ok = fail_set(fail, FAIL_invalid_metadata, NULL);
    } else {
        const unsigned char *card = card_builder_end(b, CARD_OF_ITEM, &bytes);
        ok = sink(arg, l.item, card, bytes, fail);
    }
    if (!ok)
        fail->index = (int64_t)f->line;
    return ok;
}
