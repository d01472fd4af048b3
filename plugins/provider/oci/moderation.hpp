// SPDX-License-Identifier: Apache-2.0
// POST /v1/moderations of OpenAI's protocol, answered by OCI's ApplyGuardrails.
//
// The categories are OCI's, in lower case: the ones of content moderation, `prompt_injection`, and
// `personal_information` with the places of what was found.
#pragma once

#include "plugins/common/oci/guardrails.hpp"
#include "plugins/provider/oci/oci_exchange.hpp"

#include <gatehouse/operation.hpp>

#include <string>
#include <vector>

namespace gatehouse::oci {

/// The inputs of a moderation: each element is one request and one result.
using ModerationInputs = std::vector<std::vector<oci_guardrails::Input>>;

/// Reads `input` of a moderation: a text, texts, or parts of type text and image_url, which are
/// checked together.  The error is bad_request with `param`.
Result<ModerationInputs> read_moderation(std::string body);

/// One thread at a time.
class ModerationExchange final : public OciExchange {
public:
    /// REQUIRES: `service` and `rules` outlive the exchange.  `inputs` is not empty.
    ModerationExchange(Service& service, Model model, const oci_guardrails::Rules& rules,
                       ModerationInputs inputs)
        : OciExchange(service, std::move(model)), rules_(rules), inputs_(std::move(inputs)) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;

private:
    Result<void> on_end(EventSink& events) override;
    http::Request ask();

    const oci_guardrails::Rules& rules_;
    const ModerationInputs inputs_;
    std::size_t at_ = 0;   // the input of the current request
    std::string results_;  // as JSON, joined with commas
};

}  // namespace gatehouse::oci
