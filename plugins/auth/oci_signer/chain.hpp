// SPDX-License-Identifier: Apache-2.0
// `principal = "auto"`: tries several sources and keeps the first that delivers a credential.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

#include <vector>

namespace gatehouse::oci {

struct Candidate {
    std::string name;                // "an OKE workload"
    std::unique_ptr<Source> source;  // null if this principal is not possible
    std::string why_not = {};        // the reason
};

/// A source that never delivers a credential, because the platform does not provide it: `why`.
std::unique_ptr<Source> make_absent(std::string why);

/// REQUIRES: the last candidate has a source.
std::unique_ptr<Source> make_chain(std::vector<Candidate> candidates, Host& host);

}  // namespace gatehouse::oci
