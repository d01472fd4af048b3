// SPDX-License-Identifier: Apache-2.0
// What every exchange with OCI has in common, whatever it asks: where it goes,
// the refusals, and the way on to the next endpoint when one fails.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/oci/errors.hpp"
#include "plugins/provider/oci/service.hpp"

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// The members of one are never called at the same time.
class Call : public upstream::HttpExchange {
public:
    bool amend(const Error& error) final;
    std::string advice(const Error& error) final;
    std::string_view request_id_header() const final { return "opc-request-id"; }

protected:
    /// REQUIRES: `service` outlives it.
    Call(Service& service, Model model);

    /// Forgets the last answer, and begins a request to `operation`, such as
    /// "/actions/chat", at the endpoint whose turn it is.
    http::Request begin(std::string_view method, std::string_view operation);
    /// The same with another base than that of inference, for the control plane.
    http::Request begin_at(std::string_view method, std::string url);

    const Endpoint& endpoint() const { return walk_.here(); }
    Asked asked() const { return {endpoint(), service_.compartment_id, model_, &service_.listed}; }

    /// Whether the next request does without what the model has refused.
    virtual bool do_without(const Refused&) { return false; }

    Service& service_;
    Model model_;  // with what has been learned about it

private:
    Error on_failure() final;

    EndpointWalk walk_;
    bool amended_ = false;    // by the last refusal
    bool elsewhere_ = false;  // another endpoint may do better
};

}  // namespace gatehouse::oci
