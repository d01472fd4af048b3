// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/options.hpp"

#include <gatehouse/base_url.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>

namespace gatehouse::bedrock {

namespace {
constexpr std::int64_t most_tokens = 10'000'000;
}

const Fields<ModelOptions> model_fields = {
    optional(
        "like", &ModelOptions::like,
        "Name of a model with the same capabilities, such as \"anthropic.claude-sonnet-4-5\".  For ARNs, "
        "which do not tell the model."),
    ranged("max_tokens", &ModelOptions::max_tokens, 1, most_tokens,
           "Token limit of an answer if the client sets no limit."),
    ranged("max_tokens_cap", &ModelOptions::max_tokens_cap, 1, most_tokens,
           "Highest token limit.  A client's higher limit is lowered to it."),
    ranged(
        "context_window", &ModelOptions::context_window, 1, 100'000'000,
        "Context window in tokens.  Named to a client with a too long prompt if the API does not name it."),
    choice(
        "thinking", &ModelOptions::thinking, {"auto", "budget", "adaptive", "nova", "effort", "none"},
        "Translation of reasoning_effort: a token budget or adaptive thinking of Claude, reasoningConfig of "
        "Nova, the member reasoning_effort, or nothing.  auto decides by the model's name."),
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
           "How a JSON schema is requested: with outputConfig.textFormat, or with a tool whose input is the "
           "answer.  auto decides by the model's name."),
    choice(
        "prefill", &ModelOptions::prefill, {"auto", "yes", "no"},
        "Whether a conversation may end with the assistant's text.  With no, the provider appends a user's "
        "turn.  auto decides by the model's name."),
    choice("caching", &ModelOptions::caching, {"auto", "yes", "no"},
           "Whether cache_control of a client becomes a cachePoint.  auto decides by the model's name."),
};

const Fields<Options> fields = {
    optional("region", &Options::region, "The AWS region, such as us-east-1, for the default of base_url."),
    optional("base_url", &Options::base_url,
             "http(s)://host[:port] of Bedrock Runtime, if it is not that of the region: a VPC endpoint."),
    optional(
        "control_url", &Options::control_url,
        "http(s)://host[:port] of Bedrock's control plane, for the list of models, if it is not that of the "
        "region."),
    optional("guardrail", &Options::guardrail, "Id or ARN of a guardrail that every chat passes."),
    optional("guardrail_version", &Options::guardrail_version,
             "Version of the guardrail: a number, or DRAFT."),
    choice("guardrail_stream", &Options::guardrail_stream, {"sync", "async"},
           "Whether a stream waits for the guardrail (sync), or the client may see text that it blocks later "
           "(async)."),
    ranged("budget_low", &Options::budget_low, 1024, most_tokens,
           "Thinking budget of Claude in tokens for reasoning_effort low."),
    ranged("budget_medium", &Options::budget_medium, 1024, most_tokens,
           "Thinking budget of Claude in tokens for reasoning_effort medium."),
    ranged("budget_high", &Options::budget_high, 1024, most_tokens,
           "Thinking budget of Claude in tokens for reasoning_effort high."),
    table_map("models", &Options::models, model_fields, &Options::models_mode, {"discover"},
              "Settings of a model, by its name; a star at the end matches any suffix.  "
              "\"discover\" means discover = true."),
    optional("discover", &Options::discover,
             "List the models and inference profiles of the region in the background, for GET /v1/models and "
             "the patterns of the mapper."),
};

namespace {

bool is_region(const std::string& text) {
    return !text.empty() && text.size() <= 32 && text.find('-') != text.npos &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

/// Regions of China have a domain of their own (AWS General Reference, "Service endpoints").
std::string default_url(const char* service, const std::string& region) {
    return std::string("https://") + service + "." + region + ".amazonaws.com" +
           (region.starts_with("cn-") ? ".cn" : "");
}

std::string checked(const std::string& url, const char* key) {
    BaseUrl base = parse_base_url(url, key, key);
    strip_ending(base, "/model");  // each request adds it
    return base.text;
}

}  // namespace

Hosts hosts_of(const Options& options) {
    if (options.region.empty() && options.base_url.empty())
        throw KeyError("", "give region, such as \"us-east-1\", or base_url");
    if (!options.region.empty() && !is_region(options.region))
        throw KeyError("region", "expected a region such as us-east-1");
    Hosts hosts;
    hosts.runtime = options.base_url.empty() ? default_url("bedrock-runtime", options.region)
                                             : checked(options.base_url, "base_url");
    if (!options.control_url.empty())
        hosts.control = checked(options.control_url, "control_url");
    else if (!options.region.empty())
        hosts.control = default_url("bedrock", options.region);
    const bool discovers = options.discover || options.models_mode == "discover";
    if (discovers && hosts.control.empty())
        throw KeyError(options.discover ? "discover" : "models",
                       "the list of models needs region or control_url");
    return hosts;
}

void check_guardrail(const Options& options) {
    const std::string& version = options.guardrail_version;
    const bool number = !version.empty() && version.size() <= 8 && version.front() != '0' &&
                        version.find_first_not_of("0123456789") == version.npos;
    if (!number && version != "DRAFT")
        throw KeyError("guardrail_version", "expected a number such as \"1\", or \"DRAFT\"");
    const bool fits =
        options.guardrail.size() <= 2048 && std::all_of(options.guardrail.begin(), options.guardrail.end(),
                                                        [](char c) { return c > ' ' && c < 0x7F; });
    if (!fits) throw KeyError("guardrail", "expected the id or the ARN of a guardrail");
}

}  // namespace gatehouse::bedrock
