// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat/exchange.hpp"

#include "plugins/common/text/text.hpp"
#include "plugins/common/upstream/error_body.hpp"
#include "plugins/provider/oci/chat/simulated_stream.hpp"

namespace gatehouse::oci {

namespace {
// The first byte of a non-streaming response arrives after the last token was
// generated.
constexpr std::chrono::milliseconds whole_answer_timeout{600'000};
}  // namespace

ChatExchange::ChatExchange(Service& service, const ChatRequest& request, Model model,
                           const ChatFormat& format)
    : OciExchange(service, std::move(model)),
      format_(format),
      tools_(request, format.custom_tools()),
      request_(tools_.request()) {
    const Quirks quirks = service_.learned.about(model_.id);
    model_.drop.add(quirks.drop);
    if (quirks.max_completion_tokens) model_.max_completion_tokens = *quirks.max_completion_tokens;
}

Result<std::optional<http::Request>> ChatExchange::request() {
    const ExplainError explain = [this](std::string_view json) { return explain_event(json, asked()); };
    answer_.emplace(format_.reader(request_, explain), "OCI", service_.host.limits(), explain);

    tools_.begin();

    auto written = format_.write(request_, model_, service_.compartment_id, streams());
    if (!written) return written.error();
    sent_ = written->sent;
    if (!told_ && !written->left_out.empty()) tell(written->left_out);

    http::Request http = begin_at("POST", format_.url(endpoint()));
    format_.add_headers(http.headers);
    http.headers.add("content-type", "application/json");
    http.headers.add("accept", "application/json, text/event-stream");
    http.body = std::move(written->body);
    if (cuts()) http.first_byte_timeout = whole_answer_timeout;
    return std::optional(std::move(http));
}

/// Logs all dropped fields in one line.
void ChatExchange::tell(const std::vector<std::string>& left_out) {
    told_ = true;
    service_.host.log(
        Level::debug, "request fields dropped",
        {{"model", model_.id}, {"format", name_of(model_.format)}, {"fields", common::joined(left_out)}});
}

/// Calls read(sink).  The sink changes the events on their way to `events`.
template <typename Read>
Result<void> ChatExchange::read_into(EventSink& events, Read read) {
    CuttingSink pieces(events);
    EventSink& to = cuts() ? static_cast<EventSink&>(pieces) : events;
    return tools_.read(to, read);
}

Result<void> ChatExchange::on_body(std::string_view bytes, EventSink& events) {
    return read_into(events, [&](EventSink& to) { return answer_->feed(bytes, to); });
}

/// A routing profile is served in a region of the service's choice.
void ChatExchange::tell_region() {
    const std::string_view region = answer_head().headers.get("x-genai-selected-region");
    if (!region.empty())
        service_.host.log(Level::info, "region chosen by the service",
                          {{"model", model_.id}, {"region", upstream::presentable(region, 64)}});
}

Result<void> ChatExchange::on_end(EventSink& events) {
    tell_region();
    return read_into(events, [&](EventSink& to) { return answer_->end(to); });
}

/// Returns true if the next request() omits the refused field.
bool ChatExchange::do_without(const Refused& refused) {
    if (amendments_ >= max_amendments || !sent_.has(refused.field)) return false;
    Quirks quirks;
    if (refused.field == RequestField::token_limit) {
        // The token limit has two names.  The model may accept the other one.
        const bool sent_name_refused =
            model_.max_completion_tokens ? refused.as_max_completion_tokens : refused.as_max_tokens;
        if (renamed_ || !sent_name_refused) return false;
        renamed_ = true;
        model_.max_completion_tokens = !model_.max_completion_tokens;
        quirks.max_completion_tokens = model_.max_completion_tokens;
    } else {
        if (!names_of(refused.field).is_hint) return false;
        model_.drop.add(refused.field);
        quirks.drop.add(refused.field);
    }
    ++amendments_;
    if (refused.for_good) service_.learned.add(model_.id, quirks);
    service_.host.log(Level::info, "model refused a field, retrying without it",
                      {{"model", model_.id}, {"field", names_of(refused.field).oci}});
    return true;
}

}  // namespace gatehouse::oci
