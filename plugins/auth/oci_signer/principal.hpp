// SPDX-License-Identifier: Apache-2.0
// Who signs: a user with an API key, or a session with its token.  Shared by the
// instance and by its tasks on the helper threads, which may outlive it.
#pragma once

#include "plugins/auth/oci_signer/files.hpp"
#include "plugins/auth/oci_signer/private_key.hpp"
#include "plugins/auth/oci_signer/settings.hpp"

#include <gatehouse/host.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace gatehouse::oci {

/// Where the private key is, and how to read it again.
struct KeySource {
    explicit KeySource(const Settings& settings);
    KeySource(KeySource&&) = default;
    ~KeySource();

    Result<std::shared_ptr<const PrivateKey>> load() const;

    std::string path = {};             // empty: `content` is the key
    std::string toml_key = {};         // to point at when it is wrong
    std::string pass_phrase_key = {};  // the same for the pass phrase
    std::string what = {};             // "the private key /home/me/key.pem (key_file of …)"
    std::string content = {}, pass_phrase = {};
};

/// What one signature is made with.
struct Credential {
    std::string key_id;
    std::shared_ptr<const PrivateKey> key;
};

class Principal {
public:
    using Time = std::chrono::system_clock::time_point;

    virtual ~Principal() = default;

    /// What to sign with now.  May read a file: on a helper thread.  [any thread, concurrently]
    virtual Result<Credential> credential(Time now) = 0;

    /// OCI answered 401: looks whether something newer is there.  True if a new
    /// signature may be accepted.  May read a file.  [any thread, concurrently]
    virtual bool renew(Time) { return false; }
};

/// The principal that `settings` describe.  Throws KeyError; logs what is
/// suspicious but works.
std::shared_ptr<Principal> make_principal(const Settings& settings, Host& host);

}  // namespace gatehouse::oci
