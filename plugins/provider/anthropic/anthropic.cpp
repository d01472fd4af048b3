// SPDX-License-Identifier: Apache-2.0
// Configuration keys, their checks at start, and the entry point of the plugin.
#include "plugins/provider/anthropic/anthropic.hpp"

#include "plugins/common/upstream/hosted_tools.hpp"
#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/anthropic/chat_exchange.hpp"
#include "plugins/provider/anthropic/count_exchange.hpp"
#include "plugins/provider/anthropic/model_list.hpp"
#include "plugins/provider/anthropic/parts.hpp"
#include "plugins/provider/anthropic/text.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>

namespace gatehouse::anthropic {

namespace {
constexpr std::int64_t most_tokens = 10'000'000;
}

const Fields<ModelOptions> model_fields = {
    optional("like", &ModelOptions::like,
             "Name of a model with the same capabilities, such as \"claude-sonnet-4-5\"."),
    ranged("max_tokens", &ModelOptions::max_tokens, 1, most_tokens,
           "Token limit of an answer if the client sets no limit.  Overrides the provider's."),
    ranged("max_tokens_cap", &ModelOptions::max_tokens_cap, 1, most_tokens,
           "Highest token limit.  A client's higher limit is lowered to it."),
    ranged(
        "context_window", &ModelOptions::context_window, 1, 100'000'000,
        "Context window in tokens.  Named to a client with a too long prompt if the API does not name it."),
    choice(
        "thinking", &ModelOptions::thinking, {"auto", "budget", "adaptive", "none"},
        "Translation of reasoning_effort: a token budget, adaptive thinking with an effort, or no thinking.  "
        "auto decides by the model's name."),
    ranged("budget_low", &ModelOptions::budget_low, 1024, most_tokens,
           "Overrides the provider's key for this model."),
    ranged("budget_medium", &ModelOptions::budget_medium, 1024, most_tokens,
           "Overrides the provider's key for this model."),
    ranged("budget_high", &ModelOptions::budget_high, 1024, most_tokens,
           "Overrides the provider's key for this model."),
    choice(
        "sampling", &ModelOptions::sampling, {"auto", "all", "one", "none"},
        "Whether temperature and top_p are sent: both, only temperature if both are set, or neither.  auto "
        "decides by the model's name."),
    choice("schemas", &ModelOptions::schemas, {"auto", "native", "tool"},
           "How a JSON schema is requested: with output_config.format, or with a tool whose input is the "
           "answer.  auto decides by the model's name."),
    choice(
        "prefill", &ModelOptions::prefill, {"auto", "yes", "no"},
        "Whether a conversation may end with the assistant's text.  With no, the provider appends a user's "
        "turn.  auto decides by the model's name."),
};

const Fields<Options> fields = {
    optional("base_url", &Options::base_url, "http(s)://host[:port][/base] of the API, without /v1."),
    optional("version", &Options::version, "The header anthropic-version."),
    optional("beta", &Options::beta, "Names of betas to use, for the header anthropic-beta."),
    ranged("max_tokens", &Options::max_tokens, 1, most_tokens,
           "Token limit of an answer if the client sets no limit.  The API requires a limit."),
    ranged("budget_low", &Options::budget_low, 1024, most_tokens,
           "Thinking budget in tokens for reasoning_effort low."),
    ranged("budget_medium", &Options::budget_medium, 1024, most_tokens,
           "Thinking budget in tokens for reasoning_effort medium."),
    ranged("budget_high", &Options::budget_high, 1024, most_tokens,
           "Thinking budget in tokens for reasoning_effort high."),
    table_map("models", &Options::models, model_fields, &Options::models_mode, {"discover"},
              "Settings of a model, by its name; a star at the end matches any suffix.  "
              "\"discover\" means discover = true."),
    optional("discover", &Options::discover,
             "List the API's models in the background, for GET /v1/models and the patterns of the mapper."),
};

namespace {

/// Throws KeyError unless `word` can be sent as a header's value.
void check_word(const std::string& word, const std::string& key) {
    const bool fits =
        !word.empty() && word.size() <= 128 &&
        std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7f && c != ','; });
    if (!fits) throw KeyError(key, shown(word) + " is not a valid header value");
}

std::string joined(const std::vector<std::string>& beta) {
    std::string out;
    for (std::size_t i = 0; i < beta.size(); ++i) {
        check_word(beta[i], "beta[" + std::to_string(i) + "]");
        out.append(out.empty() ? "" : ",").append(beta[i]);
    }
    return out;
}

Service make_service(const Options& options, Host& host) {
    check_word(options.version, "version");
    BaseUrl base = parse_base_url(options.base_url, "base_url", "base_url");
    strip_ending(base, "/v1");  // each request adds it
    return {.base = std::move(base),
            .version = options.version,
            .beta = joined(options.beta),
            .models = Models(options),
            .host = host};
}

}  // namespace

Anthropic::Anthropic(const Options& options, Host& host)
    : service_(make_service(options, host)),
      discovers_(options.discover || options.models_mode == "discover") {}

Result<std::unique_ptr<Exchange>> Anthropic::chat(const ChatRequest& request) {
    if (auto ok = upstream::check_text_completion(request, false); !ok) return ok.error();
    if (auto ok = upstream::check_hosted(request); !ok) return ok.error();
    return std::make_unique<ChatExchange>(service_, request);
}

Result<std::unique_ptr<Exchange>> Anthropic::embed(const EmbeddingRequest&) {
    return no_place("Anthropic has no embeddings: use a model of another provider", "model");
}

Result<std::unique_ptr<Exchange>> Anthropic::rerank(const RerankRequest&) {
    return no_place("Anthropic has no reranking: use a model of another provider", "model");
}

Result<std::unique_ptr<Exchange>> Anthropic::count_tokens(const TokenCountRequest& request) {
    return std::make_unique<CountExchange>(service_, request.chat);
}

Result<std::unique_ptr<Exchange>> Anthropic::models() { return std::make_unique<ModelList>(service_); }

}  // namespace gatehouse::anthropic

GATEHOUSE_PLUGIN(gatehouse::anthropic::Anthropic, gatehouse::anthropic::Options, gatehouse::anthropic::fields,
                 "anthropic", "1.0.0");
