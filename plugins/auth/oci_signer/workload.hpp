// SPDX-License-Identifier: Apache-2.0
// OKE workload identity: a pod shows its Kubernetes service account to the
// cluster's proxymux service, and gets a token for a key that it has just made.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

struct WorkloadSettings {
    std::string endpoint = {};    // "https://10.96.0.1:12250"
    std::string token_file = {};  // of the service account
    std::string ca_file = {};     // the only certificates that the service's may come from
};

std::unique_ptr<Source> make_workload(WorkloadSettings settings, Host& host);

}  // namespace gatehouse::oci
