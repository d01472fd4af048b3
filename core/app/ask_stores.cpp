// SPDX-License-Identifier: Apache-2.0
#include "core/app/ask_stores.hpp"

#include "core/plugin/guard.hpp"
#include "core/plugin/hosted_store.hpp"

#include <gatehouse/store.hpp>

#include <chrono>
#include <future>
#include <optional>
#include <utility>
#include <vector>

namespace gatehouse::core {

namespace {

using Found = std::vector<std::optional<Record>>;

constexpr std::chrono::seconds longest_wait{5};

/// Makes the call, and waits for its result.  Returns the reason of its failure; empty: it succeeded.
template <typename T>
std::string failure_of(const PluginCall& call, const std::function<void(Completion<T>)>& ask) {
    const auto answer = std::make_shared<std::promise<std::string>>();
    std::future<std::string> reason = answer->get_future();
    Completion<T> done([answer](Result<T> result) {
        if (result) return answer->set_value({});
        const Error& error = result.error();
        answer->set_value(error.detail.empty() ? error.message : error.detail);
    });
    if (const auto called = guard(call, [&] { ask(std::move(done)); }); !called) return called.error().detail;
    if (reason.wait_for(longest_wait) != std::future_status::ready) return "it does not answer";
    return reason.get();
}

}  // namespace

std::string why_unusable(const StoreInstance& instance) {
    return failure_of<Found>({instance.name, "Store::get"}, [&](Completion<Found> done) {
        instance.store().get({{.space = "gatehouse", .id = "start"}}, 1, std::move(done));
    });
}

std::string why_not_writable(const StoreInstance& instance) {
    return failure_of<Counts>({instance.name, "Store::add"}, [&](Completion<Counts> done) {
        instance.store().add({Count{.key = {.space = "gatehouse", .id = "check"},
                                    .amount = 1,
                                    .keep_for = std::chrono::seconds(1)}},
                             std::move(done));
    });
}

Result<void> ask_stores(const std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>>& stores) {
    for (const auto& [name, instance] : stores)
        if (const std::string reason = why_unusable(*instance); !reason.empty())
            return Error{ErrorKind::unavailable, "the store \"" + name + "\" is not available: " + reason};
    return {};
}

}  // namespace gatehouse::core
