// SPDX-License-Identifier: Apache-2.0
// Signers: each completion called once, the request kept, no secret told.
#include "core/plugin_check/suites.hpp"
#include "core/plugin_check/texts.hpp"
#include "core/plugin_check/waiting.hpp"

#include <gatehouse/auth.hpp>

#include <thread>

namespace gatehouse::core::plugin_check {

namespace {

constexpr const char* sign_rule = "auth.hpp, Signer::sign";
constexpr const char* rejected_rule = "auth.hpp, Signer::rejected";

const Identity signer_client{"check"};

struct Sample {
    const char* name;
    http::Request request;
};

std::vector<Sample> requests() {
    const http::Headers json = {{"content-type", "application/json"}, {"x-mark", "check"}};
    return {
        {"a POST",
         {.method = "POST", .url = "https://upstream.example/v1/chat", .headers = json, .body = "{\"a\":1}"}},
        {"a GET",
         {.method = "GET", .url = "https://upstream.example/v1/models", .headers = {{"x-mark", "check"}}}},
        {"a URL with a query",
         {.method = "GET",
          .url = "http://127.0.0.1:8080/a%20b/?x=1&y=%2F&z",
          .headers = {{"x-mark", "check"}}}},
        {"a URL without a path",
         {.method = "POST", .url = "https://upstream.example", .headers = json, .body = "{}"}},
        {"a body of bytes",
         {.method = "PUT",
          .url = "https://[::1]:443/x",
          .headers = json,
          .body = std::string("\0\xff\r\n", 4)}},
        {"a huge body",
         {.method = "POST",
          .url = "https://upstream.example/",
          .headers = json,
          .body = std::string(4'000'000, 'x')}},
    };
}

void look(Check& check, Target& target, const http::Request& before, const http::Request& after) {
    if (after.method != before.method)
        check.warning("sign-changes", "a signer changes the method", sign_rule,
                      difference(before.method, after.method));
    if (after.url != before.url)
        check.warning("sign-changes", "a signer changes the URL", sign_rule,
                      difference(before.url, after.url));
    if (after.body != before.body)
        check.warning("sign-changes", "a signer changes the body", sign_rule,
                      difference(before.body, after.body));
    check_headers(check, after.headers, sign_rule);
    for (const auto& [name, value] : before.headers)
        if (after.headers.get(name) != value)
            check.warning("sign-drops", "a signer drops or changes a header of the request", sign_rule, name);
    if (target.confidential().leaks(after.url))
        check.warning("url-secret", "the URL contains a secret, and intermediaries may log URLs", sign_rule);
}

/// Whether it signed.
bool sign(Check& check, Target& target, Signer& signer, const http::Request& request) {
    Waiting<http::Request> waiting(check, sign_rule);
    if (!check.calls(sign_rule, [&] { signer.sign_for(signer_client, request, waiting.completion()); }))
        return false;
    const auto signed_request = waiting.wait();
    waiting.check_once();
    if (!signed_request) return false;
    if (!*signed_request) {
        check_error(check, target.confidential(), signed_request->error(), sign_rule);
        check.note("not-signed", "nothing was signed, so that little can be said of it: give a good --config",
                   sign_rule, shown(signed_request->error()));
        return false;
    }
    look(check, target, request, **signed_request);
    return true;
}

void reject(Check& check, Signer& signer, int status) {
    check.context("after status " + std::to_string(status));
    const http::ResponseHead head{.status = status, .headers = {{"www-authenticate", "Bearer"}}};
    for (const std::string& body : {std::string(), std::string(R"({"error":"expired"})"),
                                    std::string("\xff\0<", 3), std::string(8 * 1024, 'x')}) {
        const Rejection rejection{head, body, signer_client};
        Waiting<bool> waiting(check, rejected_rule);
        if (!check.calls(rejected_rule, [&] { signer.rejected(rejection, waiting.completion()); })) return;
        (void)waiting.wait();
        waiting.check_once();
    }
}

void sign_one_by_one(Check& check, Target& target) {
    auto signer = target.make<Signer>(check);
    if (!signer) return;
    for (const Sample& sample : requests()) {
        check.context(sample.name);
        sign(check, target, *signer, sample.request);
    }
    for (const int status : {400, 401, 403}) reject(check, *signer, status);
    std::string advice;
    check.calls("auth.hpp, Signer::advice", [&] { advice = signer->advice(); });
    if (target.confidential().leaks(advice))
        check.error("advice-secret", "the advice contains a secret of the configuration",
                    "auth.hpp, Signer::advice");
}

void sign_at_once(Check& check, Target& target) {
    auto signer = target.make<Signer>(check);
    if (!signer) return;
    check.context("8 threads at once");
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (std::size_t round = 0; round < check.effort().rounds(125); ++round) {
                const std::string mark = std::to_string(i) + "/" + std::to_string(round);
                http::Request request{.method = "POST", .url = "https://upstream.example/" + mark};
                request.headers = {{"content-type", "text/plain"}, {"x-mark", mark}};
                request.body = mark;
                Waiting<http::Request> waiting(check, sign_rule);
                if (!check.calls(sign_rule,
                                 [&] { signer->sign_for(signer_client, request, waiting.completion()); }))
                    return;
                const auto got = waiting.wait();
                if (!got) return;
                waiting.check_once();
                // A signer may change either, but not into another request's.
                const bool own = !*got || ((*got)->url.find(mark) != std::string::npos &&
                                           ((*got)->body.size() != mark.size() || (*got)->body == mark));
                if (!own)
                    check.error("concurrent", "concurrent requests interfere with each other", sign_rule,
                                mark);
            }
        });
    for (std::thread& thread : threads) thread.join();
}

/// Helper tasks may still run when the instance goes.
void gone_early(Check& check, Target& target) {
    for (int i = 0; i < 10; ++i) {
        check.context("the instance is destroyed while it signs");
        Waiting<http::Request> waiting(check, sign_rule);
        auto signer = target.make<Signer>(check);
        if (!signer) return;
        check.calls(sign_rule, [&] {
            signer->sign_for(signer_client, requests().front().request, waiting.completion());
        });
    }
}

}  // namespace

std::vector<Suite> signer_suites() {
    return {{"signatures", sign_one_by_one}, {"threads", sign_at_once}, {"early ends", gone_early}};
}

}  // namespace gatehouse::core::plugin_check
