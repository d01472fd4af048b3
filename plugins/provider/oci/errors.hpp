// SPDX-License-Identifier: Apache-2.0
// Translates OCI's errors into the client's, by the table in README.md, with
// messages that help the client or the operator.  Stateless functions: any thread.
#pragma once

#include "plugins/provider/oci/models/fields.hpp"
#include "plugins/provider/oci/models/listed.hpp"
#include "plugins/provider/oci/models/model.hpp"
#include "plugins/provider/oci/region/endpoint.hpp"

#include <gatehouse/http.hpp>
#include <gatehouse/result.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// The target of a request.  Messages name these values for the operator to check.
struct Asked {
    const Endpoint& endpoint;
    const std::string& compartment_id;
    const Model& model;
    const Listed* listed = nullptr;  // null if no list was requested
    bool stored_object = false;      // the request is about a stored object, not about a model
};

/// A field that the model refuses.  The same request may succeed without it.
struct Refused {
    RequestField field;
    bool as_max_tokens = false;             // the token limit was
    bool as_max_completion_tokens = false;  // refused under this name
    bool for_good = true;                   // false if only this value was refused
};

struct Failure {
    Error error;
    std::optional<Refused> refused = {};
    bool no_capacity = false;  // the text reports a limit of this region
};

/// Reads a response whose status is not 2xx.
Failure explain(int status, const http::Headers& headers, std::string_view body, const Asked& asked,
                std::chrono::system_clock::time_point now);

/// Reads an error that a 2xx response contains, instead of an answer or within its
/// stream.
Error explain_event(std::string_view json, const Asked& asked);

}  // namespace gatehouse::oci
