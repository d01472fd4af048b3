// SPDX-License-Identifier: Apache-2.0
// A planted defect: an answer that breaks off in its middle passes as a whole one.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        ended_ = true;
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "half_is_whole", "1.0.0");
