// SPDX-License-Identifier: Apache-2.0
// Base class of all exchanges with OCI: selects the endpoint, handles refusals,
// and falls back to the next endpoint after a failure.
#pragma once

#include "plugins/common/upstream/http_exchange.hpp"
#include "plugins/provider/oci/errors.hpp"
#include "plugins/provider/oci/service.hpp"

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// One thread at a time.
class OciExchange : public upstream::HttpExchange {
public:
    bool amend(const Error& error) final;
    std::string advice(const Error&) final;
    std::string_view request_id_header() const final { return "opc-request-id"; }

protected:
    /// REQUIRES: `service` outlives the exchange.
    OciExchange(Service& service, Model model, EndpointChoice choice = EndpointChoice::all);

    /// Discards the last response and begins a request to `operation`, such as
    /// "/actions/chat", at the current endpoint.
    http::Request begin(std::string_view method, std::string_view operation);
    /// Begins a request to `url`, for the control plane, whose base differs.
    http::Request begin_at(std::string_view method, std::string url);

    const Endpoint& endpoint() const { return walk_.here(); }
    Asked asked() const {
        return {endpoint(), service_.compartment_id, model_, &service_.listed, of_stored_object_};
    }

    /// Returns true if the next request omits the refused field.
    virtual bool do_without(const Refused&) { return false; }

    Service& service_;
    Model model_;  // includes the learned refusals

private:
    Error on_failure() final;

    EndpointWalk walk_;
    const bool of_stored_object_;
    bool amended_ = false;    // the last refusal changed the request
    bool elsewhere_ = false;  // another endpoint may succeed
};

}  // namespace gatehouse::oci
