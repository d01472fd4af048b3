// SPDX-License-Identifier: Apache-2.0
// The header opc-retry-token of inference requests (provider/oci, PROTOCOL.md, section 1.2).
// Function without state.  [any thread, concurrently]
#pragma once

#include <string>
#include <string_view>

namespace gatehouse::oci {

/// The same for each attempt of one request of a client that sends the same body to the same host, and no
/// other.  Empty if the operation has no such header, or `request_id` is not an id of the core
/// (sdk/SIGNER.md). `digest`: of the body.  At most 64 characters.
std::string retry_token(std::string_view method, std::string_view host, std::string_view path,
                        std::string_view digest, std::string_view request_id);

}  // namespace gatehouse::oci
