// SPDX-License-Identifier: Apache-2.0
// Divides an error of an upstream into the part for the client and the part for the log.
// The one place that decides this, for every provider and every dialect.
// Functions without state: any thread.
#pragma once

#include <gatehouse/operation.hpp>
#include <gatehouse/result.hpp>

#include <span>
#include <string>
#include <string_view>

namespace gatehouse::core {

struct UpstreamErrorSource {
    int status = 0;                             // the status in the upstream's response
    std::string_view host = {};                 // the upstream's
    std::string_view request_id = {};           // the gateway's
    std::span<const std::string> secrets = {};  // headers with the gateway's credentials
    std::string_view model = {};                // the upstream's name of the model
    std::string_view requested_model = {};      // the client's name of it
    bool details_to_client = false;             // [upstream] error_details
};

/// `error`, whose message may quote the upstream.  The result has the client's part as message
/// and the log's as detail.  If the client's text contains the upstream's model name, the requested model
/// name is added.
/// A client of a failed upstream learns kind, status and request id. The log's part has the upstream's text
/// without credentials and without the client's words.
Error split_for_client_and_log(Error error, const Operation& operation, const UpstreamErrorSource& from);

/// `error` without ids of cloud resources, for errors from anywhere.
Error without_ids(Error error);

}  // namespace gatehouse::core
