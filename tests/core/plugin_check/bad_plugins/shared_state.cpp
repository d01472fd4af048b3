// SPDX-License-Identifier: Apache-2.0
// A planted defect: all requests share one text.
#include "words.hpp"

#include <mutex>

using namespace gatehouse;

namespace {

// All requests of the process share these; the lock does not help.
std::string shared_text;
std::mutex mutex;

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> request() override {
        const std::lock_guard lock(mutex);
        shared_text.clear();
        return Words::request();
    }
    Result<void> end(EventSink& events) override {
        reader_.finish([&](std::string_view word) { take(word, events); });
        if (status_ == 200 && ended_) events.emit(TextDelta{text()});
        return Words::end(events);
    }

private:
    static std::string text() {
        const std::lock_guard lock(mutex);
        return shared_text;
    }
    static void add(std::string_view word) {
        const std::lock_guard lock(mutex);
        shared_text += word;
    }
    void take(std::string_view word, EventSink&) override {
        if (reader_.type() == "end")
            ended_ = true;
        else
            add(word);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "shared_state", "1.0.0");
