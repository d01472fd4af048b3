// SPDX-License-Identifier: Apache-2.0
// A planted defect: the answer ends without a Finish.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink&) override {
        if (status_ != 200) return Error{kind_of_upstream_status(status_), "the backend failed"};
        return {};
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "no_finish", "1.0.0");
