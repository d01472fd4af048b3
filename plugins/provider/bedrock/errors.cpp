// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/bedrock/errors.hpp"

#include <gatehouse/error_body.hpp>
#include <gatehouse/error_text.hpp>
#include <gatehouse/json.hpp>
#include <gatehouse/retry_after.hpp>
#include <gatehouse/text.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace gatehouse::bedrock {

namespace {

struct Row {
    std::string_view type;  // in lower case, without "exception"
    int status;
    ErrorKind kind;
};

// Types by the table "Errors" of Converse, and AWS's common errors for signatures.
constexpr std::array rows = {
    Row{"validation", 400, ErrorKind::bad_request},
    Row{"throttling", 429, ErrorKind::rate_limited},
    Row{"toomanyrequests", 429, ErrorKind::rate_limited},
    Row{"servicequotaexceeded", 400, ErrorKind::rate_limited},
    Row{"modelnotready", 429, ErrorKind::unavailable},
    Row{"modeltimeout", 408, ErrorKind::timeout},
    Row{"modelerror", 424, ErrorKind::upstream},
    Row{"modelstreamerror", 424, ErrorKind::upstream},
    Row{"internalserver", 500, ErrorKind::upstream},
    Row{"internalfailure", 500, ErrorKind::upstream},
    Row{"serviceunavailable", 503, ErrorKind::unavailable},
    Row{"resourcenotfound", 404, ErrorKind::not_found},
    Row{"accessdenied", 403, ErrorKind::upstream},
    Row{"unrecognizedclient", 403, ErrorKind::upstream},
    Row{"invalidsignature", 403, ErrorKind::upstream},
    Row{"signaturedoesnotmatch", 403, ErrorKind::upstream},
    Row{"incompletesignature", 403, ErrorKind::upstream},
    Row{"missingauthenticationtoken", 403, ErrorKind::upstream},
    Row{"expiredtoken", 403, ErrorKind::upstream},
    Row{"requestexpired", 403, ErrorKind::upstream},
    Row{"optinrequired", 403, ErrorKind::upstream},
};

/// The row of "ThrottlingException" or "throttlingException", or null.
const Row* row_of(std::string_view type) {
    std::string word = lower_case(type);
    if (word.ends_with("exception")) word.resize(word.size() - 9);
    const auto found = std::ranges::find_if(rows, [&](const Row& row) { return row.type == word; });
    return found == rows.end() ? nullptr : &*found;
}

/// "com.amazon.coral.service#ThrottlingException:http://…" without its ends (restJson1).
std::string plain_type(std::string_view type) {
    type = type.substr(0, type.find(':'));
    if (const std::size_t hash = type.rfind('#'); hash != type.npos) type.remove_prefix(hash + 1);
    const bool word = type.size() <= 64 && std::ranges::all_of(type, detail::is_alphanumeric);
    return word ? std::string(type) : std::string();
}

std::string with_text(std::string message, const std::string& said) {
    return said.empty() ? message : message + ": " + said;
}

bool says(const std::string& message, std::string_view phrase) {
    return lower_case(message).find(phrase) != std::string::npos;
}

/// ValidationException, which has many causes.
bool says_no_model(const std::string& message) {
    return says(message, "model identifier is invalid") || says(message, "end of its life");
}

std::string context_length_message(const std::string& said, const Model& model) {
    // "prompt is too long: 208310 tokens > 200000 maximum"
    auto limit = limit_in(lower_case(said));
    if (const std::size_t at = said.rfind("> "); !limit && at != said.npos) {
        std::int64_t number = 0;
        std::from_chars(said.data() + at + 2, said.data() + said.size(), number);
        if (number > 0) limit = number;
    }
    if (!limit) limit = model.context_window;
    return with_text(limit ? "this model's maximum context length is " + std::to_string(*limit) + " tokens"
                           : "the messages are longer than this model's maximum context length",
                     said);
}

std::string upstream_message(int status, const std::string& said) {
    if (status == 401 || status == 403)
        return "Bedrock does not accept the gateway's own credentials, or they may not use this model (status " +
               std::to_string(status) + "): check the signer of this provider and its policy";
    if (status == 407)
        return "the proxy in front of Bedrock requires credentials (status 407): check the proxy's address";
    if (status >= 300 && status < 400)
        return "Bedrock responded with a redirect (status " + std::to_string(status) + "): check base_url";
    return with_text("Bedrock failed with status " + std::to_string(status), said);
}

Error make_error(int status, const ErrorText& text, const Model& model) {
    const Row* row = row_of(text.type);
    if (row && row->kind == ErrorKind::upstream && status == 400) status = row->status;
    Error error{.kind = row ? row->kind : kind_of_upstream_status(status)};
    error.detail = "status " + std::to_string(status) + (text.type.empty() ? "" : ", type " + text.type);
    const std::string& said = text.message;
    const bool of_request = error.kind == ErrorKind::bad_request || error.kind == ErrorKind::too_large;
    if (of_request && says_context_length(lower_case(said))) {
        error.kind = ErrorKind::context_length;
        error.code = "context_length_exceeded";
        error.param = "messages";
        error.message = context_length_message(said, model);
        return error;
    }
    if (of_request && says_no_model(said)) error.kind = ErrorKind::not_found;
    switch (error.kind) {
        case ErrorKind::not_found:
            if (model.id.empty()) {
                error.message = with_text("there is no list of models at this control_url", said);
                break;
            }
            error.code = "model_not_found";
            error.param = "model";
            error.message = with_text("Bedrock has no model " + in_quotes(one_line(model.id, 100)) +
                                          " in this region, or it needs an inference profile",
                                      said);
            break;
        case ErrorKind::rate_limited:
            if (row && row->type == "servicequotaexceeded") error.code = "insufficient_quota";
            error.message = with_text("Bedrock's rate limit is reached", said);
            break;
        case ErrorKind::unavailable:
            error.message = with_text("Bedrock or the model is not available at the moment", said);
            break;
        case ErrorKind::timeout:
            error.message =
                with_text("Bedrock did not respond in time (status " + std::to_string(status) + ")", said);
            break;
        case ErrorKind::upstream:
            error.message = upstream_message(status, said);
            if (refuses_credentials(status) && !said.empty()) error.detail += ": " + said;
            break;
        case ErrorKind::bad_config:
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported:
        case ErrorKind::internal:
            error.message = said.empty() ? "Bedrock refused the request with status " + std::to_string(status)
                                         : "Bedrock refused the request: " + said;
    }
    return error;
}

/// The message of the body, which has `message` or `Message`.
ErrorText read_body(std::string_view body) {
    ErrorText text{.message = read_error_body(body).message};
    if (const auto top = read_json(body)) text.type = plain_type((*top)["__type"].str());
    return text;
}

}  // namespace

ErrorText read_error(const http::ResponseHead& head, std::string_view body) {
    ErrorText text = read_body(body);
    if (std::string type = plain_type(head.headers.get("x-amzn-errortype")); !type.empty())
        text.type = std::move(type);
    return text;
}

Error explain(const http::ResponseHead& head, std::string_view body, const Model& model,
              std::chrono::system_clock::time_point now) {
    Error error = make_error(head.status, read_error(head, body), model);
    error.retry_after_seconds = retry_after_seconds(head.headers, now);
    return error;
}

Error explain_exception(std::string_view type, std::string_view payload, const Model& model) {
    ErrorText text = read_body(payload);
    text.type = plain_type(type);
    const Row* row = row_of(text.type);
    int status = row ? row->status : 502;
    // The model's own status: {"message":"…","originalStatusCode":429,"originalMessage":"…"}.
    if (const auto top = read_json(payload); top && row && row->status == 424) {
        const std::int64_t original = (*top)["originalStatusCode"].integer().value_or(0);
        if (original == 429 || original == 503) {
            status = static_cast<int>(original);
            text.type.clear();
        }
    }
    Error error = make_error(status, text, model);
    if (!row) error.message = with_text("Bedrock sent an error instead of a response", text.message);
    return error;
}

std::string advise(const http::ResponseHead& head, std::string_view body, const Model& model) {
    const ErrorText text = read_error(head, body);
    if (says(text.message, "on-demand throughput"))
        return "The model is available by an inference profile only: put its prefix before the id, such as "
               "us., eu. or global., or give the ARN of a profile.  discover = true lists the profiles.";
    if (head.status == 403 && says(text.message, "access to the model"))
        return "The account has no access to the model: enable it in the Bedrock console under Model access, in "
               "this region.";
    if (head.status == 403 && model.id.empty())
        return "The list of models needs the actions bedrock:ListFoundationModels and "
               "bedrock:ListInferenceProfiles.";
    if (head.status == 401 || head.status == 403)
        return "The policy must allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream for this model "
               "and, with an inference profile, for the profile and the model in each of its regions.  A Bedrock API "
               "key needs a signer with use = \"bearer\"; other credentials need use = \"aws_sigv4\".";
    if (head.status == 404 || says_no_model(text.message))
        return "Check the id of the model and the region.  discover = true lists the models and inference profiles "
               "of the region.";
    if (head.status == 429)
        return "Quotas belong to the account, the region and the model: see Service Quotas, use a cross-region "
               "inference profile, or configure a second route.";
    if (head.status >= 300 && head.status < 400)
        return "The gateway does not follow redirects: set base_url to the final URL.";
    return head.status >= 500 ? "The service itself fails: try later, and configure a second route." : "";
}

}  // namespace gatehouse::bedrock
