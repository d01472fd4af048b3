// SPDX-License-Identifier: Apache-2.0
// The dialect of the client and the provider of the upstream, with nothing between them.
#pragma once

#include "plugins/dialect/openai/dialect.hpp"
#include "plugins/provider/openai/openai.hpp"
#include "tests/plugins/lossless/json_walk.hpp"

#include <gatehouse/testing.hpp>

namespace gatehouse::test {

inline constexpr const char* chat_path = "/v1/chat/completions";
inline constexpr const char* text_path = "/v1/completions";

struct Sides {
    explicit Sides(openai_provider::Options options = {}) : provider(options, host) {}
    testing::FakeHost host;
    openai_dialect::OpenAi dialect{openai_dialect::Options{}, host};
    openai_provider::OpenAi provider;

    /// The client's request.
    Parsed parse(const char* path, const std::string& body) {
        http::RequestHead head{.method = "POST", .path = path};
        head.headers.add("content-type", "application/json");
        auto parsed = dialect.parse(head, body);
        REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message + " in " + body));
        return *std::move(parsed);
    }
    /// The body that the upstream receives.
    std::string sent(const char* path, const std::string& body) {
        const Parsed parsed = parse(path, body);
        auto exchange = provider.chat(std::get<ChatRequest>(parsed.operation));
        REQUIRE(exchange);
        auto http = (*exchange)->request();
        REQUIRE(http);
        return (*http)->body;
    }
    /// The body that the client receives, if the upstream answers `pieces` to `request`.
    std::string answered(const char* path, const std::string& request,
                         const std::vector<std::string_view>& pieces) {
        const Parsed parsed = parse(path, request);
        auto events = testing::replay(provider, std::get<ChatRequest>(parsed.operation), pieces);
        REQUIRE_MESSAGE(events, (events ? "" : events.error().message));
        auto formatter = parsed.formatter();
        std::string out;
        formatter->head();
        for (const Event& event : *events) formatter->event(event, out);
        formatter->end(out);
        return out;
    }
};

}  // namespace gatehouse::test
