// SPDX-License-Identifier: Apache-2.0
// Bad answers: garbage with a good status, and every bad status.  Each must end as an
// error of a fitting kind, never as an answer and never as silence.
#include "core/plugin_check/provider_suites.hpp"

#include <gatehouse/error_text.hpp>

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view exchange_end_rule = "provider.hpp, Exchange::end";

bool blames_client(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable: return true;
        case ErrorKind::bad_config:
        case ErrorKind::not_found:
        case ErrorKind::unsupported:
        case ErrorKind::rate_limited:
        case ErrorKind::upstream:
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::internal: return false;
    }
    return false;
}

void take_garbage(Check& check, Target& target, const Answer& answer) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    for (const char* word : {"chat", "stream", "embed", "rerank", "models"}) {
        const Operation operation = operation_of(word, target.given().model);
        check.context(std::string(word) + ", answered with " + answer.name);
        check.doing("whole");
        const DriverResult whole = simulate(check, *provider, operation, answer);
        if (whole.threw || !whole.sent) continue;
        if (whole.error) {
            check_error(check, target.confidential(), *whole.error, exchange_end_rule);
            const bool own_words = answer.name.find("an error in it") != std::string::npos;
            if (blames_client(whole.error->kind) && !own_words)
                check.warning("kind-garbage", "an upstream's garbage is put down to the client",
                              "result.hpp, ErrorKind", shown(*whole.error));
        } else if (std::holds_alternative<ChatRequest>(operation)) {
            check_events(check, whole.events, operation, is_utf8(answer.body));
            // In a plain-text protocol garbage is a valid text, and an empty body an empty text.
            const Answer text{.name = {}, .head = answer.head, .body = "<plain> {text"};
            const bool plain_text = simulate(check, *provider, operation, text).good();
            if (text_of(whole.events).empty() && !plain_text)
                check.add(answer.body.empty() ? Severity::error : Severity::warning, "empty-answer",
                          "no answer at all passes as an answer", exchange_end_rule);
        }
        check.doing("byte by byte");
        if (answer.body.size() > 10'000) continue;
        const DriverResult cut = simulate(check, *provider, operation, answer, {Cut::How::by_byte});
        if (!cut.threw && cut.text() != whole.text())
            check.error("cut-dependent", "the events depend on where the bytes are cut",
                        "provider.hpp, Exchange::body", difference(whole.text(), cut.text()));
    }
}

void look_at_failure(Check& check, const Answer& answer, const Error& error) {
    const int status = answer.head.status;
    const ErrorKind wanted = kind_of_upstream_status(status);
    if (refuses_credentials(status) &&
        (error.kind == ErrorKind::unauthenticated || error.kind == ErrorKind::forbidden))
        return check.error("upstream-credentials",
                           "an upstream that refuses our credentials looks like a client's wrong key",
                           "result.hpp, kind_of_upstream_status", shown(error));
    if (error.kind == ErrorKind::internal)
        return check.error("kind-internal",
                           "an upstream's failure is reported as internal: a defect of the plugin",
                           "result.hpp, ErrorKind", shown(error));
    if (error.kind != wanted && (answer.body.empty() || answer.body.starts_with("<")))
        check.warning("status-kind", "a bad status has another kind than kind_of_upstream_status gives it",
                      "result.hpp, kind_of_upstream_status", shown(error));
    if (status == 429 && answer.head.headers.has("retry-after") && error.retry_after_seconds != 7)
        check.note("retry-after-lost", "the error does not contain the upstream's retry-after",
                   "result.hpp, Error::retry_after_seconds", shown(error));
}

void take_status(Check& check, Target& target, int status) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    for (const char* word : {"chat", "stream", "embed", "models"})
        for (const Answer& answer : error_answers(status)) {
            const Operation operation = operation_of(word, target.given().model);
            check.context(std::string(word) + ", answered with " + answer.name);
            check.doing("whole");
            const DriverResult whole = simulate(check, *provider, operation, answer);
            if (whole.threw || !whole.sent) continue;
            if (!whole.events.empty())
                check.error("status-events", "an answer with a bad status gives events",
                            "provider.hpp, Exchange::head", described(whole.events));
            if (!whole.error) {
                check.error("status-ignored", "a response with an error status is accepted as a success",
                            "provider.hpp, Exchange::head");
                continue;
            }
            check_error(check, target.confidential(), *whole.error, exchange_end_rule);
            look_at_failure(check, answer, *whole.error);
            check.doing("advice");
            std::string advice;
            check.calls("provider.hpp, Exchange::advice",
                        [&] { advice = whole.exchange->advice(*whole.error); });
            if (target.confidential().leaks(advice))
                check.error("advice-secret", "the advice contains a secret of the configuration",
                            "provider.hpp, Exchange::advice");
            check.doing("cut in two");
            const DriverResult cut =
                simulate(check, *provider, operation, answer, {Cut::How::in_two, answer.body.size() / 2});
            if (!cut.threw && cut.text() != whole.text())
                check.error("cut-dependent", "the events depend on where the bytes are cut",
                            "provider.hpp, Exchange::body", difference(whole.text(), cut.text()));
        }
}

}  // namespace

std::vector<Suite> failure_suites(const Given&) {
    std::vector<Suite> parts;
    for (const Answer& answer : garbage_answers())
        parts.push_back(
            {answer.name, [answer](Check& check, Target& target) { take_garbage(check, target, answer); }});
    for (int status : {301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 500, 502, 503, 504, 529})
        parts.push_back({std::to_string(status),
                         [status](Check& check, Target& target) { take_status(check, target, status); }});
    return parts;
}

}  // namespace gatehouse::core::plugin_check
