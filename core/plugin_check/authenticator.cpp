// SPDX-License-Identifier: Apache-2.0
// Authenticators: a client without a credential is rejected, refusals look alike, each
// completion is called once.
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/auth.hpp>

#include <algorithm>
#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* authenticate_rule = "auth.hpp, Authenticator::authenticate";
constexpr std::string_view wrong_key = "gatehouse-check-wrong-credential";

struct Caller {
    std::string name;
    http::RequestHead head;
};

http::RequestHead head_with(http::Headers headers) {
    return {
        .method = "POST", .path = "/v1/chat/completions", .headers = std::move(headers), .peer = "192.0.2.7"};
}

http::RequestHead certified(std::string subject, std::vector<std::string> names) {
    http::RequestHead head = head_with({});
    head.certificate = std::move(subject);
    head.certificate_names = std::move(names);
    return head;
}

std::vector<Caller> strangers() {
    const std::string wrong(wrong_key);
    std::vector<Caller> all = {
        {"an empty head", {}},
        {"no credential", head_with({})},
        {"an empty authorization", head_with({{"authorization", ""}})},
        {"a scheme alone", head_with({{"authorization", "Bearer"}})},
        {"an empty token", head_with({{"authorization", "Bearer "}})},
        {"a wrong token", head_with({{"authorization", "Bearer " + wrong}})},
        {"a wrong token, in odd case", head_with({{"AUTHORIZATION", "bEaReR   " + wrong}})},
        {"Basic", head_with({{"authorization", "Basic OjoK"}})},
        {"wrong Basic", head_with({{"authorization", "Basic %%%=" + wrong}})},
        {"another scheme", head_with({{"authorization", "Digest username=\"a\", " + wrong}})},
        {"a wrong x-api-key", head_with({{"x-api-key", wrong}, {"api-key", wrong}})},
        {"bytes", head_with({{"authorization", std::string("Bearer \0\xff\x80\x01", 11)}})},
        {"a huge token", head_with({{"authorization", "Bearer " + std::string(1'000'000, 'x')}})},
        {"two authorizations",
         head_with({{"authorization", "Bearer " + wrong}, {"authorization", "Basic OjoK"}})},
        {"a certificate of an unknown client",
         certified("CN=gatehouse-check,O=Nobody", {"DNS:gatehouse-check.invalid"})},
        {"a certificate without a subject",
         certified("", {"URI:spiffe://gatehouse-check.invalid/nobody", "IP:"})},
        {"many headers", head_with({})},
    };
    for (int i = 0; i < 1000; ++i) all.back().head.headers.add("x-" + std::to_string(i), "y");
    return all;
}

void check_identity(Check& check, Target& target, const Identity& who) {
    if (who.name.empty() || who.name.size() > 1000 || has_control(who.name))
        check.error("identity", "an Identity's name is empty, huge, or has control characters",
                    "auth.hpp, Identity", who.name);
    auto bad = [](const std::string& text) {
        return text.empty() || text.size() > 1000 || has_control(text);
    };
    bool bad_facts = std::ranges::any_of(who.groups, bad) || has_control(who.id);
    for (const auto& [name, values] : who.attributes)
        bad_facts = bad_facts || bad(name) || std::ranges::any_of(values, bad);
    if (bad_facts)
        check.error("identity-facts",
                    "a group or an attribute of an Identity is empty, huge, or has control characters",
                    "auth.hpp, Identity", who.name);
    if (target.confidential().leaks(who.name) || who.name.find(wrong_key) != who.name.npos)
        check.error("identity-secret", "an Identity is named after the credential, and is logged",
                    "auth.hpp, Identity", printable(who.name, 8));
}

std::optional<Result<Identity>> ask(Check& check, Authenticator& authenticator,
                                    const http::RequestHead& given) {
    Waiting<Identity> waiting(check, authenticate_rule);
    // It is valid until the completion has been called, and not for longer.
    auto head = std::make_unique<http::RequestHead>(given);
    if (!check.calls(authenticate_rule, [&] { authenticator.authenticate(*head, waiting.completion()); }))
        return std::nullopt;
    auto answer = waiting.wait();
    head.reset();
    waiting.check_once();
    return answer;
}

/// The authenticator could not ask the service that knows the credentials.
bool is_failure_of_service(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::upstream ||
           error.kind == ErrorKind::timeout;
}

void authenticate_one_by_one(Check& check, Target& target) {
    auto authenticator = target.make<Authenticator>(check);
    if (!authenticator) return;
    std::string refusal;
    for (const Caller& caller : strangers()) {
        check.context(caller.name);
        const std::size_t unanswered = target.network().unanswered;
        const auto answer = ask(check, *authenticator, caller.head);
        if (!answer) continue;
        if (*answer) {
            check_identity(check, target, **answer);
            check.warning("lets-in", "a client without a valid credential is admitted", authenticate_rule,
                          (*answer)->name);
            continue;
        }
        const Error& error = answer->error();
        check_error(check, target.confidential(), error, authenticate_rule);
        const bool could_not_ask = target.network().unanswered != unanswered && is_failure_of_service(error);
        if (could_not_ask)
            check.note("fetch-unanswered",
                       "a fetch has no recorded response, so the refusal of a bad credential is not checked: "
                       "give one with --answers FOLDER",
                       "sdk/CHECKS.md");
        else if (error.kind != ErrorKind::unauthenticated && error.kind != ErrorKind::forbidden)
            check.error("auth-kind", "a bad credential is refused with an error kind for a failed check",
                        authenticate_rule, shown(error));
        if (error.message.find(wrong_key) != error.message.npos)
            check.error("echoes-credential", "a refusal repeats the credential", authenticate_rule,
                        shown(error));
        if (!refusal.empty() && shown(error) != refusal)
            check.note("refusals-differ",
                       "refusals differ, and so reveal which part of a credential was valid",
                       "sdk/AUTHENTICATOR.md", difference(refusal, shown(error)));
        if (refusal.empty()) refusal = shown(error);
    }
}

/// Whether a request with `credential` is admitted, in one of the usual headers.
bool admits(Check& check, Target& target, Authenticator& authenticator, const std::string& credential) {
    bool admitted = false;
    for (const http::Headers& headers : {http::Headers{{"authorization", "Bearer " + credential}},
                                         http::Headers{{"x-api-key", credential}}}) {
        const auto answer = ask(check, authenticator, head_with(headers));
        if (!answer) continue;
        if (!*answer) {
            check_error(check, target.confidential(), answer->error(), authenticate_rule);
            continue;
        }
        admitted = true;
        check_identity(check, target, **answer);
        if (credential.size() >= shortest_secret && (*answer)->name.find(credential) != std::string::npos)
            check.error("identity-secret", "an Identity is named after the credential, and is logged",
                        "auth.hpp, Identity", printable((*answer)->name, 8));
    }
    return admitted;
}

/// Credentials that the service may accept: the secrets of the configuration, and the texts that
/// choose a recorded response.
void authenticate_accepted(Check& check, Target& target) {
    auto authenticator = target.make<Authenticator>(check);
    if (!authenticator) return;
    bool admitted = false, expected = false;
    for (const std::string& secret : target.confidential().secrets) {
        check.context("a good credential");
        admitted = admits(check, target, *authenticator, secret) || admitted;
    }
    for (const Answer& answer : target.network().answers) {
        if (answer.operation != "fetch" || answer.contains.empty()) continue;
        check.context("the text of x-check-contains in " + answer.name + " as the credential");
        expected = true;
        admitted = admits(check, target, *authenticator, answer.contains) || admitted;
    }
    check.context("credentials of the recorded responses");
    if (expected && !admitted)
        check.note("none-accepted",
                   "no text of x-check-contains was accepted as a credential, so the Identity of an accepted "
                   "client is not checked",
                   "sdk/CHECKS.md");
}

void authenticate_at_once(Check& check, Target& target) {
    auto authenticator = target.make<Authenticator>(check);
    if (!authenticator) return;
    check.context("8 threads at once");
    const auto wanted =
        ask(check, *authenticator, head_with({{"authorization", "Bearer " + std::string(wrong_key)}}));
    if (!wanted) return;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
            for (std::size_t round = 0; round < check.effort().rounds(125); ++round) {
                const auto got = ask(check, *authenticator,
                                     head_with({{"authorization", "Bearer " + std::string(wrong_key)}}));
                if (!got) return;
                if (bool(*got) != bool(*wanted))
                    check.error("concurrent", "concurrent requests interfere with each other",
                                authenticate_rule);
            }
        });
    for (std::thread& thread : threads) thread.join();
}

}  // namespace

std::vector<Suite> authenticator_suites() {
    return {{"strangers", authenticate_one_by_one},
            {"accepted", authenticate_accepted},
            {"threads", authenticate_at_once}};
}

}  // namespace gatehouse::core::plugin_check
