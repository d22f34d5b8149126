/* quality_save.h -- struct quality_state as the words of a snapshot, and back.
 *
 *   words[0]  QUALITY_VERSION      words[1]  width
 *   words[2]  C: buckets of the curve, up to the last that is not empty
 *   words[3]  M: minutes that are not empty
 *   then overall, QUALITY_BLOCKS recent ones, C of the curve: struct
 *   quality_sums each; then M struct quality_minute.  A double as its bits.
 *
 * What is empty is left out, so that the file of a small model stays small.
 * Any thread, pure.
 */
#ifndef FRESHET_MODEL_LEARN_QUALITY_SAVE_H
#define FRESHET_MODEL_LEARN_QUALITY_SAVE_H

#include "model/learn/quality.h"

/* How many words that will be. */
size_t quality_words(const struct quality_state *s);
void quality_save(const struct quality_state *s, uint64_t *words);

/* False: the n words are of another version, or no state that was ever saved;
 * *out is not to be used. */
bool quality_load(const uint64_t *words, size_t n, struct quality_state *out);

#endif
