// SPDX-License-Identifier: Apache-2.0
// A planted defect: amend() always promises another request, and never has one.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    bool amend(const Error&) override { return true; }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "amends_forever", "1.0.0");
