// SPDX-License-Identifier: Apache-2.0
// Helpers of the OCI provider's tests: fixtures, a provider with given keys, and
// requests in one line.
#pragma once

#include "plugins/provider/oci/oci.hpp"
#include "tests/plugins/describe.hpp"

#include <fstream>
#include <iterator>

namespace gatehouse::oci::test {

using namespace gatehouse::test;

inline std::string fixture(const std::string& name) {
    std::ifstream file(std::string(FIXTURES) + "/oci/" + name, std::ios::binary);
    REQUIRE_MESSAGE(file, name);
    return {std::istreambuf_iterator<char>(file), {}};
}

inline Options options() {
    Options options;
    options.compartment_id = "ocid1.compartment.oc1..aaaaaaaaexample";
    options.region = {"us-chicago-1"};
    return options;
}

/// A provider and the host that it needs.
struct Bench {
    explicit Bench(const Options& given = options()) : provider(given, host) {}
    testing::FakeHost host;
    Oci provider;
};

inline Message message(Role role, std::string text) {
    Message message;
    message.role = role;
    message.parts.push_back(Text{std::move(text)});
    return message;
}
inline Message calls(std::vector<ToolCall> list) {
    Message message;
    message.role = Role::assistant;
    message.tool_calls = std::move(list);
    return message;
}
inline Message result(std::string id, std::string text) {
    Message one = message(Role::tool, std::move(text));
    one.tool_call_id = std::move(id);
    return one;
}

inline ChatRequest ask(std::string model = "meta.llama-3.3-70b-instruct", std::string text = "Hello") {
    ChatRequest request;
    request.model = std::move(model);
    request.messages.push_back(message(Role::user, std::move(text)));
    return request;
}
inline ChatRequest ask_stream(std::string model = "meta.llama-3.3-70b-instruct") {
    ChatRequest request = ask(std::move(model));
    request.stream = true;
    return request;
}

/// The body that is sent for `request`.
inline Json sent(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    auto http = (*exchange)->request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    return Json::parse((**http).body);
}
inline Json chat_sent(Provider& provider, const ChatRequest& request) {
    return sent(provider, request).at("chatRequest");
}
/// The error of `request`.
inline Error refused(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    if (!exchange) return exchange.error();
    auto http = (*exchange)->request();
    REQUIRE(!http);
    return http.error();
}

inline http::ResponseHead status(int code, http::Headers headers = {}) { return {code, std::move(headers)}; }

/// The result of `body` as the non-streaming response to `request`.
inline Lines answer_to(const ChatRequest& request, std::string_view body, const http::ResponseHead& head = {},
                       const Options& given = options()) {
    Bench bench(given);
    return lines(testing::replay(bench.provider, request, {body}, head));
}
inline Lines whole(std::string_view body) { return answer_to(ask(), body); }
inline Lines streamed(std::string_view body) { return answer_to(ask_stream(), body); }

}  // namespace gatehouse::oci::test
