// SPDX-License-Identifier: Apache-2.0
// The requests of a provider for each kind of request: well-formed and repeatable.
#include "core/plugin_check/provider_suites.hpp"

namespace gatehouse::core::plugin_check {

namespace {

constexpr std::string_view member = "provider.hpp, Exchange::request";

// The kinds that say what a client asked for wrongly.
bool is_for_clients(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::bad_request:
        case ErrorKind::context_length:
        case ErrorKind::not_found:
        case ErrorKind::too_large:
        case ErrorKind::unprocessable:
        case ErrorKind::unsupported: return true;
        case ErrorKind::bad_config:
        case ErrorKind::unauthenticated:
        case ErrorKind::forbidden:
        case ErrorKind::conflict:
        case ErrorKind::rate_limited:
        case ErrorKind::upstream:
        case ErrorKind::unavailable:
        case ErrorKind::timeout:
        case ErrorKind::internal: return false;
    }
    return false;
}

void ask(Check& check, Target& target, const Sample& sample) {
    auto provider = target.make<Provider>(check);
    if (!provider) return;
    check.context(sample.name);
    DriverResult driven = begin(check, *provider, sample.operation);
    if (driven.threw) return;
    if (driven.error) return judge_refusal(check, target, sample, *driven.error);
    std::string_view id_header;
    check.calls("provider.hpp, Exchange::request_id_header",
                [&] { id_header = driven.exchange->request_id_header(); });
    if (id_header.find_first_of(std::string_view(" :\r\n\0", 5)) != id_header.npos)
        check.error("header-name", "a header's name has characters that none may have",
                    "provider.hpp, Exchange::request_id_header", id_header);
    if (!driven.sent) {
        check.fact("alone", "yes");
        feed(check, driven, {});
        // A provider that repeats invalid UTF-8 of its input has not cut a character itself.
        if (driven.good()) check_events(check, driven.events, sample.operation, !sample.odd_bytes);
        return;
    }
    check.fact("asks", "yes");
    check_request(check, target.confidential(), *driven.sent, member);
    const bool chat = std::holds_alternative<ChatRequest>(sample.operation);
    if (chat && sample.usual && driven.sent->body.find(prompt_mark) == driven.sent->body.npos)
        check.warning("prompt-lost", "the words of the client are not in the request", member);

    const auto again = ask_again(check, driven);
    if (driven.threw) return;
    if (!again)
        return check.error("request-again", "request(), called again, returns a different request", member,
                           driven.error ? shown(*driven.error) : "nothing is to be sent");
    if (const std::string what = difference(*driven.sent, *again); what == "the headers")
        check.warning("request-headers", "request(), called again, has other headers", member);
    else if (!what.empty())
        check.error("request-again", "request(), called again, returns a different request", member, what);

    const DriverResult fresh = begin(check, *provider, sample.operation);
    if (!fresh.sent) return;
    if (const std::string what = difference(*driven.sent, *fresh.sent);
        !what.empty() && what != "the headers")
        check.warning("request-differs", "two exchanges for one request send different things", member, what);
}

}  // namespace

void judge_refusal(Check& check, Target& target, const Sample& sample, const Error& error) {
    check_error(check, target.confidential(), error, "provider.hpp, Provider");
    if (sample.usual)
        check.warning("refuses", "even a plain chat is refused", "provider.hpp, Provider::chat",
                      shown(error));
    else if (error.kind == ErrorKind::internal)
        check.error("kind-internal", "a request that cannot be sent is refused as internal: a defect",
                    "result.hpp, ErrorKind", shown(error));
    else if (!is_for_clients(error.kind))
        check.note("kind-request", "a request is refused with a kind that does not blame it",
                   "result.hpp, ErrorKind", shown(error));
}

std::vector<Suite> request_suites(const Given& given) {
    std::vector<Suite> parts;
    for (const Sample& sample : samples(given.model))
        parts.push_back(
            {sample.name, [sample](Check& check, Target& target) { ask(check, target, sample); }});
    return parts;
}

}  // namespace gatehouse::core::plugin_check
