// SPDX-License-Identifier: Apache-2.0
// Whether a process can use its stores, before clients need them.
#pragma once

#include <gatehouse/result.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace gatehouse::core {

struct StoreInstance;

/// Reads a document that does not exist.  Returns the reason why the store cannot be used; empty: it can.
/// Waits at most 5 s.  [main thread; the helper threads run]
std::string why_unusable(const StoreInstance& instance);

/// The same, but changes a counter of its own, which ends after a second.  It would create the file of a
/// store that is one.  [main thread; the helper threads run]
std::string why_not_writable(const StoreInstance& instance);

/// For a process that replaces another one: a store in a file belongs to one process.  The error names the
/// first store that cannot be used, and its reason.  [main thread; the workers run]
Result<void> ask_stores(const std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>>& stores);

}  // namespace gatehouse::core
