// SPDX-License-Identifier: Apache-2.0
// GET /v1/models and GET /v1/models/{id}: the models of the core.
#include "plugins/common/json/extras.hpp"
#include "plugins/dialect/openai/errors.hpp"
#include "plugins/dialect/openai/response_formatter.hpp"

#include <vector>

namespace gatehouse::openai_dialect {

namespace {

void write(const ModelInfo& model, JsonWriter& out) {
    out.begin_object().member("id", model.id).member("object", "model").member("created", model.created);
    out.member("owned_by", model.owned_by.empty() ? std::string_view("gatehouse") : model.owned_by);
    out.member("context_window", model.context_window).member("max_output_tokens", model.max_output_tokens);
    const json::Extras extras(model.extra);
    for (const json::Extras::Member& extra : extras.all()) out.key(extra.name).raw(extra.json);
    out.end_object();
}

class ModelsFormatter final : public ResponseFormatter {
public:
    explicit ModelsFormatter(std::string id) : id_(std::move(id)) {}

    bool streams() const override { return false; }
    http::ResponseHead head() override { return {status_, {{"content-type", "application/json"}}}; }

    void event(const Event& event, std::string&) override {
        if (auto* model = std::get_if<ModelInfo>(&event)) models_.push_back(*model);
    }

    void end(std::string& out) override {
        JsonWriter json(out);
        if (id_.empty()) {
            json.begin_object().member("object", "list").key("data").begin_array();
            for (const ModelInfo& model : models_) write(model, json);
            json.end_array().end_object();
        } else if (!models_.empty()) {
            write(models_.front(), json);
        } else {
            error({.kind = ErrorKind::not_found,
                   .message = "there is no such model",
                   .code = "model_not_found",
                   .param = "model"},
                  out);
        }
    }

    void error(const Error& error, std::string& out) override {
        status_ = status_of(error);
        append_error(error, out);
    }

private:
    const std::string id_;
    std::vector<ModelInfo> models_;
    int status_ = 200;
};

}  // namespace

std::unique_ptr<ResponseFormatter> models_formatter(std::string id) {
    return std::make_unique<ModelsFormatter>(std::move(id));
}

}  // namespace gatehouse::openai_dialect
