// SPDX-License-Identifier: Apache-2.0
// The content type of a request and the model in its path, from plugins/common/client.
#pragma once

#include "plugins/common/client/content.hpp"

namespace gatehouse::openai_dialect {

using client::check_content;
using client::percent_decoded;
using client::query_value;

}  // namespace gatehouse::openai_dialect
