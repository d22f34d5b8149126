/* card_words.h -- the words of a text as numbers of hash buckets: the text part
 * of card_features.h, which says what a word is.  For proto/ only; any thread,
 * pure. */
#ifndef FRESHET_PROTO_CARD_WORDS_H
#define FRESHET_PROTO_CARD_WORDS_H

#include <stddef.h>

#include "proto/card_features.h"

struct card_words {
    uint32_t buckets;               /* 0: no words are taken */
    uint32_t n;
    uint32_t bucket[CARD_WORDS_MAX]; /* (n) each once */
};

/* Adds the words of the text that are new, as long as there is room. */
void card_words_add(struct card_words *words, const char *s, size_t n);

#endif
