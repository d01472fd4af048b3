// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/cohere/request.hpp"

#include <algorithm>

namespace gatehouse::oci {

namespace {

constexpr std::int64_t max_top_k = 500;

/// A value outside of Cohere's range is set to the nearest accepted value.
std::optional<double> within(const std::optional<double>& value, double low, double high) {
    return value ? std::optional(std::clamp(*value, low, high)) : std::nullopt;
}

}  // namespace

Result<void> CohereRequestWriter::check_cohere() const {
    if (request_.sampling.n.value_or(1) != 1)
        return no_place("Cohere's models return one choice a request: omit n, or set it to 1", "n");
    if (!request_.web_search_options.empty() && !model_.drop.has(RequestField::web_search_options))
        return no_place("Cohere's models on OCI cannot search the web: omit web_search_options",
                        "web_search_options");
    return {};
}

void CohereRequestWriter::write_cohere_sampling() {
    const Sampling& sampling = request_.sampling;
    write_token_limit();
    number(RequestField::temperature, within(sampling.temperature, 0, 1));
    number(RequestField::top_p, sampling.top_p);
    if (sampling.top_k)
        number(RequestField::top_k, std::optional(std::clamp<std::int64_t>(*sampling.top_k, 0, max_top_k)));
    number(RequestField::frequency_penalty, within(sampling.frequency_penalty, 0, 1));
    number(RequestField::presence_penalty, within(sampling.presence_penalty, 0, 1));
    number(RequestField::seed, sampling.seed);
    write_stop("stopSequences");
    leave_out(!sampling.logit_bias.empty(), "logit_bias");
    leave_out(!request_.verbosity.empty(), "verbosity");
    leave_out(!request_.service_tier.empty(), "service_tier");
    leave_out(!request_.metadata.empty(), "metadata");
    leave_out(!request_.prediction.empty(), "prediction");
}

Result<void> CohereRequestWriter::write_cohere_format() {
    using Kind = ResponseFormat::Kind;
    const ResponseFormat& format = request_.response_format;
    if (format.kind == Kind::unset || !begin(RequestField::response_format)) return {};
    json_.begin_object().member("type", format.kind == Kind::text ? "TEXT" : "JSON_OBJECT");
    if (wants_schema()) {
        const auto schema = response_schema();
        if (!schema) return schema.error();
        if (!schema->empty()) json_.key("schema").raw(*schema);
    }
    json_.end_object();
    return {};
}

}  // namespace gatehouse::oci
