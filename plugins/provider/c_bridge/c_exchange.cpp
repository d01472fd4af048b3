// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/c_bridge/c_exchange.hpp"

#include "plugins/common/c_door/error_reader.hpp"
#include "plugins/common/c_door/mistake.hpp"
#include "plugins/provider/c_bridge/request_reader.hpp"

#include <algorithm>

namespace gatehouse::c_bridge {

namespace {
constexpr std::size_t max_error_body = 64 * 1024;
}

CExchange::CExchange(const Backend& backend, Asked asked)
    : backend_(backend), entry_(backend.entry()), asked_(asked), outlet_(backend.host().limits()) {}

CExchange::~CExchange() {
    if (exchange_) entry_.release(exchange_);
}

Result<void> CExchange::begin(const char* operation, const std::string& request) {
    const std::string name = operation;
    auto said = outlet_.during({.name = "begin", .allowed = fails}, [&](const gatehouse_c_out* out) {
        exchange_ = entry_.begin(backend_.instance(), bytes_of(name), bytes_of(request), out);
    });
    if (auto ok = settled(said); !ok) return ok;
    if (!exchange_) return backend_.named(defect("begin returned null without out->fail"));
    return {};
}

/// The result of a call, from the library's output.
Result<void> CExchange::settled(ProviderOutcome& said) {
    auto error = error_in(said, [&] { return error_of_answer(head_, error_body_, backend_.host().now()); });
    if (error) return backend_.named(*std::move(error));
    return {};
}

void CExchange::forget_answer() {
    head_ = {};
    error_body_.clear();
}

Result<std::optional<http::Request>> CExchange::request() {
    forget_answer();
    rules_.emplace(asked_);
    auto said = outlet_.during({.name = "request", .allowed = fails | requests},
                               [&](const gatehouse_c_out* out) { entry_.request(exchange_, out); });
    if (auto ok = settled(said); !ok) return ok.error();
    return std::move(said.request);
}

void CExchange::head(const http::ResponseHead& head) {
    head_ = head;
    if (entry_.head) {
        const std::string headers = headers_json(head.headers);
        entry_.head(exchange_, head.status, bytes_of(headers));
    }
}

ProviderCall CExchange::speaking(const char* name, EventSink& events) {
    if (!rules_) rules_.emplace(asked_);
    return {.name = name, .allowed = fails | emits, .rules = &*rules_, .events = &events, .good = good()};
}

Result<void> CExchange::body(std::string_view bytes, EventSink& events) {
    if (bytes.empty()) return {};  // a silence, which the C interface does not have
    if (!good())
        error_body_ += bytes.substr(0, max_error_body - std::min(max_error_body, error_body_.size()));
    auto said = outlet_.during(speaking("body", events), [&](const gatehouse_c_out* out) {
        entry_.body(exchange_, {bytes.data(), bytes.size()}, out);
    });
    return settled(said);
}

Result<void> CExchange::end(EventSink& events) {
    auto said = outlet_.during(speaking("end", events),
                               [&](const gatehouse_c_out* out) { entry_.end(exchange_, out); });
    if (auto ok = settled(said); !ok) return ok;
    if (!good()) return error_of_answer(head_, error_body_, backend_.host().now());
    // With next(), another page may follow.
    return entry_.next ? Result<void>() : complete_answer();
}

Result<void> CExchange::complete_answer() const {
    try {
        rules_->end();
        return {};
    } catch (const Mistake& mistake) {
        return backend_.named(defect(mistake.what()));
    }
}

Result<std::optional<http::Request>> CExchange::next() {
    if (!entry_.next) return std::nullopt;
    forget_answer();
    auto said = outlet_.during({.name = "next", .allowed = fails | requests},
                               [&](const gatehouse_c_out* out) { entry_.next(exchange_, out); });
    if (auto ok = settled(said); !ok) return ok.error();
    if (said.request) return std::move(said.request);
    if (auto ok = complete_answer(); !ok) return ok.error();
    return std::nullopt;
}

bool CExchange::complete() const { return entry_.complete && entry_.complete(exchange_) != 0; }

bool CExchange::amend(const Error& error) {
    if (!entry_.amend) return false;
    const std::string json = error_json(error);
    return entry_.amend(exchange_, bytes_of(json)) != 0;
}

}  // namespace gatehouse::c_bridge
