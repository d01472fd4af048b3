// SPDX-License-Identifier: Apache-2.0
// A planted defect: names lead nowhere, or to a provider that was not named.
#include <gatehouse/sdk.hpp>

using namespace gatehouse;

namespace {

struct Options {};
const Fields<Options> fields = {};

class Lost final : public ModelMapper {
public:
    Lost(Options, Host&) {}
    Result<std::vector<Route>> map(const RouteQuery& query) const override {
        if (query.model == "check") return std::vector{Route{"elsewhere", "m"}};
        return std::vector<Route>{};
    }
    std::vector<ModelInfo> models(const Identity&, const Discovered&) const override { return {{.id = ""}}; }
    std::vector<std::string> providers() const override { return {"here"}; }
};

}  // namespace

GATEHOUSE_PLUGIN(Lost, Options, fields, "lost_routes", "1.0.0");
