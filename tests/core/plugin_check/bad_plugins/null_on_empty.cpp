// SPDX-License-Identifier: Apache-2.0
// A planted defect: an empty body is read through a null pointer.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        if (status_ == 200 && !seen_) text_ = *nothing_;
        return Words::end(events);
    }
    Result<void> body(std::string_view bytes, EventSink& events) override {
        seen_ = true;
        return Words::body(bytes, events);
    }

private:
    bool seen_ = false;
    std::string text_;
    const std::string* volatile nothing_ = nullptr;
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "null_on_empty", "1.0.0");
