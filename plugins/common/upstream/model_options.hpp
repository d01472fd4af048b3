// SPDX-License-Identifier: Apache-2.0
// The table `models` of a provider's configuration: settings of single models.  Constant
// after construction: any thread.
#pragma once

#include "plugins/common/upstream/text.hpp"

#include <gatehouse/plugin.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>

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
            if (name.empty() || name.find('*') < name.size() - 1)
                throw KeyError(path, "a model's name may have a star at its end only");
            if (options.max_tokens && options.max_tokens_cap && *options.max_tokens > *options.max_tokens_cap)
                throw KeyError(path + ".max_tokens", "max_tokens is larger than max_tokens_cap");
            if (name.ends_with('*'))
                prefixes_.emplace(name.substr(0, name.size() - 1), options);
            else
                exact_.emplace(name, options);
        }
    }

    /// The settings of the exact name, or of its longest prefix, or the defaults.
    const Options& find(std::string_view id) const {
        if (auto found = exact_.find(id); found != exact_.end()) return found->second;
        const Options* best = &none_;
        std::size_t length = 0;
        for (const auto& [prefix, options] : prefixes_)
            if (id.starts_with(prefix) && prefix.size() >= length) {
                best = &options;
                length = prefix.size();
            }
        return *best;
    }

private:
    std::map<std::string, Options, std::less<>> exact_, prefixes_;
    Options none_ = {};
};

}  // namespace gatehouse::upstream
