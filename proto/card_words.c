/* card_words.c -- see card_words.h. */
#include "proto/card_words.h"

#include <string.h>

#include "model/core/random.h"
#include "proto/utf8.h"

#define WORD_MIN 3
#define WORD_MAX 64   /* bytes; what is beyond does not tell words apart */

/* In the order of strcmp(). */
static const char *const common[] = {
    "about", "after", "all", "also", "and", "any", "are", "been", "before",
    "but", "can", "could", "did", "does", "each", "for", "from", "had", "has",
    "have", "her", "him", "his", "how", "into", "its", "more", "most", "not",
    "off", "one", "only", "other", "our", "out", "over", "she", "should",
    "some", "such", "than", "that", "the", "their", "them", "then", "there",
    "these", "they", "this", "through", "very", "was", "were", "what", "when",
    "where", "which", "while", "who", "will", "with", "would", "you", "your"};

static int is_common(const char *word)
{
    size_t lo = 0, hi = sizeof common / sizeof *common;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int order = strcmp(common[mid], word);
        if (order == 0)
            return 1;
        if (order < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return 0;
}

/* Bytes of the character at s if it is part of a word, 0 if it ends one; *step
 * is its length. */
static size_t word_bytes(const char *s, size_t n, size_t *step)
{
    unsigned char c = (unsigned char)*s;
    uint32_t cp = 0;
    *step = 1;
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
    size_t len = utf8_decode(s, n, &cp);
    if (len == 0)
        return 0;
    *step = len;
    bool letter = cp >= 0xc0 && cp != 0xd7 && cp != 0xf7 &&
                  !(cp >= 0x2000 && cp <= 0x2bff) && // punctuation, symbols
                  !(cp >= 0x3000 && cp <= 0x303f) && // of CJK
                  !(cp >= 0xff00 && cp <= 0xff0f);
    return letter ? len : 0;
}

static void take(struct card_words *words, const char *word, uint32_t len)
{
    if (len < WORD_MIN || is_common(word))
        return;
    uint32_t b = random_below(random_id(word, len), words->buckets);
    for (uint32_t i = 0; i < words->n; i++)
        if (words->bucket[i] == b)
            return;
    words->bucket[words->n++] = b;
}

void card_words_add(struct card_words *words, const char *s, size_t n)
{
    char word[WORD_MAX + 1];
    uint32_t len = 0;
    size_t step;
    if (words->buckets == 0)
        return;
    for (size_t i = 0; i <= n && words->n < CARD_WORDS_MAX; i += step) {
        size_t more = 0;
        step = 1;
        if (i < n)
            more = word_bytes(s + i, n - i, &step);
        for (size_t j = 0; j < more && len < WORD_MAX; j++) {
            char c = s[i + j];
            word[len++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        if (more)
            continue;
        word[len] = '\0';
        take(words, word, len);
        len = 0;
    }
}
