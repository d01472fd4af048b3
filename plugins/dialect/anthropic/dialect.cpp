// SPDX-License-Identifier: Apache-2.0
// Maps paths to parsers and formatters.
#include "plugins/dialect/anthropic/dialect.hpp"

#include "plugins/common/client/content.hpp"
#include "plugins/common/client/prefix.hpp"
#include "plugins/common/client/random_id.hpp"
#include "plugins/common/client/reader.hpp"
#include "plugins/common/text/text.hpp"
#include "plugins/dialect/anthropic/counts.hpp"
#include "plugins/dialect/anthropic/errors.hpp"
#include "plugins/dialect/anthropic/limits.hpp"
#include "plugins/dialect/anthropic/message_answer.hpp"
#include "plugins/dialect/anthropic/models.hpp"

#include <gatehouse/token_estimate.hpp>

namespace gatehouse::anthropic_dialect {

namespace {

constexpr const char* version_header = "anthropic-version";
constexpr std::size_t max_betas = 64, longest_betas = 4096;

Bounds bounds_of(const Options& options, const Host& host) {
    auto size = [](std::int64_t number) { return static_cast<std::size_t>(number); };
    return {.json_depth = host.limits().max_json_depth,
            .messages = size(options.max_messages),
            .parts = size(options.max_parts),
            .tools = size(options.max_tools),
            .stop = size(options.max_stop)};
}

const Options& checked(const Options& options) {
    client::check_prefix(options.prefix);
    return options;
}

/// "2023-06-01".  Later versions than those known are accepted.
bool is_version(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-dd";
    if (text.size() != form.size()) return false;
    for (std::size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'd' ? !common::is_digit(text[i]) : text[i] != form[i]) return false;
    return true;
}

std::vector<std::string> betas_of(const http::Headers& headers) {
    std::vector<std::string> betas;
    for (const auto& [name, value] : headers)
        if (http::equal_ignoring_case(name, "anthropic-beta") && value.size() <= longest_betas &&
            betas.size() < max_betas)
            betas.push_back(value);
    return betas;
}

}  // namespace

Anthropic::Anthropic(Options options, Host& host)
    : options_(checked(options)), bounds_(bounds_of(options, host)), host_(host) {}

std::vector<Dialect::Endpoint> Anthropic::endpoints() const {
    const std::string& prefix = options_.prefix;
    return {{"POST", prefix + "/messages"},
            {"POST", prefix + "/messages/count_tokens"},
            // Clients of OpenAI's protocol ask for the same paths, without this header.
            {"GET", prefix + "/models", version_header},
            {"GET", prefix + "/models/*", version_header}};
}

Result<Parsed> Anthropic::parse(const http::RequestHead& head, std::string body) {
    if (auto ok = check_version(head.headers); !ok) return ok.error();
    std::string_view path = head.path;
    if (path.starts_with(options_.prefix)) {
        path.remove_prefix(options_.prefix.size());
        if (path == "/messages") return parse_chat(head, std::move(body));
        if (path == "/messages/count_tokens") return parse_count(head, std::move(body));
        if (path == "/models") {
            auto page = read_page(head.query);
            if (!page) return page.error();
            return Parsed{ModelsRequest{}, [page = *page] { return model_page_formatter(page); }};
        }
        constexpr std::string_view models = "/models/";
        if (path.starts_with(models)) return parse_model(path.substr(models.size()));
    }
    return Error{ErrorKind::not_found, "no endpoint at this path"};
}

Result<void> Anthropic::check_version(const http::Headers& headers) const {
    const std::string_view version = headers.get(version_header);
    if (version.empty() && !options_.require_version) return {};
    if (version.empty())
        return Error{.kind = ErrorKind::bad_request, .message = "anthropic-version: header is required"};
    if (is_version(version)) return {};
    return Error{.kind = ErrorKind::bad_request,
                 .message = "anthropic-version: " + client::quoted_for_client(version) +
                            " is not a valid version: send a date such as 2023-06-01"};
}

Result<ParsedMessage> Anthropic::parse_body(const http::RequestHead& head, std::string body,
                                            bool counts) const {
    if (auto ok = client::check_content(head.headers); !ok) return ok.error();
    auto parsed = parse_message(std::move(body), bounds_, counts);
    if (parsed) parsed->request.betas = betas_of(head.headers);
    return parsed;
}

Result<Parsed> Anthropic::parse_chat(const http::RequestHead& head, std::string body) const {
    auto parsed = parse_body(head, std::move(body), false);
    if (!parsed) return parsed.error();
    ChatRequest& request = parsed->request;
    auto facts = std::make_shared<const AnswerFacts>(
        AnswerFacts{.id = client::random_id("msg_"),
                    .model = request.model,
                    .prompt_tokens = estimated_tokens(request),
                    .shows_thoughts = parsed->asks_thoughts && options_.reasoning == "asked"});
    const auto make = request.stream ? stream_formatter : whole_formatter;
    return Parsed{std::move(request), [make, facts] { return make(facts); }};
}

Result<Parsed> Anthropic::parse_count(const http::RequestHead& head, std::string body) const {
    auto parsed = parse_body(head, std::move(body), true);
    if (!parsed) return parsed.error();
    const bool estimates = options_.count_tokens == "estimate";
    return Parsed{TokenCountRequest{std::move(parsed->request)},
                  [estimates] { return count_formatter(estimates); }};
}

Result<Parsed> Anthropic::parse_model(std::string_view encoded_id) const {
    auto id = client::percent_decoded(encoded_id);
    if (!id) return id.error();
    return Parsed{ModelsRequest{*id}, [] { return model_formatter(); }};
}

http::Response Anthropic::error(const Error& error) const { return error_response(error); }

void Anthropic::limits(const Standing& standing, http::Headers& headers) const {
    add_limits(standing, host_.now(), headers);
}

}  // namespace gatehouse::anthropic_dialect
