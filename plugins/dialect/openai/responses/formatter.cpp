// SPDX-License-Identifier: Apache-2.0
// A stream begins with its first content.  The last event waits for the end, which has the
// usage.  A non-streaming response is the response object of that event.
#include "plugins/dialect/openai/responses/formatter.hpp"

#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/pieces.hpp"
#include "plugins/dialect/openai/responses/item_builder.hpp"
#include "plugins/dialect/openai/responses/record.hpp"
#include "plugins/dialect/openai/responses/request.hpp"
#include "plugins/dialect/openai/responses/response_object.hpp"

#include <chrono>
#include <type_traits>
#include <variant>

namespace gatehouse::openai_dialect::responses {

namespace {

template <typename One, typename... Many>
constexpr bool is_one_of = (std::is_same_v<One, Many> || ...);

/// Events that become a part of an item.
template <typename One>
constexpr bool is_content = is_one_of<One, TextDelta, RefusalDelta, ReasoningDelta, ThoughtEnd, ToolCallDelta,
                                      LogprobsDelta, Citation>;

bool is_empty(const ThoughtEnd& end) { return end.signature.empty() && end.encrypted.empty(); }
bool is_empty(const ToolCallDelta&) { return false; }
bool is_empty(const Citation&) { return false; }
bool is_empty(const LogprobsDelta& delta) { return delta.tokens.empty(); }
template <typename Delta>
bool is_empty(const Delta& delta) {
    return delta.text.empty();
}

class Formatter final : public ResponseFormatter {
public:
    explicit Formatter(std::shared_ptr<const ResponseFacts> facts)
        : facts_(std::move(facts)), outlet_(facts_->stream), builder_(*facts_, outlet_) {}

    bool streams() const override { return facts_->stream; }

    http::ResponseHead head() override {
        has_head_ = true;
        if (!facts_->stream) return {status_, {{"content-type", "application/json"}}};
        return event_stream_head();
    }

    void event(const Event& event, std::string& out) override {
        outlet_.append_to(out);
        if (!over_) std::visit([this](const auto& one) { on(one); }, event);
    }

    void heartbeat(std::string& out) override {
        if (over_ || !facts_->stream) return;
        // Another formatter will write the response.
        if (has_head_ && !begun_) {
            out += ": keep-alive\n\n";
            return;
        }
        outlet_.append_to(out);
        begin();
        outlet_.event("keepalive", {});
    }

    void end(std::string& out) override {
        if (over_) return;
        if (!finish_)
            return error({ErrorKind::upstream, "the upstream ended its response without a finish reason"},
                         out);
        over_ = true;
        outlet_.append_to(out);
        const ResponseState& state = state_.emplace(final_state());
        const std::string response = response_object(*facts_, state);
        if (!facts_->stream)
            out += response;
        else
            outlet_.event(state.incomplete.empty() ? "response.completed" : "response.incomplete",
                          {",\"response\":", response});
    }

    std::vector<Keep> keep(const Operation& sent) override {
        return state_ ? records_of(*facts_, *state_, sent) : std::vector<Keep>();
    }

    void error(const Error& error, std::string& out) override {
        if (over_) return;
        over_ = true;
        if (!facts_->stream) {
            status_ = status_of(error);
            return append_error(error, out);
        }
        outlet_.append_to(out);
        begin();
        write_failure(error);
    }

private:
    template <typename One>
    void on(const One& one) {
        if constexpr (is_content<One>) {
            if (finish_ || one.choice != 0 || is_empty(one)) return;
            begin();
            builder_.add(one);
        }
    }
    void on(const OtherBlock& block) {
        if (finish_ || block.protocol != protocol) return;
        begin();
        builder_.add(block);
    }
    void on(const AnswerInfo& info) {
        if (!begun_ && !info.service_tier.empty()) service_tier_ = info.service_tier;
    }
    void on(const Finish& finish) {
        if (finish_ || finish.choice != 0) return;
        begin();
        finish_ = finish.reason;
        builder_.finish(incomplete_reason() != std::string_view());
    }
    void on(const Usage& usage) { usage_ = usage; }
    void on(const Extra& extra) {
        if (extra.protocol == protocol && extra.place == Extra::Place::answer) extra_ = extra.members;
    }

    void begin() {
        if (std::exchange(begun_, true) || !facts_->stream) return;
        const std::string response = response_object(*facts_, {.service_tier = service_tier_});
        outlet_.event("response.created", {",\"response\":", response});
        outlet_.event("response.in_progress", {",\"response\":", response});
    }

    std::string_view incomplete_reason() const {
        if (finish_ == FinishReason::length) return "max_output_tokens";
        if (finish_ == FinishReason::content_filter) return "content_filter";
        return {};
    }

    ResponseState final_state() const {
        const std::string_view incomplete = incomplete_reason();
        const auto now =
            std::chrono::duration_cast<std::chrono::seconds>(facts_->host->now().time_since_epoch());
        return {.status = incomplete.empty() ? "completed" : "incomplete",
                .completed_at = incomplete.empty() ? now.count() : 0,
                .incomplete = incomplete,
                .output = builder_.output(),
                .sealed_thoughts = builder_.sealed_thoughts(),
                .service_tier = service_tier_,
                .extra = &extra_,
                .usage = &usage_};
    }

    void write_failure(const Error& error) {
        const std::string_view code = stream_code(error);
        const std::string message = message_for_client(error);
        outlet_.event("error", {",\"code\":\"", code, "\",\"message\":", json_of(message),
                                ",\"param\":", error.param.empty() ? "null" : json_of(error.param)});
        const std::string response = response_object(*facts_, {.status = "failed",
                                                               .error_code = code,
                                                               .error_message = message,
                                                               .service_tier = service_tier_});
        outlet_.event("response.failed", {",\"response\":", response});
    }

    const std::shared_ptr<const ResponseFacts> facts_;
    Outlet outlet_;
    ItemBuilder builder_;
    std::optional<FinishReason> finish_;
    std::optional<ResponseState> state_;  // when the response is complete
    Usage usage_;                         // zeros if the upstream has not told it
    std::string service_tier_ = "default";
    JsonText extra_;  // members of the upstream's response that the formatter does not know
    int status_ = 200;
    bool begun_ = false, over_ = false, has_head_ = false;
};

}  // namespace

std::unique_ptr<ResponseFormatter> response_formatter(std::shared_ptr<const ResponseFacts> facts) {
    return std::make_unique<Formatter>(std::move(facts));
}

}  // namespace gatehouse::openai_dialect::responses
