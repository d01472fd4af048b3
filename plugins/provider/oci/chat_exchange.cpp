// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/oci/chat_exchange.hpp"

#include "plugins/common/upstream/text.hpp"
#include "plugins/provider/oci/simulated_stream.hpp"

namespace gatehouse::oci {

namespace {
// The first byte of a whole answer comes when its last token has been made.
constexpr std::chrono::milliseconds whole_answer_timeout{600'000};
}  // namespace

ChatExchange::ChatExchange(Service& service, const ChatRequest& request, Model model,
                           const ChatFormat& format)
    : Call(service, std::move(model)), request_(request), format_(format) {
    const Lesson lesson = service_.learned.about(model_.id);
    model_.drop.add(lesson.drop);
    if (lesson.max_completion_tokens) model_.max_completion_tokens = *lesson.max_completion_tokens;
}

Result<std::optional<http::Request>> ChatExchange::request() {
    answer_.emplace(format_.reader(request_), "OCI", service_.host.limits(),
                    [this](std::string_view json) { return explain_event(json, asked()); });

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

/// One line for all that is not sent.
void ChatExchange::tell(const std::vector<std::string>& left_out) {
    told_ = true;
    service_.host.log(
        Level::debug, "left out of the request: the model or its format has no place for it",
        {{"model", model_.id}, {"format", name_of(model_.format)}, {"fields", upstream::joined(left_out)}});
}

Result<void> ChatExchange::on_body(std::string_view bytes, EventSink& events) {
    if (!cuts()) return answer_->feed(bytes, events);
    CuttingSink pieces(events);
    return answer_->feed(bytes, pieces);
}

Result<void> ChatExchange::on_end(EventSink& events) {
    if (!cuts()) return answer_->end(events);
    CuttingSink pieces(events);
    return answer_->end(pieces);
}

/// Whether the next request() asks without what was refused.
bool ChatExchange::do_without(const Refused& refused) {
    if (amendments_ >= max_amendments || !sent_.has(refused.field)) return false;
    Lesson lesson;
    if (refused.field == RequestField::token_limit) {
        // There are two names for it; the one that was not refused may do.
        const bool sent_name_refused =
            model_.max_completion_tokens ? refused.as_max_completion_tokens : refused.as_max_tokens;
        if (renamed_ || !sent_name_refused) return false;
        renamed_ = true;
        model_.max_completion_tokens = !model_.max_completion_tokens;
        lesson.max_completion_tokens = model_.max_completion_tokens;
    } else {
        if (!names_of(refused.field).is_hint) return false;
        model_.drop.add(refused.field);
        lesson.drop.add(refused.field);
    }
    ++amendments_;
    if (refused.for_good) service_.learned.add(model_.id, lesson);
    service_.host.log(Level::info, "a model refused a field; asking again without it",
                      {{"model", model_.id}, {"field", names_of(refused.field).oci}});
    return true;
}

}  // namespace gatehouse::oci
