// SPDX-License-Identifier: Apache-2.0
#include "plugins/dialect/anthropic/counts.hpp"

#include "plugins/dialect/anthropic/errors.hpp"

#include <gatehouse/json_writer.hpp>

#include <algorithm>
#include <optional>

namespace gatehouse::anthropic_dialect {

namespace {

class CountFormatter final : public ResponseFormatter {
public:
    explicit CountFormatter(bool estimates) : estimates_(estimates) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override {
        http::ResponseHead head{status_, {{"content-type", "application/json"}}};
        if (status_ == 200 && count_ && count_->estimated) head.headers.add(estimate_header, "true");
        return head;
    }
    void event(const Event& event, std::string&) override {
        if (auto* count = std::get_if<TokenCount>(&event)) count_ = *count;
    }
    void end(std::string& out) override {
        if (!count_) return error({ErrorKind::upstream, "the upstream sent no count of tokens"}, out);
        if (count_->estimated && !estimates_)
            return error({ErrorKind::not_found, "the provider of this model cannot count tokens"}, out);
        JsonWriter json(out);
        json.begin_object().member("input_tokens", std::max<std::int64_t>(count_->input, 0)).end_object();
    }
    void error(const Error& error, std::string& out) override {
        status_ = http_status(error);
        append_error(error, out);
    }

private:
    const bool estimates_;
    std::optional<TokenCount> count_;
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> count_formatter(bool estimates) {
    return std::make_unique<CountFormatter>(estimates);
}

}  // namespace gatehouse::anthropic_dialect
