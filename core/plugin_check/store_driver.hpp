// SPDX-License-Identifier: Apache-2.0
// Calls of a store that wait for their completion, and the same calls of a model: a FakeStore.
// A driver belongs to one thread; many drivers may drive one store.
#pragma once

#include "core/plugin_check/target.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/fake_store.hpp>

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::core::plugin_check {

using Records = std::vector<std::optional<gatehouse::Record>>;
inline constexpr std::size_t any_size = std::numeric_limits<std::size_t>::max();

class StoreDriver {
public:
    /// Errors are checked for secrets if `target` is given.
    explicit StoreDriver(Check& check, Store& store, const Target* target = nullptr)
        : check_(check), store_(store), target_(target) {}

    /// Each of them returns nothing after a reported failure.
    std::optional<Result<Records>> get(std::vector<StoreKey> keys, std::size_t max_bytes = any_size);
    std::optional<Result<std::uint64_t>> put(Put document);
    std::optional<Result<bool>> erase(StoreKey key);
    std::optional<Result<Counts>> add(std::vector<Count> changes);

private:
    template <typename T, typename Start>
    std::optional<Result<T>> call(const char* member, Start&& start);

    Check& check_;
    Store& store_;
    const Target* target_;
};

}  // namespace gatehouse::core::plugin_check
