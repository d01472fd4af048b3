// SPDX-License-Identifier: Apache-2.0
// The core's keys of a provider: the timeouts of its responses, the action when a client
// disconnects, and the price.  A missing key has the value of [upstream], or for a model, of its
// provider.
// Plain values; read once at start.
#pragma once

#include "core/util/route_timeouts.hpp"

#include <gatehouse/route_query.hpp>
#include <gatehouse/schema.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace gatehouse::core {

/// The price of a million tokens, as in the file.
struct PriceOptions {
    double input = 0, output = 0;
};

/// Options of a provider, or of some of its models.
struct RouteOptions {
    RouteTimeoutOverrides timeouts = {};
    std::optional<std::string> on_disconnect;  // cancel, drain
    std::optional<std::int64_t> drain_response_ms, drain_response_bytes;
    std::optional<PriceOptions> price = {};  // wrong_price() has found no mistake
};

struct ProviderOptions : RouteOptions {
    std::string trace_context = "full";                  // full, traceparent, none
    std::map<std::string, RouteOptions> per_model = {};  // a star at the end matches any text
};

/// The keys of the timeouts.
template <typename Options>
Fields<Options> timeout_fields(const std::string& more) {
    using Timeouts = decltype(Options::timeouts);
    auto shown = [](std::optional<std::chrono::milliseconds> usual) {
        return usual ? std::to_string(usual->count()) : std::string();
    };
    Fields<Options> fields;
    for (const RouteTimeoutKey<Timeouts>& key : route_timeout_keys<Timeouts>)
        fields.push_back({Key{.name = key.name,
                              .type = ValueType::integer,
                              .doc = key.doc + more,
                              .fallback = shown(Timeouts{}.*key.member),
                              .minimum = 1,
                              .maximum = longest_timeout_ms},
                          [member = key.member](Options& options, const Value& value) {
                              options.timeouts.*member =
                                  std::chrono::milliseconds(std::get<std::int64_t>(value.data));
                          }});
    return fields;
}

/// The keys, with ranges and descriptions, for [upstream], a provider and its models.  Their
/// Options have members of these names.  `more` is appended to each description.
template <typename Options>
Fields<Options> route_fields(const std::string& more = {}) {
    // The template needs a pointer to a member of Options, not of its base.
    auto own = []<typename Base, typename T>(T Base::*member) -> T Options::* { return member; };
    Fields<Options> fields = timeout_fields<Options>(more);
    fields.push_back(
        choice("on_disconnect", own(&Options::on_disconnect), {"cancel", "drain"},
               "Action on an upstream response when the client disconnects: \"cancel\" stops it at once; "
               "\"drain\" reads it to its end to count its tokens." +
                   more));
    fields.push_back(ranged(
        "drain_response_ms", own(&Options::drain_response_ms), 1, longest_timeout_ms,
        "Maximum time to drain a response, in milliseconds. Then the upstream request is cancelled." + more));
    fields.push_back(ranged(
        "drain_response_bytes", own(&Options::drain_response_bytes), 1, 1'073'741'824,
        "Maximum number of bytes read to drain a response. Then the upstream request is cancelled." + more));
    return fields;
}

/// The mistake in a price, such as "must not be negative"; empty if it is valid.
std::string wrong_price(double price);
/// REQUIRES: valid numbers.
Price price_of(const PriceOptions& options);

/// The core's keys of every [provider.NAME].
extern const Fields<ProviderOptions> provider_fields;

}  // namespace gatehouse::core
