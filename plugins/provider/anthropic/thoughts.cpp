// SPDX-License-Identifier: Apache-2.0
#include "plugins/provider/anthropic/thoughts.hpp"

#include <gatehouse/json_writer.hpp>

#include <utility>

namespace gatehouse::anthropic {

bool Thoughts::count(std::size_t bytes) {
    kept_ += bytes;
    if (kept_ > most_) keeps_ = false;
    return keeps_;
}

std::string& Thoughts::next() {
    if (!blocks_.empty()) blocks_ += ',';
    return blocks_;
}

void Thoughts::add_text(KeptThought& thought, std::string_view piece) {
    if (tells_ && count(piece.size())) thought.text += piece;
}

void Thoughts::add_signature(KeptThought& thought, std::string_view piece) {
    if (count(piece.size()))
        thought.signature += piece;
    else
        thought.signature.clear();  // a part of a signature is worth nothing
}

void Thoughts::end(const KeptThought& thought) {
    // The API refuses a thinking block without its signature.
    if (tells_ && keeps_ && !thought.signature.empty())
        JsonWriter(next())
            .begin_object()
            .member("type", "thinking")
            .member("thinking", thought.text)
            .member("signature", thought.signature)
            .end_object();
}

void Thoughts::add_redacted(std::string_view data) {
    if (!tells_ || data.empty() || !count(data.size())) return;
    JsonWriter(next()).begin_object().member("type", "redacted_thinking").member("data", data).end_object();
}

void Thoughts::tell(EventSink& events) {
    if (!keeps_ || blocks_.empty()) return;
    events.emit(Extra{.place = Extra::Place::message,
                      .members = {R"({"thinking_blocks":[)" + std::exchange(blocks_, {}) + "]}"}});
}

}  // namespace gatehouse::anthropic
