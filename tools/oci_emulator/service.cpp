// SPDX-License-Identifier: Apache-2.0
// Checks a request in the service's order: signature, path, JSON, fields, model.
#include "tools/oci_emulator/service.hpp"

#include "tools/oci_emulator/discovery_page.hpp"
#include "tools/oci_emulator/embed.hpp"
#include "tools/oci_emulator/encoding.hpp"
#include "tools/oci_emulator/guardrails.hpp"
#include "tools/oci_emulator/http_date.hpp"
#include "tools/oci_emulator/models_page.hpp"
#include "tools/oci_emulator/openai_surface.hpp"
#include "tools/oci_emulator/responses_surface.hpp"

#include <algorithm>

namespace gatehouse::emulator {

namespace {

constexpr std::string_view base = "/20231130/", bearer = "Bearer ";
constexpr std::size_t longest_remembered_body = 1024 * 1024;
constexpr std::size_t most_remembered = 1000;
constexpr std::size_t longest_key_id = 600, longest_path = 1000, longest_retry_token = 64;

/// Whether the path is on the OpenAI-compatible surface, which accepts API keys.
bool is_surface_path(std::string_view path) {
    return is_openai_path(path) || is_responses_path(path) || is_stored_object_path(path);
}

std::int64_t unix_seconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

// Letters, digits, _ and -, and the slashes of A/B/C.
bool usable_request_id(std::string_view id) {
    return !id.empty() && id.size() <= 256 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-' || c == '/';
    });
}

// Returns the signer's keyId, or the token's id.  It is not secret.
std::string signer_of(const http::RequestHead& head) {
    const std::string_view sent = head.headers.get("authorization");
    if (sent.starts_with(bearer)) return "Bearer";
    const auto authorization = read_authorization(sent);
    if (!authorization) return {};
    std::string_view id = authorization->key_id;
    const bool is_token = id.starts_with("ST$");
    const std::string token = name_of_token(is_token ? id.substr(3) : id);
    return is_token || !token.empty() ? "ST$" + token : std::string(id.substr(0, longest_key_id));
}

Script failed(int status, bool in_usual_body, std::optional<int> retry_after) {
    if (!in_usual_body) return script_of(load_balancer_error(status));
    ServiceError error = usual_error(status);
    error.retry_after_seconds = retry_after;
    return script_of(to_response(error));
}

}  // namespace

Script Service::answer(const http::RequestHead& head, const std::string& body, AddressState& address) {
    const Time now = std::chrono::system_clock::now() + address.scenarios.clock();
    const std::string_view sent_id = head.headers.get("opc-request-id");
    const std::string id = usable_request_id(sent_id) ? std::string(sent_id) : Dice().request_id();
    std::chrono::milliseconds wait{0};
    auto struck = address.scenarios.strike(head, body, wait);
    Script script = struck ? *std::move(struck) : route(head, body, id, address, now);
    script.wait += wait;
    if (script.head.headers.get("content-type") != "text/html")  // a load balancer does not send ids
        script.head.headers.add("opc-request-id", id);
    script.head.headers.add("date", to_http_date(now));
    remember(head, body, script);
    return script;
}

Script Service::route(const http::RequestHead& head, const std::string& body, const std::string& id,
                      AddressState& address, Time now) {
    if (auto response = identity_.answer(head, body, settings_.signature, now))
        return script_of(*std::move(response));
    if (auto known = check_caller(head, body, now); !known) {
        ++stats.unsigned_;
        ServiceError error = usual_error(401);
        error.debug = known.error().message;
        return script_of(to_response(error));
    }
    if (is_responses_path(head.path)) return response(head, body, id, now);
    if (is_stored_object_path(head.path)) return stored_object(head, body, now);
    return is_openai_path(head.path) ? completion(head, body, id, now) : operation(head, body, id, address);
}

Script Service::operation(const http::RequestHead& head, const std::string& body, const std::string& id,
                          AddressState& address) {
    const auto refused = [](const ServiceError& error) { return script_of(to_response(error)); };
    if (head.path == "/20231130/models")
        return head.method == "GET" ? script_of(list_models(head.query, address.region, settings_.request))
                                    : refused(usual_error(405));
    if (is_further_list(head.path))
        return head.method == "GET" ? script_of(further_list(head.path, head.query, address.region,
                                                             settings_.request, settings_.api_keys))
                                    : refused(usual_error(405));
    if (head.path == "/20231130/guardrailVersions")
        return head.method == "GET" ? script_of(list_guardrail_versions(
                                          head.headers.get("opc-compartment-id"), settings_.request))
                                    : refused(usual_error(405));
    const bool chats = head.path == "/20231130/actions/chat",
               embeds = head.path == "/20231130/actions/embedText",
               guards = head.path == "/20231130/actions/applyGuardrails";
    if (!chats && !embeds && !guards && head.path != "/20231130/actions/rerankText")
        return refused(usual_error(head.path.starts_with(base) ? 501 : 404));
    if (head.method != "POST") return refused(usual_error(405));
    const auto details = parse_json(body);
    if (!details) return refused(cannot_parse("Cannot parse request: the body is not JSON."));
    if (auto refusal = check_retry_token(head, body)) return refused(*refusal);
    if (chats) return chat(*details);
    if (guards) return script_of(apply_guardrails(*details, settings_.request));
    return script_of(embeds ? embed(*details, settings_.request, id)
                            : rerank(*details, settings_.request, id));
}

/// A token belongs to one request.
Refusal Service::check_retry_token(const http::RequestHead& head, const std::string& body) {
    const std::string token(head.headers.get("opc-retry-token"));
    if (token.empty()) return {};
    if (token.size() > longest_retry_token)
        return ServiceError{.message = "Invalid parameter: opc-retry-token is longer than 64 characters."};
    const std::lock_guard lock(mutex_);
    if (retry_tokens_.size() > 10'000) retry_tokens_.clear();
    const std::string digest = sha256(head.path + "\n" + body);
    if (retry_tokens_.try_emplace(token, digest).first->second == digest) return {};
    return ServiceError{409, "InvalidatedRetryToken", "The retry token was used for a different request."};
}

Result<void> Service::check_caller(const http::RequestHead& head, const std::string& body, Time now) {
    constexpr std::string_view token_prefix = "ST$";
    if (const std::string_view sent = head.headers.get("authorization");
        is_surface_path(head.path) && sent.starts_with(bearer)) {
        if (settings_.api_keys.contains(sent.substr(bearer.size()))) return {};
        return Error{ErrorKind::unauthenticated, "the API key is not known"};
    }
    const FindKey find = [&](const std::string& key_id) -> Result<KeyPointer> {
        if (KeyPointer key = settings_.keys.find(key_id)) return key;
        if (key_id.starts_with(token_prefix))
            return identity_.key_of_token(std::string_view(key_id).substr(token_prefix.size()), now);
        return Error{ErrorKind::unauthenticated, "the key is not known"};
    };
    return check_signature(head, body, find, settings_.signature, now);
}

void Service::remember(const http::RequestHead& head, const std::string& body, const Script& script) {
    Json remembered = {
        {"method", head.method}, {"path", head.path}, {"query", head.query}, {"headers", Json::object()}};
    for (const auto& [name, value] : head.headers)
        if (!http::equal_ignoring_case(name, "authorization")) remembered["headers"][name] = value;
    if (body.size() <= longest_remembered_body) remembered["body"] = parse_json(body).value_or(nullptr);
    Json line = {{"method", head.method},
                 {"path", head.path.substr(0, longest_path)},
                 {"status", script.head.status},
                 {"signed_by", signer_of(head)},
                 {"opc-request-id", script.head.headers.get("opc-request-id")},
                 {"opc-retry-token", head.headers.get("opc-retry-token").substr(0, longest_key_id)}};
    const std::lock_guard lock(mutex_);
    // A test asks for its own request: a gateway lists models at times of its own.
    if (head.method != "GET") last_request_ = std::move(remembered);
    requests_.push_back(std::move(line));
    if (requests_.size() > most_remembered) requests_.pop_front();
}

Script Service::chat(const Json& details) {
    Model model;
    if (auto refusal = check_chat(details, settings_.request, model)) return script_of(to_response(*refusal));
    return say(read_call(details, model));
}

/// An API key belongs to a compartment.  A signed request must name one.
Refusal Service::check_openai_caller(const http::RequestHead& head) const {
    if (head.headers.get("authorization").starts_with(bearer)) return {};
    const std::string_view compartment = head.headers.get("opc-compartment-id");
    if (compartment.empty()) return missing("opc-compartment-id");
    if (!compartment_exists(compartment, settings_.request)) return usual_error(404);
    return {};
}

Script Service::response(const http::RequestHead& head, const std::string& body, const std::string& id,
                         Time now) {
    const auto refused = [](const ServiceError& error) { return script_of(to_response(error)); };
    if (head.method != "POST") return refused(usual_error(405));
    if (auto refusal = check_openai_caller(head)) return refused(*refusal);
    const auto request = parse_json(body);
    if (!request) return refused(cannot_parse("Cannot parse request: the body is not JSON."));
    Model model;
    if (auto refusal =
            check_response(*request, settings_.request, head.path, head.headers.get("openai-project"), model))
        return refused(*refusal);
    return say(read_response(*request, model, "resp_" + id.substr(0, 32), unix_seconds(now)));
}

Script Service::stored_object(const http::RequestHead& head, const std::string& body, Time now) {
    if (auto refusal = check_openai_caller(head)) return script_of(to_response(*refusal));
    return script_of(objects_.answer(head, body, unix_seconds(now)));
}

Script Service::completion(const http::RequestHead& head, const std::string& body, const std::string& id,
                           Time now) {
    const auto refused = [](const ServiceError& error) { return script_of(to_response(error)); };
    if (head.method != "POST") return refused(usual_error(405));
    if (auto refusal = check_openai_caller(head)) return refused(*refusal);
    const auto request = parse_json(body);
    if (!request) return refused(cannot_parse("Cannot parse request: the body is not JSON."));
    Model model;
    if (auto refusal = check_completion(*request, settings_.request, model)) return refused(*refusal);
    return say(read_completion(*request, model, "chatcmpl-" + id.substr(0, 32), unix_seconds(now)));
}

Script Service::say(const ChatCall& call) {
    const Faults faults = read_faults(call.new_user_text);
    if (faults.status) return failed(faults.status, faults.in_usual_body, faults.retry_after);
    if (faults.too_long)
        return script_of(to_response(
            {.message = "This model's maximum context length is 131072 tokens. However, your messages "
                        "resulted in 200012 tokens. Please reduce the length of the messages."}));
    if (faults.fails_first && fails_again(call.new_user_text, faults.fails_first))
        return failed(faults.flaky_status, true, std::nullopt);
    Dice dice;
    return script_of(call, faults, dice);
}

bool Service::fails_again(const std::string& text, int times) {
    const std::lock_guard lock(mutex_);
    if (failures_.size() > 10'000) failures_.clear();
    return ++failures_[sha256(text)] <= times;
}

http::Response Service::control(const http::RequestHead& head, const std::string& body,
                                AddressState& address) {
    const auto answer = [](const Json& tree) {
        return http::Response{{200, {{"content-type", "application/json"}}}, to_text(tree)};
    };
    if (auto response = identity_.control(head, body, std::chrono::system_clock::now())) return *response;
    const std::string what = head.method + " " + head.path;
    if (what == "GET /_emulator/stats") return answer(statistics());
    if (what == "GET /_emulator/faults") return answer(address.scenarios.list());
    if (what == "POST /_emulator/faults") {
        if (auto refusal = address.scenarios.add(parse_json(body).value_or(nullptr)))
            return to_response(*refusal);
        return answer(address.scenarios.list());
    }
    if (what == "DELETE /_emulator/faults") {
        address.scenarios.clear();
        return answer(Json::array());
    }
    if (what == "POST /_emulator/reset") {
        reset();
        address.scenarios.clear();
        return answer(Json::object());
    }
    if (what == "GET /_emulator/last" || what == "GET /_emulator/requests") {
        const std::lock_guard lock(mutex_);
        return answer(what == "GET /_emulator/last" ? last_request_ : Json(requests_));
    }
    return to_response({404, "NotFound", "The emulator's README lists its endpoints."});
}

Json Service::statistics() const {
    return {{"requests", stats.requests.load()},
            {"running", stats.running.load()},
            {"peak", stats.peak.load()},
            {"completed", stats.completed.load()},
            {"refused", stats.refused.load()},
            {"unsigned", stats.unsigned_.load()},
            {"cancelled", stats.cancelled.load()},
            {"broken", stats.broken.load()},
            {"steps", stats.words.load()},
            {"tokens", identity_.issued()},
            {"connections", stats.connections ? stats.connections() : 0}};
}

void Service::reset() {
    objects_.clear();
    for (auto* counter : {&stats.requests, &stats.peak, &stats.completed, &stats.refused, &stats.unsigned_,
                          &stats.cancelled, &stats.broken, &stats.words})
        counter->store(0);  // running requests still count
    const std::lock_guard lock(mutex_);
    failures_.clear();
    retry_tokens_.clear();
    requests_.clear();
    last_request_ = nullptr;
}

}  // namespace gatehouse::emulator
