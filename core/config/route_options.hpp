// SPDX-License-Identifier: Apache-2.0
// The core's keys of a provider: the timeouts of its responses, and the action when a client
// disconnects.  A missing key has the value of [upstream], or for a model, of its provider.
// Plain values; read once at start.
#pragma once

#include <gatehouse/schema.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace gatehouse::core {

/// Options of a provider, or of some of its models.
struct RouteOptions {
    std::optional<std::int64_t> connect_timeout_ms, first_byte_timeout_ms, response_timeout_ms,
        stream_timeout_ms, idle_timeout_ms;
    std::optional<std::string> on_disconnect;  // cancel, drain
    std::optional<std::int64_t> drain_response_ms, drain_response_bytes;
};

struct ProviderOptions : RouteOptions {
    std::map<std::string, RouteOptions> per_model = {};  // a star at the end matches any text
};

inline constexpr std::int64_t longest_time_ms = 86'400'000;

/// The keys, with ranges and descriptions, for [upstream], a provider and its models.  Their
/// Options have members of these names.  `more` is appended to each description.
template <typename Options>
Fields<Options> route_fields(const std::string& more = {}) {
    // The template needs a pointer to a member of Options, not of its base.
    auto own = []<typename Base, typename T>(T Base::*member) -> T Options::* { return member; };
    auto time = [&](const char* name, auto member, const char* doc) {
        return ranged(name, own(member), 1, longest_time_ms, doc + more);
    };
    return {
        time("connect_timeout_ms", &Options::connect_timeout_ms,
             "Maximum time to connect to an upstream, TLS handshake included, in milliseconds. A slower "
             "attempt fails."),
        time("first_byte_timeout_ms", &Options::first_byte_timeout_ms,
             "Maximum time until a streaming response begins, all attempts together, in milliseconds. A "
             "slower request fails with 504."),
        time("response_timeout_ms", &Options::response_timeout_ms,
             "Maximum time until a non-streaming response is complete, all attempts together, in "
             "milliseconds. A slower request fails with 504."),
        time("stream_timeout_ms", &Options::stream_timeout_ms,
             "Maximum time until a streaming response is complete, in milliseconds. A longer stream ends "
             "with an error."),
        time("idle_timeout_ms", &Options::idle_timeout_ms,
             "Maximum silence of an upstream within a response, in milliseconds. After it the request "
             "fails."),
        choice("on_disconnect", own(&Options::on_disconnect), {"cancel", "drain"},
               "Action on an upstream response when the client disconnects: \"cancel\" stops it at once; "
               "\"drain\" reads it to its end to count its tokens." +
                   more),
        time("drain_response_ms", &Options::drain_response_ms,
             "Maximum time to drain a response, in milliseconds. Then the upstream request is cancelled."),
        ranged("drain_response_bytes", own(&Options::drain_response_bytes), 1, 1'073'741'824,
               "Maximum number of bytes read to drain a response. Then the upstream request is cancelled." +
                   more),
    };
}

/// The core's keys of every [provider.NAME].
extern const Fields<ProviderOptions> provider_fields;

}  // namespace gatehouse::core
