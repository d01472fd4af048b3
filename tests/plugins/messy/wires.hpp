// SPDX-License-Identifier: Apache-2.0
// The wire formats of the upstreams, so that one messy input is played through every provider.  A test
// names the parts of a response, and a Wire writes them in its own words.
#pragma once

#include "tests/json.hpp"

#include <doctest/doctest.h>
#include <gatehouse/testing.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// Texts are written as in a JSON string, without quotes, so that a test can choose their escapes.  A part
/// that the format does not have is empty.  Each function returns an event, a line or several of them.
class Wire {
public:
    virtual ~Wire() = default;

    virtual const char* name() const = 0;
    virtual std::unique_ptr<Provider> make(Host& host) const = 0;
    virtual std::string model() const = 0;

    virtual std::string text(const std::string& said) const = 0;
    virtual std::string reasoning(const std::string&) const { return {}; }
    virtual std::string refusal(const std::string&) const { return {}; }
    /// The call of a function with the number `place`, and more of its arguments.
    virtual std::string call(int place, const std::string& id, const std::string& arguments) const = 0;
    virtual std::string more(int, const std::string&) const { return {}; }
    /// The end with a vendor's word, alone or with a text.
    virtual std::string finish(const std::string& word) const = 0;
    virtual std::string text_and_finish(const std::string& said, const std::string& word) const = 0;
    /// 3 tokens of the prompt and 2 of the answer, in an event of its own.
    virtual std::string usage() const { return {}; }
    /// The format's own end of a stream, such as [DONE].
    virtual std::string stop() const { return {}; }
    /// A complete response, as the body of a non-streaming one and as an event behind others.
    virtual std::string whole(const std::string& said, const std::string& word) const = 0;
    virtual std::string whole_call(const std::string& id, const std::string& arguments) const = 0;
    virtual std::string repeated(const std::string& said, const std::string& word) const {
        return frame(whole(said, word));
    }
    /// A document, such as an error, as an event.
    virtual std::string frame(const std::string& json) const { return "data: " + json + "\n\n"; }

    /// Whether the arguments of a call are a JSON string, and not a value.
    virtual bool arguments_are_text() const { return true; }
    /// Whether the format has chats, or text completions only.
    virtual bool chats() const { return true; }
};

/// One of each format.  They live as long as the process.
const std::vector<const Wire*>& wires();

/// A response in one line: "text | thinks … | refuses … | f(arguments) | stop | 3+2", or "error 502: …".
/// Two calls with one id, a second finish, and a text behind the finish are written, too.
std::string summary(const Result<std::vector<Event>>& events);

/// The response of `wire` to a streaming request.  It must be the same wherever the body is cut.
std::string streamed(const Wire& wire, const std::string& body);
/// The same for a non-streaming request.
std::string whole(const Wire& wire, const std::string& body, const http::ResponseHead& head = {});
/// The error of a response with this status.
Error refusal(const Wire& wire, int status, const std::string& body, http::Headers headers = {});
/// The number of half seconds of silence after which a stream is complete; 0: never.
int silences(const Wire& wire, const std::string& body, bool wants_usage = false);

}  // namespace gatehouse::test
