// SPDX-License-Identifier: Apache-2.0
#include "tests/json.hpp"

template class nlohmann::basic_json<>;
