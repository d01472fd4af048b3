// SPDX-License-Identifier: Apache-2.0
// Maps paths to parsers and formatters.
#include "plugins/dialect/openai/dialect.hpp"

#include "plugins/common/client/prefix.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/embeddings.hpp"
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/legacy_logprobs.hpp"
#include "plugins/dialect/openai/limits.hpp"
#include "plugins/dialect/openai/raw.hpp"
#include "plugins/dialect/openai/rerank.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"
#include "plugins/dialect/openai/stored_objects.hpp"

#include <chrono>

namespace gatehouse::openai_dialect {

namespace {

Bounds bounds_of(const Options& options, const Host& host) {
    auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
    return {.json_depth = host.limits().max_json_depth,
            .messages = size(options.max_messages),
            .parts = size(options.max_parts),
            .tools = size(options.max_tools),
            .stop = size(options.max_stop),
            .inputs = size(options.max_inputs),
            .documents = size(options.max_documents)};
}

const Options& checked(const Options& options) {
    client::check_prefix(options.prefix);
    return options;
}

// "/v1" is a version.  "/v2/rerank" has the same parent path.
std::string second_rerank(std::string_view prefix) {
    if (prefix.ends_with("/v1")) prefix.remove_suffix(3);
    return std::string(prefix) + "/v2/rerank";
}

/// The rest of `path` behind `parent`, which is empty or begins with "/".  Nothing for another path.
std::optional<std::string_view> below(std::string_view parent, std::string_view path) {
    if (!path.starts_with(parent)) return std::nullopt;
    path.remove_prefix(parent.size());
    return path.empty() || path[0] == '/' ? std::optional(path) : std::nullopt;
}

}  // namespace

OpenAi::OpenAi(Options options, Host& host)
    : options_(checked(options)),
      second_rerank_(second_rerank(options_.prefix)),
      bounds_(bounds_of(options, host)),
      responses_(options, bounds_, host),
      conversations_(options, bounds_, host),
      host_(host) {}

std::vector<Dialect::Endpoint> OpenAi::endpoints() const {
    std::vector<Endpoint> list;
    auto add = [&](const char* method, std::string_view path) {
        list.push_back({method, std::string(options_.prefix).append(path)});
    };
    for (const char* path : {"/chat/completions", "/completions", "/embeddings"}) add("POST", path);
    for (const std::string_view operation : raw_operations) add("POST", "/" + std::string(operation));
    add("POST", "/rerank");
    list.push_back({"POST", second_rerank_});
    for (const char* path : {"/models", "/models/*"}) add("GET", path);
    add("POST", "/responses");
    add("POST", "/conversations");
    for (const char* path : {"/responses/*", "/conversations/*"})
        for (const char* method : {"GET", "DELETE", "POST"}) add(method, path);
    list.push_back({"GET", options_.prefix + "/responses", "upgrade"});
    if (options_.stored_objects.empty()) return list;
    for (const std::string_view operation : stored_objects) {
        for (const char* method : {"GET", "POST"}) add(method, "/" + std::string(operation));
        for (const char* method : {"GET", "DELETE", "POST"}) add(method, "/" + std::string(operation) + "/*");
    }
    return list;
}

Result<Parsed> OpenAi::parse(const http::RequestHead& head, std::string body) {
    std::string_view path = head.path;
    if (path == second_rerank_) return parse_ranking(head, std::move(body), 2);
    if (path.starts_with(options_.prefix)) {
        path.remove_prefix(options_.prefix.size());
        if (path == "/chat/completions") return parse_chat_completion(head, std::move(body));
        if (path == "/completions") return parse_text_completion(head, std::move(body));
        if (path == "/embeddings") return parse_embedding(head, std::move(body));
        if (path == "/rerank") return parse_ranking(head, std::move(body), 1);
        for (const std::string_view operation : raw_operations)
            if (path.starts_with('/') && path.substr(1) == operation)
                return parse_raw(head, std::move(body), operation);
        if (const auto rest = below("/responses", path))
            return responses_.parse(head, *rest, std::move(body));
        if (const auto rest = below("/conversations", path))
            return conversations_.parse(head, *rest, std::move(body));
        for (const std::string_view operation : stored_objects)
            if (const auto rest = below("/" + std::string(operation), path))
                return parse_stored(head, operation, *rest, std::move(body));
        if (path == "/models") return parse_models({});
        if (path.starts_with("/models/"))
            return parse_models(path.substr(std::string_view("/models/").size()));
    }
    return Error{ErrorKind::not_found, "no endpoint at this path"};
}

Result<Parsed> OpenAi::parse_chat_completion(const http::RequestHead& head, std::string body) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    Parsed parsed;
    ChatRequest& request = std::get<ChatRequest>(parsed.operation);
    auto names = parse_chat(std::move(body), bounds_, request);
    if (!names) return names.error();

    AnswerFacts facts = facts_of(request, "chatcmpl-");
    facts.functions = *names == ToolNames::functions;
    const auto make = request.stream ? stream_formatter : whole_formatter;
    auto shared = std::make_shared<const AnswerFacts>(std::move(facts));
    parsed.formatter = [make, shared = std::move(shared)] { return make(shared); };
    return parsed;
}

Result<Parsed> OpenAi::parse_text_completion(const http::RequestHead& head, std::string body) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    auto parsed = parse_completion(std::move(body), bounds_);
    if (!parsed) return parsed.error();
    ChatRequest& request = parsed->request;

    AnswerFacts facts = facts_of(request, "cmpl-");
    facts.choices *= static_cast<int>(parsed->prompts);
    facts.logprobs = request.completion->logprobs.has_value();
    if (facts.logprobs && !request.completion->echo.value_or(false))
        facts.prompt_characters = common::characters(last_user_text(request));
    const auto make = request.stream ? text_stream_formatter : whole_text_formatter;
    auto shared = std::make_shared<const AnswerFacts>(std::move(facts));
    return Parsed{std::move(request), [make, shared] { return make(shared); }};
}

std::int64_t OpenAi::seconds_now() const {
    return std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
}

AnswerFacts OpenAi::facts_of(const ChatRequest& request, std::string_view id_prefix) const {
    return {.id = random_id(id_prefix),
            .created = seconds_now(),
            .model = request.model,
            .choices = static_cast<int>(request.sampling.n.value_or(1)),
            .include_usage = request.include_usage};
}

Result<Parsed> OpenAi::parse_embedding(const http::RequestHead& head, std::string body) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    auto parsed = parse_embeddings(body, bounds_);
    if (!parsed) return parsed.error();
    EmbeddingRequest& request = parsed->request;
    auto shared = std::make_shared<const EmbeddingFacts>(
        EmbeddingFacts{request.model, input_count(request), parsed->base64, request.encoding});
    return Parsed{std::move(request), [shared] { return embedding_formatter(shared); }};
}

Result<Parsed> OpenAi::parse_ranking(const http::RequestHead& head, std::string body, int version) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    auto parsed = parse_rerank(body, bounds_);
    if (!parsed) return parsed.error();
    RerankRequest& request = parsed->request;
    auto shared = std::make_shared<const RankingFacts>(RankingFacts{
        random_id("rerank-"), request.model, version, request.documents.size(), std::move(parsed->returned)});
    return Parsed{std::move(request), [shared] { return ranking_formatter(shared); }};
}

Result<Parsed> OpenAi::parse_raw(const http::RequestHead& head, std::string body,
                                 std::string_view operation) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    auto request = parse_raw_request(std::move(body), operation, bounds_);
    if (!request) return request.error();
    return Parsed{*std::move(request), [] { return raw_formatter(); }};
}

Result<Parsed> OpenAi::parse_stored(const http::RequestHead& head, std::string_view operation,
                                    std::string_view path, std::string body) const {
    auto request = parse_stored_object(head, operation, path, std::move(body), options_.stored_objects);
    if (!request) return request.error();
    return Parsed{*std::move(request), [] { return raw_formatter(); }};
}

Result<Parsed> OpenAi::parse_models(std::string_view encoded_id) const {
    auto id = percent_decoded(encoded_id);
    if (!id) return id.error();
    return Parsed{ModelsRequest{*id}, [id = *id] { return models_formatter(id); }};
}

http::Response OpenAi::error(const Error& error) const { return error_response(error); }

void OpenAi::limits(const Standing& standing, http::Headers& headers) const { add_limits(standing, headers); }

}  // namespace gatehouse::openai_dialect
