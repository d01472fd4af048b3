// SPDX-License-Identifier: Apache-2.0
// Base class of the writers of requests, for Chat Completions and for the Responses API.
#pragma once

#include <gatehouse/chat.hpp>
#include <gatehouse/json_writer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gatehouse::openai_format {

/// Called with the name of each optional member before it is written.  The member is dropped if
/// it returns false.  Without it all members are written.
using Wants = std::function<bool(std::string_view name)>;

/// Writes one request.  [one thread at a time]
class RequestWriter {
protected:
    /// REQUIRES: both outlive it.
    RequestWriter(const ChatRequest& request, const Wants& wants);

    /// Writes the key `name`.  Returns false if the upstream must not receive it.
    bool begin(std::string_view name) {
        if (wants_ && !wants_(name)) return false;
        json_.key(name);
        return true;
    }
    template <typename T>
    void member(std::string_view name, const std::optional<T>& value) {
        if (value && begin(name)) json_.value(*value);
    }
    void word(std::string_view name, const std::string& value) {
        if (!value.empty() && begin(name)) json_.value(value);
    }
    void raw(std::string_view name, const JsonText& value) {
        if (!value.empty() && begin(name)) json_.raw(value.text);
    }
    std::string end() {
        json_.end_object();
        return std::move(out_);
    }

    const ChatRequest& request_;
    std::string out_ = {};
    JsonWriter json_;

private:
    const Wants& wants_;
};

}  // namespace gatehouse::openai_format
