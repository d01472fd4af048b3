// SPDX-License-Identifier: Apache-2.0
// Decides whether a document with status 2xx is an error instead of a response.  Functions
// without state: any thread.
#pragma once

#include "plugins/common/upstream/tree.hpp"

#include <string>

namespace gatehouse::upstream {

/// Whether is_error() or error_in_choice() may find an error.  It looks once at each member, at
/// little cost, because almost every document is a response.
bool may_be_error(dom::object top);

/// Whether the document is an error.  Some vendors send `"code": 0, "message": "Success"` or an
/// empty `error` with every response, so that an answer wins over them.
bool is_error(dom::object top);

/// The first `error` of an element of `choices`, as a document {"error": …}.  Empty if there is
/// no such error.
std::string error_in_choice(dom::object top);

}  // namespace gatehouse::upstream
