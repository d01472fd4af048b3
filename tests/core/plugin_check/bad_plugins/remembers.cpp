// SPDX-License-Identifier: Apache-2.0
// A planted defect: what came before a retry is not forgotten.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        const std::string before = text_;
        auto request = Words::request();
        text_ = before;
        return request;
    }
    Result<void> end(EventSink& events) override {
        reader_.finish([&](std::string_view word) { take(word, events); });
        if (status_ != 200 || !ended_) return Words::end(events);
        events.emit(TextDelta{text_});
        events.emit(Finish{FinishReason::stop});
        return {};
    }

private:
    void take(std::string_view word, EventSink&) override {
        if (reader_.type() == "end")
            ended_ = true;
        else
            text_ += word;
    }
    std::string text_;
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "remembers", "1.0.0");
