// SPDX-License-Identifier: Apache-2.0
// A planted defect: an error message has the token in it, and a line end.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        if (status_ != 200)
            return Error{kind_of_upstream_status(status_),
                         "the token " + options_.token.value_or("abcdefghijklmnop") + " was refused\n"};
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "tells_token", "1.0.0");
