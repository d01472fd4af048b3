// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/openai/errors.hpp"

#include <gatehouse/retry_after.hpp>
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "plugins/common/upstream/text.hpp"

namespace gatehouse::openai_provider {

namespace {

using upstream::ErrorBody;

/// OpenAI's wording, which clients search for to decide that they must shorten the conversation.
std::string context_length_message(const ErrorBody& body, const Service& service) {
    const std::string& text = body.message;
    const std::string lower = upstream::lower_case(text);
    auto limit = body.limit ? body.limit : upstream::limit_in(lower);
    if (!limit) limit = service.options.context_window;
    if (!limit)
        return text.empty() ? "the messages are longer than this model's maximum context length" : text;
    const std::string wording = "maximum context length is " + std::to_string(*limit) + " tokens";
    if (lower.find(wording) != lower.npos) return text;
    return "this model's " + wording + (text.empty() ? "" : " (the upstream says: " + text + ")");
}

std::string or_else(const std::string& text, std::string otherwise) {
    return text.empty() ? std::move(otherwise) : text;
}

std::string upstream_message(int status, const std::string& text) {
    const std::string number = " (status " + std::to_string(status) + ")";
    switch (status) {
        case 401: return "the upstream does not accept the gateway's own key" + number;
        case 403: return "the upstream does not permit this for the gateway's own key" + number;
        case 407: return "the proxy in front of the upstream requires credentials" + number;
    }
    if (status >= 300 && status < 400) return "the upstream responded with a redirect" + number;
    return "the upstream failed" + number + (text.empty() ? "" : ": " + text);
}

Error make_error(int status, const ErrorBody& body, std::string_view model, const Service& service) {
    const std::string lower = upstream::lower_case(body.message);
    Error error;
    error.kind = kind_of_upstream_status(status);
    error.detail = "status " + std::to_string(status) + (body.code.empty() ? "" : ", code " + body.code);
    error.code = body.code;
    error.param = body.param;
    const bool may_be_long = error.kind == ErrorKind::bad_request || error.kind == ErrorKind::unprocessable ||
                             error.kind == ErrorKind::too_large;
    if (body.context_length || (may_be_long && upstream::says_context_length(lower))) {
        error.kind = ErrorKind::context_length;
        error.code = "context_length_exceeded";
        error.message = context_length_message(body, service);
        return error;
    }
    switch (error.kind) {
        case ErrorKind::bad_request:
        case ErrorKind::unprocessable:
            error.message = or_else(body.message,
                                    "the upstream refused the request with status " + std::to_string(status));
            break;
        case ErrorKind::not_found:
            if (model.empty()) {
                error.message = or_else(body.message, "the upstream has no such object");
                break;
            }
            error.code = "model_not_found";
            error.param = "model";
            error.message = or_else(body.message, "the upstream has no model " + upstream::shown(model));
            break;
        case ErrorKind::rate_limited:
            if (status == 402 || body.code == "insufficient_quota") error.code = "insufficient_quota";
            error.message = or_else(body.message, "the upstream's rate limit is reached");
            break;
        case ErrorKind::unavailable:
            error.message = or_else(body.message, "the upstream is not available at the moment");
            break;
        case ErrorKind::upstream:
            error.message = upstream_message(status, body.message);
            error.code.clear();
            error.param.clear();
            if (refuses_credentials(status) && !body.message.empty()) error.detail += ": " + body.message;
            break;
        case ErrorKind::bad_config:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unsupported:
        case ErrorKind::timeout:
        case ErrorKind::internal:
            error.message = or_else(body.message,
                                    "the upstream refused the request with status " + std::to_string(status));
    }
    return error;
}

}  // namespace

Error explain(int status, const http::Headers& headers, std::string_view text, std::string_view model,
              const Service& service) {
    Error error = make_error(status, upstream::read_error_body(text), model, service);
    error.retry_after_seconds = retry_after_seconds(headers, service.host.now());
    return error;
}

Error explain_event(std::string_view json, std::string_view model, const Service& service) {
    const ErrorBody body = upstream::read_error_body(json);
    const int status = status_of(body);
    Error error = make_error(status, body, model, service);
    if (error.kind == ErrorKind::upstream && body.status == 0)
        error.message = "the upstream sent an error instead of a response" +
                        (body.message.empty() ? "" : ": " + body.message);
    return error;
}

std::string advise(int status, std::string_view model, const Service& service) {
    switch (status) {
        case 401:
        case 403:
            return "The key is the signer's: name one in the provider's table (signer = \"NAME\") and give "
                   "it "
                   "[signer.NAME] with use = \"bearer\" and key = \"env:OPENAI_API_KEY\"; Azure takes the "
                   "key in "
                   "another header: header = \"api-key\", scheme = \"\".";
        case 404:
            return model.empty()
                       ? "There is no list of models at " + service.base.host +
                             ": check base_url, which usually ends in /v1."
                       : "Check the name " + upstream::shown(model) +
                             " against the upstream's list of models, and base_url, which usually ends "
                             "in /v1.  With azure_api_version the name must be that of a deployment.";
        case 429: return "The upstream enforces these limits: try later, or configure a second route.";
        default: break;
    }
    if (status >= 300 && status < 400)
        return "The gateway does not follow redirects: set base_url to the final URL.";
    return status >= 500 ? "The upstream itself fails: check its log, and configure a second route." : "";
}

}  // namespace gatehouse::openai_provider
