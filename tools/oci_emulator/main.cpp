// SPDX-License-Identifier: Apache-2.0
// oci_emulator, a local emulator of OCI Generative AI.  Reads the command line,
// listens, and waits for SIGTERM or SIGINT.  Main thread only.
#include "tools/oci_emulator/server.hpp"
#include "tools/oci_emulator/tls_front.hpp"

#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

using namespace gatehouse;
using namespace gatehouse::emulator;

namespace {

struct Arguments {
    std::vector<std::string> listen = {"127.0.0.1:0"}, tls_listen = {};
    bool tls = false;
    std::string tls_certificate, tls_key, tls_ca;
    std::vector<std::string> tls_names = {"DNS:localhost", "IP:127.0.0.1", "IP:::1"}, faults;
    int workers = 2;
    std::vector<std::string> public_keys, key_ids, compartments;
    bool any_compartment = false, strict_schemas = false;
    std::string signature = "strict";
    int clock_skew_seconds = 300;
    std::vector<std::string> tenancies, models, api_keys;
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
        if (equals == std::string::npos) return Error{ErrorKind::bad_config, "--key-id requires KEYID=FILE"};
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
                     "no key given: use --public-key FILE, --key-id KEYID=FILE or --signature off"};
    settings.request.compartments.insert(arguments.compartments.begin(), arguments.compartments.end());
    settings.request.any_compartment = arguments.any_compartment;
    settings.request.strict_schemas = arguments.strict_schemas;
    for (const std::string& pair : arguments.models) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos || !find_model(pair.substr(equals + 1)))
            return Error{ErrorKind::bad_config, "--model requires OCID=NAME of an on-demand model"};
        settings.request.models[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    settings.api_keys.insert(arguments.api_keys.begin(), arguments.api_keys.end());
    for (const std::string& tenancy : arguments.tenancies) settings.keys.limit_to(tenancy);
    settings.identity = arguments.identity;
    if (!arguments.tenancies.empty()) settings.identity.tenancy = arguments.tenancies.front();
    if (!arguments.compartments.empty()) settings.identity.compartment = arguments.compartments.front();
    settings.identity.token_lifetime = std::chrono::seconds(arguments.token_lifetime);
    settings.identity.session_lifetime = std::chrono::seconds(arguments.session_lifetime);
    settings.identity.resource_principal = arguments.resource_principal;
    return settings;
}

// A thousand streams require a thousand sockets.
void raise_file_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// One address, optionally with TLS in front of it.  The TLS front must stop first.
struct Address {
    std::unique_ptr<Listener> listener;
    std::unique_ptr<core::Server> server;
    std::unique_ptr<TlsFront> front;
    std::string url;
};

// A limit of time must not end a request of a test, on a machine however slow.
core::ServerLimits patient_limits() {
    core::ServerLimits limits;
    limits.header_timeout = limits.body_timeout = limits.client_write_timeout = std::chrono::hours(1);
    return limits;
}

Result<std::string> content_of(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error{ErrorKind::bad_config, "cannot read " + file};
    return text.str();
}

Result<TlsIdentity> tls_identity(const Arguments& arguments) {
    if (arguments.tls_certificate.empty()) {
        GeneratedTls made = generate_tls(arguments.tls_names);
        if (!arguments.tls_ca.empty()) {
            std::ofstream out(arguments.tls_ca, std::ios::binary | std::ios::trunc);
            out << made.ca_pem;
            if (!out.flush()) return Error{ErrorKind::bad_config, "cannot write " + arguments.tls_ca};
        }
        return std::move(made.server);
    }
    auto certificate = content_of(arguments.tls_certificate), key = content_of(arguments.tls_key);
    if (!certificate) return certificate.error();
    if (!key) return key.error();
    return TlsIdentity{*std::move(certificate), *std::move(key)};
}

// `wanted` is HOST:PORT, or HOST:PORT=REGION.
Result<Address> open_address(const std::string& wanted, const Arguments& arguments, Service& service,
                             const TlsIdentity* tls) {
    const std::size_t equals = wanted.find('=');
    const std::string where = wanted.substr(0, equals);
    Address address;
    address.listener = std::make_unique<Listener>(
        service, equals == std::string::npos ? arguments.identity.region : wanted.substr(equals + 1));
    address.server = std::make_unique<core::Server>(*address.listener, tls ? "127.0.0.1:0" : where,
                                                    arguments.workers, patient_limits());
    if (auto started = address.server->start(); !started) return started.error();
    std::uint16_t port = address.server->port();
    if (tls) {
        address.front = std::make_unique<TlsFront>();
        if (auto started = address.front->start(where, *tls, port); !started) return started.error();
        port = address.front->port();
    }
    address.url =
        (tls ? "https://" : "http://") + where.substr(0, where.rfind(':')) + ":" + std::to_string(port);
    return address;
}

// "[N@]NAME,key=value": at the Nth address, or at all addresses.
Result<void> add_fault(const std::string& text, std::vector<Address>& addresses) {
    const std::size_t at = text.find('@');
    const std::string number = at == std::string::npos ? "" : text.substr(0, at);
    bool found = false;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        if (!number.empty() && number != std::to_string(i + 1)) continue;
        found = true;
        if (auto refusal = addresses[i].listener->address().scenarios.add(
                std::string_view(text).substr(at == std::string::npos ? 0 : at + 1)))
            return Error{ErrorKind::bad_config, "--fault " + text + ": " + refusal->message};
    }
    if (!found) return Error{ErrorKind::bad_config, "--fault " + text + ": unknown address"};
    return {};
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
    Service service(*std::move(settings));
    if (!arguments.resource_principal.empty())
        if (auto written = service.identity().write_resource_principal(
                std::chrono::seconds(arguments.token_lifetime), true, std::chrono::system_clock::now());
            !written)
            return fail(written.error().message);
    std::optional<TlsIdentity> tls;
    if (arguments.tls || !arguments.tls_listen.empty()) {
        auto identity = tls_identity(arguments);
        if (!identity) return fail(identity.error().message);
        tls = *std::move(identity);
    }
    std::vector<Address> addresses;
    const auto open_all = [&](const std::vector<std::string>& all, bool secure) -> Result<void> {
        for (const std::string& wanted : all) {
            auto address = open_address(wanted, arguments, service, secure ? &*tls : nullptr);
            if (!address) return address.error();
            addresses.push_back(*std::move(address));
        }
        return {};
    };
    if (auto ok = open_all(arguments.listen, arguments.tls); !ok) return fail(ok.error().message);
    if (auto ok = open_all(arguments.tls_listen, true); !ok) return fail(ok.error().message);
    for (const std::string& fault : arguments.faults)
        if (auto ok = add_fault(fault, addresses); !ok) return fail(ok.error().message);
    service.stats.connections = [&addresses] {
        std::size_t open = 0;
        for (const Address& address : addresses) open += address.server->connections();
        return open;
    };
    for (const Address& address : addresses) std::cout << "listening on " << address.url << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
    for (Address& address : addresses) {
        address.front.reset();
        address.server->shutdown();
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app(
        "A local emulator of OCI Generative AI that verifies signatures and responds as the service does.");
    Arguments arguments;
    app.add_option("--listen", arguments.listen,
                   "HOST:PORT or HOST:PORT=REGION; port 0 selects a free port; may be given again")
        ->capture_default_str();
    app.add_option("--tls-listen", arguments.tls_listen,
                   "HOST:PORT or HOST:PORT=REGION with TLS; may be given again");
    app.add_flag("--tls", arguments.tls, "Also use TLS on every --listen");
    auto* certificate =
        app.add_option("--tls-certificate", arguments.tls_certificate,
                       "PEM file with the certificate and its chain; without it a certificate is made");
    auto* key = app.add_option("--tls-key", arguments.tls_key, "PEM file of the certificate's key");
    certificate->needs(key);
    key->needs(certificate);
    app.add_option("--tls-ca", arguments.tls_ca, "File that receives the CA of the made certificate")
        ->excludes(certificate);
    app.add_option("--tls-name", arguments.tls_names, "Name in the made certificate, such as DNS:localhost")
        ->excludes(certificate);
    app.add_option("--fault", arguments.faults,
                   "[N@]NAME[,key=value]: a fault, at the Nth address or at all addresses");
    app.add_option("--workers", arguments.workers, "Threads per address")
        ->capture_default_str()
        ->check(CLI::Range(1, 64));
    app.add_option("--public-key", arguments.public_keys,
                   "PEM file of a key, public or private, known under its own fingerprint");
    app.add_option("--key-id", arguments.key_ids, "KEYID=FILE: a key known under exactly this keyId");
    app.add_option("--compartment", arguments.compartments,
                   "OCID of an existing compartment; all others are then unknown");
    app.add_flag("--any-compartment", arguments.any_compartment, "Accept any text as a compartment");
    app.add_flag("--strict-schemas", arguments.strict_schemas, "Refuse $ref, $defs and, in tools, anyOf");
    app.add_option("--signature", arguments.signature, "strict, only (any date is accepted) or off")
        ->capture_default_str()
        ->check(CLI::IsMember({"strict", "only", "off"}));
    app.add_option("--clock-skew", arguments.clock_skew_seconds, "Allowed deviation of a date, in seconds")
        ->capture_default_str();
    app.add_option("--model", arguments.models,
                   "OCID=NAME: the model behind an endpoint's or a model's OCID");
    app.add_option("--tenancy", arguments.tenancies,
                   "OCID of a tenancy whose keys are known; the first is the instance's own");
    app.add_option("--api-key", arguments.api_keys,
                   "sk-...: a Generative AI API key for the OpenAI-compatible surface");
    app.add_option("--region", arguments.identity.region, "Region of the instance")->capture_default_str();
    app.add_option("--metadata-region", arguments.identity.metadata_region,
                   "Name of the region in the instance's metadata, such as ord");
    app.add_option("--token-lifetime", arguments.token_lifetime, "Lifetime of issued tokens, in seconds")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--session-lifetime", arguments.session_lifetime,
                   "Time in which a session can be refreshed, in seconds")
        ->capture_default_str();
    app.add_option("--service-account-token", arguments.identity.service_account_token,
                   "The only token that OKE's proxymux accepts");
    app.add_option("--resource-principal", arguments.resource_principal,
                   "Folder that receives rpst and private.pem of a resource principal");
    CLI11_PARSE(app, argc, argv);
    return serve(arguments);
}
