// SPDX-License-Identifier: Apache-2.0
// Whether a process that replaces another one can use its stores.  A store in a file belongs to one process.
#pragma once

#include <gatehouse/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace gatehouse::core {

struct StoreInstance;

/// Reads a document that does not exist from each store.  Waits at most 5 s for each.  The error names the
/// first store that fails, and its reason.  [main thread; the workers run]
Result<void> ask_stores(const std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>>& stores);

}  // namespace gatehouse::core
