// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/errors.hpp"

#include <gatehouse/retry_after.hpp>
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/common/upstream/error_text.hpp"
#include "plugins/provider/oci/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::oci {

namespace {

/// The status of a code, for errors without a status.
int status_of_code(std::string_view code) {
    struct Row {
        std::string_view code;
        int status;
    };
    constexpr std::array table = {
        Row{"notauthenticated", 401},
        Row{"invalid_api_key", 401},
        Row{"notauthorized", 403},
        Row{"notallowed", 403},
        Row{"signuprequired", 403},
        Row{"notauthorizedornotfound", 404},
        Row{"notfound", 404},
        Row{"model_not_found", 404},
        Row{"toomanyrequests", 429},
        Row{"rate_limit_exceeded", 429},
        Row{"resource_exhausted", 429},
        Row{"insufficient_quota", 402},
        Row{"invalidparameter", 400},
        Row{"missingparameter", 400},
        Row{"cannotparserequest", 400},
        Row{"limitexceeded", 400},
        Row{"quotaexceeded", 400},
        Row{"invalid_argument", 400},
        Row{"context_length_exceeded", 400},
        Row{"content_filter", 400},
        Row{"unsupported_value", 400},
        Row{"unsupported_parameter", 400},
        Row{"incorrectstate", 409},
        Row{"requestentitytoolarge", 413},
        Row{"serviceunavailable", 503},
        Row{"unavailable", 503},
        Row{"overloaded", 503},
        Row{"deadline_exceeded", 504},
    };
    const std::string wanted = lower_case(code);
    for (const Row& row : table)
        if (row.code == wanted) return row.status;
    return 502;
}

std::string with_text(std::string message, const std::string& text) {
    return text.empty() ? message : message + " (OCI says: " + text + ")";
}

/// Names the region only: a client must not see the operator's own hosts.
std::string place(const Asked& asked) {
    return asked.endpoint.region.empty() ? "the configured endpoint" : "region " + asked.endpoint.region;
}

std::string model_name(const Asked& asked) { return in_quotes(presentable(asked.model.id, 200)); }

/// OpenAI's wording.  Clients recognize it and shorten the conversation.
std::string context_length_message(const ErrorBody& body, const Asked& asked) {
    const std::string& text = body.message;
    const std::string lower = lower_case(text);
    auto limit = body.limit ? body.limit : limit_in(lower);
    if (!limit) limit = asked.model.context_window;
    if (!limit) return with_text("the messages are longer than this model's maximum context length", text);
    const std::string wording = "maximum context length is " + std::to_string(*limit) + " tokens";
    if (lower.find(wording) != lower.npos) return text;
    return with_text("this model's " + wording, text);
}

std::string not_found_message(const std::string& text, const Asked& asked) {
    if (asked.model.id.empty())
        return with_text("OCI refused to list the models of " + place(asked) + ": check that compartment " +
                             presentable(asked.compartment_id, 200) +
                             " exists and that its policies allow it",
                         text);
    const std::string whose = asked.compartment_id.empty()
                                  ? std::string("the policies for the API key")
                                  : "the policies of compartment " + presentable(asked.compartment_id, 200);
    return with_text("OCI does not know this model, or does not allow the gateway to use it: check that " +
                         place(asked) + " offers " + model_name(asked) +
                         (asked.model.dedicated ? "" : " on demand") + ", and that " + whose +
                         " allow its use",
                     text);
}

std::string format_message(const Asked& asked) {
    std::string others;
    for (Format format : {Format::generic, Format::cohere, Format::coherev2})
        if (format != asked.model.format)
            others += (others.empty() ? "" : " or ") + in_quotes(lower_case(name_of(format)));
    return "model " + model_name(asked) + " does not take requests in the format " +
           std::string(name_of(asked.model.format)) + ": set the key models." +
           in_quotes(presentable(asked.model.id, 200)) + ".format of this provider to " + others;
}

std::string plain_message(int status, const std::string& text) {
    if (!text.empty()) return text;
    switch (status) {
        case 409: return "OCI reports a conflict with another request";
        case 413: return "the request is too large for OCI";
        case 422: return "OCI cannot process the request";
        default: return "OCI refused the request with status " + std::to_string(status);
    }
}

std::string upstream_message(int status, const std::string& text) {
    switch (status) {
        case 401:
            return "OCI rejected the gateway's own credentials (status 401): check the provider's signer "
                   "(key, fingerprint, tenancy) and the clock of this machine";
        case 403:
            return "OCI denied this operation to the gateway's own credentials (status 403): check the "
                   "policies of the compartment";
        case 407:
            return "the proxy in front of OCI requires credentials (status 407): check the proxy's address";
    }
    if (status >= 300 && status < 400)
        return "OCI returned a redirect (status " + std::to_string(status) + "): check the endpoint";
    return with_text("OCI failed with status " + std::to_string(status), text);
}

Error make_error(int status, const ErrorBody& body, const Asked& asked) {
    const std::string lower = lower_case(body.message);
    Error error;
    error.kind = kind_of_upstream_status(status);
    error.detail = "status " + std::to_string(status) + (body.code.empty() ? "" : ", code " + body.code);
    if (!body.param.empty()) error.param = openai_name(body.param);
    const bool of_request = error.kind == ErrorKind::bad_request || error.kind == ErrorKind::unprocessable ||
                            error.kind == ErrorKind::too_large;
    if (body.context_length || (of_request && says_context_length(lower))) {
        error.kind = ErrorKind::context_length;
        error.code = "context_length_exceeded";
        error.message = context_length_message(body, asked);
        return error;
    }

    switch (error.kind) {
        case ErrorKind::bad_request:
            error.code = body.code;
            if (lower.find("chat request type does not match") != lower.npos) {
                error.message = format_message(asked);
            } else {
                if (says_filtered(lower)) error.code = "content_filter";
                error.message = plain_message(status, body.message);
                if (error.param.empty()) error.param = openai_name(invalid_parameter_in(body.message));
            }
            break;
        case ErrorKind::not_found:
            if (asked.stored_object) {
                error.code = body.code;
                error.message = body.message.empty() ? "OCI has no such object" : body.message;
                break;
            }
            error.code = "model_not_found";
            error.param = "model";
            error.message = not_found_message(body.message, asked);
            break;
        case ErrorKind::rate_limited:
            if (status == 402 || body.code == "insufficient_quota") error.code = "insufficient_quota";
            error.message = body.message.empty() ? "OCI received too many requests" : body.message;
            break;
        case ErrorKind::unavailable:
            error.message = body.message.empty() ? "OCI is temporarily unavailable" : body.message;
            break;
        case ErrorKind::timeout:
            error.message = with_text("OCI did not respond in time (status " + std::to_string(status) + ")",
                                      body.message);
            break;
        case ErrorKind::upstream:
            error.message = upstream_message(status, body.message);
            error.param.clear();
            if (refuses_credentials(status) && !body.message.empty()) error.detail += ": " + body.message;
            break;
        case ErrorKind::bad_config:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::internal: error.message = plain_message(status, body.message);
    }
    return error;
}

std::optional<Refused> refused_in(int status, const ErrorBody& body) {
    if (status != 400 && status != 422) return std::nullopt;
    const bool by_code = body.code == "unsupported_parameter" || body.code == "unsupported_value";
    std::string name = by_code ? body.param : std::string();
    if (name.empty()) name = unsupported_parameter_in(body.message);
    const std::string lower = lower_case(body.message);
    // On the Responses surface: the model does not encrypt its thoughts, or cannot read these.
    if (!field_called(name) && lower.find("encrypted") != lower.npos) {
        if (lower.find("not supported") != lower.npos) return Refused{RequestField::encrypted_content};
        return Refused{.field = RequestField::reasoning_items, .for_good = false};
    }
    const auto field = field_called(name);
    if (!field) return std::nullopt;

    const bool only_value = body.code == "unsupported_value" ||
                            (body.code.empty() && lower.find("unsupported value") != lower.npos);
    Refused refused{*field};
    if (*field == RequestField::token_limit) {
        if (only_value) return std::nullopt;  // the name is accepted, the number is not
        refused.as_max_tokens = openai_name(name) == "max_tokens";
        refused.as_max_completion_tokens = !refused.as_max_tokens;
    }
    // The model may accept other values of these fields.  Numbers have only their
    // default.
    const bool has_words = *field == RequestField::reasoning_effort || *field == RequestField::verbosity ||
                           *field == RequestField::service_tier;
    refused.for_good = !(only_value && has_words);
    return refused;
}

/// Whether the error reports a limit of one region.  Another region may still
/// accept the request.
bool says_no_capacity(int status, const ErrorBody& body) {
    const std::string code = lower_case(body.code), text = lower_case(body.message);
    return code == "limitexceeded" || code == "quotaexceeded" || code == "overloaded" ||
           (status == 400 &&
            (text.find("out of capacity") != text.npos || text.find("capacity exceeded") != text.npos ||
             text.find("no capacity") != text.npos));
}

}  // namespace

Failure explain(int status, const http::Headers& headers, std::string_view text, const Asked& asked,
                std::chrono::system_clock::time_point now) {
    const ErrorBody body = read_error_body(text);
    Failure failure{make_error(status, body, asked), refused_in(status, body)};
    failure.no_capacity = says_no_capacity(status, body);
    failure.error.retry_after_seconds = retry_after_seconds(headers, now);
    return failure;
}

Error explain_event(std::string_view json, const Asked& asked) {
    const ErrorBody body = read_error_body(json);
    int status = body.status >= 400 ? body.status : status_of_code(body.code);
    if (status == 502) status = status_of(body);
    Error error = make_error(status, body, asked);
    if (error.kind == ErrorKind::upstream && status == 502)
        error.message = with_text("OCI returned an error instead of a response", body.message);
    return error;
}

}  // namespace gatehouse::oci
