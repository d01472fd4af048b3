// SPDX-License-Identifier: Apache-2.0
// A planted defect: an answer without a Finish, a header with a line end, a decision that is dropped
// every second time, and a log line with the client's credential.
#include <gatehouse/sdk.hpp>

#include <atomic>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Half final : public HookState {
public:
    Half(Host& host, const RequestInfo& info, bool drops) : host_(host), info_(info), drops_(drops) {}
    Result<void> request(Operation& operation) override {
        is_chat_ = std::holds_alternative<ChatRequest>(operation);
        return {};
    }
    bool decides() const override { return is_chat_; }
    void decide(Operation&, Completion<Verdict> done) override {
        host_.log(Level::info, "asked", {{"with", info_.head.headers.get("authorization")}});
        if (!drops_) done(Verdict::answer({TextDelta{"half"}}));
    }
    void response(http::Headers& headers) override { headers.add("x-half", "a\r\nx-injected: b"); }

private:
    Host& host_;
    const RequestInfo& info_;
    const bool drops_;
    bool is_chat_ = false;
};

class AnswersHalf final : public Hook {
public:
    AnswersHalf(Options, Host& host) : host_(host) {}
    std::unique_ptr<HookState> begin(const RequestInfo& info) override {
        return std::make_unique<Half>(host_, info, requests_++ % 2 == 1);
    }

private:
    Host& host_;
    std::atomic<int> requests_{0};
};

}  // namespace

GATEHOUSE_PLUGIN(AnswersHalf, Options, fields, "answers_half", "1.0.0");
