/* fold_settings.c -- see fold_settings.h. */
#include "server/fold_settings.h"

static void take_ranking(struct settings *s, const struct config *cfg)
{
    s->rank_init = (float)cfg->ranking_init;
    s->rank_rate = (float)cfg->ranking_rate;
    s->rank_half = (float)cfg->ranking_half;
    s->rank_l2 = (float)cfg->ranking_l2;
    s->rank_feature_rate = (float)cfg->ranking_feature_rate;
    s->negatives = (uint32_t)cfg->ranking_negatives;
    s->rank_replay = (uint32_t)cfg->ranking_replay;
    s->rank_replay_rate = (float)cfg->ranking_replay_rate;
    s->positives = (uint32_t)cfg->ranking_history;
    s->positive_from = (float)cfg->ranking_positive_from;
}

struct settings fold_settings(const struct config *cfg)
{
    uint32_t hidden[CONFIG_HIDDEN_MAX];
    (void)config_hidden(cfg->model_hidden, hidden); // config_check() has
    struct settings s = {
        .seed = (uint64_t)cfg->model_seed,
        .dim = (uint32_t)cfg->model_rating_dim,
        .max_users = (uint32_t)cfg->model_max_users,
        .max_items = (uint32_t)cfg->model_max_items,
        .rating_min = (float)cfg->model_rating_min,
        .rating_max = (float)cfg->model_rating_max,
        .init = (float)cfg->learn_init,
        .factor_rate = (float)cfg->learn_factor_rate,
        .factor_half = (float)cfg->learn_factor_half,
        .factor_l2 = (float)cfg->learn_factor_l2,
        .bias_rate = (float)cfg->learn_bias_rate,
        .bias_count = (float)cfg->learn_bias_count,
        .bias_l2 = (float)cfg->learn_bias_l2,
        .session_tau = (float)cfg->learn_session_tau,
        .session_rate = (float)cfg->learn_session_rate,
        .replay = (uint32_t)cfg->learn_replay,
        .replay_rate = (float)cfg->learn_replay_rate,
        .history = (uint32_t)cfg->learn_history,
        .max_seen = (uint32_t)cfg->model_max_seen,
        .error_clip = (float)cfg->learn_error_clip,
        .norm_cap = (float)cfg->learn_norm_cap,
        .trust_half = (float)cfg->learn_trust_half,
        .influence_cap = (uint32_t)cfg->learn_influence_cap,
        .freeze = (uint32_t)cfg->learn_freeze,
        .half_life_days = cfg->recommend_half_life_days,
        .recent = (uint32_t)cfg->recommend_recent,
        .hidden_1 = hidden[0],
        .hidden_2 = hidden[1],
        .hidden_3 = hidden[2],
        .hidden_slope = (float)cfg->model_hidden_slope,
        .mlp_rate = (float)cfg->learn_mlp_rate,
        .mlp_l2 = (float)cfg->learn_mlp_l2,
        .max_features = (uint32_t)cfg->model_max_features,
        .item_features = (uint32_t)cfg->learn_item_features,
        .user_features = (uint32_t)cfg->learn_user_features,
        .feature_rate = (float)cfg->learn_feature_rate,
        .feature_bias_rate = (float)cfg->learn_feature_bias_rate,
        .distill = (float)cfg->learn_distill,
        .feature_dropout = (float)cfg->learn_feature_dropout,
        .rdim = (uint32_t)cfg->model_ranking_dim,
        .control = (uint32_t)cfg->learn_control,
        .control_min = (float)cfg->learn_control_min,
        .control_max = (float)cfg->learn_control_max,
        .guard_ratio = (float)cfg->guard_ratio,
    };
    take_ranking(&s, cfg);
    return s;
}
