/* options.h -- every option, once.
 *
 * The loader, `--help`, `check-config`, the sample file config/freshet.json and
 * the table in README.md all come from this list.  An option is written
 *   section.name        in `--section.name=value`
 *   {"section":{"name"}}  in the file given by --config
 *   FRESHET_SECTION_NAME  in the environment
 * and read in C as cfg->section_name.
 *
 *   STR(section, name, default, reload, help)
 *   INT(section, name, default, min, max, reload, help)      int64_t
 *   REAL(section, name, default, min, max, reload, help)     double
 *   ENUM(section, name, default, "a|b|c", reload, help)      int: index of the
 *                                                            word in the list
 * reload: 1 = SIGHUP applies a new value, 0 = needs a restart.
 */
#ifndef FRESHET_CONFIG_OPTIONS_H
#define FRESHET_CONFIG_OPTIONS_H

/* clang-format off */
#define OPTIONS(STR, INT, REAL, ENUM)                                          \
STR (server, listen, "127.0.0.1:8470", 0,                                      \
     "host:port to listen on; an address that is not loopback needs a token")  \
INT (server, workers, 0, 0, 256, 0,                                            \
     "threads that serve HTTP; 0 = one per core")                              \
INT (server, max_connections, 10000, 1, 1000000, 1,                            \
     "open connections; one more is answered 503 and closed")                  \
REAL(server, drain_timeout, 9, 0.1, 60, 1,                                     \
     "seconds that requests in flight have after SIGTERM")                     \
STR (data, dir, "", 0,                                                         \
     "directory of the event log and snapshots; empty: all in memory only")     \
ENUM(journal, fsync, "always", "always|everysec|no", 0,                        \
     "when the log is synced: before each answer, once a second, or never")    \
INT (journal, segment_bytes, 67108864, 65536, 4294967296, 0,                   \
     "size of a segment file of the log, allocated one ahead")                 \
ENUM(journal, keep, "all", "all|snapshots", 0,                                 \
     "segments to keep: all, or those that the oldest snapshot needs")         \
INT (journal, dedupe_window, 10000000, 0, 10000000000, 0,                      \
     "newest events whose event_id is known, about 30 bytes each; 0 = none")   \
INT (journal, reserve_bytes, 16777216, 0, 1099511627776, 0,                    \
     "disk space kept so that erasures and snapshots work on a full disk")     \
INT (snapshot, every_events, 1000000, 0, 1000000000000, 0,                     \
     "a snapshot after this many events; 0 = never by itself")                 \
REAL(snapshot, every_minutes, 0, 0, 525600, 0,                                 \
     "and after this many minutes, if there were events; 0 = not by time")     \
INT (snapshot, keep, 3, 1, 100, 0,                                             \
     "how many snapshots are kept")                                            \
ENUM(snapshot, on_exit, "yes", "no|yes", 0,                                    \
     "whether to take one when the daemon is stopped")                         \
INT (snapshot, rate, 100000000, 0, 1000000000000, 0,                           \
     "bytes per second to write a snapshot with; 0 = as the disk takes it")    \
STR (auth, token_file, "", 1,                                                  \
     "file with the bearer token that /v1 demands (or FRESHET_AUTH_TOKEN)")    \
INT (limits, header_bytes, 8192, 256, 1048576, 1,                              \
     "largest request line plus headers: 431")                                 \
INT (limits, body_bytes, 16777216, 1024, 1073741824, 1,                        \
     "largest single document, also after gunzip: 413")                        \
INT (limits, body_memory, 268435456, 1048576, 1099511627776, 1,                \
     "bytes of request bodies held at once by all connections: 503")           \
INT (limits, line_bytes, 65536, 256, 16777216, 1,                              \
     "longest line of an NDJSON stream")                                       \
INT (limits, json_depth, 32, 2, 512, 1,                                        \
     "deepest nesting of a JSON document")                                     \
INT (limits, array_elements, 10000, 1, 1000000, 1,                             \
     "most elements of one JSON array")                                        \
INT (limits, json_values, 200000, 100, 100000000, 1,                           \
     "most values of one JSON document")                                       \
INT (limits, top_n, 1000, 1, 100000, 1,                                        \
     "most items one recommendation may ask for")                              \
INT (limits, scans, 1000, 1, 1000000, 0,                                       \
     "lists of large catalogues that may wait to be made: 503")                \
INT (limits, history, 1000, 1, 100000, 1,                                      \
     "most ratings of a history that a question may bring along")              \
INT (limits, explain, 100, 1, 10000, 1,                                        \
     "most predictions or items one request may have explained")               \
INT (limits, pipeline, 64, 1, 1024, 1,                                         \
     "requests of one connection in progress at once")                         \
INT (limits, export_events, 10000, 1, 1000000, 1,                              \
     "most events in one answer of /v1/users/{id}/export")                     \
REAL(limits, header_timeout, 10, 0.1, 3600, 1,                                 \
     "seconds from the first byte of a request to the end of its headers")     \
REAL(limits, body_grace, 10, 0.1, 3600, 1,                                     \
     "seconds a body may take before its rate counts")                         \
INT (limits, body_rate, 1024, 1, 1000000000, 1,                                \
     "least bytes per second of a body after the grace")                       \
REAL(limits, idle_timeout, 75, 0.1, 86400, 1,                                  \
     "seconds a kept-alive connection may stay silent")                        \
REAL(limits, write_timeout, 30, 0.1, 3600, 1,                                  \
     "seconds a client may take without reading any of its answer")            \
REAL(limits, wait_timeout, 5, 0.01, 600, 1,                                    \
     "longest wait of ?wait=applied and ?min_seq=: 503 after it")              \
INT (limits, future_seconds, 86400, 0, 3153600000, 1,                          \
     "how far in the future a timestamp may lie")                              \
ENUM(log, level, "info", "error|warn|info|debug", 1,                           \
     "least severity that is logged")                                          \
ENUM(log, format, "text", "text|json", 1,                                      \
     "one line per event, as key=value text or as JSON")                       \
INT (model, seed, 1, 0, 9223372036854775807, 0,                                \
     "seed of everything random in the model")                                 \
INT (model, rating_dim, 16, 8, 512, 0,                                         \
     "K: factors per user and item, a multiple of 8")                          \
INT (model, ranking_dim, 32, 0, 512, 0,                                        \
     "R: factors of the ranking head, a multiple of 8; 0 = no such head")      \
REAL(model, rating_min, 1, -1000000, 1000000, 0,                               \
     "lowest rating")                                                          \
REAL(model, rating_max, 5, -1000000, 1000000, 0,                               \
     "highest rating")                                                         \
INT (model, max_users, 10000000, 1, 1000000000, 0,                             \
     "rows reserved for users (address space, not memory)")                    \
INT (model, max_items, 2000000, 1, 1000000000, 0,                              \
     "rows reserved for items (address space, not memory)")                    \
INT (model, max_features, 1000000, 1, 1000000000, 0,                           \
     "rows reserved for features of items and users")                          \
INT (model, max_seen, 10000, 1, 1000000, 0,                                    \
     "items remembered per user, to leave them out of recommendations")        \
STR (model, hidden, "", 0,                                                     \
     "units of the neural head's hidden layers, as 16 or 32,16; empty: off")    \
REAL(model, hidden_slope, 0, 0, 1, 0,                                          \
     "slope of its units below 0: 0 = ReLU, more = leaky ReLU")                \
REAL(learn, factor_rate, 0.106, 0, 10, 0,                                      \
     "step of a factor at its first rating")                                   \
REAL(learn, factor_half, 60, 0.001, 1e9, 0,                                    \
     "at n ratings the factor step is factor_rate / (1 + n / this)^(1/4)")     \
REAL(learn, factor_l2, 0.009, 0, 10, 0,                                       \
     "L2 of factors")                                                          \
REAL(learn, bias_rate, 0.0285, 0, 10, 0,                                        \
     "least step of a bias")                                                   \
REAL(learn, bias_count, 6.2, 0.001, 1e9, 0,                                    \
     "at n ratings the bias step is max(bias_rate, 1 / (n + this))")           \
REAL(learn, bias_l2, 0.032, 0, 10, 0,                                          \
     "L2 of biases")                                                           \
REAL(learn, session_tau, 50, 0, 1e9, 0,                                        \
     "seconds after which a session's mood has faded to 1/e; 0 = off")         \
REAL(learn, session_rate, 0.085, 0, 1, 0,                                       \
     "part of a prediction's error that is taken for the session's mood")      \
REAL(learn, error_clip, 4, 0, 1e9, 0,                                          \
     "largest error that is learned, ratings taken as 1 to 5; 0 = any")        \
REAL(learn, norm_cap, 16, 0, 1e9, 0,                                           \
     "largest norm of a row's factors; 0 = any")                               \
REAL(learn, trust_half, 0, 0, 1e6, 0,                                          \
     "the n-th event of a user moves its item by n / (n + this) of a step")    \
INT (learn, influence_cap, 20000, 0, 1000000000, 0,                             \
     "events of one user that are learned in a day; 0 = any number")           \
ENUM(learn, freeze, "none",                                                    \
     "none|users|items|users+items|features|users+features|"                   \
     "items+features|all", 0,                                                  \
     "tables that learn nothing, such as imported item vectors")               \
REAL(learn, init, 0.116, 0, 10, 0,                                              \
     "standard deviation of first factors, times sqrt(K)")                     \
REAL(learn, mlp_rate, 0.0003, 0, 100, 0,                                       \
     "step of the neural head's weights")                                      \
REAL(learn, mlp_l2, 0.01, 0, 10, 0,                                            \
     "L2 of the neural head's weights")                                        \
INT (learn, replay, 8, 0, 256, 0,                                              \
     "past ratings learned again with each new one")                           \
REAL(learn, replay_rate, 0, 0, 10, 0,                                          \
     "step of a replay, as a part of a fresh one; 0 = 0.6 / replay")           \
INT (learn, history, 1000000, 1, 1000000000, 0,                                \
     "ratings kept in memory to replay from")                                  \
STR (items, buckets, "year:5,age:10", 0,                                       \
     "name:rule of numbers that are learned from: N, log, exact or off")       \
INT (items, text_buckets, 4096, 0, 1000000, 0,                                 \
     "features that words of texts are hashed into; 0 = none")                 \
INT (items, embedding_features, 16, 0, 64, 0,                                  \
     "features that an embedding is projected to; 0 = none")                   \
ENUM(learn, item_features, "yes", "no|yes", 0,                                 \
     "whether categories, tags, ... of items are learned from")                \
ENUM(learn, user_features, "no", "no|yes", 0,                                  \
     "whether those of users are")                                             \
REAL(learn, feature_rate, 0.075, 0, 10, 0,                                     \
     "step of a feature's factors, as a part of the item's")                   \
REAL(learn, feature_bias_rate, 0.023, 0, 10, 0,                                 \
     "step of a feature's bias, as a part of the item's")                      \
REAL(learn, feature_dropout, 0, 0, 1, 0,                                       \
     "part of the replays that an item's features learn alone; no gain measured") \
REAL(learn, distill, 0.25, 0, 1, 0,                                            \
     "part of teacher_rating in what is learned from a rating that has one")    \
REAL(ranking, rate, 0.22, 0, 10, 0,                                            \
     "step of the ranking head at a row's first event")                        \
REAL(ranking, half, 140, 0.001, 1e9, 0,                                        \
     "at n events the step is rate / (1 + n / this)^(1/4)")                    \
REAL(ranking, l2, 0.01, 0, 10, 0,                                              \
     "L2 of the ranking head")                                                 \
REAL(ranking, init, 0.2, 0, 10, 0,                                             \
     "standard deviation of its first factors, times sqrt(R)")                 \
REAL(ranking, feature_rate, 0.085, 0, 10, 0,                                     \
     "step of a feature's ranking factors, as a part of the item's")           \
INT (ranking, negatives, 8, 0, 64, 0,                                          \
     "items drawn at random that each positive event is compared with")        \
INT (ranking, replay, 4, 0, 256, 0,                                            \
     "past positive events learned again with each new one")                   \
REAL(ranking, replay_rate, 0.31, 0, 10, 0,                                        \
     "step of such a replay, as a part of a fresh one; 0 = 0.6 / replay")      \
INT (ranking, history, 1000000, 1, 1000000000, 0,                              \
     "positive events kept in memory to replay from")                          \
REAL(ranking, positive_from, -1e9, -1e9, 1e9, 0,                               \
     "a rating from here on is a positive event; default: every rating")       \
ENUM(learn, control, "off", "off|on", 0,                                       \
     "whether steps follow the error: larger when it drifts up")               \
REAL(learn, control_min, 1, 0.01, 1, 0,                                        \
     "learn.control: factor of steps when all is stable")                      \
REAL(learn, control_max, 2, 1, 100, 0,                                         \
     "learn.control: largest factor of steps")                                 \
REAL(guard, ratio, 1.5, 0, 1000, 0,                                            \
     "squared error, over that of the mean, that holds publishing; 0 = off")   \
STR (events, types, "view:0.2,click:0.5,cart:1,purchase:1,like:1,"             \
     "dislike:-1,skip:-0.3,impression:0", 0,                                   \
     "kinds of /v1/events: name:weight, name:weight:full value, ...")          \
INT (evaluation, rank_every, 16, 0, 1000000000, 0,                             \
     "all items are ranked at one event in so many, or fewer; 0 = never")      \
INT (recommend, scan_threads, -1, -1, 256, 0,                                  \
     "threads for lists of large catalogues; -1 = one per core, 0 = none")     \
INT (recommend, scan_from, 2000000, 0, 1000000000000, 1,                       \
     "numbers to read, items x dimension, from which on a list is made there") \
INT (recommend, kept_lists, 1000, 0, 1000000, 0,                               \
     "lists kept for their later pages (\"keep\"), of 8 KB at most; 0 = none")   \
INT (recommend, max_age, 0, 0, 31536000, 1,                                    \
     "seconds that caches may keep a list asked for with GET; 0 = not said")   \
INT (recommend, recent, 5, 0, 8, 1,                                           \
     "liked items that a list is for once more; 0 = none")                     \
REAL(recommend, half_life_days, 30, 0.001, 36500, 0,                           \
     "days after which a rating counts half for popularity")                   \
INT (publish, max_events, 256, 1, 1000000, 1,                                  \
     "events learned before they are published, at most")                      \
INT (publish, max_ms, 5, 1, 10000, 1,                                          \
     "milliseconds of learning before publishing, at most")                    \
INT (ingest, queue_events, 65536, 1, 100000000, 0,                             \
     "accepted events that may wait to be learned; then 503 queue_full")
/* clang-format on */

#endif
