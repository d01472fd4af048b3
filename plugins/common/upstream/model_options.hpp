// SPDX-License-Identifier: Apache-2.0
// The table `models` of a provider's configuration: settings of single models.  Constant
// after construction: any thread.
#pragma once

#include "plugins/common/upstream/text.hpp"

#include <gatehouse/name_pattern.hpp>
#include <gatehouse/plugin.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::upstream {

/// Settings by a model's name, or by a prefix followed by a star.
/// `Options` has at least `max_tokens` and `max_tokens_cap`.
template <typename Options>
class ModelOptionsTable {
public:
    /// Throws KeyError.
    explicit ModelOptionsTable(const std::map<std::string, Options>& models) {
        for (const auto& [name, options] : models) {
            const std::string path = "models." + in_quotes(name);
            if (!is_name_pattern(name)) throw KeyError(path, std::string(name_pattern_rule));
            if (options.max_tokens && options.max_tokens_cap && *options.max_tokens > *options.max_tokens_cap)
                throw KeyError(path + ".max_tokens", "max_tokens is larger than max_tokens_cap");
            models_.emplace_back(name, options);
        }
        std::ranges::stable_sort(
            models_, [](const auto& a, const auto& b) { return is_more_specific(a.first, b.first); });
    }

    /// The settings of the exact name, or of its longest prefix, or the defaults.
    const Options& find(std::string_view id) const {
        for (const auto& [pattern, options] : models_)
            if (matches_pattern(pattern, id)) return options;
        return none_;
    }

private:
    std::vector<std::pair<std::string, Options>> models_;  // the most specific first
    Options none_ = {};
};

}  // namespace gatehouse::upstream
