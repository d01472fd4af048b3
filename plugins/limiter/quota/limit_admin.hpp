// SPDX-License-Identifier: Apache-2.0
// The limiter in the admin API: how far limits are used, and sums of the ledger.
#pragma once

#include "plugins/limiter/quota/context.hpp"

#include <gatehouse/admin.hpp>

namespace gatehouse::quota {

class LimitAdmin final : public AdminResource {
public:
    /// `context` outlives this object.
    explicit LimitAdmin(Context& context) : context_(context) {}

    std::string name() const override { return context_.options.resource; }
    std::vector<AdminMethod> methods() const override;
    void handle(AdminRequest request, Completion<http::Response> done) override;

private:
    void standings(const AdminRequest& request, Completion<http::Response> done) const;
    void spend(const AdminRequest& request, Completion<http::Response> done) const;

    Context& context_;
};

}  // namespace gatehouse::quota
