// SPDX-License-Identifier: Apache-2.0
// Makes the names of plugins/common/upstream available in this namespace.
#pragma once

#include "plugins/common/upstream/text.hpp"

namespace gatehouse::oci {

using namespace upstream;

}  // namespace gatehouse::oci
