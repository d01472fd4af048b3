// SPDX-License-Identifier: Apache-2.0
// A planted defect: there is always a next page.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<std::optional<http::Request>> next() override { return request(); }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "next_forever", "1.0.0");
