// SPDX-License-Identifier: Apache-2.0
// The error doctor: what an operator should look at after OCI has refused or
// failed.  For `gatehouse check --live`.  A function without state: any thread.
#pragma once

#include "plugins/provider/oci/errors.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gatehouse::oci {

/// Sentences, a line each; empty if there is no more to say than `error` does.
/// `head` has status 0 if there was no answer.
std::string advise(const Error& error, const http::ResponseHead& head, std::string_view body,
                   const Asked& asked, std::chrono::system_clock::time_point now);

}  // namespace gatehouse::oci
