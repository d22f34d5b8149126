/* card_rules.c -- the rules of card_features.h, from text. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/card_features.h"
#include "proto/utf8.h"

static bool is_reserved(const char *s, size_t n)
{
    static const char *const words[] = {"category", "tag", "text", "embedding"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
            return true;
    return false;
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
}

bool card_name_ok(const char *s, size_t n)
{
    if (n == 0 || n > CARD_NAME_MAX || is_reserved(s, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_name_byte(s[i]))
            return false;
    return true;
}

static bool is_word(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(s, word, n) == 0;
}

/* What stands behind a name's colon. */
static bool take_bucket(const char *s, size_t n, enum bucket *bucket,
                        double *width)
{
    char copy[32], *end;
    *width = 0;
    *bucket = BUCKET_WIDTH;
    if (is_word(s, n, "log"))
        *bucket = BUCKET_LOG;
    else if (is_word(s, n, "exact"))
        *bucket = BUCKET_EXACT;
    else if (is_word(s, n, "off"))
        *bucket = BUCKET_OFF;
    if (*bucket != BUCKET_WIDTH)
        return true;
    if (n == 0 || n >= sizeof copy || strspn(s, "0123456789.eE+-") < n)
        return false;
    memcpy(copy, s, n);
    copy[n] = '\0';
    *width = strtod(copy, &end);
    return *end == '\0' && isfinite(*width) && *width > 0;
}

static bool is_known(const struct card_rules *rules, const char *s, size_t n)
{
    for (uint32_t i = 0; i < rules->n; i++)
        if (is_word(s, n, rules->number[i].name))
            return true;
    return false;
}

/* One name:rule of n bytes.  NULL: it was taken; else what is wrong. */
static const char *take_rule(struct card_rules *rules, const char *s, size_t n)
{
    const char *colon = memchr(s, ':', n);
    size_t name = colon ? (size_t)(colon - s) : n;
    if (!colon)
        return "is not name:rule";
    if (!card_name_ok(s, name))
        return "has a name that a number may not have";
    if (is_known(rules, s, name))
        return "names a number twice";
    if (rules->n == CARD_RULES_MAX)
        return "is one rule too many";
    if (!take_bucket(colon + 1, n - name - 1, &rules->number[rules->n].bucket,
                     &rules->number[rules->n].width))
        return "has a rule that is not a number above 0, log, exact or off";
    memcpy(rules->number[rules->n].name, s, name);
    rules->number[rules->n].name[name] = '\0';
    rules->n++;
    return NULL;
}

bool card_rules_set(struct card_rules *rules, const char *buckets,
                    uint32_t text_buckets, uint32_t embedding_features,
                    char error[CARD_RULES_ERROR_MAX])
{
    *rules = (struct card_rules){.text_buckets = text_buckets,
                                 .embedding_features = embedding_features};
    for (const char *at = buckets; *at;) {
        size_t n = strcspn(at, ",");
        const char *wrong = take_rule(rules, at, n);
        if (wrong) {
            char shown[128];
            utf8_printable(shown, sizeof shown, at, n);
            snprintf(error, CARD_RULES_ERROR_MAX, "\"%s\" %s", shown, wrong);
            return false;
        }
        at += n + (at[n] == ',');
    }
    return true;
}
