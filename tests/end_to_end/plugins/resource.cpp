// SPDX-License-Identifier: Apache-2.0
// A hook with an admin resource that responds late, never, twice or with an exception, by its path.
// For the end-to-end tests only.
#include <gatehouse/json_writer.hpp>
#include <gatehouse/sdk.hpp>

#include <stdexcept>

using namespace gatehouse;

namespace {

struct Options {
    std::string resource = "late", text = "first";
};

const Fields<Options> fields = {
    optional("resource", &Options::resource, "Name of the admin resource."),
    optional("text", &Options::text, "The text of its responses."),
};

class Late final : public Hook, public AdminResource {
public:
    Late(Options options, Host& host) : options_(std::move(options)), host_(host) {}

    std::unique_ptr<HookState> begin(const RequestInfo&) override { return std::make_unique<HookState>(); }
    AdminResource* admin() override { return this; }

    std::string name() const override { return options_.resource; }
    std::vector<AdminMethod> methods() const override {
        return {{"GET", "read", "The text."}, {"POST", "operate", "The call."}};
    }
    void handle(AdminRequest request, Completion<http::Response> done) override {
        if (request.method == "POST") return done(shown(request));
        if (request.path == "/throw") throw std::runtime_error("the text of an exception");
        if (request.path == "/never") return kept_.push_back(std::move(done));
        if (request.path == "/dropped") return;
        if (request.path == "/conflict")
            return done(
                Error{.kind = ErrorKind::conflict, .message = "it is there already", .code = "exists"});
        if (request.path == "/framing")
            return done(
                http::Response{{200, {{"content-length", "1"}, {"x-a", "b\r\nx-c: d"}}}, options_.text});
        if (request.path != "/slow") return done(http::Response{{}, options_.text});
        auto waiting = std::make_shared<Completion<http::Response>>(std::move(done));
        host_.after(std::chrono::milliseconds(700), [waiting, text = options_.text] {
            (*waiting)(http::Response{{}, text});
        });
    }

private:
    static http::Response shown(const AdminRequest& request) {
        http::Response response;
        JsonWriter json(response.body);
        json.begin_object().member("path", request.path).member("query", request.query);
        json.member("body", request.body).member("who", request.who);
        json.member("key", request.headers.get("idempotency-key"));
        json.member("credential", request.headers.has("authorization")).end_object();
        return response;
    }

    const Options options_;
    Host& host_;
    std::vector<Completion<http::Response>> kept_;
};

}  // namespace

GATEHOUSE_PLUGIN(Late, Options, fields, "resource", "1.0.0");
