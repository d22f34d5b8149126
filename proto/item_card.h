/* item_card.h -- the lines of a file that names items (item_file.h) as cards.
 *
 *   NDJSON       each line is a document as for POST /v1/items
 *   other forms  the categories, the title, and as the number "year" a year in
 *                brackets that ends the title: "Toy Story (1995)"
 *
 * A category that a card cannot hold is passed over.  Any thread, one at a time.
 */
#ifndef FRESHET_PROTO_ITEM_CARD_H
#define FRESHET_PROTO_ITEM_CARD_H

#include "proto/card_json.h"
#include "proto/item_file.h"

/* One line without its newline.  The sink gets the card of the line's item, if
 * the line has one.  On false *fail says what is wrong, with index = line number
 * from 1. */
bool item_card_line(struct item_file *f, struct card_builder *b, const char *s,
                    size_t n, card_sink sink, void *arg, struct fail *fail);

#endif
