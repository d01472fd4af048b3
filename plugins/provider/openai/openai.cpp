// SPDX-License-Identifier: Apache-2.0
// Configuration keys, their checks at start, and the entry point of the plugin.
#include "plugins/provider/openai/openai.hpp"

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/openai/responses/request.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/text.hpp"
#include "plugins/provider/openai/chat_exchange.hpp"
#include "plugins/provider/openai/embed_exchange.hpp"
#include "plugins/provider/openai/model_list.hpp"
#include "plugins/provider/openai/raw_exchange.hpp"
#include "plugins/provider/openai/responses/exchange.hpp"

#include <gatehouse/sdk.hpp>

#include <algorithm>

namespace gatehouse::openai_provider {

const Fields<Options> fields = {
    optional("base_url", &Options::base_url,
             "http(s)://host[:port][/base] of the API, usually with /v1; without /v1 for Azure."),
    choice("api", &Options::api, {"chat", "responses"},
           "API of the upstream for chats: chat is /chat/completions, responses is /responses."),
    optional(
        "azure_api_version", &Options::azure_api_version,
        "API version of Azure, such as 2024-10-21.  Selects Azure's paths, /openai/deployments/MODEL/…."),
    optional("organization", &Options::organization, "The header OpenAI-Organization."),
    optional("project", &Options::project, "The header OpenAI-Project."),
    choice("token_limit", &Options::token_limit, {"as_given", "max_tokens", "max_completion_tokens"},
           "Name of the token limit upstream; as_given keeps the client's name."),
    choice("developer_role", &Options::developer_role, {"developer", "system"},
           "Role of developer messages upstream; many servers know system only."),
    optional(
        "usage", &Options::usage,
        "Request the usage of streaming responses with stream_options.  If the upstream refuses it, the provider stops sending it."),
    optional("send_reasoning", &Options::send_reasoning,
             "Send the reasoning_content of earlier turns to the model."),
    optional("drop", &Options::drop,
             "Fields that the upstream refuses, such as \"store\"; the provider never sends them."),
    ranged("context_window", &Options::context_window, 1, 100'000'000,
           "Context window in tokens, used if the upstream does not report it."),
    choice(
        "models", &Options::models_mode, {"listed", "discover"},
        "discover lists the upstream's models in the background, for GET /v1/models and the patterns of the "
        "mapper."),
    optional("rerank_path", &Options::rerank_path, "Path of the ranking endpoint, below base_url."),
};

namespace {

constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

/// Throws KeyError unless `value` can be sent unescaped in a header or a URL.
void check_plain(const std::string& value, const char* key, std::string_view also = {}) {
    const bool fits =
        !value.empty() && value.size() <= 200 && std::all_of(value.begin(), value.end(), [&](char c) {
            return plain.find(c) != plain.npos || also.find(c) != also.npos;
        });
    if (!fits)
        throw KeyError(key,
                       upstream::shown(value) + " must be made of letters, digits, \"-\", \"_\" and \".\"");
}

Service make_service(const Options& options, Host& host) {
    http::Headers headers;
    if (options.organization && !options.organization->empty()) {
        check_plain(*options.organization, "organization");
        headers.add("OpenAI-Organization", *options.organization);
    }
    if (options.project && !options.project->empty()) {
        check_plain(*options.project, "project");
        headers.add("OpenAI-Project", *options.project);
    }
    if (options.azure_api_version) check_plain(*options.azure_api_version, "azure_api_version");
    if (!options.rerank_path.starts_with('/')) throw KeyError("rerank_path", "must begin with a slash");
    check_plain(options.rerank_path, "rerank_path", "/");
    return {.options = options,
            .base = parse_base_url(options.base_url, "base_url", "base_url"),
            .headers = std::move(headers),
            .host = host,
            .learned = {}};
}

/// Azure's path contains the model's name.  A name of dots only would change the path, escaped or not.
template <typename Made, typename Request, typename... More>
Result<std::unique_ptr<Exchange>> exchange(Service& service, const Request& request, More... more) {
    if (service.options.azure_api_version && (request.model == "." || request.model == ".."))
        return Error{.kind = ErrorKind::not_found,
                     .message = "no deployment can have the name '" + request.model + "'",
                     .code = "model_not_found",
                     .param = "model"};
    return std::make_unique<Made>(service, request, more...);
}

}  // namespace

std::string Service::url(std::string_view path, std::string_view model) const {
    if (!options.azure_api_version) return base.text + std::string(path);
    std::string text = base.text + "/openai";
    if (!model.empty()) text += "/deployments/" + upstream::percent_encoded(model);
    return text.append(path).append("?api-version=").append(*options.azure_api_version);
}

OpenAi::OpenAi(const Options& options, Host& host) : service_(make_service(options, host)) {}

Result<std::unique_ptr<Exchange>> OpenAi::chat(const ChatRequest& request) {
    if (service_.options.api == "responses" && !request.completion) {
        const auto begin = [&](const ChatRequest& own) {
            return exchange<responses::ResponsesExchange>(service_, own);
        };
        if (openai_format::responses::is_native(request)) return begin(request);
        return openai_format::TranslatedExchange::make(request, service_.host, begin);
    }
    const bool translated = openai_format::is_foreign(request);
    return openai_format::TranslatedExchange::make(request, service_.host, [&](const ChatRequest& own) {
        return exchange<ChatExchange>(service_, own, translated);
    });
}

Result<std::unique_ptr<Exchange>> OpenAi::embed(const EmbeddingRequest& request) {
    if (!request.encoding.empty())
        return Error{
            .kind = ErrorKind::unsupported,
            .message = "the provider of this model has no vectors of the type '" + request.encoding + "'",
            .param = "encoding_format"};
    return exchange<EmbedExchange>(service_, request);
}

Result<std::unique_ptr<Exchange>> OpenAi::rerank(const RerankRequest& request) {
    return exchange<RerankExchange>(service_, request);
}

Result<std::unique_ptr<Exchange>> OpenAi::raw(const RawRequest& request) {
    if (request.protocol != openai_format::own_protocol) return Provider::raw(request);
    return exchange<RawExchange>(service_, request);
}

Result<std::unique_ptr<Exchange>> OpenAi::models() { return std::make_unique<ModelList>(service_); }

}  // namespace gatehouse::openai_provider

GATEHOUSE_PLUGIN(gatehouse::openai_provider::OpenAi, gatehouse::openai_provider::Options,
                 gatehouse::openai_provider::fields, "openai", "1.0.0");
