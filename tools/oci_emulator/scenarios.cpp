// SPDX-License-Identifier: Apache-2.0
// Selects the requests that a fault affects, and makes their responses.
#include "tools/oci_emulator/scenarios.hpp"

#include "tools/oci_emulator/fields.hpp"
#include "tools/oci_emulator/request_check.hpp"

#include <algorithm>
#include <charconv>

namespace gatehouse::emulator {

namespace {

constexpr std::size_t most_scenarios = 32;
constexpr std::chrono::minutes silence(10);

// Returns the request's model on either surface, or nothing.
std::string model_in(const std::string& body) {
    const Json request = parse_json(body).value_or(nullptr);
    if (const Json* serving = member(request, "servingMode")) {
        const std::string_view id = string_member(*serving, "modelId");
        return std::string(id.empty() ? string_member(*serving, "endpointId") : id);
    }
    return std::string(string_member(request, "model"));
}

bool is_service_path(std::string_view path) {
    return path.starts_with("/20231130/") || path.starts_with("/openai/");
}

Script answer_of(const Scenario& scenario, const std::string& model) {
    ServiceError error = usual_error(scenario.status);
    if (scenario.name == "gateway") return script_of(load_balancer_error(502));
    if (scenario.name == "reset" || scenario.name == "silent") {
        Script script{.wait = scenario.name == "silent" ? silence : std::chrono::milliseconds(0),
                      .reset = true};
        return script;
    }
    if (scenario.name == "unknown-key") {
        error = usual_error(401);
        error.debug = "the key is not known";
    }
    if (scenario.name == "not-authorized") error = usual_error(404);
    if (scenario.name == "retired") error = model_not_found(model);
    if (scenario.name == "wrong-format")
        error = {.message = "Chat request type does not match serving model"};
    if (scenario.name == "throttled") error = usual_error(429);
    if (scenario.name == "capacity") error = {503, "ServiceUnavailable", "Out of host capacity."};
    error.retry_after_seconds = scenario.retry_after;
    return script_of(to_response(error));
}

}  // namespace

Refusal Scenarios::add(const Json& description) {
    static const Check name = word({"clock", "unknown-key", "not-authorized", "retired", "wrong-format",
                                    "throttled", "capacity", "gateway", "status", "reset", "silent", "slow"});
    if (auto refusal = check_object(description, "",
                                    {{"fault", true, name},
                                     {"path", false, text()},
                                     {"model", false, text()},
                                     {"first", false, integer_between(1, 1'000'000)},
                                     {"status", false, integer_between(400, 599)},
                                     {"retry_after", false, integer_between(0, 86'400)},
                                     {"wait", false, integer_between(0, 600'000)},
                                     {"minutes", false, integer_between(-100'000, 100'000)}}))
        return refusal;
    const auto number = [&](const char* key, std::int64_t otherwise) {
        const Json* value = member(description, key);
        return value ? value->get<std::int64_t>() : otherwise;
    };
    Scenario scenario{.name = std::string(string_member(description, "fault")),
                      .path = std::string(string_member(description, "path")),
                      .model = std::string(string_member(description, "model")),
                      .first = number("first", 0),
                      .status = static_cast<int>(number("status", 503)),
                      .wait = std::chrono::milliseconds(number("wait", 0)),
                      .clock = std::chrono::minutes(number("minutes", 0))};
    if (member(description, "retry_after")) scenario.retry_after = static_cast<int>(number("retry_after", 0));
    const std::lock_guard lock(mutex_);
    if (all_.size() >= most_scenarios) return invalid("fault", "exceeds the maximum number of faults");
    all_.push_back(std::move(scenario));
    return {};
}

Refusal Scenarios::add(std::string_view description) {
    Json object = Json::object();
    std::size_t end = std::min(description.find(','), description.size());
    object["fault"] = description.substr(0, end);
    while (end < description.size()) {
        description.remove_prefix(end + 1);
        end = std::min(description.find(','), description.size());
        const std::string_view pair = description.substr(0, end);
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) return invalid(std::string(pair), "is not key=value");
        const std::string_view value = pair.substr(equals + 1);
        std::int64_t number = 0;
        const auto [rest, failure] = std::from_chars(value.data(), value.data() + value.size(), number);
        const bool is_number = failure == std::errc() && rest == value.data() + value.size();
        object[std::string(pair.substr(0, equals))] = is_number ? Json(number) : Json(value);
    }
    return add(object);
}

void Scenarios::clear() {
    const std::lock_guard lock(mutex_);
    all_.clear();
}

Json Scenarios::list() const {
    const std::lock_guard lock(mutex_);
    Json all = Json::array();
    for (const Scenario& one : all_) all.push_back({{"fault", one.name}, {"struck", one.struck}});
    return all;
}

std::optional<Script> Scenarios::strike(const http::RequestHead& head, const std::string& body,
                                        std::chrono::milliseconds& wait) {
    const std::lock_guard lock(mutex_);
    std::optional<std::string> model;  // read when a scenario needs it
    for (Scenario& scenario : all_) {
        if (scenario.name == "clock" || (scenario.first && scenario.struck >= scenario.first)) continue;
        if (scenario.path.empty() ? !is_service_path(head.path) : !head.path.starts_with(scenario.path))
            continue;
        if (!model && (!scenario.model.empty() || scenario.name == "retired")) model = model_in(body);
        if (!scenario.model.empty() && *model != scenario.model) continue;
        ++scenario.struck;
        if (scenario.name != "slow") return answer_of(scenario, model.value_or(""));
        wait += scenario.wait;
    }
    return std::nullopt;
}

std::chrono::minutes Scenarios::clock() const {
    const std::lock_guard lock(mutex_);
    std::chrono::minutes ahead{0};
    for (const Scenario& one : all_) ahead += one.clock;
    return ahead;
}

}  // namespace gatehouse::emulator
