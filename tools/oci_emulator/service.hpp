// SPDX-License-Identifier: Apache-2.0
// The emulated service without sockets: its responses, and its record of requests.
// Shared by all workers: members are [any thread].
#pragma once

#include "tools/oci_emulator/identity/identity.hpp"
#include "tools/oci_emulator/request_check.hpp"
#include "tools/oci_emulator/scenarios.hpp"
#include "tools/oci_emulator/script.hpp"
#include "tools/oci_emulator/signature_check.hpp"
#include "tools/oci_emulator/stored_objects.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace gatehouse::emulator {

struct Settings {
    KeyStore keys = {};
    SignatureRules signature = {};
    RequestRules request = {};
    IdentitySettings identity = {};
    std::set<std::string, std::less<>> api_keys = {};  // keys for the OpenAI-compatible surface
};

/// Counters since the start or the last reset.
struct Stats {
    std::atomic<std::int64_t> requests = 0;         // requests to the service, all operations
    std::atomic<std::int64_t> running = 0;          // requests read completely, responses not complete
    std::atomic<std::int64_t> peak = 0;             // maximum of `running`
    std::atomic<std::int64_t> completed = 0;        // responses sent to the last byte
    std::atomic<std::int64_t> refused = 0;          // completed with a status of 400 or more
    std::atomic<std::int64_t> unsigned_ = 0;        // completed with 401 for the signature
    std::atomic<std::int64_t> cancelled = 0;        // client disconnected before the last byte
    std::atomic<std::int64_t> broken = 0;           // reset by a mock word
    std::atomic<std::int64_t> words = 0;            // events and other steps sent
    std::function<std::size_t()> connections = {};  // open connections
};

class Service {
public:
    explicit Service(Settings settings) : settings_(std::move(settings)), identity_(settings_.identity) {}

    /// Returns the response to a complete request to one of the service's paths at
    /// `address`.
    Script answer(const http::RequestHead& head, const std::string& body, AddressState& address);
    Script answer(const http::RequestHead& head, const std::string& body) {
        return answer(head, body, default_address_);
    }

    /// Returns the response to a request below /_emulator/.  Tests use it to
    /// inspect requests and to change the state.
    http::Response control(const http::RequestHead& head, const std::string& body, AddressState& address);
    http::Response control(const http::RequestHead& head, const std::string& body) {
        return control(head, body, default_address_);
    }
    Identity& identity() { return identity_; }
    Stats stats;

private:
    using Time = std::chrono::system_clock::time_point;

    Script route(const http::RequestHead& head, const std::string& body, const std::string& id,
                 AddressState& address, Time now);
    Script operation(const http::RequestHead& head, const std::string& body, const std::string& id,
                     AddressState& address);
    Refusal check_retry_token(const http::RequestHead& head, const std::string& body);
    Script chat(const Json& details);
    Script response(const http::RequestHead& head, const std::string& body, const std::string& id, Time now);
    Refusal check_openai_caller(const http::RequestHead& head) const;
    Script stored_object(const http::RequestHead& head, const std::string& body, Time now);
    Script completion(const http::RequestHead& head, const std::string& body, const std::string& id,
                      Time now);
    Script say(const ChatCall& call);
    Result<void> check_caller(const http::RequestHead& head, const std::string& body, Time now);
    void remember(const http::RequestHead& head, const std::string& body, const Script& script);
    Json statistics() const;
    void reset();
    bool fails_again(const std::string& text, int times);

    const Settings settings_;
    Identity identity_;
    AddressState default_address_;
    StoredObjects objects_;
    mutable std::mutex mutex_;
    std::map<std::string, int> failures_;              // mock:flaky, by the digest of the text
    std::map<std::string, std::string> retry_tokens_;  // with the digest of the request
    Json last_request_;                                // other than a GET
    std::deque<Json> requests_;                        // without bodies
};

}  // namespace gatehouse::emulator
