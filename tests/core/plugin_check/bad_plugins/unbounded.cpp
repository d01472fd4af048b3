// SPDX-License-Identifier: Apache-2.0
// A planted defect: a line of any length is kept.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    Result<void> body(std::string_view bytes, EventSink& events) override {
        kept_ += bytes;
        return Words::body(bytes.substr(0, 100), events);
    }

private:
    std::string kept_;
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "unbounded", "1.0.0");
