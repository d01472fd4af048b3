// SPDX-License-Identifier: Apache-2.0
// The keys of the Anthropic provider, what it makes of them at start, and its door.
#include "plugins/provider/anthropic/anthropic.hpp"

#include "plugins/common/upstream/text_completion.hpp"
#include "plugins/provider/anthropic/chat_exchange.hpp"
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
             "Name of a model whose manners this one has, such as \"claude-sonnet-4-5\"."),
    ranged("max_tokens", &ModelOptions::max_tokens, 1, most_tokens,
           "Limit of an answer when the client gives none, in place of the provider's."),
    ranged("max_tokens_cap", &ModelOptions::max_tokens_cap, 1, most_tokens,
           "A client's higher limit is lowered to this, where the model would refuse it."),
    ranged("context_window", &ModelOptions::context_window, 1, 100'000'000,
           "Tokens of prompt and answer together, named to clients whose prompt is too long when the answer "
           "does not say."),
    choice("thinking", &ModelOptions::thinking, {"auto", "budget", "adaptive", "none"},
           "What reasoning_effort becomes: a budget of tokens, adaptive thinking with an effort, or nothing; "
           "auto goes by the name."),
    ranged("budget_low", &ModelOptions::budget_low, 1024, most_tokens, "As the provider's, for this model."),
    ranged("budget_medium", &ModelOptions::budget_medium, 1024, most_tokens,
           "As the provider's, for this model."),
    ranged("budget_high", &ModelOptions::budget_high, 1024, most_tokens,
           "As the provider's, for this model."),
    choice("sampling", &ModelOptions::sampling, {"auto", "all", "one", "none"},
           "Whether temperature and top_p are sent: both, only the first of them, or none; auto goes by the "
           "name."),
    choice("schemas", &ModelOptions::schemas, {"auto", "native", "tool"},
           "How an answer by a JSON schema is asked for: by output_config.format, or as a call of a made-up "
           "tool; auto goes by the name."),
    choice("prefill", &ModelOptions::prefill, {"auto", "yes", "no"},
           "Whether a conversation may end with the assistant's own words; with no a user's turn is put "
           "behind them; auto goes by the name."),
};

const Fields<Options> fields = {
    optional("base_url", &Options::base_url, "http(s)://host[:port][/base] of the API, without /v1."),
    optional("version", &Options::version, "The header anthropic-version."),
    optional("beta", &Options::beta, "Names of betas to use, for the header anthropic-beta."),
    ranged("max_tokens", &Options::max_tokens, 1, most_tokens,
           "Limit of an answer when the client gives none: the API insists on one."),
    ranged("budget_low", &Options::budget_low, 1024, most_tokens,
           "Tokens to think with reasoning_effort low."),
    ranged("budget_medium", &Options::budget_medium, 1024, most_tokens,
           "Tokens to think with reasoning_effort medium."),
    ranged("budget_high", &Options::budget_high, 1024, most_tokens,
           "Tokens to think with reasoning_effort high."),
    table_map("models", &Options::models, model_fields, &Options::models_word, {"discover"},
              "What is special about a model, by its name; a star at the end stands for any rest.  "
              "\"discover\": nothing is, and the models are listed as with discover = true."),
    optional("discover", &Options::discover,
             "List the API's models in the background, for GET /v1/models and the patterns of the mapper."),
};

namespace {

/// A header's value, or part of one: these go out as they stand.
void check_word(const std::string& word, const std::string& key) {
    const bool fits =
        !word.empty() && word.size() <= 128 &&
        std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c < 0x7f && c != ','; });
    if (!fits) throw KeyError(key, shown(word) + " is no word that a header may have");
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
    strip_ending(base, "/v1");  // every URL of ours has it
    return {.base = std::move(base),
            .version = options.version,
            .beta = joined(options.beta),
            .models = Models(options),
            .host = host};
}

}  // namespace

Anthropic::Anthropic(const Options& options, Host& host)
    : service_(make_service(options, host)),
      discovers_(options.discover || options.models_word == "discover") {}

Result<std::unique_ptr<Exchange>> Anthropic::chat(const ChatRequest& request) {
    if (auto ok = upstream::check_text_completion(request, false); !ok) return ok.error();
    return std::make_unique<ChatExchange>(service_, request);
}

Result<std::unique_ptr<Exchange>> Anthropic::embed(const EmbeddingRequest&) {
    return no_place("Anthropic makes no embeddings: use a model of another provider", "model");
}

Result<std::unique_ptr<Exchange>> Anthropic::rerank(const RerankRequest&) {
    return no_place("Anthropic ranks no documents: use a model of another provider", "model");
}

Result<std::unique_ptr<Exchange>> Anthropic::models() { return std::make_unique<ModelList>(service_); }

}  // namespace gatehouse::anthropic

GATEHOUSE_PLUGIN(gatehouse::anthropic::Anthropic, gatehouse::anthropic::Options, gatehouse::anthropic::fields,
                 "anthropic", "1.0.0");
