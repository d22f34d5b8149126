/* errors.h -- every error a client can be given, once: code, status, message.
 *
 * An error body is {"error":{"code":"...","message":"...","index":3}}; `index`
 * only where one element of several is meant.  server/ adds headers that go
 * with a status (Retry-After, Allow, WWW-Authenticate).
 */
#ifndef FRESHET_PROTO_ERRORS_H
#define FRESHET_PROTO_ERRORS_H

#include <stdint.h>

/*  name                 status  what is said when there is nothing better */
#define PROTO_ERRORS(X)                                                        \
    X(bad_request,          400, "the request is not well-formed HTTP")        \
    X(bad_host,             400, "exactly one Host header is needed")          \
    X(bad_path,             400, "the path is not valid percent-encoding")     \
    X(bad_query,            400, "a query parameter is not valid")             \
    X(invalid_json,         400, "the body is not valid JSON")                 \
    X(invalid_gzip,         400, "the body is not valid gzip")                 \
    X(too_deep,             400, "the JSON is nested too deeply")              \
    X(too_many_elements,    400, "a JSON array has too many elements")         \
    X(too_many_values,      400, "the JSON document has too many values")      \
    X(invalid_type,         400, "a value has the wrong JSON type")            \
    X(missing_field,        400, "a field is missing")                         \
    X(unknown_field,        400, "a field is not known")                       \
    X(invalid_id,           400, "an id is 1..256 bytes of UTF-8 without "     \
                                 "control characters")                         \
    X(invalid_rating,       400, "the rating is not a number in range")        \
    X(invalid_timestamp,    400, "the timestamp is not valid")                 \
    X(invalid_n,            400, "the number of items is not valid")           \
    X(invalid_metadata,     400, "the metadata is not valid")                  \
    X(invalid_value,        400, "the value of an event is not valid")         \
    X(unknown_event_type,   400, "this type of event is not known")            \
    X(invalid_training,     400, "a number of the training is out of range")   \
    X(invalid_vector,       400, "the vector does not fit the model")          \
    X(invalid_head,         400, "the model has no such head")                 \
    X(invalid_setting,      400, "there is no such option, or it cannot have " \
                                 "this value while the daemon runs")           \
    X(empty_batch,          400, "there is nothing in the batch")              \
    X(unauthorized,         401, "a bearer token is needed")                   \
    X(unknown_route,        404, "there is nothing at this path")              \
    X(unknown_user,         404, "this user is not known")                     \
    X(unknown_item,         404, "nothing is known of this item")              \
    X(unknown_rating,       404, "this user has not rated this item")          \
    X(method_not_allowed,   405, "this path does not know the method")         \
    X(request_timeout,      408, "the request took too long to arrive")        \
    X(event_id_conflict,    409, "this event_id was used for another event")   \
    X(cannot_roll_back,     409, "there is no way back to this event")         \
    X(seq_gone,             410, "the copy of the model of at_seq is gone")    \
    X(body_too_large,       413, "the body is larger than the limit")          \
    X(line_too_long,        413, "a line of the stream is too long")           \
    X(unsupported_type,     415, "the Content-Type is not known here")         \
    X(unsupported_encoding, 415, "the Content-Encoding is not known here")     \
    X(expectation_failed,   417, "only Expect: 100-continue is known")         \
    X(headers_too_large,    431, "the request line and headers are too large") \
    X(internal,             500, "the server failed; its log says why")        \
    X(not_implemented,      501, "the method or coding is not implemented")    \
    X(storage_full,         503, "the disk is full: nothing was accepted")     \
    X(storage_failed,       503, "the disk failed: no more events are "        \
                                 "accepted until a restart")                   \
    X(recovering,           503, "the model is being rebuilt from the log")    \
    X(snapshot_failed,      503, "the snapshot could not be written")          \
    X(queue_full,           503, "too many events are waiting to be learned")  \
    X(busy,                 503, "the server has no memory for this now")      \
    X(model_full,           503, "the table of users or items is full")        \
    X(too_many_connections, 503, "too many connections are open")              \
    X(unconfirmed,          503, "the log did not confirm in time: the "       \
                                 "events may or may not be kept")              \
    X(not_applied,          503, "the event was accepted but is not in the "   \
                                 "serving copy yet")                           \
    X(stale,                503, "the serving copy does not hold min_seq yet") \
    X(publishing_held,      503, "no newer event is shown: the guard holds "   \
                                 "publishing, or learning is paused")          \
    X(shutting_down,        503, "the server is shutting down")

#define PROTO_ERROR_ENUM(name, status, text) FAIL_##name,
enum fail_code { FAIL_NONE = 0, PROTO_ERRORS(PROTO_ERROR_ENUM) FAIL_CODES };

/* What went wrong with one request.  Plain data. */
struct fail {
    enum fail_code code;
    int64_t index;          /* which element, or -1 */
    char message[240];      /* UTF-8, one line */
};

/* Any thread. */
const char *fail_name(enum fail_code code);
int fail_status(enum fail_code code);
const char *fail_text(enum fail_code code);

/* Any thread.  Fills *f with code, index -1 and a printf-style message (NULL:
 * the table's text).  Bytes of the message that came from a client are made
 * printable UTF-8 and cut.  Always returns false, so that a parser can write
 * `return fail_set(...)`. */
_Bool fail_set(struct fail *f, enum fail_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
