// SPDX-License-Identifier: Apache-2.0
// Converts a toml++ table to the SDK's values by declared keys, level by level.  Used by
// checked_config.cpp and instances.cpp.  [main thread]
#pragma once

#include "core/config/checked_config.hpp"
#include "core/config/document.hpp"
#include "core/config/mistakes.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::core {

/// Which keys a table may have.
struct Shape {
    const std::vector<Key>& keys;    // these are read
    const std::vector<Key>& others;  // these are allowed, and read elsewhere
    bool open = false;               // other keys are allowed too, and read elsewhere
};

class TableReader {
public:
    TableReader(const ConfigFile& file, Mistakes& mistakes) : file_(file), mistakes_(mistakes) {}

    /// Reads `source`.  Messages call it `title`: "[server]", or "keys[1]" for an inner table,
    /// whose keys are called "keys[1].name" (`prefix`).  Adds every mistake in it; the result is then
    /// incomplete.
    Table table(const toml::table& source, const Shape& shape, const std::string& title,
                const std::string& prefix, Placed& placed) const;

private:
    using Outcome = Result<Value>;

    Outcome value(const toml::node& source, const Key& key, const std::string& name, Placed& placed) const;
    Outcome integer(const toml::node& source, const Key& key, const std::string& name) const;
    Outcome number(const toml::node& source, const Key& key, const std::string& name) const;
    Result<std::string> string(const toml::node& source, const Key& key, const std::string& name) const;
    Outcome string_list(const toml::node& source, const Key& key, const std::string& name,
                        Placed& placed) const;
    Outcome table_list(const toml::node& source, const Key& key, const std::string& name,
                       Placed& placed) const;
    Outcome one_table(const toml::node& source, const Key& key, const std::string& name,
                      Placed& placed) const;
    Outcome table_map(const toml::node& source, const Key& key, const std::string& name,
                      Placed& placed) const;
    Outcome string_list_map(const toml::node& source, const Key& key, const std::string& name,
                            Placed& placed) const;

    void find_missing(const toml::table& source, const Shape& shape, const std::string& title) const;
    Error unknown(const toml::key& name, const Shape& shape, const std::string& title) const;
    Error wrong_type(const toml::node& source, const Key& key, const std::string& name,
                     const std::string& expected) const;
    Error at(const toml::node& source, const Key& key, const std::string& message) const;

    const ConfigFile& file_;
    Mistakes& mistakes_;
};

}  // namespace gatehouse::core
