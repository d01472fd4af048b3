// SPDX-License-Identifier: Apache-2.0
// The instance metadata service, version 2: small texts by GET, without a proxy.
// Immutable after its construction.  [a helper thread; completes on one]
#pragma once

#include <gatehouse/host.hpp>

#include <string>
#include <vector>

namespace gatehouse::oci {

class Metadata {
public:
    /// `base`: the base URL; if it is empty, http://169.254.169.254/opc/v2 and its IPv6
    /// address are used alternately.
    Metadata(const std::string& base, Host& host);

    enum class Missing { try_again, is_an_answer };

    /// Reads the text at `path`, such as "/identity/cert.pem".  Retries a failure with
    /// growing pauses for three minutes.  With Missing::try_again it also retries a 404,
    /// because a new instance receives its identity late.  The error's detail has the URL;
    /// its kind is not_found after a 404.
    void get(const std::string& path, Missing missing, Completion<std::string> done) const;

    /// For messages.
    const std::string& base() const { return bases_.front(); }

private:
    std::vector<std::string> bases_;
    Host& host_;
};

}  // namespace gatehouse::oci
