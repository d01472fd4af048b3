// SPDX-License-Identifier: Apache-2.0
// The order in which the service refuses: signature, path, JSON, fields, model.
#include "tools/oci_emulator/service.hpp"

#include "tools/oci_emulator/http_date.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view base = "/20231130/";
constexpr std::size_t longest_remembered_body = 1024 * 1024;

// Letters, digits, _ and -, and the slashes of A/B/C.
bool usable_request_id(std::string_view id) {
    return !id.empty() && id.size() <= 256 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '/';
    });
}

Script failed(int status, bool in_usual_body, std::optional<int> retry_after) {
    if (!in_usual_body) return script_of(load_balancer_error(status));
    ServiceError error = usual_error(status);
    error.retry_after_seconds = retry_after;
    return script_of(to_response(error));
}

}  // namespace

Script Service::answer(const http::RequestHead& head, const std::string& body) {
    Dice dice;
    Script script;
    if (auto known = check_signature(head, body, settings_.keys, settings_.signature,
                                     std::chrono::system_clock::now());
        !known) {
        ++stats.unsigned_;
        ServiceError error = usual_error(401);
        error.debug = known.error().message;
        script = script_of(to_response(error));
    } else if (head.path == "/20231130/actions/chat") {
        script = head.method == "POST" ? chat(body) : script_of(to_response(usual_error(405)));
    } else {
        const bool planned = head.path.starts_with(base);
        script = script_of(to_response(usual_error(planned ? 501 : 404)));
    }
    const std::string_view sent_id = head.headers.get("opc-request-id");
    if (script.head.headers.get("content-type") != "text/html")  // a load balancer knows of no ids
        script.head.headers.add("opc-request-id",
                                usable_request_id(sent_id) ? std::string(sent_id) : dice.request_id());
    script.head.headers.add("date", to_http_date(std::chrono::system_clock::now()));

    Json remembered = {
        {"method", head.method}, {"path", head.path}, {"query", head.query}, {"headers", Json::object()}};
    for (const auto& [name, value] : head.headers)
        if (!http::equal_ignoring_case(name, "authorization")) remembered["headers"][name] = value;
    if (body.size() <= longest_remembered_body) remembered["body"] = parse_json(body).value_or(nullptr);
    const std::lock_guard lock(mutex_);
    last_request_ = std::move(remembered);
    return script;
}

Script Service::chat(const std::string& body) {
    const auto details = parse_json(body);
    if (!details)
        return script_of(
            to_response({400, "CannotParseRequest", "Cannot parse request: the body is no JSON."}));
    Model model;
    if (auto refusal = check_chat(*details, settings_.request, model))
        return script_of(to_response(*refusal));
    const ChatCall call = read_call(*details, model);
    const Faults faults = read_faults(call.new_user_text);
    if (faults.status) return failed(faults.status, faults.in_usual_body, faults.retry_after);
    if (faults.fails_first && fails_again(call.new_user_text, faults.fails_first))
        return failed(faults.flaky_status, true, std::nullopt);
    Dice dice;
    return script_of(call, faults, dice);
}

bool Service::fails_again(const std::string& text, int times) {
    const std::lock_guard lock(mutex_);
    if (failures_.size() > 10'000) failures_.clear();
    return ++failures_[text] <= times;
}

std::string Service::last_request() const {
    const std::lock_guard lock(mutex_);
    return to_text(last_request_);
}

void Service::reset() {
    for (auto* counter : {&stats.requests, &stats.peak, &stats.completed, &stats.refused, &stats.unsigned_,
                          &stats.cancelled, &stats.broken, &stats.words})
        counter->store(0);  // what runs goes on running
    const std::lock_guard lock(mutex_);
    failures_.clear();
    last_request_ = nullptr;
}

}  // namespace gatehouse::emulator
