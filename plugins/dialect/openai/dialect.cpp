// SPDX-License-Identifier: Apache-2.0
// From a path to what reads the request and to what writes its answer.
#include "plugins/dialect/openai/dialect.hpp"

#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <chrono>

namespace gatehouse::openai {

namespace {

Bounds bounds_of(const Options& options, const Host& host) {
    auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
    return {.json_depth = host.limits().max_json_depth,
            .messages = size(options.max_messages),
            .parts = size(options.max_parts),
            .tools = size(options.max_tools),
            .stop = size(options.max_stop)};
}

const Options& checked(const Options& options) {
    const std::string& prefix = options.prefix;
    if (prefix.empty()) return options;
    if (prefix.front() != '/' || prefix.back() == '/' || prefix.find_first_of("?#%* \t") != std::string::npos)
        throw KeyError("prefix", "must begin with a slash and not end with one, such as \"/v1\"");
    return options;
}

}  // namespace

OpenAi::OpenAi(Options options, Host& host)
    : options_(checked(options)), bounds_(bounds_of(options, host)), host_(host) {}

std::vector<Dialect::Endpoint> OpenAi::endpoints() const {
    return {{"POST", options_.prefix + "/chat/completions"},
            {"GET", options_.prefix + "/models"},
            {"GET", options_.prefix + "/models/*"}};
}

Result<Parsed> OpenAi::parse(const http::RequestHead& head, std::string body) {
    std::string_view path = head.path;
    if (path.starts_with(options_.prefix)) {
        path.remove_prefix(options_.prefix.size());
        if (path == "/chat/completions") return parse_chat_completion(head, std::move(body));
        if (path == "/models") return parse_models({});
        if (path.starts_with("/models/"))
            return parse_models(path.substr(std::string_view("/models/").size()));
    }
    return Error{ErrorKind::not_found, "there is nothing at this path"};
}

Result<Parsed> OpenAi::parse_chat_completion(const http::RequestHead& head, std::string body) const {
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    auto parsed = parse_chat(body, bounds_);
    if (!parsed) return parsed.error();
    ChatRequest& request = parsed->request;

    AnswerFacts facts;
    facts.id = random_id("chatcmpl-");
    facts.created = std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
    facts.model = request.model;
    facts.choices = static_cast<int>(request.sampling.n.value_or(1));
    facts.include_usage = request.include_usage;
    facts.functions = parsed->functions;
    const auto make = request.stream ? stream_formatter : whole_formatter;
    auto shared = std::make_shared<const AnswerFacts>(std::move(facts));
    return Parsed{std::move(request), [make, shared] { return make(shared); }};
}

Result<Parsed> OpenAi::parse_models(std::string_view encoded_id) const {
    auto id = percent_decoded(encoded_id);
    if (!id) return id.error();
    return Parsed{ModelsRequest{*id}, [id = *id] { return models_formatter(id); }};
}

http::Response OpenAi::error(const Error& error) const { return error_response(error); }

}  // namespace gatehouse::openai
