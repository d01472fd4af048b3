// SPDX-License-Identifier: Apache-2.0
// An attempt whose exchange names another request on the same route.
#include "core/request/attempt.hpp"

#include "core/net/client/upstream_target.hpp"
#include "core/plugin/guard.hpp"

#include <utility>

namespace gatehouse::core {

namespace {

// Limits the amendments, because a provider could amend its request forever.
constexpr int max_amendments = 8;

}  // namespace

// The endpoint of `request` is ejected.  Tells the exchange that the endpoint cannot be reached,
// so that it can name another one; this does not count as an attempt.  Uses the ejected endpoint
// if the exchange has no other.  Returns false if the exchange has failed.
bool Attempt::reroute_ejected(http::Request& request) {
    const Error ejected{ErrorKind::upstream, "endpoint temporarily unavailable after repeated failures"};
    for (int tries = 0; tries < max_amendments; ++tries) {
        auto amended = guard(provider_call("Exchange::amend"), [&] { return exchange_->amend(ejected); });
        if (!amended || !*amended) return true;
        auto other = guard(provider_call("Exchange::request"), [&] { return exchange_->request(); });
        if (!other || !*other) {
            fail(other ? ejected : other.error());
            return false;
        }
        request = **std::move(other);
        origin_ = origin_of(request.url);
        if (!provider_.health->ejected(origin_)) return true;
    }
    return true;
}

void Attempt::amend(Error error) {
    end_telling(&error);
    if (has_output_ || !exchange_ || amendments_ == max_amendments) return fail(std::move(error));
    auto amended = guard(provider_call("Exchange::amend"), [&] { return exchange_->amend(error); });
    if (!amended || !*amended) return fail(std::move(error));
    ++amendments_;
    auto request = guard(provider_call("Exchange::request"), [&] { return exchange_->request(); });
    // An amended request to the same endpoint does not count as an attempt.
    const bool elsewhere =
        request && *request && !http::equal_ignoring_case(origin_of((*request)->url), origin_);
    if (elsewhere) provider_.health->has_several_endpoints();
    if (permanent_ && !elsewhere) return fail(std::move(error));
    const bool mistaken = status_ >= 400 && status_ < 500 && status_ != 408 && status_ != 429;
    if ((elsewhere || !mistaken) && !owner_.may_retry(error, elsewhere)) return fail(std::move(error));
    begin_telling(elsewhere ? "endpoint" : "amended");
    dispatch(std::move(request));
}

}  // namespace gatehouse::core
