// SPDX-License-Identifier: Apache-2.0
#include "plugins/hook/ledger/sums.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/url.hpp>

#include <cstdio>

namespace gatehouse::ledger {

namespace {

constexpr std::int64_t nano = 1'000'000'000;

/// The value of `client=` in a query; empty without a query; an error for another query.
Result<std::optional<std::string>> client_in(std::string_view query) {
    constexpr std::string_view key = "client=";
    if (query.empty()) return std::optional<std::string>();
    if (!query.starts_with(key) || query.find('&') != query.npos)
        return Error{ErrorKind::bad_request, "the only parameter of the query is client"};
    auto client = percent_decoded(query.substr(key.size()));
    if (!client) return Error{ErrorKind::bad_request, "client is not percent-encoded correctly"};
    return client;
}

}  // namespace

std::string in_nanos(std::int64_t cost) {
    char text[32];
    const int size = std::snprintf(text, sizeof text, "%lld.%09lld", static_cast<long long>(cost / nano),
                                   static_cast<long long>(cost % nano));
    return {text, static_cast<std::size_t>(size)};
}

void Sums::add(const std::string& client, const std::string& route, const Usage* usage,
               std::optional<std::int64_t> cost) {
    const std::lock_guard lock(mutex_);
    std::pair key{client, route};
    if (sums_.size() >= most && !sums_.contains(key)) key = {"other", "other"};
    Sum& sum = sums_[key];
    ++sum.requests;
    if (!usage) return;
    sum.prompt += usage->prompt;
    sum.completion += usage->completion;
    sum.cost += cost.value_or(0);
    sum.unpriced += !cost;
}

std::vector<AdminMethod> Sums::methods() const {
    return {{"GET", "read", "Tokens and cost by client and route; ?client=ID shows one client."},
            {"DELETE", "operate", "Begins new sums; the file stays as it is."}};
}

void Sums::handle(AdminRequest request, Completion<http::Response> done) {
    if (!request.path.empty()) return done(Error{ErrorKind::not_found, "the sums have no parts"});
    if (request.method == "DELETE") {
        clear();
        return done(http::Response{{.status = 204}, {}});
    }
    const auto client = client_in(request.query);
    if (!client) return done(client.error());
    done(http::Response{{.status = 200, .headers = {{"content-type", "application/json"}}}, json(*client)});
}

std::string Sums::json(const std::optional<std::string>& client) const {
    const std::lock_guard lock(mutex_);
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(since_.time_since_epoch());
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("since_ms", std::int64_t{since.count()}).member("currency", currency_);
    json.key("sums").begin_array();
    for (const auto& [key, sum] : sums_) {
        if (client && key.first != *client) continue;
        json.begin_object().member("client", key.first).member("route", key.second);
        json.member("requests", sum.requests).member("prompt_tokens", sum.prompt);
        json.member("completion_tokens", sum.completion).member("cost", in_nanos(sum.cost));
        json.member("unpriced_requests", sum.unpriced).end_object();
    }
    json.end_array().end_object();
    return out;
}

void Sums::clear() {
    const std::lock_guard lock(mutex_);
    sums_.clear();
    since_ = host_.now();
}

}  // namespace gatehouse::ledger
