// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/limit_admin.hpp"

#include <gatehouse/json_writer.hpp>
#include <gatehouse/spend_sums.hpp>
#include <gatehouse/url.hpp>

#include <fstream>
#include <memory>
#include <utility>

namespace gatehouse::quota {

namespace {

constexpr std::size_t most_rows = 1'000;

http::Response json_response(std::string body) {
    return {.head = {200, {{"content-type", "application/json"}}}, .body = std::move(body)};
}

const char* word_of(Unit unit) {
    switch (unit) {
        case Unit::requests: return "requests per minute";
        case Unit::tokens: return "tokens per minute";
        case Unit::running: return "running";
        case Unit::money: break;
    }
    return "budget";
}

/// An amount of a counter as a client thinks of it.
std::string amount_text(const Counted& counted, std::int64_t amount) {
    if (counted.unit == Unit::money) return decimal_text(amount);
    return std::to_string(counted.unit == Unit::running ? amount : (amount + micro - 1) / micro);
}

std::string standings_json(const std::vector<Counted>& counters, const std::vector<std::int64_t>& values,
                           const std::string& currency) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("currency", currency).key("limits").begin_array();
    for (std::size_t i = 0; i < counters.size() && i < values.size(); ++i) {
        const Counted& one = counters[i];
        const std::int64_t used = std::max<std::int64_t>(values[i], 0);
        json.begin_object().member("whose", one.shown).member("limit", word_of(one.unit));
        json.member("per", one.per).member("amount", amount_text(one, one.limit));
        json.member("used", amount_text(one, used));
        json.member("remaining", amount_text(one, std::max<std::int64_t>(one.limit - used, 0)));
        json.member("renews", one.until > 0 ? utc_text(one.until) : std::string());
        json.member("shadow", one.shadow).end_object();
    }
    json.end_array().end_object();
    return out;
}

/// Reads the file line by line.  Blocks.
Result<std::string> sums_of(const std::string& path, SpendSums sums) {
    std::ifstream file(path);
    if (!file) return sums.json();  // no request has been settled yet
    sums.add_lines(file);
    if (file.bad()) return Error{ErrorKind::unavailable, "the ledger cannot be read"};
    return sums.json();
}

}  // namespace

std::vector<AdminMethod> LimitAdmin::methods() const {
    return {
        {"GET", "read",
         "The limits that requests of this gateway have used (?whose=key \"NAME\" for one owner); /spend sums the "
         "ledger (?by=key,model&since=7d&until=…)."}};
}

void LimitAdmin::handle(AdminRequest request, Completion<http::Response> done) {
    if (request.path.empty() || request.path == "/") return standings(request, std::move(done));
    if (request.path == "/spend") return spend(request, std::move(done));
    done(Error{ErrorKind::not_found, "expected no path, or /spend"});
}

void LimitAdmin::standings(const AdminRequest& request, Completion<http::Response> done) const {
    const auto whose = query_value(request.query, "whose");
    if (!whose) return done(Error{ErrorKind::bad_request, "the query is not percent-encoded correctly"});
    std::vector<Counted> counters = context_.lasting->standings.list(*whose, context_.now());
    if (counters.size() > most_rows) counters.resize(most_rows);
    std::vector<Count> reads;
    for (const Counted& one : counters)
        if (one.unit != Unit::running)
            reads.push_back({.key = one.key, .keep_for = std::chrono::hours(1), .drain = one.drain});
    auto shared = std::make_shared<Completion<http::Response>>(std::move(done));
    auto respond = [counters = std::move(counters), shared, lasting = context_.lasting,
                    currency = context_.options.currency](Result<Counts> counts) {
        if (!counts) return (*shared)(counts.error());
        std::vector<std::int64_t> values;
        std::size_t next = 0;
        for (const Counted& one : counters) {
            if (one.unit == Unit::running)
                values.push_back(lasting->running.count(one.key.id));
            else
                values.push_back(next < counts->values.size() ? counts->values[next++] : 0);
        }
        (*shared)(json_response(standings_json(counters, values, currency)));
    };
    if (reads.empty()) return respond(Counts{.added = true});
    context_.store.add(std::move(reads), Completion<Counts>(std::move(respond)));
}

void LimitAdmin::spend(const AdminRequest& request, Completion<http::Response> done) const {
    if (context_.options.ledger_file.empty())
        return done(Error{ErrorKind::conflict, "the limiter has no ledger: set ledger_file"});
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(context_.host.now()).time_since_epoch().count();
    auto time = [&](const char* name, std::int64_t otherwise) -> Result<std::int64_t> {
        const auto text = query_value(request.query, name);
        if (!text) return Error{ErrorKind::bad_request, "the query is not percent-encoded correctly"};
        return text->empty() ? Result<std::int64_t>(otherwise) : spend_time(*text, now);
    };
    const auto since = time("since", 0), until = time("until", std::numeric_limits<std::int64_t>::max());
    if (!since) return done(since.error());
    if (!until) return done(until.error());
    auto sums = SpendSums::make(query_value(request.query, "by").value_or("?"), *since, *until);
    if (!sums) return done(sums.error());
    auto shared = std::make_shared<Completion<http::Response>>(std::move(done));
    context_.host.run([path = context_.options.ledger_file, sums = *std::move(sums), shared] {
        auto body = sums_of(path, sums);
        if (!body) return (*shared)(body.error());
        (*shared)(json_response(*std::move(body)));
    });
}

}  // namespace gatehouse::quota
