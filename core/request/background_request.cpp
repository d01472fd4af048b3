// SPDX-License-Identifier: Apache-2.0
#include "core/request/background_request.hpp"

#include "core/request/request_texts.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace gatehouse::core {

namespace {

// Bounds the memory for a list of models, and for a table.  No service has more.
constexpr std::size_t max_models = 10'000, max_document = 16 * 1024 * 1024;

/// Whether a client can request this model; a name with a line break would be rejected.
bool is_model_name(std::string_view id) {
    return !id.empty() && std::none_of(id.begin(), id.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

}  // namespace

/// Collects the models and the document, and ignores all other output, because no client reads the response.
class BackgroundRequest::Collector final : public ResponseFormatter {
public:
    Collector(std::vector<ModelInfo>& models, std::string& document) : models_(models), document_(document) {}
    bool streams() const override { return false; }
    http::ResponseHead head() override { return {}; }
    void event(const Event& event, std::string&) override {
        auto* model = std::get_if<ModelInfo>(&event);
        if (model && models_.size() < max_models && is_model_name(model->id)) models_.push_back(*model);
        auto* raw = std::get_if<RawBytes>(&event);
        if (raw && raw->bytes.size() <= max_document - document_.size()) document_ += raw->bytes;
    }
    void end(std::string&) override {}
    void error(const Error&, std::string&) override {}

private:
    std::vector<ModelInfo>& models_;
    std::string& document_;
};

BackgroundRequest::BackgroundRequest(const WorkerServices& worker, const NamedProvider& provider,
                                     Operation operation, std::chrono::milliseconds limit, Log& log)
    : operation_(std::move(operation)),
      attempt_(std::make_shared<Attempt>(static_cast<Attempt::Owner&>(*this), worker, provider, operation_,
                                         std::make_unique<Collector>(models_, document_), hooks_,
                                         Deadline{RequestRecord::Clock::now() + limit, true}, record_, log,
                                         nullptr)) {}

BackgroundRequest::~BackgroundRequest() { attempt_->cancel(); }

void BackgroundRequest::start(std::function<void(Outcome)> done) {
    done_ = std::move(done);
    const auto attempt = attempt_;  // start() may end it at once and destroy this object
    attempt->start();
}

// A provider may forbid the list and allow the requests of clients, so a 403 shows that the credentials
// are accepted.
void BackgroundRequest::note_use(const NamedProvider& provider, const Outcome& outcome) {
    ProviderHealth& health = *provider.health;
    if (!outcome.error || outcome.status == 403 || shows_use(outcome.status)) return health.usable_shown();
    const auto reason = unusable_reason(*outcome.error, outcome.status, outcome.unsigned_request);
    if (reason)
        health.unusable_shown(*reason);
    else if (outcome.error->kind == ErrorKind::unsupported)
        health.cannot_be_tested();
}

void BackgroundRequest::finish(std::optional<Error> error) {
    const auto attempt = attempt_;
    Outcome outcome{.error = std::move(error),
                    .status = attempt->status(),
                    .models = std::move(models_),
                    .document = std::move(document_),
                    .request_id = record_.upstream_request_id,
                    .advice = {},
                    .unsigned_request = attempt->unsigned_request()};
    if (outcome.error) {
        // An upstream may quote the credentials of the request.
        const Operation nothing = ModelsRequest{};
        const RequestTexts texts(nothing, attempt->secrets());
        for (std::string* text : {&outcome.error->message, &outcome.error->detail})
            *text = texts.without_secrets(*text);
        outcome.advice = attempt->advice(*outcome.error);
    }
    const auto done = std::move(done_);
    done(std::move(outcome));
}

}  // namespace gatehouse::core
