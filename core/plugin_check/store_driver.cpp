// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/store_driver.hpp"

#include "core/plugin_check/texts.hpp"

namespace gatehouse::core::plugin_check {

template <typename T, typename Start>
std::optional<Result<T>> StoreDriver::call(const char* member, Start&& start) {
    Waiting<T> waiting(check_, member);
    if (!check_.calls(member, [&] { start(waiting.completion()); })) return std::nullopt;
    auto result = waiting.wait();
    waiting.check_once();
    if (result && !*result && target_) check_error(check_, target_->confidential(), result->error(), member);
    return result;
}

std::optional<Result<Records>> StoreDriver::get(std::vector<StoreKey> keys, std::size_t max_bytes) {
    const std::size_t wanted = keys.size();
    auto found = call<Records>("store.hpp, Store::get", [&](Completion<Records> done) {
        store_.get(std::move(keys), max_bytes, std::move(done));
    });
    if (!found || !*found || (**found).size() == wanted) return found;
    check_.error("store-answers", "get() does not return one entry for each key", "store.hpp, Store::get");
    return std::nullopt;
}

std::optional<Result<std::uint64_t>> StoreDriver::put(Put document) {
    return call<std::uint64_t>("store.hpp, Store::put", [&](Completion<std::uint64_t> done) {
        store_.put(std::move(document), std::move(done));
    });
}

std::optional<Result<bool>> StoreDriver::erase(StoreKey key) {
    return call<bool>("store.hpp, Store::erase",
                      [&](Completion<bool> done) { store_.erase(std::move(key), std::move(done)); });
}

std::optional<Result<Counts>> StoreDriver::add(std::vector<Count> changes) {
    const std::size_t wanted = changes.size();
    auto counts = call<Counts>("store.hpp, Store::add", [&](Completion<Counts> done) {
        store_.add(std::move(changes), std::move(done));
    });
    if (!counts || !*counts || (**counts).values.size() == wanted) return counts;
    check_.error("store-answers", "add() does not return one value for each change", "store.hpp, Store::add");
    return std::nullopt;
}

}  // namespace gatehouse::core::plugin_check
