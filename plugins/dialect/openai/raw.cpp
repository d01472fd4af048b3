// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/openai/raw.hpp"

#include "plugins/dialect/openai/body.hpp"
#include "plugins/dialect/openai/errors.hpp"

namespace gatehouse::openai_dialect {

namespace {

class RawFormatter final : public ResponseFormatter {
public:
    bool streams() const override { return false; }
    // The bytes may be a page of anyone: a browser must not run it with the rights of this address.
    http::ResponseHead head() override {
        return {status_,
                {{"content-type", content_type_},
                 {"x-content-type-options", "nosniff"},
                 {"content-security-policy", "default-src 'none'; sandbox"}}};
    }

    void event(const Event& event, std::string&) override {
        const auto* piece = std::get_if<RawBytes>(&event);
        if (!piece) return;
        begun_ = true;
        if (!piece->content_type.empty()) content_type_ = piece->content_type;
        body_ += piece->bytes;
    }
    void end(std::string& out) override {
        if (!begun_) return error({ErrorKind::upstream, "the upstream sent no response"}, out);
        out += body_;
    }
    void error(const Error& error, std::string& out) override {
        status_ = status_of(error);
        content_type_ = "application/json";
        append_error(error, out);
    }

private:
    int status_ = 200;
    std::string content_type_ = "application/octet-stream";
    std::string body_;
    bool begun_ = false;
};

}  // namespace

Result<RawRequest> parse_raw_request(std::string body, std::string_view operation, const Bounds& bounds) {
    Reader reader;
    RawRequest request{.operation = std::string(operation), .content_type = "application/json"};
    auto read = read_body(body, bounds.json_depth, reader, [&](json::Object& top) {
        const bool members = json::for_each(top, [&](std::string_view key, json::Value& value) {
            return key != "model" || read_model(reader, value, Where(key), request.model);
        });
        // OpenAI's clients may omit the model of a moderation only.
        if (members && request.model.empty() && operation == "moderations")
            request.model = "omni-moderation-latest";
        return members && (!request.model.empty() || reader.missing(Where("model"), "the name of a model"));
    });
    if (!read) return read.error();
    request.body = std::move(body);
    return request;
}

std::unique_ptr<ResponseFormatter> raw_formatter() { return std::make_unique<RawFormatter>(); }

}  // namespace gatehouse::openai_dialect
