// SPDX-License-Identifier: Apache-2.0
// The sums of the ledger by client and route since the instance was made, as an admin resource.  Bounded:
// further pairs are added up under "other".  [any thread]
#pragma once

#include <gatehouse/sdk.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::ledger {

class Sums final : public AdminResource {
public:
    static constexpr std::size_t most = 1'000;  // pairs of client and route

    /// `host` outlives this object.
    Sums(std::string name, std::string currency, const Host& host)
        : name_(std::move(name)), currency_(std::move(currency)), host_(host), since_(host.now()) {}

    /// `usage` null: not known.  `cost` in 1e-9 of the currency; none: the route has no price.
    void add(const std::string& client, const std::string& route, const Usage* usage,
             std::optional<std::int64_t> cost);

    std::string name() const override { return name_; }
    std::vector<AdminMethod> methods() const override;
    void handle(AdminRequest request, Completion<http::Response> done) override;

private:
    struct Sum {
        std::int64_t requests = 0, prompt = 0, completion = 0, cost = 0, unpriced = 0;
    };

    /// The sums as JSON, of one client if `client` is set.
    std::string json(const std::optional<std::string>& client) const;
    void clear();

    const std::string name_, currency_;
    const Host& host_;
    mutable std::mutex mutex_;  // guards the members below
    std::chrono::system_clock::time_point since_;
    std::map<std::pair<std::string, std::string>, Sum> sums_;  // by client and route
};

/// 1e-9 of the currency as a decimal number, with nine digits after the point.
std::string in_nanos(std::int64_t cost);

}  // namespace gatehouse::ledger
