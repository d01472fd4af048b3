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

}  // namespace

std::string why_unusable(const StoreInstance& instance) {
    const auto answer = std::make_shared<std::promise<std::string>>();
    std::future<std::string> reason = answer->get_future();
    Completion<Found> done([answer](Result<Found> found) {
        if (found) return answer->set_value({});
        const Error& error = found.error();
        answer->set_value(error.detail.empty() ? error.message : error.detail);
    });
    auto called = guard({instance.name, "Store::get"}, [&] {
        instance.store().get({{.space = "gatehouse", .id = "start"}}, 1, std::move(done));
    });
    if (!called) return called.error().detail;
    if (reason.wait_for(longest_wait) != std::future_status::ready) return "it does not answer";
    return reason.get();
}

Result<void> ask_stores(const std::map<std::string, std::shared_ptr<StoreInstance>, std::less<>>& stores) {
    for (const auto& [name, instance] : stores)
        if (const std::string reason = why_unusable(*instance); !reason.empty())
            return Error{ErrorKind::unavailable, "the store \"" + name + "\" is not available: " + reason};
    return {};
}

}  // namespace gatehouse::core
