// SPDX-License-Identifier: Apache-2.0
// A dialect of plain text.  Change it into your own.
//
// `POST /ask` has a question as its body.  The answer is streamed as plain text.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

// The keys of [dialect.NAME] in the gateway's TOML.  The gateway checks them.
// `gatehouse explain -c gatehouse.toml dialect my_plugin` prints them.
struct Options {
    std::string model;
};

const Fields<Options> fields = {
    required("model", &Options::model, "The model for every question: a name that the mapper knows."),
};

http::Headers plain_text() { return {{"content-type", "text/plain; charset=utf-8"}}; }

// Writes the response of one attempt.  Its members are never called at the same time.
class Answer final : public ResponseFormatter {
public:
    bool streams() const override { return true; }  // the output of event() is sent at once
    http::ResponseHead head() override { return {200, plain_text()}; }
    void event(const Event& event, std::string& out) override {
        if (auto* delta = std::get_if<TextDelta>(&event)) out += delta->text;
    }
    void end(std::string& out) override { out += '\n'; }
    // The answer failed after its first bytes.  The status is already sent.
    void error(const Error& error, std::string& out) override { out += "\n[" + error.message + "]\n"; }
};

// Many threads may call this at once.
class PlainText final : public Dialect {
public:
    PlainText(Options options, Host&) : options_(std::move(options)) {}

    std::vector<Endpoint> endpoints() const override { return {{"POST", "/ask"}}; }

    Result<Parsed> parse(const http::RequestHead&, std::string body) override {
        if (body.empty())
            return Error{ErrorKind::bad_request, "the body is empty: expected a question in plain text"};
        ChatRequest chat{.model = options_.model};
        chat.messages.push_back({.role = Role::user, .parts = {Text{std::move(body)}}});
        chat.stream = true;
        return Parsed{std::move(chat), [] { return std::make_unique<Answer>(); }};
    }

    // The response to any failure before the first byte of an answer.
    http::Response error(const Error& error) const override {
        return {{status_of(error), plain_text()}, error.message + "\n"};
    }

private:
    const Options options_;
};

}  // namespace

GATEHOUSE_PLUGIN(PlainText, Options, fields, "my_plugin", "0.1.0");
