// SPDX-License-Identifier: Apache-2.0
#include "tools/oci_emulator/json.hpp"

template class nlohmann::basic_json<nlohmann::ordered_map>;
