// SPDX-License-Identifier: Apache-2.0
// The prices of a configuration: those of `prices`, and those of `prices_file` after them.
// Read-only after its construction: any thread.
#pragma once

#include "plugins/limiter/quota/options.hpp"

#include <gatehouse/host.hpp>

#include <map>
#include <string>
#include <vector>

namespace gatehouse::quota {

struct FilePrices {
    std::map<std::string, PriceOptions> prices = {};
    /// Entries of the public list with a price that cannot be right, and the reasons: "gpt-9: … is negative".
    std::vector<std::string> mistakes = {};
};

/// Reads tables of prices as TOML, or the public list as JSON.  Entries of the list without a usable price
/// are left out; a mistake in TOML is an error.  The error's message is a phrase, with a line and a column
/// for TOML.
Result<FilePrices> read_prices(const std::string& text);

class Prices {
public:
    /// Blocks to read the file.  Throws KeyError.
    Prices(const Options& options, Host& host);
    /// Without a file.  Throws KeyError.
    explicit Prices(const std::map<std::string, PriceOptions>& prices);

    /// Null: there is no price.
    const RoutePrice* find(const Route& route) const {
        const RoutePrice* own = own_.find(route);
        return own ? own : file_.find(route);
    }

    /// 16 hexadecimal digits that name these prices: the same prices have the same name.  Prices of the
    /// tables of providers are not a part of it.
    const std::string& name() const { return name_; }

private:
    Prices(const Options& options, const FilePrices& file);

    const PriceTable own_, file_;
    const std::string name_;
};

}  // namespace gatehouse::quota
