// SPDX-License-Identifier: Apache-2.0
// `gatehouse explain request`: the routes of a request, without sending it.  The plugins of the configuration
// parse and map it, as they do in the gateway.  Hooks and the limiter are not asked, because they may act.
#include "core/app/gateway.hpp"
#include "core/cli/commands.hpp"
#include "core/cli/output.hpp"
#include "core/config/instances.hpp"
#include "core/config/mistakes.hpp"
#include "core/config/route_places.hpp"
#include "core/instances/plugin_instances.hpp"
#include "core/plugin/guard.hpp"
#include "core/request/explanation.hpp"
#include "core/util/text_file.hpp"

#include <gatehouse/json_writer.hpp>

#include <iostream>
#include <iterator>
#include <optional>

namespace gatehouse::core {

namespace {

constexpr std::size_t largest_request = 64 << 20;

Result<std::string> request_text(const std::string& file) {
    if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
    return read_text_file(file, largest_request);
}

/// The result of the plugins for the request.
struct DryRun {
    std::string endpoint = {}, dialect = {}, model = {};
    Explanation explanation = {};
    bool recalls = false;             // it continues an earlier response, which is not read
    std::optional<Error> error = {};  // the client would get it
};

/// The body with spare bytes, as dialects get it.
std::string parse_copy(const std::string& body) {
    std::string copy;
    copy.reserve(body.size() + 64);
    return copy.append(body);
}

Result<Parsed> parse(const NamedDialect& dialect, const http::RequestHead& head, const std::string& body) {
    return guard({dialect.name, "Dialect::parse"},
                 [&] { return dialect.dialect->parse(head, parse_copy(body)); });
}

void map(DryRun& run, const PluginInstances& instances, const http::RequestHead& head, const Identity& who,
         Parsed& parsed, std::size_t body_bytes, const std::vector<RoutePlace>& places) {
    run.recalls = !parsed.recall.empty();
    if (run.recalls) return;
    run.model = model_of(parsed.operation);
    auto routes = guard({instances.mapper_name(), "ModelMapper::map"}, [&] {
        return instances.mapper().map({.model = run.model,
                                       .who = who,
                                       .operation = parsed.operation,
                                       .head = head,
                                       .body_bytes = body_bytes,
                                       .healths = instances});
    });
    if (!routes)
        run.error = routes.error();
    else
        run.explanation.note_routes(places, run.model, *routes);
}

/// Whether the dialect has read the body.  Every operation that it reads for routes has a model.
bool is_understood(const Operation& operation) {
    return !std::holds_alternative<RawRequest>(operation) && !model_of(operation).empty();
}

/// Without an endpoint the first one whose dialect understands the body.  If none does, the refusal is that
/// of the first one: an endpoint that passes bodies on unread would take any.
DryRun dry_run(const PluginInstances& instances, const std::vector<RoutePlace>& places,
               const ExplainRequest& asked, const std::string& body) {
    DryRun run;
    const Identity who{.name = asked.client, .groups = asked.groups};
    http::RequestHead head{.method = "POST", .path = asked.endpoint};
    head.headers.add("content-type", "application/json");
    run.error = Error{ErrorKind::bad_request, "no dialect of the configuration can parse this request"};
    const auto attempt = [&](const NamedDialect& dialect, bool takes_unread) {
        auto parsed = parse(dialect, head, body);
        if (!parsed || (!takes_unread && !is_understood(parsed->operation))) {
            if (!run.endpoint.empty() || parsed) return false;
            run.error = parsed.error();
            run.endpoint = "POST " + head.path;
            run.dialect = dialect.name;
            return false;
        }
        run.error.reset();
        run.endpoint = "POST " + head.path;
        run.dialect = dialect.name;
        map(run, instances, head, who, *parsed, body.size(), places);
        return true;
    };
    if (!asked.endpoint.empty()) {
        const auto match = instances.routing().find(head.method, head.path);
        if (match.dialect) attempt(*match.dialect, true);
        return run;
    }
    for (const NamedDialect& dialect : instances.routing().dialects())
        for (const Dialect::Endpoint& endpoint : dialect.endpoints) {
            if (endpoint.method != "POST" || endpoint.path.ends_with('*')) continue;
            head.path = endpoint.path;
            if (attempt(dialect, false)) return run;
        }
    return run;
}

void print_json(const DryRun& run) {
    std::string out;
    JsonWriter json(out);
    json.begin_object().member("endpoint", run.endpoint).member("dialect", run.dialect);
    json.member("model", run.model);
    if (run.explanation.rule) {
        json.key("rule").begin_object().member("key", run.explanation.rule->key);
        json.member("line", static_cast<std::int64_t>(run.explanation.rule->line)).end_object();
    }
    json.member("routes", run.explanation.routes);
    if (run.error) json.member("status", status_of(*run.error)).member("error", run.error->message);
    json.end_object();
    std::cout << out << '\n';
}

void print_line(const char* name, const std::string& text) {
    std::cout << "  " << padded(name, 11) << text << '\n';
}

void print_text(const DryRun& run, const PluginInstances& instances, const ExplainRequest& asked) {
    const std::string file = asked.config.string();
    if (!run.endpoint.empty()) print_line("endpoint", run.endpoint + " of [dialect." + run.dialect + "]");
    if (!run.model.empty()) print_line("model", run.model);
    if (run.error) {
        print_line("refused", std::to_string(status_of(*run.error)) + ": " + run.error->message);
        if (asked.endpoint.empty())
            print_line("note", "--endpoint PATH names the endpoint, if the request is for another one");
        return;
    }
    if (run.recalls) {
        print_line("routes",
                   "unknown: the request continues an earlier response, which only the gateway has");
        return;
    }
    print_line("rule", run.explanation.rule ? run.explanation.rule->key + ", " + file + ":" +
                                                  std::to_string(run.explanation.rule->line)
                                            : "[mapper." + instances.mapper_name() + "], computed");
    std::size_t number = 0;
    for (const std::string& route : run.explanation.routes) {
        const char* when =
            number == 0 ? "first" : "if the route before it fails with an error that allows another route";
        print_line(number == 0 ? "routes" : "", std::to_string(number + 1) + ". " + route + ": " + when);
        ++number;
    }
    for (const NamedHook& hook : instances.hooks())
        print_line("hook", hook.name + ": not asked, may change the request");
    if (instances.limiter().limiter)
        print_line("limiter", instances.limiter().name + ": not asked, may refuse the request");
}

}  // namespace

int explain_request(const ExplainRequest& asked) {
    const auto body = request_text(asked.file);
    if (!body) return fail(exit_status::usage, asked.file + ": " + body.error().message);
    Mistakes mistakes(asked.config);
    // `gatehouse check` shows the warnings.
    const auto gateway =
        Gateway::make(asked.config, Gateway::Purpose::check, mistakes, LogOptions{.file = "/dev/null"});
    if (!gateway) return fail(exit_status::usage, mistakes.error().message);
    // The gateway has this list only if a client may ask for explanations.
    const auto configs = instances(gateway->file());
    if (!configs) return fail(exit_status::usage, configs.error().message);
    const auto places = route_places(gateway->file(), *configs);  // outlives `run`, which points to them
    const DryRun run = dry_run(gateway->instances(), places, asked, *body);
    if (asked.as_json)
        print_json(run);
    else
        print_text(run, gateway->instances(), asked);
    return run.error ? exit_status::failure : exit_status::ok;
}

}  // namespace gatehouse::core
