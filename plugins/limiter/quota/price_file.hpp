// SPDX-License-Identifier: Apache-2.0
// The prices of a configuration: those of `prices`, and those of `prices_file` after them.
// Read-only after its construction: any thread.
#pragma once

#include "plugins/limiter/quota/options.hpp"

#include <gatehouse/host.hpp>

#include <map>
#include <string>
#include <string_view>

namespace gatehouse::quota {

/// Reads tables of prices as TOML, or the public list as JSON.  Entries of the list without a usable price
/// are left out.  The error's message is a phrase, with a line and a column for TOML.
Result<std::map<std::string, PriceOptions>> read_prices(const std::string& text);

class Prices {
public:
    /// Blocks to read the file.  Throws KeyError.
    Prices(const Options& options, Host& host);
    /// Without a file.  Throws KeyError.
    explicit Prices(const std::map<std::string, PriceOptions>& prices) : own_(prices), file_({}) {}

    /// Null: there is no price.
    const RoutePrice* find(const Route& route) const {
        const RoutePrice* own = own_.find(route);
        return own ? own : file_.find(route);
    }

private:
    const PriceTable own_, file_;
};

}  // namespace gatehouse::quota
