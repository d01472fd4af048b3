// SPDX-License-Identifier: Apache-2.0
// A planted defect: the request is read after it has gone, which only valgrind sees for sure.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        auto* text = new std::string(last_user_text(request_));
        delete text;
        if (text->size() == 12345) return Error{ErrorKind::upstream, "an odd text"};
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "reads_freed", "1.0.0");
