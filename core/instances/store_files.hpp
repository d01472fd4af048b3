// SPDX-License-Identifier: Apache-2.0
// Two stores with one file would share its records and its bounds.  [main thread]
#pragma once

#include "core/config/checked_config.hpp"

#include <map>
#include <string>
#include <vector>

namespace gatehouse::core {

/// The files of the stores of a configuration.
class StoreFiles {
public:
    /// `keys`: those of the store's plugin.  The value of a required key that is an absolute path names a
    /// file. Returns the mistake if an earlier store has the file.
    Result<void> add(const InstanceConfig& store, const std::vector<Key>& keys, const CheckedConfig& config);

private:
    std::map<std::string, std::string> titles_;  // file: the first store that has it
};

}  // namespace gatehouse::core
