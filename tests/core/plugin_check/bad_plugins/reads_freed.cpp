// SPDX-License-Identifier: Apache-2.0
// A planted defect: a text is read after it has gone, which only valgrind sees for sure.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Freed final : public ModelMapper {
public:
    Freed(Options, Host&) {}
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        auto gone = std::make_unique<std::string>(query.model);
        const std::string* volatile left = gone.get();
        gone.reset();
        return std::vector{Route{"here", left->size() == 12345 ? "odd" : "model"}};
    }
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override { return {}; }
    std::vector<std::string> providers() const override { return {"here"}; }
};

}  // namespace

GATEHOUSE_PLUGIN(Freed, Options, fields, "reads_freed", "1.0.0");
