// SPDX-License-Identifier: Apache-2.0
// A planted defect: a dialect that recalls without end, and keeps documents without a space and for no
// time.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Writer final : public ResponseFormatter {
public:
    bool streams() const override { return false; }
    http::ResponseHead head() override {
        return {.status = 200, .headers = {{"content-type", "text/plain"}}};
    }
    void event(const Event& event, std::string& out) override {
        if (auto* delta = std::get_if<TextDelta>(&event)) out += delta->text;
    }
    void end(std::string& out) override { out += "."; }
    std::vector<Keep> keep(const Operation&) override { return {{.id = {"", "x"}, .body = "x"}}; }
    void error(const Error& error, std::string& out) override { out += error.message; }
};

class Recalling final : public Dialect {
public:
    Recalling(Options, Host&) {}
    std::vector<Endpoint> endpoints() const override { return {{"POST", "/once"}, {"POST", "/forever"}}; }
    Result<Parsed> parse(const http::RequestHead& head, std::string body) override {
        if (body.size() < 40 || body.back() != '}') return Error{ErrorKind::bad_request, "not a request"};
        return recalled(head.path == "/once" ? 1 : 1'000);
    }
    http::Response error(const Error& error) const override {
        return {{.status = status_of(error), .headers = {{"content-type", "text/plain"}}},
                error.message + "."};
    }

private:
    static Result<Parsed> recalled(int rounds) {
        Parsed parsed;
        if (rounds == 0) {
            parsed.operation = ChatRequest{.model = "m"};
            parsed.formatter = [] { return std::make_unique<Writer>(); };
            return parsed;
        }
        parsed.recall = {{"space", "id"}};
        parsed.resume = [rounds](std::vector<std::optional<Record>>) { return recalled(rounds - 1); };
        return parsed;
    }
};

}  // namespace

GATEHOUSE_PLUGIN(Recalling, Options, fields, "recalls_forever", "1.0.0");
