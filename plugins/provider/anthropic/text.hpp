// SPDX-License-Identifier: Apache-2.0
// What all providers share is at hand here without its namespace's name.
#pragma once

#include "plugins/common/upstream/conversation.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "plugins/common/upstream/http_date.hpp"
#include "plugins/common/upstream/text.hpp"

namespace gatehouse::anthropic {

using namespace upstream;

}  // namespace gatehouse::anthropic
