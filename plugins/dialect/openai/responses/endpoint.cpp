// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/responses/endpoint.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/dialect/openai/content.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/compact.hpp"
#include "plugins/dialect/openai/responses/formatter.hpp"
#include "plugins/dialect/openai/responses/stored_answers.hpp"

#include <chrono>

namespace gatehouse::openai_dialect::responses {

namespace {

// Codex tries a WebSocket first if it is told to.  After 426 it continues without one.
Error no_websocket() {
    return {
        .kind = ErrorKind::bad_request, .message = "this endpoint has no WebSocket: use POST", .status = 426};
}

Error not_found(std::string_view id) {
    return {ErrorKind::not_found, "response " + quoted_for_client(id) + " is not known"};
}

}  // namespace

ResponsesEndpoint::ResponsesEndpoint(const Options& options, const Bounds& bounds, Host& host)
    : keep_for_(std::chrono::seconds(options.keep_for_s)),
      max_kept_bytes_(static_cast<std::size_t>(options.max_kept_bytes)),
      max_chain_(static_cast<std::size_t>(options.max_chain)),
      bounds_(bounds),
      host_(host) {}

Result<Parsed> ResponsesEndpoint::parse(const http::RequestHead& head, std::string_view path,
                                        std::string body) const {
    const bool post = head.method == "POST";
    Purpose purpose = Purpose::create;
    if (post && path == "/input_tokens")
        purpose = Purpose::count;
    else if (post && path == "/compact")
        purpose = Purpose::compact;
    else if (!path.empty())
        return find(head, path);
    else if (!post)
        return no_websocket();
    if (auto ok = check_content(head.headers); !ok) return ok.error();
    return create(purpose, std::make_shared<std::string>(std::move(body)), std::make_shared<Recalled>());
}

// A request that names earlier responses is read again when they are there.
Result<Parsed> ResponsesEndpoint::create(Purpose purpose, const Body& body, const Earlier& earlier) const {
    auto parsed = parse_response(body, bounds_, host_.store() ? earlier.get() : nullptr);
    if (!parsed) return parsed.error();
    if (!parsed->wanted.empty()) return recall(std::move(parsed->wanted), purpose, body, earlier);
    return answer(purpose, *std::move(parsed));
}

Result<Parsed> ResponsesEndpoint::recall(std::vector<std::string> ids, Purpose purpose, const Body& body,
                                         const Earlier& earlier) const {
    Parsed parsed;
    for (const std::string& id : ids) parsed.recall.push_back(record_id(id));
    parsed.resume = [this, ids = std::move(ids), purpose, body,
                     earlier](std::vector<std::optional<Record>> records) {
        for (std::size_t i = 0; i < ids.size() && i < records.size(); ++i)
            earlier->add(ids[i], std::move(records[i]));
        return create(purpose, body, earlier);
    };
    return parsed;
}

Parsed ResponsesEndpoint::answer(Purpose purpose, ParsedResponse parsed) const {
    if (!parsed.passed_items.empty())
        host_.log(Level::debug, "items have a place in this API only",
                  {{"types", common::joined(parsed.passed_items)}});
    if (purpose == Purpose::count)
        return Parsed{TokenCountRequest{std::move(parsed.request)}, [] { return token_count_formatter(); }};
    ResponseFacts& facts = parsed.facts;
    facts.stem = secret_id({});
    facts.created = std::chrono::duration_cast<std::chrono::seconds>(host_.now().time_since_epoch()).count();
    facts.host = &host_;
    facts.stored = facts.stored && facts.chain.size() < max_chain_;
    facts.keep_for = keep_for_;
    facts.max_kept_bytes = max_kept_bytes_;
    const std::string users = purpose == Purpose::compact ? user_items(parsed.request, facts) : std::string();
    auto shared = std::make_shared<const ResponseFacts>(std::move(facts));
    if (purpose == Purpose::create)
        return Parsed{std::move(parsed.request), [shared] { return response_formatter(shared); }};
    ask_for_summary(parsed.request);
    return Parsed{std::move(parsed.request), [shared, users] { return compact_formatter(shared, users); }};
}

Result<Parsed> ResponsesEndpoint::find(const http::RequestHead& head, std::string_view path) const {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    const std::string id(path.substr(0, slash));
    const std::string_view verb = slash == path.npos ? std::string_view() : path.substr(slash + 1);
    const auto reply = reply_for(head, id, verb);
    if (!reply) return reply.error();
    if (!is_response_id(id) || !host_.store()) return not_found(id);
    Parsed parsed;
    parsed.recall = {{response_space, id}};
    parsed.resume = [id, reply = *reply](std::vector<std::optional<Record>> records) -> Result<Parsed> {
        Recalled recalled;
        if (!records.empty()) recalled.add(id, std::move(records.front()));
        const StoredResponse* stored = recalled.response(id);
        if (!stored) return not_found(id);
        return reply(id, *stored);
    };
    return parsed;
}

}  // namespace gatehouse::openai_dialect::responses
