// SPDX-License-Identifier: Apache-2.0
// A planted defect: an error's detail reaches the client, an error has another status, half a request passes,
// bad JSON throws.
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Writer final : public ResponseFormatter {
public:
    bool streams() const override { return true; }
    http::ResponseHead head() override { return {200, {{"content-type", "text/event-stream"}}}; }
    void event(const Event& event, std::string& out) override {
        // Not escaped: a quote in the text makes it no JSON.
        if (auto* delta = std::get_if<TextDelta>(&event))
            out += "data: {\"text\":\"" + delta->text + "\"}\n\n";
    }
    void end(std::string& out) override { out += "data: end\n"; }
    void error(const Error&, std::string&) override {}
};

class Talkative final : public Dialect {
public:
    Talkative(Options, Host&) {}
    std::vector<Endpoint> endpoints() const override { return {{"POST", "/say"}, {"post", "say?x"}}; }
    Result<Parsed> parse(const http::RequestHead&, std::string body) override {
        if (body.empty()) throw std::invalid_argument("no body");
        if (!body.starts_with("{\"model\"")) return Error{ErrorKind::internal, "this is no question"};
        ChatRequest chat{.model = "m"};
        return Parsed{std::move(chat), [] { return std::make_unique<Writer>(); }};
    }
    http::Response error(const Error& error) const override {
        return {{200, {{"content-type", "text/plain"}}}, error.message + " (" + error.detail + ")"};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Talkative, Options, fields, "talkative_dialect", "1.0.0");
