// SPDX-License-Identifier: Apache-2.0
// An observer that shows operators the last requests in a browser, and by an API: its entry point.
// The instance is read-only except for its state: any thread.
#include "plugins/observer/console/archive.hpp"
#include "plugins/observer/console/state.hpp"

#include <gatehouse/sdk.hpp>

namespace gatehouse::console {

const Fields<Options> fields = {
    optional("resource", &Options::resource,
             "The name of the admin resource: the pages are at /NAME/, the API at /api/v1/NAME."),
    ranged("max_requests", &Options::max_requests, 1, 20'000,
           "Maximum number of finished requests that are kept. Older requests are dropped."),
    ranged("max_bytes", &Options::max_bytes, 65'536, 1'073'741'824,
           "Maximum memory of the finished requests that are kept, in bytes. Older requests are dropped."),
};

class Console final : public Observer, public AdminResource, public PageSource {
public:
    Console(Options options, Host& host)
        : resource_(options.resource), host_(host), state_(State::of(options, host.now())) {}

    /// It needs no trace.
    bool samples(const Trace&) const override { return false; }
    void finished(std::vector<std::shared_ptr<const Story>> stories) override { state_->add(stories); }

    AdminResource* admin() override { return this; }
    std::string name() const override { return resource_; }
    std::vector<AdminMethod> methods() const override {
        return {
            {"GET", "read", "Finished requests: a summary, /requests?…, /requests/ID, /series?minutes=N."}};
    }
    void handle(AdminRequest request, Completion<http::Response> done) override {
        done(state_->get(request, host_.now()));
    }
    std::vector<Page> pages() const override { return pages_of(archive()); }

private:
    const std::string resource_;
    const Host& host_;
    const std::shared_ptr<State> state_;
};

}  // namespace gatehouse::console

GATEHOUSE_PLUGIN(gatehouse::console::Console, gatehouse::console::Options, gatehouse::console::fields,
                 "console", "1.0.0");
