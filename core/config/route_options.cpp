// SPDX-License-Identifier: Apache-2.0
#include "core/config/route_options.hpp"

#include <cmath>
#include <utility>

namespace gatehouse::core {

namespace {

constexpr double pico_per_token = 1e6;  // for a price of 1 for a million tokens
constexpr double highest_price = 1e6;

template <typename Options>
Field<Options> price_field(const std::string& more) {
    static const Fields<PriceOptions> fields = {
        required("input", &PriceOptions::input, "Price of a million tokens of the prompt."),
        required("output", &PriceOptions::output, "Price of a million tokens of the response."),
    };
    return {
        Key{.name = "price",
            .type = ValueType::table,
            .doc = "Price of a million tokens, { input = 2.00, output = 8.00 }, for a mapper that chooses "
                   "the cheapest route.  All prices have one currency." +
                   more,
            .keys = keys_of(fields)},
        [](Options& options, const Value& value) {
            options.price = read(fields, detail::expect<Table>(value));
        }};
}

Fields<ProviderOptions> all() {
    auto fields = route_fields<ProviderOptions>("  The default is the value of [upstream].");
    fields.push_back(price_field<ProviderOptions>("  Without the key there is no price."));
    fields.push_back(
        choice("trace_context", &ProviderOptions::trace_context, {"full", "traceparent", "none"},
               "The W3C Trace Context that the upstream gets: \"full\" sends traceparent and the "
               "client's tracestate; \"traceparent\" omits tracestate; \"none\" sends neither."));
    auto per_model = route_fields<RouteOptions>("  The default is the provider's value.");
    per_model.push_back(price_field<RouteOptions>("  The default is the provider's value."));
    fields.push_back(table_map(
        "per_model", &ProviderOptions::per_model, std::move(per_model),
        "These keys for single models, by the provider's name for them; a star at the end matches any "
        "text."));
    return fields;
}

}  // namespace

const Fields<ProviderOptions> provider_fields = all();

std::string wrong_price(double price) {
    if (price < 0) return "must not be negative";
    if (price > highest_price) return "must be at most 1000000, for a million tokens";
    // The double nearest to a decimal number differs from it by less than this.
    const double pico = price * pico_per_token, error = pico * 1e-15;
    if (std::abs(pico - std::round(pico)) > error) return "must have at most six digits after the point";
    return {};
}

Price price_of(const PriceOptions& options) {
    return {.input = std::llround(options.input * pico_per_token),
            .output = std::llround(options.output * pico_per_token)};
}

}  // namespace gatehouse::core
