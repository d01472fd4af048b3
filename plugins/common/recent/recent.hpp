// SPDX-License-Identifier: Apache-2.0
// A bounded map: entries that have not been found for the longest time are dropped first.
// One thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>

namespace gatehouse::common {

template <typename Name, typename Value, typename Hash = std::hash<Name>>
class Recent {
public:
    /// Keeps at least `most` / 2 entries, and never more than `most`, which is at least 2.
    explicit Recent(std::size_t most) : half_(std::max<std::size_t>(most / 2, 1)) {}

    /// Null if there is no entry.  Valid until the next call.
    Value* find(const Name& name) {
        if (auto found = young_.find(name); found != young_.end()) return &found->second;
        auto entry = old_.extract(name);
        if (entry.empty()) return nullptr;
        make_room();
        return &young_.insert(std::move(entry)).position->second;
    }
    void put(const Name& name, Value value) {
        old_.erase(name);
        make_room();
        young_.insert_or_assign(name, std::move(value));
    }
    void erase(const Name& name) {
        young_.erase(name);
        old_.erase(name);
    }
    void clear() {
        young_.clear();
        old_.clear();
    }
    std::size_t size() const { return young_.size() + old_.size(); }

private:
    // A full young_ replaces old_.
    void make_room() {
        if (young_.size() < half_) return;
        old_ = std::move(young_);
        young_.clear();
    }

    const std::size_t half_;
    std::unordered_map<Name, Value, Hash> young_, old_;
};

}  // namespace gatehouse::common
