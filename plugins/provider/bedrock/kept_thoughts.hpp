// SPDX-License-Identifier: Apache-2.0
// Collects the signed thoughts of a response as Anthropic's blocks, which a client of Chat
// Completions sends back in `thinking_blocks`.  All are kept, or none above the limit.
// One thread at a time.
#pragma once

#include <gatehouse/event.hpp>
#include <gatehouse/json_writer.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::bedrock {

class KeptThoughts {
public:
    KeptThoughts(std::size_t most, bool tells) : most_(most), tells_(tells) {}

    /// Whether `bytes` more may be kept.
    bool may_keep(std::size_t bytes) {
        kept_ += bytes;
        if (kept_ > most_) keeps_ = false;
        return keeps_;
    }
    void add(std::string_view text, std::string_view signature, std::string_view redacted) {
        if (!tells_ || !keeps_ || (signature.empty() && redacted.empty())) return;
        if (!blocks_.empty()) blocks_ += ',';
        JsonWriter json(blocks_);
        json.begin_object();
        if (signature.empty())
            json.member("type", "redacted_thinking").member("data", redacted);
        else
            json.member("type", "thinking").member("thinking", text).member("signature", signature);
        json.end_object();
    }
    void tell(EventSink& events) {
        if (!keeps_ || blocks_.empty()) return;
        events.emit(Extra{.place = Extra::Place::message,
                          .members = {R"({"thinking_blocks":[)" + std::exchange(blocks_, {}) + "]}"}});
    }

private:
    const std::size_t most_;
    const bool tells_;
    std::size_t kept_ = 0;
    bool keeps_ = true;
    std::string blocks_;
};

}  // namespace gatehouse::bedrock
