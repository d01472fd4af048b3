// SPDX-License-Identifier: Apache-2.0
// What all providers share is at hand here without its namespace's name.
#pragma once

#include "plugins/common/upstream/text.hpp"

namespace gatehouse::oci {

using namespace upstream;

}  // namespace gatehouse::oci
