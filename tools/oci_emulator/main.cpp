// SPDX-License-Identifier: Apache-2.0
// oci_emulator: a local OCI Generative AI.  Reads the command line, listens,
// and waits for TERM or INT.  Main thread only.
#include "tools/oci_emulator/server.hpp"

#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

struct Arguments {
    std::string listen = "127.0.0.1:0";
    int workers = 2;
    std::vector<std::string> public_keys, key_ids, compartments;
    bool any_compartment = false, strict_schemas = false;
    std::string signature = "strict";
    int clock_skew_seconds = 300;
    std::vector<std::string> tenancies, models;
    IdentitySettings identity;
    int token_lifetime = 1200, session_lifetime = 86'400;
    std::string resource_principal;
};

int fail(const std::string& why) {
    std::cerr << "oci_emulator: " << why << '\n';
    return 2;
}

Result<KeyPointer> key_from(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream pem;
    pem << in.rdbuf();
    if (!in) return Error{ErrorKind::bad_config, "cannot read " + file};
    auto key = read_key(pem.str());
    if (!key) return Error{ErrorKind::bad_config, file + ": " + key.error().message};
    return key;
}

Result<Settings> settings_from(const Arguments& arguments) {
    Settings settings;
    for (const std::string& file : arguments.public_keys) {
        auto key = key_from(file);
        if (!key) return key.error();
        settings.keys.add(*key);
    }
    for (const std::string& pair : arguments.key_ids) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos) return Error{ErrorKind::bad_config, "--key-id wants KEYID=FILE"};
        auto key = key_from(pair.substr(equals + 1));
        if (!key) return key.error();
        settings.keys.add(pair.substr(0, equals), *key);
    }
    using Mode = SignatureRules::Mode;
    settings.signature.mode = arguments.signature == "off"    ? Mode::off
                              : arguments.signature == "only" ? Mode::signature_only
                                                              : Mode::strict;
    settings.signature.clock_skew = std::chrono::seconds(arguments.clock_skew_seconds);
    if (settings.keys.empty() && settings.signature.mode != Mode::off)
        return Error{ErrorKind::bad_config,
                     "no key: give --public-key FILE, --key-id KEYID=FILE or --signature off"};
    settings.request.compartments.insert(arguments.compartments.begin(), arguments.compartments.end());
    settings.request.any_compartment = arguments.any_compartment;
    settings.request.strict_schemas = arguments.strict_schemas;
    for (const std::string& pair : arguments.models) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || !find_model(pair.substr(equals + 1)))
            return Error{ErrorKind::bad_config, "--model wants OCID=NAME of a model on demand"};
        settings.request.models[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    for (const std::string& tenancy : arguments.tenancies) settings.keys.limit_to(tenancy);
    settings.identity = arguments.identity;
    if (!arguments.tenancies.empty()) settings.identity.tenancy = arguments.tenancies.front();
    if (!arguments.compartments.empty()) settings.identity.compartment = arguments.compartments.front();
    settings.identity.token_lifetime = std::chrono::seconds(arguments.token_lifetime);
    settings.identity.session_lifetime = std::chrono::seconds(arguments.session_lifetime);
    settings.identity.resource_principal = arguments.resource_principal;
    return settings;
}

// A thousand streams are a thousand sockets.
void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int serve(const Arguments& arguments) {
    // Blocked before the workers start, so that only sigwait() sees them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    raise_file_limit();

    auto settings = settings_from(arguments);
    if (!settings) return fail(settings.error().message);
    Emulator emulator(*std::move(settings));
    if (!arguments.resource_principal.empty())
        if (auto written = emulator.service().identity().write_resource_principal(
                std::chrono::seconds(arguments.token_lifetime), true, std::chrono::system_clock::now());
            !written)
            return fail(written.error().message);
    core::Server server(emulator, arguments.listen, arguments.workers, core::ServerLimits{});
    emulator.serve_on(server);
    if (auto started = server.start(); !started) return fail(started.error().message);
    const std::string host = arguments.listen.substr(0, arguments.listen.rfind(':'));
    std::cout << "listening on http://" << host << ':' << server.port() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
    server.shutdown();
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("A local OCI Generative AI: verifies signatures, answers as the service does.");
    Arguments arguments;
    app.add_option("--listen", arguments.listen, "HOST:PORT; port 0 takes a free one")->capture_default_str();
    app.add_option("--workers", arguments.workers, "Threads")
        ->capture_default_str()
        ->check(CLI::Range(1, 64));
    app.add_option("--public-key", arguments.public_keys,
                   "PEM file of a key, public or private, that is known under its own fingerprint");
    app.add_option("--key-id", arguments.key_ids, "KEYID=FILE: a key that is known under exactly this keyId");
    app.add_option("--compartment", arguments.compartments,
                   "OCID of a compartment that exists; others do not then");
    app.add_flag("--any-compartment", arguments.any_compartment,
                 "Take any text for the OCID of a compartment");
    app.add_flag("--strict-schemas", arguments.strict_schemas, "Refuse $ref, $defs and, in tools, anyOf");
    app.add_option("--signature", arguments.signature, "strict, only (the date may be any) or off")
        ->capture_default_str()
        ->check(CLI::IsMember({"strict", "only", "off"}));
    app.add_option("--clock-skew", arguments.clock_skew_seconds, "Seconds that a date may be off")
        ->capture_default_str();
    app.add_option("--model", arguments.models,
                   "OCID=NAME: the model that an endpoint's or a model's OCID stands for");
    app.add_option("--tenancy", arguments.tenancies,
                   "OCID of a tenancy whose keys are known; the first is the instance's");
    app.add_option("--region", arguments.identity.region, "Region of the instance")->capture_default_str();
    app.add_option("--metadata-region", arguments.identity.metadata_region,
                   "What the instance's metadata call the region, such as ord");
    app.add_option("--token-lifetime", arguments.token_lifetime, "Seconds that an issued token is good for")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--session-lifetime", arguments.session_lifetime,
                   "Seconds that a session can be refreshed for")
        ->capture_default_str();
    app.add_option("--service-account-token", arguments.identity.service_account_token,
                   "The only one that OKE's proxymux takes");
    app.add_option("--resource-principal", arguments.resource_principal,
                   "Folder to write rpst and private.pem of a resource principal into");
    CLI11_PARSE(app, argc, argv);
    return serve(arguments);
}
