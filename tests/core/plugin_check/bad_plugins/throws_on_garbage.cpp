// SPDX-License-Identifier: Apache-2.0
// A planted defect: a number is read without a look at whether it is one.
#include "words.hpp"

using namespace gatehouse;

namespace {

class Answering final : public bad::Words {
public:
    using Words::Words;
    void take(std::string_view word, EventSink& events) override {
        if (word.starts_with("[")) (void)std::stoi(std::string(word.substr(1)));
        Words::take(word, events);
    }
};

}  // namespace

GATEHOUSE_PLUGIN(bad::Backend<Answering>, bad::Options, bad::fields, "throws_on_garbage", "1.0.0");
