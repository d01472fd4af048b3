// SPDX-License-Identifier: Apache-2.0
// A planted defect: an upstream that refuses our credentials looks like a client's wrong key.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> end(EventSink& events) override {
        if (status_ == 401) return Error{ErrorKind::unauthenticated, "the key is wrong"};
        return Words::end(events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "blames_client", "1.0.0");
