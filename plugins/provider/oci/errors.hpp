// SPDX-License-Identifier: Apache-2.0
// From what OCI says when it refuses or fails to what a client is told: the
// table of the architecture, section 6, with a message that helps whoever has
// to act.  Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/endpoint.hpp"
#include "plugins/provider/oci/fields.hpp"
#include "plugins/provider/oci/listed.hpp"
#include "plugins/provider/oci/model.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// What was asked, of whom: for messages that name what to check.
struct Asked {
    const Endpoint& endpoint;
    const std::string& compartment_id;
    const Model& model;
    const Listed* listed = nullptr;  // null: no list has been asked for
};

/// A field that the model does not take: the same request without it may succeed.
struct Refused {
    RequestField field;
    bool as_max_tokens = false;             // of the token limit: under which
    bool as_max_completion_tokens = false;  // name it was refused
    bool for_good = true;                   // not only this value of it
};

struct Failure {
    Error error;
    std::optional<Refused> refused = {};
    bool no_capacity = false;  // a limit of this region, though the status does not say so
};

/// Of an answer whose status is not 2xx.
Failure explain(int status, const http::Headers& headers, std::string_view body, const Asked& asked,
                std::chrono::system_clock::time_point now);

/// Of an error in the place of an answer, or in the middle of one.
Error explain_event(std::string_view json, const Asked& asked);

}  // namespace gatehouse::oci
