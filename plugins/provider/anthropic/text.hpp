// SPDX-License-Identifier: Apache-2.0
// Pieces of the neighbouring provider that are not about OCI at all, by the
// names that this one uses.  Functions without state: any thread.
#pragma once

#include "plugins/provider/oci/conversation.hpp"
#include "plugins/provider/oci/error_body.hpp"
#include "plugins/provider/oci/error_text.hpp"
#include "plugins/provider/oci/http_date.hpp"
#include "plugins/provider/oci/text.hpp"

namespace gatehouse::anthropic {

using oci::arrange;
using oci::CallRef;
using oci::in_quotes;
using oci::lower_case;
using oci::no_result;
using oci::presentable;
using oci::read_http_date;
using oci::says_context_length;
using oci::Turn;

/// A client's text for a message: short, on one line, without credentials.
inline std::string shown(std::string_view text) { return in_quotes(presentable(text, 200)); }

}  // namespace gatehouse::anthropic
