// SPDX-License-Identifier: Apache-2.0
// `principal = "auto"`: several sources, of which the first that delivers is kept.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

#include <vector>

namespace gatehouse::oci {

struct Candidate {
    std::string name;                // "an OKE workload"
    std::unique_ptr<Source> source;  // null: it cannot be
    std::string why_not = {};        // and this is why
};

/// A source that never has anything, for `why`: what the platform should provide is not there.
std::unique_ptr<Source> make_absent(std::string why);

/// REQUIRES: the last candidate has a source.
std::unique_ptr<Source> make_chain(std::vector<Candidate> candidates, Host& host);

}  // namespace gatehouse::oci
