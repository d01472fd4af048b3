// SPDX-License-Identifier: Apache-2.0
// A local provider that keeps the contract: the words of the request back, one event
// each.  The planted defects change one thing of it.
#pragma once

#include <gatehouse/local.hpp>
#include <gatehouse/sdk.hpp>

namespace gatehouse::bad {

struct NoOptions {};
inline const Fields<NoOptions> no_fields = {};

class Computing : public LocalProvider {
public:
    Computing(NoOptions, Host&) {}

    Result<void> run(const Operation& operation, LocalSink& sink) override {
        const auto* request = std::get_if<ChatRequest>(&operation);
        if (!request) return Error{ErrorKind::unsupported, "this model only chats"};
        return say(last_user_text(*request), sink);
    }

protected:
    virtual Result<void> say(const std::string& text, LocalSink& sink) {
        for (std::size_t at = 0; at < text.size();) {
            const std::size_t end = text.find(' ', at) + 1;
            const std::string word = text.substr(at, end ? end - at : text.npos);
            if (!sink.emit(TextDelta{word})) return {};
            at += word.size();
        }
        sink.emit(Finish{});
        return {};
    }
};

}  // namespace gatehouse::bad
