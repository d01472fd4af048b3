// SPDX-License-Identifier: Apache-2.0
// A planted defect: a failed answer ends the process.
#include "words.hpp"

#include <cstdlib>

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        if (status_ >= 500) std::exit(3);
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "exits", "1.0.0");
