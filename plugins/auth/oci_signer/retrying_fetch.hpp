// SPDX-License-Identifier: Apache-2.0
// Host::fetch with retries, for endpoints that issue tokens.  The host does all waiting.
#pragma once

#include <gatehouse/host.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace gatehouse::oci {

struct Retries {
    int attempts = 3;                                                // in total
    int unreachable = 3;                                             // in total, while there is no response
    std::chrono::milliseconds first_wait{500}, longest_wait{8'000};  // doubles after each attempt
    std::chrono::milliseconds in_all{60'000};                        // no attempt begins later than this
    bool missing_too = false;                                        // retries 404 and 429 in addition to 5xx
};

/// Makes the request of one attempt, because each attempt needs a new signature.
/// Called on a helper thread.
using MakeRequest = std::function<Result<http::Request>(int attempt)>;

/// Completes on a helper thread with the first response that does not need a retry, or with
/// the last response or failure.
void fetch_with_retries(Host& host, const Retries& retries, MakeRequest make,
                        Completion<http::Response> done);

/// Describes a failed response, without a secret:
/// "responded with 404 (NotAuthorizedOrNotFound: Authorization failed …)".
std::string answer_in_words(const http::Response& response);

}  // namespace gatehouse::oci
