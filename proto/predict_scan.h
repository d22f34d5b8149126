/* predict_scan.h -- the one request that is nearly all of the traffic, without
 * a tree.
 *
 * {"user_id":"...","item_id":"..."} in either order, ids of printable ASCII
 * without escapes, is read in one pass over the bytes.  Anything else, right or
 * wrong, is left to jansson (predict.c), which alone decides what is JSON and
 * says what is wrong.  So this may only accept what that accepts, with the same
 * ids: check_predict_msg and fuzz_predict compare them.  jansson takes a third
 * of the daemon's own instructions per predict (5,100 of 15,900), this 400.
 * For proto/ only; any thread, pure.
 */
#ifndef FRESHET_PROTO_PREDICT_SCAN_H
#define FRESHET_PROTO_PREDICT_SCAN_H

#include "proto/predict.h"

/* True: *out is the pair, its ids borrowed from bytes.  False: ask jansson. */
bool predict_scan(const char *bytes, size_t n, struct predict_pair *out);

#endif
