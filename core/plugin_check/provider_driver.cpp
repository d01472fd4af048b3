// SPDX-License-Identifier: Apache-2.0
#include "core/plugin_check/provider_driver.hpp"

#include "core/plugin_check/samples.hpp"
#include "core/request/begin_exchange.hpp"

#include <algorithm>

namespace gatehouse::core::plugin_check {

namespace {

// The core feeds at most this much of an error response.
constexpr std::size_t max_error_bytes = 64 * 1024;
constexpr int most_pages = 100;

bool keep_error(DriverResult& driven, const Error& error) {
    driven.error = error;
    return false;
}

bool give_body(Check& check, DriverResult& driven, std::string_view bytes, Kept& sink, bool& complete) {
    std::optional<Result<void>> ok;
    // As on the wire: in memory of its own size, which is gone after the call.
    const std::vector<char> passing(bytes.begin(), bytes.end());
    if (!check.calls("provider.hpp, Exchange::body", [&] {
            ok.emplace(driven.exchange->body(std::string_view(passing.data(), passing.size()), sink));
        }))
        return driven.threw = true, false;
    if (!*ok) return keep_error(driven, ok->error());
    return check.calls("provider.hpp, Exchange::complete", [&] { complete = driven.exchange->complete(); }) ||
           (driven.threw = true, false);
}

bool feed_body(Check& check, DriverResult& driven, const Answer& answer, Cut cut, Kept& sink) {
    std::string_view body = answer.body;
    if (answer.head.status < 200 || answer.head.status > 299) body = body.substr(0, max_error_bytes);
    if (cut.how == Cut::How::ends_early) body = body.substr(0, cut.at);
    const std::size_t step = cut.how == Cut::How::by_byte ? 1 : std::max<std::size_t>(body.size(), 1);
    std::size_t first = cut.how == Cut::How::in_two ? cut.at : step;
    bool complete = false;
    while (!body.empty() && !complete) {
        const std::string_view piece = body.substr(0, std::max<std::size_t>(first, 1));
        if (!give_body(check, driven, piece, sink, complete)) return false;
        body.remove_prefix(piece.size());
        first = step;
    }
    return true;
}

/// The answer, once.
bool feed_once(Check& check, DriverResult& driven, const Answer& answer, Cut cut, Kept& sink) {
    if (driven.sent) {
        if (!check.calls("provider.hpp, Exchange::head", [&] { driven.exchange->head(answer.head); }))
            return driven.threw = true, false;
        if (!feed_body(check, driven, answer, cut, sink)) return false;
    }
    std::optional<Result<void>> ok;
    if (!check.calls("provider.hpp, Exchange::end", [&] { ok.emplace(driven.exchange->end(sink)); }))
        return driven.threw = true, false;
    return *ok ? true : keep_error(driven, ok->error());
}

const char* member_of(const Operation& operation) {
    struct Visitor {
        const char* operator()(const ChatRequest&) const { return "provider.hpp, Provider::chat"; }
        const char* operator()(const TokenCountRequest&) const {
            return "provider.hpp, Provider::count_tokens";
        }
        const char* operator()(const EmbeddingRequest&) const { return "provider.hpp, Provider::embed"; }
        const char* operator()(const RerankRequest&) const { return "provider.hpp, Provider::rerank"; }
        const char* operator()(const ModelsRequest&) const { return "provider.hpp, Provider::models"; }
        const char* operator()(const RawRequest&) const { return "provider.hpp, Provider::raw"; }
    };
    return std::visit(Visitor{}, operation);
}

// Requests without a delay would never end.  Others end at the core's timeout.
void end_pages(Check& check, DriverResult& driven, int pages) {
    std::optional<std::chrono::milliseconds> delay;
    if (!check.calls("provider.hpp, Exchange::delay", [&] { delay = driven.exchange->delay(); })) {
        driven.threw = true;
    } else if (delay->count() > 0) {
        driven.error = Error{ErrorKind::timeout, "the upstream did not respond in time"};
    } else {
        check.error("next-endless", "next() never stops returning requests", "provider.hpp, Exchange::next",
                    "after " + std::to_string(pages) + " of them");
    }
}

}  // namespace

DriverResult begin(Check& check, Provider& provider, const Operation& operation) {
    DriverResult driven;
    std::optional<Result<std::unique_ptr<Exchange>>> begun;
    if (!check.calls(member_of(operation), [&] { begun.emplace(begin_exchange(provider, operation)); })) {
        driven.threw = true;
        return driven;
    }
    if (!*begun) {
        driven.error = begun->error();
        return driven;
    }
    driven.exchange = *std::move(*begun);
    if (!driven.exchange) {
        check.error("exchange-null", "a provider returns no Exchange, and no error", member_of(operation));
        driven.threw = true;
        return driven;
    }
    driven.sent = ask_again(check, driven);
    return driven;
}

std::optional<http::Request> ask_again(Check& check, DriverResult& driven) {
    std::optional<Result<std::optional<http::Request>>> asked;
    if (!check.calls("provider.hpp, Exchange::request", [&] { asked.emplace(driven.exchange->request()); })) {
        driven.threw = true;
        return std::nullopt;
    }
    if (!*asked) {
        driven.error = asked->error();
        return std::nullopt;
    }
    return **std::move(asked);
}

void feed(Check& check, DriverResult& driven, const Answer& answer, Cut cut) {
    if (!driven.exchange || driven.error || driven.threw) return;
    Kept sink(check);
    for (int page = 0; feed_once(check, driven, answer, cut, sink); ++page) {
        std::optional<Result<std::optional<http::Request>>> next;
        if (!check.calls("provider.hpp, Exchange::next", [&] { next.emplace(driven.exchange->next()); })) {
            driven.threw = true;
            break;
        }
        if (!*next) {
            driven.error = next->error();
            break;
        }
        if (!**next) break;
        if (page == most_pages) {
            end_pages(check, driven, page);
            break;
        }
        driven.sent = ***std::move(next);
    }
    driven.events = std::move(sink.events);
}

DriverResult simulate(Check& check, Provider& provider, const Operation& operation, const Answer& answer,
                      Cut cut) {
    DriverResult driven = begin(check, provider, operation);
    feed(check, driven, answer, cut);
    return driven;
}

Operation operation_of(const std::string& word, const std::string& model) {
    if (word == "embed") return EmbeddingRequest{.model = model, .inputs = {"one", "two"}};
    if (word == "rerank") return RerankRequest{.model = model, .query = "why?", .documents = {"a", "b"}};
    if (word == "models") return ModelsRequest{};
    return plain_chat(model, word == "stream");
}

std::optional<Understood> understood(Check& check, Provider& provider, const Given& given) {
    std::vector<Answer> answers;
    if (given.answers) answers = recorded_for_provider(*given.answers);
    const auto well_known = good_answers();
    answers.insert(answers.end(), well_known.begin(), well_known.end());
    for (const char* word : {"stream", "chat"})
        for (const Answer& answer : answers) {
            Operation operation = operation_of(word, given.model);
            DriverResult driven = simulate(check, provider, operation, answer);
            if (driven.good() && !driven.events.empty())
                return Understood{std::move(operation), answer, driven.text(), !driven.sent};
        }
    return std::nullopt;
}

}  // namespace gatehouse::core::plugin_check
