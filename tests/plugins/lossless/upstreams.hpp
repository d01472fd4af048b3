// SPDX-License-Identifier: Apache-2.0
// The upstreams of four providers, and the body that each sends for a request.
#pragma once

#include "plugins/dialect/openai/dialect.hpp"
#include "plugins/provider/anthropic/anthropic.hpp"
#include "plugins/provider/oci/oci.hpp"
#include "plugins/provider/openai/openai.hpp"
#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// Generated text of about `size` bytes.
inline std::string prose(std::string_view about, std::size_t size) {
    std::string out;
    for (int line = 1; out.size() < size; ++line)
        out.append("Rule ")
            .append(std::to_string(line))
            .append(" of ")
            .append(about)
            .append(": \"check\" the caf\xC3\xA9's path C:\\data before you change it.\n");
    return out;
}

inline ChatRequest parse(const std::string& body, const std::string& model) {
    testing::FakeHost host;
    openai_dialect::OpenAi dialect({}, host);
    http::RequestHead head{.method = "POST", .path = "/v1/chat/completions"};
    if (body.find("\"input\":") != body.npos) head.path = "/v1/responses";
    head.headers.add("content-type", "application/json");
    auto parsed = dialect.parse(head, body);
    REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().message));
    ChatRequest request = std::get<ChatRequest>(std::move(parsed->operation));
    request.model = model;
    return request;
}

struct Upstream {
    const char* name;
    std::string model;
    std::function<std::unique_ptr<Provider>(Host&)> make;
    bool image = true;
    const char* cache_key = nullptr;  // the upstream's name of it
};

inline oci::Options oci_options() {
    oci::Options options;
    options.compartment_id = "ocid1.compartment.oc1..aaaaaaaaexample";
    options.region = {"us-chicago-1"};
    return options;
}

inline std::vector<Upstream> upstreams() {
    const auto oci = [](Host& host) { return std::make_unique<oci::Oci>(oci_options(), host); };
    return {
        {"openai", "gpt-5",
         [](Host& host) {
             return std::make_unique<openai_provider::OpenAi>(openai_provider::Options{}, host);
         },
         true, "prompt_cache_key"},
        {"anthropic", "claude-sonnet-4-5",
         [](Host& host) { return std::make_unique<anthropic::Anthropic>(anthropic::Options{}, host); }},
        {"oci GENERIC", "openai.gpt-4.1", oci},
        {"oci COHERE V2", "cohere.command-a-reasoning-08-2025", oci, false},
        {"oci RESPONSES", "openai.gpt-5",
         [](Host& host) {
             oci::Options options = oci_options();
             options.surface = "responses";
             options.project = "ocid1.generativeaiproject.oc1..aaaaaaaaexample";
             return std::make_unique<oci::Oci>(options, host);
         },
         true, "prompt_cache_key"},
    };
}

inline std::unique_ptr<Exchange> begin(Provider& provider, const ChatRequest& request) {
    auto exchange = provider.chat(request);
    REQUIRE_MESSAGE(exchange, (exchange ? "" : exchange.error().message));
    return *std::move(exchange);
}
inline std::string body_of(Exchange& exchange) {
    auto http = exchange.request();
    REQUIRE_MESSAGE(http, (http ? "" : http.error().message));
    return (*http)->body;
}
inline std::string sent(Provider& provider, const ChatRequest& request) {
    return body_of(*begin(provider, request));
}

/// The length of the common beginning.  Tests are not optimized, so that it compares blocks first.
inline std::size_t common_beginning(std::string_view a, std::string_view b) {
    constexpr std::size_t block = 1024;
    std::size_t at = 0;
    while (at + block <= std::min(a.size(), b.size()) && a.substr(at, block) == b.substr(at, block))
        at += block;
    while (at < std::min(a.size(), b.size()) && a[at] == b[at]) ++at;
    return at;
}

/// The later body of a conversation begins with at least 99.9 % of the earlier one.  Returns the length
/// of the common beginning.
inline std::size_t check_beginning(const std::string& earlier, const std::string& later) {
    const std::size_t common = common_beginning(earlier, later);
    CAPTURE(common);
    CAPTURE(earlier.size());
    CAPTURE(earlier.substr(common > 60 ? common - 60 : 0, 200));
    CAPTURE(later.substr(common > 60 ? common - 60 : 0, 200));
    CHECK(static_cast<double>(common) >= 0.999 * static_cast<double>(earlier.size()));
    return common;
}

}  // namespace gatehouse::test
