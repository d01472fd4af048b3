// SPDX-License-Identifier: Apache-2.0
// Features that models have refused since the start.  Only the first request after a start
// fails upstream because of them.  Bounded.  Locks: any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace gatehouse::upstream {

/// `Quirks` is a provider's value for one model.
template <typename Quirks>
class LearnedQuirks {
public:
    /// The quirks of `model`, or `otherwise` if none are known.
    Quirks about(std::string_view model, const Quirks& otherwise = {}) const {
        const std::lock_guard lock(mutex_);
        const auto found = quirks_.find(model);
        return found == quirks_.end() ? otherwise : found->second;
    }
    /// Replaces the quirks of `model`.
    void set(std::string_view model, const Quirks& quirks) {
        change(model, [&](Quirks& known) { known = quirks; });
    }
    /// Adds to the quirks of `model` with Quirks::add(const Quirks&).
    void add(std::string_view model, const Quirks& quirks) {
        change(model, [&](Quirks& known) { known.add(quirks); });
    }

private:
    // Clients choose the names if a route has a star.  A full table learns no further models.
    static constexpr std::size_t max_models = 1000;

    template <typename Change>
    void change(std::string_view model, Change&& apply) {
        const std::lock_guard lock(mutex_);
        auto found = quirks_.find(model);
        if (found == quirks_.end()) {
            if (quirks_.size() >= max_models) return;
            found = quirks_.try_emplace(std::string(model)).first;
        }
        apply(found->second);
    }

    mutable std::mutex mutex_;
    std::map<std::string, Quirks, std::less<>> quirks_;
};

}  // namespace gatehouse::upstream
