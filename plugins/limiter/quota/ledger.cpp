// SPDX-License-Identifier: Apache-2.0
#include "plugins/limiter/quota/ledger.hpp"

#include <gatehouse/json_writer.hpp>

namespace gatehouse::quota {

std::string ledger_line(const Plan& plan, const Bill& bill, const Actual& all,
                        const std::vector<Actual>& attempts, const Context& context) {
    using std::chrono::milliseconds;
    const auto now = std::chrono::floor<milliseconds>(context.host.now()).time_since_epoch();
    std::string line;
    line.reserve(512);
    JsonWriter json(line);
    json.begin_object().member("time_ms", std::int64_t{now.count()}).member("request", plan.id());
    const TrafficClass& traffic = *plan.traffic();
    json.member("client", traffic.client());
    if (traffic.who_name != traffic.client()) json.member("client_name", traffic.who_name);
    json.member("model", traffic.model).member("status", bill.status);
    if (!traffic.groups.empty()) {
        json.key("groups").begin_array();
        for (const std::string& group : traffic.groups) json.value(group);
        json.end_array();
    }
    json.member("prompt_tokens", all.prompt).member("completion_tokens", all.completion);
    json.member("cost", decimal_text(all.cost)).member("currency", context.options.currency);
    json.member("prices", context.prices.name());
    if (all.estimated) json.member("estimated", true);
    if (bill.client_left) json.member("client_left", true);
    json.key("attempts").begin_array();
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        const Actual& own = attempts[i];
        json.begin_object().member("route", name_of(bill.attempts[i].route));
        json.member("prompt_tokens", own.prompt).member("completion_tokens", own.completion);
        json.member("cost", decimal_text(own.cost));
        if (own.estimated) json.member("estimated", true);
        json.end_object();
    }
    json.end_array().member("ms", std::int64_t{bill.total.count() / 1'000}).end_object();
    line += '\n';
    return line;
}

}  // namespace gatehouse::quota
