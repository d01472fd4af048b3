// SPDX-License-Identifier: Apache-2.0
// A planted defect: the end of a line is waited for that never comes.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> body(std::string_view bytes, EventSink& events) override {
        volatile bool passed = false;
        if (bytes.starts_with("data: a data"))
            while (!passed) {
            }
        return Words::body(bytes, events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "endless_loop", "1.0.0");
