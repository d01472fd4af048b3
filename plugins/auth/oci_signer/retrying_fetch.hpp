// SPDX-License-Identifier: Apache-2.0
// Host::fetch with retries: what the endpoints that hand out tokens ask for.
// All waiting is the host's.
#pragma once

#include <gatehouse/host.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace gatehouse::oci {

struct Retries {
    int attempts = 3;                                                // in all
    int unreachable = 3;                                             // in all, while there is no answer
    std::chrono::milliseconds first_wait{500}, longest_wait{8'000};  // doubling in between
    std::chrono::milliseconds in_all{60'000};                        // no attempt begins later than this
    bool missing_too = false;  // 404 and 429 are tried again besides 5xx
};

/// Makes the request of one attempt: a signature must be made anew for each.
/// Called on a helper thread.
using MakeRequest = std::function<Result<http::Request>(int attempt)>;

/// Completes on a helper thread with the first answer that is not worth a retry,
/// else with the last answer or failure.
void fetch_with_retries(Host& host, const Retries& retries, MakeRequest make,
                        Completion<http::Response> done);

/// What a failed answer says, in a few words and without a secret:
/// "answered 404 (NotAuthorizedOrNotFound: Authorization failed …)".
std::string answer_in_words(const http::Response& response);

}  // namespace gatehouse::oci
