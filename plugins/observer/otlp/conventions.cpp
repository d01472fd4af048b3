// SPDX-License-Identifier: Apache-2.0
#include "plugins/observer/otlp/conventions.hpp"

#include <gatehouse/error_kind_name.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace gatehouse::otlp {

namespace {

constexpr std::pair<std::string_view, std::string_view> providers[] = {
    {"anthropic", "anthropic"}, {"openai", "openai"}, {"oci", "oci.generative_ai"}};

// The names of 1.41 are those that tools use today.
constexpr GenAiNames names_1_41 = {"gen_ai.usage.cache_read.input_tokens",
                                   "gen_ai.usage.cache_creation.input_tokens",
                                   "gen_ai.usage.reasoning.output_tokens"};
constexpr GenAiNames names_genai_0_1 = {"gen_ai.usage.cache_read.input_tokens",
                                        "gen_ai.usage.cache_write.input_tokens",
                                        "gen_ai.usage.reasoning.output_tokens"};

}  // namespace

std::string_view provider_name(const StoryAttempt& attempt, const Options& options) {
    const auto given = options.providers.find(attempt.route.provider);
    if (given != options.providers.end()) return given->second.front();
    const std::string_view plugin = attempt.plugin;
    const auto* const found = std::ranges::find(providers, plugin, [](const auto& one) { return one.first; });
    return found == std::end(providers) ? plugin : found->second;
}

const GenAiNames& gen_ai_names(std::string_view conventions) {
    return conventions == "1.41" ? names_1_41 : names_genai_0_1;
}

std::string error_type(int status, ErrorKind kind) {
    return status >= 400 ? std::to_string(status) : std::string(kind_name(kind));
}

Server server_of(std::string_view endpoint) {
    const std::size_t scheme = endpoint.find("://");
    if (scheme == endpoint.npos) return {};
    Server server{.port = endpoint.starts_with("https") ? 443 : 80};
    std::string_view rest = endpoint.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    const std::size_t bracket = rest.rfind(']'), colon = rest.rfind(':');
    if (colon != rest.npos && (bracket == rest.npos || colon > bracket)) {
        std::from_chars(rest.data() + colon + 1, rest.data() + rest.size(), server.port);
        rest = rest.substr(0, colon);
    }
    if (rest.starts_with('[') && rest.ends_with(']')) rest = rest.substr(1, rest.size() - 2);
    server.address = rest;
    return server;
}

}  // namespace gatehouse::otlp
