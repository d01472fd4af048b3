// SPDX-License-Identifier: Apache-2.0
#include "core/config/store_check.hpp"

#include "core/util/suggest.hpp"

#include <algorithm>

namespace gatehouse::core {

namespace {

constexpr const char* remedy = "add another [store.NAME] and name it here";

bool names_a_store(const InstanceConfig& one) {
    return one.kind != "store" && !one.store.empty() && one.store != no_store;
}

/// The first instance to which the store belongs; null if every instance may use it.
const InstanceConfig* owner_of_store(const std::vector<InstanceConfig>& all, const std::string& store) {
    const auto owner = std::ranges::find_if(
        all, [&](const InstanceConfig& one) { return owns_its_store(one.kind) && one.store == store; });
    return owner == all.end() ? nullptr : &*owner;
}

std::string belongs(const std::string& store, const InstanceConfig& owner) {
    return "the store \"" + store + "\" belongs to " + owner.title();
}

/// The reason why an instance without the key `store` has no default store; empty: it has one.
std::string unclear_store(const std::vector<InstanceConfig>& all, const std::vector<std::string>& stores) {
    const std::vector<std::string> common = common_stores(all);
    if (stores.empty() || common.size() == 1) return {};
    if (common.empty())
        return belongs(stores[0], *owner_of_store(all, stores[0])) + ": " + remedy +
               ", or write store = \"none\"";
    return "there are several stores: write store = \"" + common[0] + "\" or store = \"none\"";
}

}  // namespace

std::vector<std::string> common_stores(const std::vector<InstanceConfig>& all) {
    std::vector<std::string> names = names_of(all, "store");
    std::erase_if(names, [&](const std::string& name) { return owner_of_store(all, name); });
    return names;
}

void check_stores(const ConfigFile& file, const std::vector<InstanceConfig>& all, Mistakes& mistakes) {
    const std::vector<std::string> stores = names_of(all, "store");
    const std::string unclear = unclear_store(all, stores);
    for (const InstanceConfig& one : all) {
        if (names_a_store(one)) {
            const InstanceConfig* const owner = owner_of_store(all, one.store);
            if (std::ranges::find(stores, one.store) == stores.end())
                mistakes.add(no_instance(file, one.store_where, "store", one.store, stores));
            else if (owner && owner != &one)
                mistakes.add(file.error(one.store_where, belongs(one.store, *owner) + ": " + remedy));
        }
        const bool says_nothing = one.store.empty() && one.known == InstanceConfig::Known::all;
        if (uses_default_store(one.kind) && says_nothing && !unclear.empty())
            mistakes.add(file.error(one.where, one.title() + " must name its store, because " + unclear));
    }
}

}  // namespace gatehouse::core
