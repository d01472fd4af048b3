// SPDX-License-Identifier: Apache-2.0
// A planted defect: the status of the answer is not looked at.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    void head(const http::ResponseHead&) override { status_ = 200; }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "ignores_status", "1.0.0");
