// SPDX-License-Identifier: Apache-2.0
// The tables of the configuration that belong to the core.  Plain function.  [any thread]
#pragma once

#include <gatehouse/schema.hpp>

#include <string>
#include <vector>

namespace gatehouse::core {

struct CoreTable {
    std::string name;  // "server.tls" is a table in "server", which precedes it
    std::string doc;
    std::vector<Key> keys;
};

std::vector<CoreTable> core_tables();

}  // namespace gatehouse::core
