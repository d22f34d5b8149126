/* recommend_write.c -- recommend.h: lists as JSON. */
#include "proto/recommend.h"

void recommend_begin(struct buf *out)
{
    buf_puts(out, "{\"items\":[");
}

void recommend_item_begin(struct buf *out, bool first, struct id item,
                          float score, bool pinned)
{
    buf_puts(out, first ? "{\"item_id\":" : ",{\"item_id\":");
    buf_json_string(out, item.s, item.len);
    buf_puts(out, ",\"score\":");
    buf_float(out, score);
    if (pinned)
        buf_puts(out, ",\"pinned\":true");
}

void recommend_item_end(struct buf *out)
{
    buf_putc(out, '}');
}

static void put_by(struct buf *out, const char *by)
{
    buf_puts(out, "],\"by\":\"");
    buf_puts(out, by);
    buf_putc(out, '"');
}

static void put_seq(struct buf *out, uint64_t model_seq)
{
    buf_puts(out, ",\"model_seq\":");
    buf_uint(out, model_seq);
}

static void put_cold(struct buf *out, bool cold_user)
{
    buf_puts(out, cold_user ? ",\"cold\":[\"user\"]}" : "}");
}

void recommend_end(struct buf *out, const char *by, uint64_t model_seq,
                   bool cold_user)
{
    put_by(out, by);
    put_seq(out, model_seq);
    put_cold(out, cold_user);
}

void recommend_lists_begin(struct buf *out)
{
    buf_puts(out, "{\"lists\":[");
}

void recommend_list_open(struct buf *out, bool first, struct id user)
{
    buf_puts(out, first ? "{\"user_id\":" : ",{\"user_id\":");
    buf_json_string(out, user.s, user.len);
    buf_puts(out, ",\"items\":[");
}

void recommend_list_close(struct buf *out, const char *by, bool cold_user)
{
    put_by(out, by);
    put_cold(out, cold_user);
}

void recommend_lists_end(struct buf *out, uint64_t model_seq)
{
    buf_putc(out, ']');
    put_seq(out, model_seq);
    buf_putc(out, '}');
}

void recommend_users_begin(struct buf *out)
{
    buf_puts(out, "{\"users\":[");
}

void recommend_user(struct buf *out, bool first, struct id user, float score)
{
    buf_puts(out, first ? "{\"user_id\":" : ",{\"user_id\":");
    buf_json_string(out, user.s, user.len);
    buf_puts(out, ",\"score\":");
    buf_float(out, score);
    buf_putc(out, '}');
}

void recommend_users_end(struct buf *out, uint64_t model_seq)
{
    recommend_lists_end(out, model_seq);
}
