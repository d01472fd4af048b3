// SPDX-License-Identifier: Apache-2.0
// Configuration keys, entry point of the plugin, and requests in OpenAI's format.
#include "plugins/provider/c_bridge/c_bridge.hpp"

#include "plugins/common/openai/chat_request.hpp"
#include "plugins/common/openai/embed_request.hpp"
#include "plugins/common/openai/foreign_chat.hpp"
#include "plugins/common/upstream/text_completion.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::c_bridge {

const Fields<Options> fields = {
    required(
        "library", &Options::library,
        "Path of a library that exports gatehouse_c_provider (gatehouse/c.h), such as /opt/acme/acme.so."),
    settings_field(&Options::settings),
    choice(
        "models", &Options::models, {"listed", "discover"},
        "discover lists the upstream's models in the background, for GET /v1/models and the patterns of the "
        "mapper."),
};

CBridge::CBridge(const Options& options, Host& host) : CBridge(load(options.library), options, host) {
    const Description& description = backend_.description();
    host.log(Level::debug, "library loaded",
             {{"library", options.library}, {"name", description.name}, {"version", description.version}});
}

CBridge::CBridge(const Library& library, const Options& options, Host& host)
    : backend_(library, options.settings, host), discovers_(options.models == "discover") {
    if (discovers_ && !library.description.models)
        throw KeyError("models",
                       library.description.name + " cannot list models: its operations lack \"models\"");
}

Result<std::unique_ptr<Exchange>> CBridge::begin(const char* operation, const std::string& request,
                                                 Asked asked) const {
    auto exchange = std::make_unique<CExchange>(backend_, asked);
    if (auto ok = exchange->begin(operation, request); !ok) return ok.error();
    return std::unique_ptr<Exchange>(std::move(exchange));
}

Result<std::unique_ptr<Exchange>> CBridge::chat(const ChatRequest& request) {
    if (!backend_.description().chat)
        return Error{ErrorKind::unsupported, "the provider of this model does not support chats"};
    if (auto ok = upstream::check_text_completion(request, true); !ok) return ok.error();
    auto translated = openai_format::is_foreign(request) ? openai_format::translate(request)
                                                         : Result(openai_format::TranslatedChat{});
    if (!translated) return translated.error();
    const ChatRequest& own = openai_format::is_foreign(request) ? translated->request : request;
    const std::string json = openai_format::write_chat(own, {.stream = request.stream});
    const auto count = request.sampling.n.value_or(1);
    return begin("chat", json, {Asked::What::chat, count > 1 ? static_cast<std::size_t>(count) : 1});
}

Result<std::unique_ptr<Exchange>> CBridge::embed(const EmbeddingRequest& request) {
    if (!backend_.description().embed) return Provider::embed(request);
    // c.h promises a list of texts.
    if (!request.tokens.empty())
        return Error{.kind = ErrorKind::unsupported,
                     .message = "the provider of this model takes texts as input, not tokens",
                     .param = "input"};
    return begin("embed", openai_format::write_embeddings(request),
                 {Asked::What::embed, input_count(request)});
}

Result<std::unique_ptr<Exchange>> CBridge::rerank(const RerankRequest& request) {
    if (!backend_.description().rerank) return Provider::rerank(request);
    return begin("rerank", openai_format::write_ranking(request),
                 {Asked::What::rerank, request.documents.size()});
}

Result<std::unique_ptr<Exchange>> CBridge::models() {
    if (!backend_.description().models) return Provider::models();
    return begin("models", "{}", {Asked::What::models, 0});
}

}  // namespace gatehouse::c_bridge

GATEHOUSE_PLUGIN(gatehouse::c_bridge::CBridge, gatehouse::c_bridge::Options, gatehouse::c_bridge::fields,
                 "c_bridge", "1.0.0");
