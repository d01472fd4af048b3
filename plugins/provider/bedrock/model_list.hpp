// SPDX-License-Identifier: Apache-2.0
// The models and inference profiles of a region, from the control plane: GET /foundation-models,
// then GET /inference-profiles page after page (Amazon Bedrock API Reference, ListFoundationModels
// and ListInferenceProfiles).
// One thread at a time, as every Exchange.
#pragma once

#include "plugins/provider/bedrock/service.hpp"

#include <gatehouse/upstream.hpp>

#include <set>
#include <string>

namespace gatehouse::bedrock {

class ModelList final : public UpstreamExchange {
public:
    explicit ModelList(const Service& service)
        : UpstreamExchange(service.host, "Bedrock"), service_(service) {}

    Result<std::optional<http::Request>> request() override;
    Result<std::optional<http::Request>> next() override;
    std::string advice(const Error& error) override;
    std::string_view request_id_header() const override { return "x-amzn-requestid"; }

private:
    Result<void> on_json(JsonValue top, EventSink& events) override;
    Error on_failure() override;

    Result<void> read_models(JsonValue top, EventSink& events);
    Result<void> read_profiles(JsonValue top, EventSink& events);
    void add(const std::string& id, const std::string& owner, EventSink& events);

    const Service& service_;
    bool profiles_ = false;  // the second list
    int pages_ = 0;
    std::string next_;                       // token of the next page
    std::set<std::string> others_, listed_;  // ids of models that cannot chat; ids that were emitted
};

}  // namespace gatehouse::bedrock
