// SPDX-License-Identifier: Apache-2.0
#include "core/instances/store_files.hpp"

#include <filesystem>
#include <system_error>
#include <variant>

namespace gatehouse::core {

Result<void> StoreFiles::add(const InstanceConfig& store, const std::vector<Key>& keys,
                             const CheckedConfig& config) {
    namespace fs = std::filesystem;
    for (const Key& key : keys) {
        const Value* const value = key.required && !key.secret ? config.table().find(key.name) : nullptr;
        const auto* const path = value ? std::get_if<std::string>(&value->data) : nullptr;
        if (!path || !path->starts_with('/')) continue;
        std::error_code error;
        const fs::path file = fs::weakly_canonical(*path, error);
        const auto [first, is_new] =
            titles_.emplace(error ? fs::path(*path).lexically_normal() : file, store.title());
        if (!is_new)
            return config.error(key.name, *path + " is the file of " + first->second +
                                              ": name another file, because each store needs its own");
    }
    return {};
}

}  // namespace gatehouse::core
