// SPDX-License-Identifier: Apache-2.0
// OKE workload identity: a pod sends its Kubernetes service account token to the cluster's
// proxymux service and receives a token for a new key.
#pragma once

#include "plugins/auth/oci_signer/source.hpp"

#include <gatehouse/host.hpp>

namespace gatehouse::oci {

struct WorkloadSettings {
    std::string endpoint = {};    // "https://10.96.0.1:12250"
    std::string token_file = {};  // the service account's token
    std::string ca_file = {};     // the only trusted authorities for the service
};

std::unique_ptr<Source> make_workload(WorkloadSettings settings, Host& host);

}  // namespace gatehouse::oci
