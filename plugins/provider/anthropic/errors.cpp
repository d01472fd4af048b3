// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/errors.hpp"

#include "plugins/provider/anthropic/text.hpp"

#include <gatehouse/error_text.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace gatehouse::anthropic {

namespace {

using Json = nlohmann::json;

/// The status for an error type.  Errors in a stream have no status.
int status_of_type(std::string_view type) {
    struct Row {
        std::string_view type;
        int status;
    };
    constexpr std::array table = {
        Row{"invalid_request_error", 400}, Row{"authentication_error", 401}, Row{"billing_error", 402},
        Row{"permission_error", 403},      Row{"not_found_error", 404},      Row{"conflict_error", 409},
        Row{"request_too_large", 413},     Row{"rate_limit_error", 429},     Row{"api_error", 500},
        Row{"timeout_error", 504},         Row{"overloaded_error", 529},
    };
    for (const Row& row : table)
        if (row.type == type) return row.status;
    return 502;
}

std::string with_text(std::string message, const std::string& text) {
    return text.empty() ? message : message + " (Anthropic says: " + text + ")";
}

std::string text_of(const Json& json, const char* key) {
    const auto member = json.find(key);
    return member != json.end() && member->is_string() ? presentable(member->get_ref<const std::string&>())
                                                       : std::string();
}

/// The client's field at the start of a message: "temperature: range: 0..1".
std::string param_of(std::string_view message) {
    struct Row {
        std::string_view theirs, ours;
    };
    constexpr std::array table = {
        Row{"max_tokens", "max_tokens"},
        Row{"messages", "messages"},
        Row{"metadata", "user"},
        Row{"model", "model"},
        Row{"output_config", "response_format"},
        Row{"service_tier", "service_tier"},
        Row{"stop_sequences", "stop"},
        Row{"system", "messages"},
        Row{"temperature", "temperature"},
        Row{"thinking", "reasoning_effort"},
        Row{"tool_choice", "tool_choice"},
        Row{"tools", "tools"},
        Row{"top_k", "top_k"},
        Row{"top_p", "top_p"},
    };
    if (message.starts_with('`')) message.remove_prefix(1);
    const std::string_view word = message.substr(0, message.find_first_of(".:` "));
    const std::string_view rest = message.substr(word.size());
    if (rest.empty() || rest.front() == ' ') return {};
    for (const Row& row : table)
        if (row.theirs == word) return std::string(row.ours);
    return {};
}

/// The number after the last '>' of "prompt is too long: 208310 tokens > 200000 maximum".
std::optional<std::int64_t> limit_in(std::string_view text) {
    std::size_t at = text.rfind('>');
    if (at == text.npos) return upstream::limit_in(text);
    at = text.find_first_not_of(" ", at + 1);
    std::int64_t limit = 0;
    if (at == text.npos) return std::nullopt;
    std::from_chars(text.data() + at, text.data() + text.size(), limit);
    return limit > 0 ? std::optional(limit) : std::nullopt;
}

/// OpenAI's wording, which clients search for to decide that they must shorten the conversation.
std::string context_length_message(const ErrorBody& body, const Model& model) {
    const std::string& text = body.message;
    auto limit = body.limit ? body.limit : limit_in(lower_case(text));
    if (!limit) limit = model.context_window;
    return with_text(limit ? "this model's maximum context length is " + std::to_string(*limit) + " tokens"
                           : "the messages are longer than this model's maximum context length",
                     text);
}

/// Whether the prompt is too long for the model.
bool says_too_long(ErrorKind kind, const ErrorBody& body) {
    if (body.context_length) return true;
    const bool of_request =
        kind == ErrorKind::bad_request || kind == ErrorKind::unprocessable || kind == ErrorKind::too_large;
    return of_request && says_context_length(lower_case(body.message));
}

std::string upstream_message(int status, const ErrorBody& body) {
    switch (status) {
        case 401:
            return "Anthropic does not accept the gateway's own key (status 401): check the signer of this "
                   "provider";
        case 403:
            return "Anthropic does not permit this for the gateway's own key (status 403): check what the key's "
                   "workspace may use";
        case 407:
            return "the proxy in front of Anthropic requires credentials (status 407): check the proxy's "
                   "address";
    }
    if (status >= 300 && status < 400)
        return "Anthropic responded with a redirect (status " + std::to_string(status) + "): check base_url";
    return with_text("Anthropic failed with status " + std::to_string(status), body.message);
}

Error make_error(int status, const ErrorBody& body, const Model& model) {
    Error error;
    error.kind = kind_of_upstream_status(status);
    error.detail = "status " + std::to_string(status) + (body.type.empty() ? "" : ", type " + body.type) +
                   (body.code.empty() ? "" : ", code " + body.code);
    if (says_no_credit(body)) error.kind = ErrorKind::rate_limited;
    // Only the owner of the key can resolve these errors.
    if (body.code == "organization_on_hold" ||
        lower_case(body.message).find("organization has been disabled") != std::string::npos) {
        error.kind = ErrorKind::upstream;
        status = 403;
    }

    if (says_too_long(error.kind, body)) {
        error.kind = ErrorKind::context_length;
        error.code = "context_length_exceeded";
        error.param = "messages";
        error.message = context_length_message(body, model);
        return error;
    }

    switch (error.kind) {
        case ErrorKind::bad_request:
            error.param = param_of(body.message);
            error.message = body.message.empty()
                                ? "Anthropic refused the request with status " + std::to_string(status)
                                : body.message;
            break;
        case ErrorKind::not_found:
            if (model.id.empty()) {
                error.message = "there is no list of models at this base_url";
                break;
            }
            error.code = "model_not_found";
            error.param = "model";
            error.message = with_text(
                "Anthropic has no model " + shown(model.id) + ", or this key may not use it", body.message);
            break;
        case ErrorKind::rate_limited:
            if (status == 402 || says_no_credit(body)) error.code = "insufficient_quota";
            error.message = error.code.empty()
                                ? with_text("Anthropic's rate limit is reached", body.message)
                                : "the account behind this provider has no credit left, or has reached its "
                                  "limit";
            break;
        case ErrorKind::unavailable:
            error.message = with_text("Anthropic is overloaded or not available at the moment", body.message);
            break;
        case ErrorKind::timeout:
            error.message = with_text(
                "Anthropic did not respond in time (status " + std::to_string(status) + ")", body.message);
            break;
        case ErrorKind::upstream:
            error.message = upstream_message(status, body);
            if (refuses_credentials(status) && !body.message.empty()) error.detail += ": " + body.message;
            break;
        case ErrorKind::too_large:
            error.message = with_text("the request is too large for Anthropic", body.message);
            break;
        case ErrorKind::bad_config:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::internal:
            error.message = body.message.empty()
                                ? "Anthropic refused the request with status " + std::to_string(status)
                                : body.message;
    }
    return error;
}

}  // namespace

ErrorBody read_error(std::string_view body) {
    // Another server may have responded: a proxy, a load balancer, another API.
    const upstream::ErrorBody read = upstream::read_error_body(body);
    ErrorBody found{.message = read.message, .context_length = read.context_length, .limit = read.limit};
    const Json json = Json::parse(body, nullptr, false);
    const auto inner = json.is_object() ? json.find("error") : json.end();
    if (!json.is_object() || inner == json.end() || !inner->is_object()) return found;
    found.type = text_of(*inner, "type");
    if (const auto details = inner->find("details"); details != inner->end() && details->is_object())
        found.code = text_of(*details, "error_code");
    return found;
}

bool says_no_credit(const ErrorBody& body) {
    return body.type == "billing_error" || body.code.ends_with("spend_limit_reached") ||
           lower_case(body.message).find("credit balance is too low") != std::string::npos;
}

Error explain(int status, const http::Headers& headers, std::string_view body, const Model& model,
              std::chrono::system_clock::time_point now) {
    Error error = make_error(status, read_error(body), model);
    error.retry_after_seconds = retry_after_seconds(headers, now);
    return error;
}

Error explain_event(std::string_view json, const Model& model) {
    const ErrorBody body = read_error(json);
    int status = status_of_type(body.type);
    if (status == 502) status = status_of(upstream::read_error_body(json));
    Error error = make_error(status, body, model);
    if (error.kind == ErrorKind::upstream && status >= 500)
        error.message = with_text("Anthropic sent an error instead of a response", body.message);
    return error;
}

}  // namespace gatehouse::anthropic
