// SPDX-License-Identifier: Apache-2.0
// The reader of client bodies, which all dialects share.
#pragma once

#include "plugins/common/client/reader.hpp"

namespace gatehouse::openai_dialect {

using client::quoted_for_client;
using client::Reader;
using client::Unknown;
using client::Where;

}  // namespace gatehouse::openai_dialect
