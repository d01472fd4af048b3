// SPDX-License-Identifier: Apache-2.0
// Makes plugins/common/upstream available in this namespace.
#pragma once

#include <gatehouse/retry_after.hpp>
#include "plugins/common/upstream/conversation.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "plugins/common/upstream/text.hpp"

namespace gatehouse::anthropic {

using namespace upstream;

}  // namespace gatehouse::anthropic
